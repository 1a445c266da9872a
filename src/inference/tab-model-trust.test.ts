// What a model in the tab makes of silence, of doubt, and of work that was cancelled: on workers that are made up.

import { describe, expect, test } from 'vitest';
import { type Handlers, moved } from '#channel/channel.ts';
import { movable } from '#channel/movable.ts';
import type { Composer, Patch } from './model.ts';
import { parsePatchManifest } from './parse-manifest.ts';
import type { InferenceCalls, RunFound } from './protocol.ts';
import { Realm } from './realm.ts';
import { TabModel } from './tab-model.ts';
import { fakeWorker } from './testing/fake-worker.ts';
import { manifestExample } from './testing/manifest-example.ts';
import { memoryStore } from './trust-store.ts';

const { signal } = new AbortController();
const patch = (): Patch => ({ tiles: [], x: 0, y: 0, scaleX: 1, scaleY: 1, size: 64 });
const drifts = { maxDifference: 1, wrong: 'nuclei is zero everywhere' };

interface Form {
  readonly device?: 'auto' | 'wasm';
  readonly composer?: Composer;
  readonly cancelSeconds?: number;
}

/** A model whose workers answer like this, one after the other, on a clock of the test's. */
function modelOn(
  answers: Partial<Handlers<InferenceCalls>>[],
  { device = 'auto', composer, cancelSeconds = 2 }: Form = {},
) {
  const workers = answers.map(fakeWorker);
  const clock = { ms: 0 };
  let realm: Realm | undefined;
  let started = 0;
  const model = new TabModel({
    key: 1,
    source: {
      manifest: parsePatchManifest(manifestExample),
      model: new Blob(),
      golden: { input: new Blob(), outputs: new Blob() },
    },
    device,
    composer,
    kept: memoryStore(),
    now: () => clock.ms,
    realm: async () => {
      await realm?.settled();
      if (realm && !realm.ended) return realm;
      const next = workers[started];
      if (!next) throw new Error('no worker is left');
      realm = new Realm(next.worker, { loadSeconds: 60, runSeconds: 60, cancelSeconds }, started++);
      return realm;
    },
  });
  const judged = (worker: number): number => workers[worker]?.asked.filter((call) => call === 'judge').length ?? 0;
  return { model, workers, clock, judged, started: () => started };
}

describe('a GPU that was silent for more than a minute', () => {
  test('sees its golden patch before the next run, once for all that wait', async () => {
    const { model, workers, clock, judged } = modelOn([{}]);
    await model.run(patch(), { signal });
    clock.ms = 59_000;
    await model.run(patch(), { signal });
    expect(judged(0)).toBe(1);
    clock.ms = 10 * 60_000;
    await Promise.all([1, 2, 3].map(() => model.run(patch(), { signal })));
    expect(judged(0)).toBe(2);
    expect(workers[0]?.asked.slice(-4)).toEqual(['judge', 'run', 'run', 'run']);
    expect(model.report.trust.since).toBe(10 * 60_000);
  });

  test('in the middle of a run does not count before the golden patch was seen', async () => {
    let asleep = false;
    const judge = () => (asleep ? drifts : { maxDifference: 0, wrong: undefined });
    const run = () => {
      if (asleep) clock.ms += 3_600_000;
      return { outputs: {} };
    };
    const { model, workers, clock } = modelOn([{ judge, run }, {}, {}]);
    await model.run(patch(), { signal });
    asleep = true;
    await expect(model.run(patch(), { signal })).rejects.toMatchObject({ failure: { tag: 'ModelWrong' } });
    expect(workers[0]?.ended()).toBe(true);
    await model.run(patch(), { signal }); // in the next worker, judged there
    expect(workers[1]?.asked.filter((call) => call === 'judge')).toHaveLength(1);
    expect(model.report.device).toBe('webgpu');
  });

  test('is not asked twice where WASM computes: a processor does not forget', async () => {
    const { model, clock, judged } = modelOn([{}], { device: 'wasm' });
    await model.run(patch(), { signal });
    clock.ms = 3_600_000;
    await model.run(patch(), { signal });
    expect(judged(0)).toBe(1);
  });
});

describe('judging again', () => {
  test('runs the golden patch whatever is kept, and finds a GPU that was given up', async () => {
    let right = false;
    const judge = () => (right ? { maxDifference: 0.002, wrong: undefined } : drifts);
    const { model, clock } = modelOn([{ judge }, { judge: () => ({ maxDifference: 0, wrong: undefined }) }]);
    await model.ready({ signal });
    expect(model.report).toMatchObject({
      device: 'wasm',
      trust: { verdict: 'fell back', why: expect.stringContaining('nuclei is zero everywhere') },
    });
    right = true;
    clock.ms = 7;
    const report = await model.judgeAgain({ signal });
    expect(report).toMatchObject({ device: 'webgpu', trust: { verdict: 'trusted', maxDifference: 0, since: 7 } });
    expect(model.report).toEqual(report);
  });
});

