// A run whose workers are mute, or gone without a word: Worker.terminate() fires no event, nor does a browser that needs a
// worker's memory. Only their silence tells. Real workers and the network of the tests, on a small slide.
import { expect, test } from 'vitest';
import { spawned } from '#channel/worker-set.ts';
import type { LoadedModel } from '#inference/model.ts';
import { openComposer } from '#inference/open-composer.ts';
import { openTestInference, SIBLING } from '#inference/testing/sibling.ts';
import { waitByClock } from './retry.ts';
import { all, asked, calm, hashOf, type Told } from './testing/scene-run.ts';

const SILENT_SECONDS = 4; // a sound worker may need one to begin, on a busy machine
const PATCHES = 30;
const STRIKE_AFTER = 5; //   of them
const SLOW = 180_000; //     ms, on a busy machine

const composing = (): Worker =>
  new Worker(new URL('../inference/compose.worker.ts', import.meta.url), { type: 'module' });
const computing = (): Worker =>
  new Worker(new URL('../inference/inference.worker.ts', import.meta.url), { type: 'module' });
/** Takes what it is given and never answers. */
const mute = (): Worker =>
  new Worker(URL.createObjectURL(new Blob(['onmessage = () => undefined'], { type: 'text/javascript' })));

interface Workers {
  readonly composers: Worker[]; // as they were started
  readonly computers: Worker[];
}

/** A run by the network. @param strike called once, in the middle of it */
async function run(
  composer: (nth: number) => Worker,
  strike: (workers: Workers) => void,
): Promise<Told & { readonly started: Workers }> {
  const started: Workers = { composers: [], computers: [] };
  const begin = (kind: keyof Workers, worker: Worker): Worker => {
    started[kind].push(worker);
    return worker;
  };
  using inference = openTestInference({
    spawn: () => begin('computers', computing()),
    patience: { loadSeconds: 60, runSeconds: SILENT_SECONDS, cancelSeconds: 2 },
    composer: openComposer({
      spawn: () => spawned(begin('composers', composer(started.composers.length))),
      silentSeconds: SILENT_SECONDS,
    }),
  });
  using model = await inference.load(SIBLING, { signal: calm, device: 'wasm' });
  let patches = 0;
  const watched: LoadedModel = {
    manifest: model.manifest,
    report: model.report,
    window: model.window,
    ahead: model.ahead,
    async run(patch, options) {
      const found = await model.run(patch, options);
      if (++patches === STRIKE_AFTER) strike(started);
      return found;
    },
    giveBack: (memory) => model.giveBack(memory),
    [Symbol.dispose]: () => undefined,
  };
  return { ...(await all(asked({ model: watched, wait: waitByClock }))), started };
}

const calmly = run(composing, () => undefined);

const FAULTS = [
  {
    what: 'the worker that prepares patches is mute from the start',
    composer: (nth: number) => (nth === 0 ? mute() : composing()),
    strike: () => undefined,
    tag: 'WorkerDied',
    started: [2, 1],
  },
  {
    what: 'the worker that prepares patches is gone',
    composer: composing,
    strike: ({ composers }: Workers) => composers[0]?.terminate(),
    tag: 'WorkerDied',
    started: [2, 1],
  },
  {
    what: 'the worker that computes is gone',
    composer: composing,
    strike: ({ computers }: Workers) => computers[0]?.terminate(),
    tag: 'TimedOut',
    started: [1, 2],
  },
] as const;

test.each(FAULTS)('$what: another takes its place, and nothing is lost', { timeout: SLOW }, async (fault) => {
  const expected = await calmly;
  expect([expected.end.patches, expected.end.failedPatches, expected.failures]).toEqual([PATCHES, 0, []]);
  expect(expected.nuclei.count).toBeGreaterThan(20);
  const told = await run(fault.composer, fault.strike);
  expect([told.end.patches, told.end.failedPatches, told.end.failure]).toEqual([PATCHES, 0, undefined]);
  expect(await hashOf(told)).toBe(await hashOf(expected));
  const { composers, computers } = told.started;
  expect([composers.length, computers.length]).toEqual(fault.started);
  const waited = told.events.flatMap((event) => (event.kind === 'waiting' ? [event.failure.tag] : []));
  expect(new Set(waited)).toEqual(new Set([fault.tag]));
});
