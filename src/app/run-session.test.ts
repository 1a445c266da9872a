import { describe, expect, test } from 'vitest';
import type { RunEnd, RunEvent } from '#analysis/events.ts';
import { openMemoryJournal } from '#analysis/journal.ts';
import { inlinePostprocessor } from '#analysis/postprocess/postprocessor.ts';
import { EosinError, type Failure } from '#errors/failure.ts';
import type { LoadedModel } from '#inference/model.ts';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import { emptyColumns, type ObjectColumns } from '#objects/columns.ts';
import sibling from '../../e2e/fixtures/models/cerberus-sibling/model.json';
import { FoundObjects } from './found-objects.ts';
import { lazyAttention } from './lazy-attention.ts';
import { regionsAsked } from './regions-asked.ts';
import type { RunParts } from './run-parts.ts';
import { createRunSession } from './run-session.ts';
import { createSlideSession } from './slide-session.ts';
import { createStores } from './stores.ts';
import { stubSlide } from './testing/stub-slide.ts';
import { stubViewer } from './testing/stub-viewer.ts';

const manifest = parsePatchManifest(sibling);
const { signal } = new AbortController();

const model: LoadedModel = {
  manifest,
  report: {
    device: 'wasm',
    deviceName: 'WebAssembly, 2 threads',
    whyNotGpu: 'WebAssembly was asked for.',
    trust: { verdict: 'trusted', precision: 'fp32', maxDifference: 0.001, tolerance: 0.01, why: undefined },
  },
  run: async () => ({}),
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

const PATCHES = 5;

/** An analysis of five patches with a nucleus each; a patch comes when its gate opens. */
function slowAnalysis({ failing = [], failure }: { failing?: readonly number[]; failure?: Failure } = {}) {
  let opened = 0;
  const waiting = new Set<() => void>();
  const gate = (index: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (index >= opened) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const seen = { started: 0, left: 0 };
  const analyse: RunParts['analyse'] = async function* (): AsyncGenerator<RunEvent, RunEnd, undefined> {
    seen.started++;
    try {
      yield { kind: 'planned', cores: Array.from({ length: PATCHES }, (_, k) => core(k)), areaPx: 10_000 };
      for (let index = 0; index < PATCHES; index++) {
        await gate(index);
        if (failing.includes(index)) {
          const seenFailure: Failure = { tag: 'CorruptTile', level: 0, col: index, row: 0, reason: 'it is cut short' };
          yield { kind: 'failed', index, core: core(index), failure: seenFailure };
        } else yield { kind: 'patch', index, core: core(index), nuclei: nucleusIn(index), tissue: undefined };
      }
      yield { kind: 'large', glands: emptyColumns('glands', []), lumina: emptyColumns('lumina', []) };
      const patches = PATCHES - failing.length;
      return { patches, failedPatches: failing.length, areaPx: 10_000, tissue: undefined, failure };
    } finally {
      seen.left++;
    }
  };
  const open = (upTo: number): void => {
    opened = upTo;
    for (const look of [...waiting]) look();
  };
  return { analyse, seen, open };
}

async function bench(analysis: ReturnType<typeof slowAnalysis>, loaded: LoadedModel = model) {
  const stores = createStores(undefined);
  stores.models.setState({ manifests: [manifest], chosen: manifest.id });
  const viewer = stubViewer();
  const ways = {
    sample: async () => ({ slide: stubSlide('phantom:1'), truth: undefined }),
    read: async () => ({ slide: { ...stubSlide('photo.png'), mpp: undefined }, truth: undefined }),
  };
  const slides = createSlideSession(ways, viewer, stores);
  const found = new FoundObjects((state) => stores.objects.setState(state));
  const parts: RunParts = {
    analyse: analysis.analyse,
    openJournal: openMemoryJournal,
    postprocess: inlinePostprocessor(),
    model: async () => loaded,
    rows: async () => {
      throw new Error('no run of these tests loads one');
    },
  };
  const regions = regionsAsked(slides, stores, () => viewer.visibleRect());
  const needs = { slides, stores, found, viewer, regions, parts: async () => parts, shelf: Promise.resolve() };
  const read = ways.read;
  const attention = lazyAttention({ ...needs, read });
  const runs = createRunSession({ ...needs, attention });
  await slides.open('phantom:1', { signal });
  return { stores, slides, found, runs, viewer };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('a run', () => {
  test('brings objects, progress and a result', async () => {
    const analysis = slowAnalysis();
    const { runs, found, stores, viewer } = await bench(analysis);
    const told: number[] = [];
    runs.onProgress(({ done, total }) => told.push(done / total));
    analysis.open(PATCHES);
    const result = await runs.analyse({}, { signal });
    expect(result).toMatchObject({ device: 'wasm', patches: 5, failedPatches: 0, counts: { nuclei: 5, glands: 0 } });
    expect(result.areaMm2).toBeCloseTo(100 * 100 * 0.25e-6);
    expect(found.store('nuclei').columns.count).toBe(5);
    expect(told[0]).toBe(0);
    expect(told.at(-1)).toBe(1);
    expect(stores.run.getState()).toMatchObject({ progress: undefined, ended: { state: 'done' } });
    expect(viewer.drawn.run?.finished).toHaveLength(5);
  });

  test('counts a failed patch, and goes on', async () => {
    const analysis = slowAnalysis({ failing: [1, 3] });
    const { runs, found, stores } = await bench(analysis);
    analysis.open(PATCHES);
    const result = await runs.analyse({}, { signal });
    expect(result).toMatchObject({ patches: 3, failedPatches: 2 });
    expect(found.area.areaPx).toBe(3 * 2000);
    expect(stores.run.getState().ended?.failures[0]).toMatch(/would not decode/);
  });

  test('that stops by a failure rejects with it and keeps what was found', async () => {
    const analysis = slowAnalysis({ failure: { tag: 'DeviceLost', label: 'GPU', reason: 'it was unplugged' } });
    const { runs, found, stores } = await bench(analysis);
    analysis.open(PATCHES);
    await expect(runs.analyse({}, { signal })).rejects.toMatchObject({ failure: { tag: 'DeviceLost' } });
    expect(found.store('nuclei').columns.count).toBe(5);
    expect(stores.run.getState().problem?.tag).toBe('DeviceLost');
  });

  test('waits for a pixel size', async () => {
    const { runs, slides } = await bench(slowAnalysis());
    await slides.open(new Blob(['x']), { signal });
    await expect(runs.analyse({}, { signal })).rejects.toMatchObject({ failure: { tag: 'Uncalibrated' } });
  });
});

describe('cancelling', () => {
  test('settles at once, keeps what is there, and can go on where it stopped', async () => {
    const analysis = slowAnalysis();
    const { runs, found, stores } = await bench(analysis);
    analysis.open(2);
    const run = runs.analyse({}, { signal });
    await settled();
    expect(stores.run.getState().progress).toMatchObject({ done: 2, total: 5 });
    runs.cancel();
    expect(await run).toMatchObject({ patches: 2, counts: { nuclei: 2 } });
    expect(found.store('nuclei').columns.count).toBe(2);
    expect(stores.run.getState().progress).toBeUndefined();
    expect(runs.canGoOn()).toBe(true);
    analysis.open(PATCHES);
    await runs.goOn();
    expect(found.store('nuclei').columns.count).toBe(5);
    expect(analysis.seen).toEqual({ started: 1, left: 1 });
    expect(runs.canGoOn()).toBe(false);
  });

  test('the caller’s abort rejects with its reason and leaves nothing running', async () => {
    const analysis = slowAnalysis();
    const { runs } = await bench(analysis);
    analysis.open(1);
    const mine = new AbortController();
    const run = runs.analyse({}, { signal: mine.signal });
    const lost = expect(run).rejects.toThrow('enough');
    await settled();
    mine.abort(new Error('enough'));
    await lost;
    analysis.open(PATCHES);
    await settled();
    expect(analysis.seen.left).toBe(1);
    expect(runs.canGoOn()).toBe(false);
  });

  test('another slide ends the run and forgets its objects', async () => {
    const analysis = slowAnalysis();
    const { runs, slides, found } = await bench(analysis);
    analysis.open(2);
    const run = runs.analyse({}, { signal });
    const lost = expect(run).rejects.toMatchObject({ name: 'AbortError' });
    await settled();
    await slides.open('phantom:2', { signal });
    await lost;
    expect(found.store('nuclei').columns.count).toBe(0);
    analysis.open(PATCHES);
    await settled();
    expect(found.store('nuclei').columns.count).toBe(0);
  });
});

test('a failed run does not block the next', async () => {
  const { runs } = await bench(slowAnalysis());
  await expect(runs.analyse({ model: 'none' }, { signal })).rejects.toThrow(EosinError);
  const analysis = slowAnalysis();
  const next = await bench(analysis);
  analysis.open(PATCHES);
  const bad = next.runs.analyse({ model: 'none' }, { signal });
  const good = next.runs.analyse({}, { signal });
  await expect(bad).rejects.toThrow(/there is no none/);
  expect((await good).patches).toBe(5);
});

test('the device that took over on the way is the one on screen', async () => {
  const analysis = slowAnalysis();
  let report = model.report;
  const falling: LoadedModel = {
    ...model,
    get report() {
      return report;
    },
  };
  const { runs, stores } = await bench(analysis, falling);
  const run = runs.analyse({}, { signal });
  analysis.open(1);
  await settled();
  expect(stores.run.getState().device?.name).toBe('WebAssembly, 2 threads');
  report = { ...report, deviceName: 'WebAssembly, 1 thread', whyNotGpu: 'The GPU was lost twice.' };
  analysis.open(2);
  await settled();
  const { device, progress } = stores.run.getState();
  expect(device).toMatchObject({ name: 'WebAssembly, 1 thread', whyNotGpu: 'The GPU was lost twice.' });
  expect(progress?.plannedPx).toBe(10_000);
  analysis.open(PATCHES);
  await run;
});

test('a device that changed after the last patch is told with the end', async () => {
  const analysis = slowAnalysis();
  let asks = 0;
  const later: LoadedModel = {
    ...model,
    get report() {
      return asks === 0 ? model.report : atEnd;
    },
  };
  const atEnd = { ...model.report, deviceName: 'WebAssembly, 1 thread' };
  const { runs, stores } = await bench(analysis, later);
  stores.run.subscribe(({ ended }) => {
    if (ended) asks++;
  });
  analysis.open(PATCHES);
  await runs.analyse({}, { signal });
  expect(stores.run.getState().device?.name).toBe('WebAssembly, 1 thread');
});
