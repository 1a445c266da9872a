// Hundreds of faults, seeded, in a real browser: slide and network are stand-ins that fail, the workers of post-processing and
// of storage are real, end now and then, and so does the page: what goes on goes on from the real disk.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunEvent } from '#analysis/events.ts';
import { openPostprocess } from '#analysis/open-postprocess.ts';
import { analyse } from '#analysis/run.ts';
import { inFaults, plan, slide, windowPx } from '#analysis/testing/disturbed.ts';
import { faulty } from '#analysis/testing/faults.ts';
import { all, foundBy, hashOf } from '#analysis/testing/scene-run.ts';
import { sceneModel } from '#analysis/testing/stand-in.ts';
import { type Spawned, spawned } from '#channel/worker-set.ts';
import { random } from '#objects/testing/random.ts';
import { openStorage } from '#storage/open-storage.ts';
import { mpp } from '#units/units.ts';
import { clearDisk } from '../testing/clear-disk.ts';
import type { OpenRun, RunHeader } from './kept-runs.ts';
import { keptIn } from './open-kept-runs.ts';

const SEEDS = [11, 12, 13, 14, 15, 16];
const CRASHES = 2; //        of the page, a seed
const LEAST_FAULTS = 80; //  a seed

const { signal } = new AbortController();
const waits = { signal };

const header: RunHeader = {
  id: 'run-1',
  slide: { fingerprint: 'scene', name: 'scene' },
  model: { id: 'stand-in', sha256: 'c0ffee' },
  window: windowPx,
  views: 1,
  mpp: { x: mpp(0.25), y: mpp(0.25) },
  region: null,
  device: 'wasm',
  total: plan.patches.length,
  created: 1,
};

beforeEach(() => clearDisk(20_000));
afterEach(() => clearDisk(20_000));

/** Storage as a page opens it, whose worker can be made to die. */
async function storageOf() {
  const alive: { worker: Worker; tell(message: string): void }[] = [];
  const spawn = (): Spawned => {
    const worker = new Worker(new URL('../../storage/storage.worker.ts', import.meta.url), { type: 'module' });
    return { ...spawned(worker), onError: (tell) => void alive.push({ worker, tell }) };
  };
  const { storage, whyNot } = await openStorage({ signal, shelf: 'runs', persist: async () => false, spawn });
  if (!storage) throw new Error(whyNot);
  const kept = keptIn(storage, undefined);
  return {
    kept,
    die() {
      alive.at(-1)?.worker.terminate();
      alive.at(-1)?.tell('made to die');
    },
    endPage() {
      for (const { worker } of alive) worker.terminate();
    },
  };
}

/** The run on the disk, begun or gone on with; another page's locks are gone a moment after it. */
async function opened(open: () => Promise<OpenRun>): Promise<OpenRun> {
  let run: OpenRun | undefined;
  await expect
    .poll(
      async () => {
        run = await open().catch(() => undefined);
        return run !== undefined;
      },
      { timeout: 20_000 },
    )
    .toBe(true);
  if (!run) throw new Error('the run does not open');
  return run;
}

test.each(SEEDS)('leave the result as it is without them, seed %i', { timeout: 180_000 }, async (seed) => {
  const calmly = await all(inFaults({}));
  const next = random(seed);
  using postprocess = openPostprocess({ nucleiThreads: 2 });
  const { done, ...faults } = faulty({ seed, plan, slide, model: sceneModel(), postprocess });
  let deaths = 0;
  for (let crash = 0; crash < CRASHES; crash++) {
    const page = await storageOf();
    const run = await opened(() =>
      crash === 0 ? page.kept.begin(header, { signal, neededBytes: 1e6 }) : page.kept.goOn(header.id, waits),
    );
    const stopAfter = 8 + Math.floor(next() * 12); // patches computed
    let patches = 0;
    const isComputed = (event: RunEvent): boolean => event.kind === 'patch' && !event.kept;
    for await (const event of analyse(inFaults({ ...faults, journal: run.journal }), waits)) {
      if (!isComputed(event)) continue;
      if (next() < 0.15) {
        page.die();
        deaths++;
      }
      if (++patches >= stopAfter) break;
    }
    page.endPage(); // nothing is said, closed or tidied up
  }
  const page = await storageOf();
  using run = await opened(() => page.kept.goOn(header.id, waits));
  const told = await all(inFaults({ ...faults, journal: run.journal }));
  const count = [...done.values()].reduce((sum, times) => sum + times, deaths + CRASHES);
  const seen = `seed ${seed}, ${deaths} deaths of storage, ${JSON.stringify([...done])}`;
  expect(count, seen).toBeGreaterThan(LEAST_FAULTS);
  expect([told.end.failure, told.end.patches, told.end.failedPatches], seen).toEqual([undefined, 63, 0]);
  const kept = told.events.filter((event) => event.kind === 'patch' && event.kept).length;
  expect(kept, seen).toBeGreaterThanOrEqual(CRASHES * 8);
  expect(foundBy(told), seen).toEqual(foundBy(calmly));
  expect(await hashOf(told), seen).toBe(await hashOf(calmly));
  page.endPage();
});
