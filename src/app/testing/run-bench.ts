// A window without a screen whose runs go on when a test lets them, and a disk that outlives it.
import { vi } from 'vitest';
import { inlinePostprocessor, type Postprocessor } from '#analysis/postprocess/postprocessor.ts';
import type { TissueMask } from '#analysis/tissue/mask.ts';
import { unlessAborted } from '#channel/unless-aborted.ts';
import type { Failure } from '#errors/failure.ts';
import type { ModelManifest, PatchManifest } from '#inference/manifest.ts';
import type { JudgedModel, LoadedRows } from '#inference/model.ts';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import { emptyColumns, type ObjectColumns } from '#objects/columns.ts';
import type { Slide } from '#slide/slide.ts';
import sibling from '../../../e2e/fixtures/models/cerberus-sibling/model.json';
import { FoundObjects } from '../found-objects.ts';
import type { KeptQueue, QueuedSlide } from '../kept-runs/kept-queue.ts';
import type { KeptRuns } from '../kept-runs/kept-runs.ts';
import { memoryKeptRuns } from '../kept-runs/open-kept-runs.ts';
import { lazyAttention } from '../lazy-attention.ts';
import { regionsAsked } from '../regions-asked.ts';
import type { RunParts } from '../run-parts.ts';
import { createRunSession } from '../run-session.ts';
import type { Keepers } from '../runs/keepers.ts';
import { createSlideSession, type SlideWays } from '../slide-session.ts';
import { createStores } from '../stores.ts';
import { type StubSlide, stubSlide } from './stub-slide.ts';
import { stubViewer } from './stub-viewer.ts';

export const manifest = parsePatchManifest(sibling);
export const { signal } = new AbortController();

export const model: JudgedModel = {
  manifest,
  report: {
    device: 'wasm',
    deviceName: 'WebAssembly, 2 threads',
    whyNotGpu: 'WebAssembly was asked for.',
    trust: { verdict: 'trusted', precision: 'fp32', maxDifference: 0.001, tolerance: 0.01, since: 0, why: undefined },
  },
  window: manifest.input.window,
  ahead: 2,
  run: async () => ({}),
  giveBack: () => undefined,
  judgeAgain: async () => model.report,
  [Symbol.dispose]: () => undefined,
};

const core = (k: number) => ({ x: 20 * k, y: 0, width: 20, height: 100 });

function nucleusIn(k: number): ObjectColumns {
  const builder = new ColumnsBuilder('nuclei', manifest.tasks.nuclei?.classes ?? []);
  const [x, y] = [20 * k + 10, 50];
  const ring = [x - 1, y - 1, x + 1, y - 1, x + 1, y + 1, x - 1, y + 1];
  builder.add({ classIndex: 1, probability: 0.8, x, y, areaPx: 4, ring });
  return builder.copy();
}

export const PATCHES = 5;

interface SlowAnalysis {
  readonly failing?: readonly number[];
  readonly failure?: Failure;
  readonly tooLarge?: number; // glands
}

/** An analysis of five patches with a nucleus each; a patch comes when its gate opens, out of the journal at once. */
export function slowAnalysis({ failing = [], failure, tooLarge = 0 }: SlowAnalysis = {}) {
  let opened = 0;
  const broken = new Set(failing);
  const waiting = new Set<() => void>();
  const gate = (index: number, at: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (index >= opened) return;
        waiting.delete(look);
        resolve();
      };
      at.addEventListener('abort', () => reject(at.reason), { once: true });
      waiting.add(look);
      look();
    });
  const seen = { started: 0, left: 0, computed: [] as number[], views: [] as (number | undefined)[] };
  const analyse: RunParts['analyse'] = async function* ({ journal, keptOnly, ready, views }, waits) {
    seen.started++;
    seen.views.push(views);
    try {
      const cores = Array.from({ length: PATCHES }, (_, k) => core(k));
      yield { kind: 'planned', patches: PATCHES, cores, areaPx: 10_000 };
      const there = new Set<number>();
      for await (const { col, nuclei, tissue } of journal.entries(waits)) {
        there.add(col);
        yield { kind: 'patch', index: col, core: core(col), nuclei, tissue, kept: true };
      }
      if (ready !== undefined && !keptOnly) {
        await unlessAborted(ready, waits.signal);
        yield { kind: 'loaded' };
      }
      let failed = 0;
      for (let index = 0; index < PATCHES && !keptOnly; index++) {
        if (there.has(index)) continue;
        await gate(index, waits.signal);
        if (broken.has(index)) {
          failed++;
          const seenFailure: Failure = { tag: 'CorruptTile', level: 0, col: index, row: 0, reason: 'it is cut short' };
          yield { kind: 'failed', index, core: core(index), failure: seenFailure, attempts: 1 };
          continue;
        }
        const nuclei = nucleusIn(index);
        seen.computed.push(index);
        await journal.append({ col: index, row: 0, around: false, nuclei, tissue: undefined, core: undefined }, waits);
        yield { kind: 'patch', index, core: core(index), nuclei, tissue: undefined, kept: false };
      }
      yield { kind: 'large', glands: emptyColumns('glands', []), lumina: emptyColumns('lumina', []), tooLarge };
      return { patches: PATCHES - failed, failedPatches: failed, areaPx: 10_000, tissue: undefined, failure };
    } finally {
      seen.left++;
    }
  };
  const open = (upTo: number): void => {
    opened = upTo;
    for (const look of [...waiting]) look();
  };
  return { analyse, seen, open, mend: () => broken.clear() };
}

