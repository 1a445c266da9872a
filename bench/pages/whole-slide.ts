// The workbench without its network and its viewer: a phantom of 100,000 × 80,000 px, the engine, post-processing, the
// journal on disk, the object stores. What is seen is what a run keeps; what the network needs is measured by itself.
import { openJournal } from '#analysis/journal-codec.ts';
import { openPostprocess } from '#analysis/open-postprocess.ts';
import { analyse } from '#analysis/run.ts';
import { FoundObjects } from '#app/found-objects.ts';
import { spawned, WorkerSet } from '#channel/worker-set.ts';
import type { LoadedModel } from '#inference/model.ts';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import { createPhantom } from '#phantom/phantom.ts';
import { blankPixels } from '#slide/raster.ts';
import { levelOf } from '#slide/slide.ts';
import { openStorage } from '#storage/open-storage.ts';
import type { Rect } from '#units/rect.ts';
import { mpp } from '#units/units.ts';
import type { TruthCalls } from './truth-calls.ts';

const SEED = 1;
const MPP = { x: mpp(0.25), y: mpp(0.25) };
const { signal } = new AbortController();
const waits = { signal };

export interface Ended {
  readonly patches: number;
  readonly failed: number;
  readonly seconds: number;
  readonly nuclei: number;
  readonly glands: number;
  readonly lumina: number;
}

/** Tiles are as large as they would be, and blank: the stand-in does not look at them. */
const slide = createPhantom(SEED, async (_, at) => {
  const { tileWidth, tileHeight } = levelOf(slide, at.level);
  return blankPixels(tileWidth, tileHeight);
});

const truth = new WorkerSet<TruthCalls>(
  () => spawned(new Worker(new URL('./truth.worker.ts', import.meta.url), { type: 'module' })),
  'The truth',
);

async function standIn(): Promise<LoadedModel> {
  const manifest = parsePatchManifest(await (await fetch('/models/cerberus-lite/model.json')).json());
  const trust = { verdict: 'trusted', precision: 'fp32', maxDifference: 0, tolerance: 0, why: undefined, since: 0 };
  return {
    manifest,
    report: {
      device: 'wasm',
      deviceName: 'stand-in',
      whyNotGpu: undefined,
      trust: { ...trust, verdict: 'trusted', precision: 'fp32' },
    },
    window: manifest.input.window,
    ahead: 2,
    run: async ({ x, y, size, scaleX, tiles }, options) => {
      for (const { image } of tiles) if ('close' in image) image.close();
      const [worker = truth.start()] = truth.members;
      const downsample = 2 / scaleX; // of the level that was read: a model px is two level-0 px
      const asked = { seed: SEED, x: x * downsample, y: y * downsample, size };
      return worker.channel.call('maps', asked, options);
    },
    giveBack: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
}

const postprocess = openPostprocess({ nucleiThreads: 1 });
let patchesDone = 0;

async function run(region: Rect, found: FoundObjects, name: string): Promise<Ended> {
  const model = await standIn();
  const opened = await openStorage({ signal, shelf: 'runs', persist: async () => false });
  if (!opened.storage) throw new Error(opened.whyNot);
  using storage = opened.storage;
  const started = performance.now();
  {
    using log = await storage.create(name, Uint8Array.of(1), { signal, neededBytes: 0 });
    const asked = {
      slide,
      mpp: MPP,
      region,
      model,
      postprocess,
      journal: openJournal(log),
      viewCentre: () => ({ x: region.x, y: region.y }),
    };
    found.beginRun(model.manifest);
    const runRegion = {
      isIn: () => true,
      areaIn: (part: Rect) => part.width * part.height,
      partsIn: (part: Rect) => [part],
    };
    const events = analyse(asked, waits);
    let next = await events.next();
    for (; !next.done; next = await events.next()) {
      const event = next.value;
      if (event.kind === 'patch') {
        patchesDone++;
        found.commitPatch(event.core, runRegion, event);
      } else if (event.kind === 'large') found.replaceLarge(event);
    }
    const { patches, failedPatches, failure } = next.value;
    if (failure) throw new Error(JSON.stringify(failure));
    await log.setNote(Uint8Array.of(1), waits);
    const count = (kind: 'nuclei' | 'glands' | 'lumina') => found.store(kind).columns.count;
    const counts = { nuclei: count('nuclei'), glands: count('glands'), lumina: count('lumina') };
    const seconds = (performance.now() - started) / 1000;
    log[Symbol.dispose]();
    await storage.remove(name, waits);
    return { patches, failed: failedPatches, seconds, ...counts };
  }
}

const whole = new FoundObjects(() => undefined);

/** `share` of the slide's side, from its corner of most tissue, the middle. */
async function measure(share: number): Promise<Ended> {
  const { widthPx, heightPx } = levelOf(slide, 0);
  const [width, height] = [widthPx * share, heightPx * share];
  return run({ x: (widthPx - width) / 2, y: (heightPx - height) / 2, width, height }, whole, 'bench-whole');
}

/** The same small region again and again, each run's finds taking the place of the last one's, as on a slide. */
async function again(times: number): Promise<Ended> {
  const { widthPx, heightPx } = levelOf(slide, 0);
  const region = { x: widthPx / 2, y: heightPx / 2, width: 600, height: 600 };
  let last: Ended | undefined;
  for (let i = 0; i < times; i++) last = await run(region, whole, 'bench-again');
  if (!last) throw new RangeError('At least one run.');
  return last;
}

Object.assign(window, { measure, again, progress: () => patchesDone });