describe('work that was cancelled and goes on computing', () => {
  const forever = { run: () => new Promise<never>(() => undefined), settle: () => new Promise<never>(() => undefined) };

  test('is left at once where runs are known to take longer than a new worker, which needs no golden patch', async () => {
    // The first run takes 1.2 s, so that the second has as long to go when it is cancelled; a worker starts in 0.3.
    let runs = 0;
    const slowly = async () => {
      if (runs++ > 0) return forever.run();
      await new Promise((resolve) => setTimeout(resolve, 1200));
      return { outputs: {} };
    };
    const { model, workers, judged } = modelOn([{ ...forever, run: slowly }, {}], {
      device: 'wasm',
      cancelSeconds: 60,
    });
    await model.run(patch(), { signal });
    const cancelled = new AbortController();
    const run = model.run(patch(), { signal: cancelled.signal });
    await expect.poll(() => workers[0]?.asked.filter((call) => call === 'run').length).toBe(2);
    cancelled.abort(new Error('cancelled'));
    await expect(run).rejects.toThrow('cancelled');
    expect(workers[0]?.ended()).toBe(false); // it may still be over before anybody asks
    const next = model.run(patch(), { signal });
    await expect.poll(() => workers[0]?.ended(), { timeout: 200 }).toBe(true);
    expect(await next).toEqual({});
    expect(judged(0)).toBe(1);
    expect(workers[1]?.asked).toEqual(['load own fp32', 'run']);
  });

  test('is waited for no longer than a new worker takes, where nobody knows how long it goes on', async () => {
    const { model, workers, started } = modelOn([forever, {}], { device: 'wasm', cancelSeconds: 60 });
    await model.ready({ signal });
    const cancelled = new AbortController();
    const run = model.run(patch(), { signal: cancelled.signal });
    await expect.poll(() => workers[0]?.asked.at(-1)).toBe('run');
    cancelled.abort(new Error('cancelled'));
    await expect(run).rejects.toThrow('cancelled');
    expect(await model.run(patch(), { signal })).toEqual({}); // the test's own time-out is less than the 60 s
    expect(started()).toBe(2);
  });

  test('is waited for where it ends in time', async () => {
    let over: (found: RunFound) => void = () => undefined;
    let settled: () => void = () => undefined;
    const run = () => new Promise<RunFound>((resolve) => (over = resolve));
    const settle = () => new Promise<undefined>((resolve) => (settled = () => resolve(undefined)));
    const { model, workers, started } = modelOn([{ run, settle }], { device: 'wasm' });
    await model.ready({ signal });
    const cancelled = new AbortController();
    const first = model.run(patch(), { signal: cancelled.signal });
    await expect.poll(() => workers[0]?.asked.at(-1)).toBe('run');
    cancelled.abort(new Error('cancelled'));
    await expect(first).rejects.toThrow('cancelled');
    const next = model.run(patch(), { signal });
    await expect.poll(() => workers[0]?.asked.at(-1)).toBe('settle');
    settled();
    await expect.poll(() => workers[0]?.asked.at(-1)).toBe('run');
    over({ outputs: {} });
    expect(await next).toEqual({});
    expect(started()).toBe(1);
  });
});

test('a composer beside the worker makes what WASM reads, and nothing of what a GPU reads', async () => {
  const sizes: number[] = [];
  const returned: number[] = [];
  const composer: Composer = {
    compose: async ({ size }) => {
      sizes.push(size);
      return new Float32Array(3 * size * size);
    },
    giveBack: ({ length }) => void returned.push(length),
    [Symbol.dispose]: () => undefined,
  };
  const read: string[] = [];
  const run: Handlers<InferenceCalls>['run'] = ({ patch: given }) => {
    read.push('values' in given ? `${given.values.length} values` : 'pictures');
    const values = 'values' in given ? given.values : undefined;
    return moved({ outputs: {}, values }, values ? movable([values.buffer]) : []);
  };
  const onWasm = modelOn([{ run }], { device: 'wasm', composer });
  await onWasm.model.run(patch(), { signal });
  const onGpu = modelOn([{ run }], { composer });
  await onGpu.model.run(patch(), { signal });
  expect(sizes).toEqual([64]);
  expect(read).toEqual([`${3 * 64 * 64} values`, 'pictures']);
  expect(returned).toEqual([3 * 64 * 64]); // those that came back: what was sent has moved
});

test('a measured window and batch are what the model asks for', async () => {
  const time: Handlers<InferenceCalls>['time'] = ({ window, batch }) => ({
    seconds: 0.1 + (batch * window ** 2) / 1e9,
  });
  const { model } = modelOn([{ time }]);
  await model.ready({ signal });
  expect([model.window, model.ahead]).toEqual([2048, 2]);
  const wasm = modelOn([{}], { device: 'wasm' });
  await wasm.model.ready({ signal });
  expect([wasm.model.window, wasm.model.ahead]).toEqual([1024, 2]);
});