/** A disk that lasts as long as the test: what was begun in one window is there in the next. */
export const testDisk = (): KeptRuns => ({ ...memoryKeptRuns('for tests'), whyNotKept: undefined });

/** The queue of one window; `shelf` lasts: what another window put there counts as left. */
export function testQueue(shelf: Map<string, QueuedSlide>): KeptQueue {
  const own = new Set<string>();
  return {
    keep: async (slides) => {
      for (const slide of slides) shelf.set(slide.run, slide);
      for (const { run } of slides) own.add(run);
    },
    forget: async (runs) => {
      for (const run of runs) shelf.delete(run);
    },
    takeOver: async () => {
      const left = [...shelf.values()].filter(({ run }) => !own.has(run));
      for (const { run } of left) own.add(run);
      return left.sort((a, b) => a.created - b.created);
    },
    [Symbol.dispose]: () => undefined,
  };
}

export const free: Keepers['lock'] = async () => ({ [Symbol.dispose]: () => undefined });

/** Attention that a run takes along. */
export interface BesideParts {
  readonly manifests: readonly ModelManifest[];
  readonly encoder: JudgedModel;
  readonly rows: LoadedRows;
  readonly tissue: TissueMask;
}

/** What a window is made of, where it is not what most tests want. */
export interface BenchParts {
  readonly loaded?: JudgedModel | Promise<JudgedModel>; // may come late
  readonly network?: PatchManifest; //                     of what is loaded
  readonly further?: readonly JudgedModel[]; //            networks beside it
  readonly disk?: KeptRuns;
  readonly queue?: KeptQueue;
  readonly lock?: Keepers['lock'];
  readonly isOpen?: boolean; //                            false: no slide is open yet
  readonly beside?: BesideParts;
  readonly postprocess?: Postprocessor;
  readonly slideOf?: (name: string) => Slide;
}

/** A window with phantom:1 open. Files without 'calibrated' in their name do not say how large their pixels are. */
export async function bench(
  analysis: Pick<RunParts, 'analyse'>,
  {
    loaded = model,
    network = manifest,
    further = [],
    disk = testDisk(),
    queue = testQueue(new Map()),
    lock = free,
    isOpen = true,
    beside,
    postprocess = inlinePostprocessor(),
    slideOf,
  }: BenchParts = {},
) {
  const stores = createStores(undefined);
  stores.models.setState({
    manifests: [network, ...further.map((one) => one.manifest), ...(beside?.manifests ?? [])],
    chosen: network.id,
  });
  const viewer = stubViewer();
  const opened: StubSlide[] = [];
  const stub = (name: string): StubSlide => {
    const slide = stubSlide(name);
    opened.push(slide);
    return slide;
  };
  const open = (name: string, isCalibrated: boolean): { slide: Slide; truth: undefined } => {
    const slide = slideOf?.(name) ?? stub(name);
    return { slide: isCalibrated ? slide : { ...slide, mpp: undefined }, truth: undefined };
  };
  const ways: SlideWays = {
    sample: async (seed) => open(`phantom:${seed}`, true),
    read: async (from) => {
      const name = from instanceof File ? from.name : 'photo.png';
      return open(name, name.includes('calibrated'));
    },
  };
  const slides = createSlideSession(ways, viewer, stores);
  const found = new FoundObjects((state) => stores.objects.setState(state));
  const parts: RunParts = {
    analyse: analysis.analyse,
    postprocess,
    model: async (id, { signal }) =>
      unlessAborted(
        Promise.resolve([beside?.encoder, ...further].find((one) => one?.manifest.id === id) ?? loaded),
        signal,
      ),
    rows: async () => {
      if (beside) return beside.rows;
      throw new Error('no run of this test loads one');
    },
  };
  const asked = regionsAsked(slides, stores, () => viewer.visibleRect());
  const regions = beside ? { ...asked, tissue: async () => beside.tissue } : asked;
  const needs = { slides, stores, found, viewer, regions, parts: async () => parts, shelf: Promise.resolve() };
  const keepers = async (): Promise<Keepers> => ({ disk, memory: memoryKeptRuns('for tests'), queue, lock });
  const read: SlideWays['read'] = (from, waits) => ways.read(from, waits);
  const area = { x: 0, y: 0, width: 100, height: 100 };
  const attention = lazyAttention({ ...needs, read });
  const runs = createRunSession({ ...needs, ways, attention, keepers, findTissue: async () => area });
  if (isOpen) await slides.open('phantom:1', { signal });
  return { stores, slides, found, runs, viewer, opened };
}

export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
export const until = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 2, timeout: 10_000 });
