import { describe, expect, test } from 'vitest';
import { moved, serve } from '#channel/channel.ts';
import { movable } from '#channel/movable.ts';
import { EosinError, type Failure } from '#errors/failure.ts';
import type { Composer, Patch, PatchOutputs } from './model.ts';
import { outputBytes } from './outputs.ts';
import { parsePatchManifest } from './parse-manifest.ts';
import type { InferenceCalls } from './protocol.ts';
import { type InferenceWorker, Realm } from './realm.ts';
import { TabModel } from './tab-model.ts';
import { manifestExample } from './testing/manifest-example.ts';
import { memoryStore } from './trust-store.ts';

const { signal } = new AbortController();
const patch: Patch = { tiles: [], x: 0, y: 0, scaleX: 1, scaleY: 1, size: 64 };

/** A worker whose runs the test answers, over real ports. `load` throws this failure on these devices. */
function fakeWorker(failure?: Failure, fails: readonly string[] = ['webgpu', 'own']) {
  const { port1, port2 } = new MessageChannel();
  const loads: string[] = [];
  type Run = {
    readonly into: ArrayBufferLike | undefined;
    readonly views: number | undefined;
    answer(outputs: PatchOutputs): void;
    fail(failure: Failure): void;
  };
  const runs: Run[] = [];
  let lose: (reason: string) => void = () => undefined;
  serve<InferenceCalls>(port2, {
    load: ({ device }) => {
      loads.push(device);
      if (failure && fails.includes(device)) throw new EosinError(failure);
      return { name: `a ${device}`, adapter: device, own: device === 'own', elementsPerPx: 16 };
    },
    gpu: () => {
      if (failure?.tag === 'NoGpu') throw new EosinError(failure); // any other comes with the runtime, at the load
      const limits = { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 };
      return { name: 'a webgpu', adapter: 'webgpu', software: true, half: false, limits };
    },
    judge: () => ({ maxDifference: 0, wrong: undefined }),
    time: () => ({ seconds: 1 }),
    batch: () => undefined,
    run: ({ into, views }) =>
      new Promise((resolve, reject) =>
        runs.push({
          into,
          views,
          answer: (outputs) => resolve(moved({ outputs }, movable(into ? [into] : []))),
          fail: (failed) => reject(new EosinError(failed)),
        }),
      ),
    loadRows: () => {
      throw new Error('no rows are read here');
    },
    runRows: () => {
      throw new Error('no rows are read here');
    },
    release: () => undefined,
    settle: () => undefined,
    lost: () =>
      new Promise((resolve) => {
        lose = (reason) => resolve({ reason });
      }),
  });
  port1.start();
  port2.start();
  const worker: InferenceWorker = Object.assign(port1, { terminate: () => port1.close() });
  return { worker, loads, runs, lose: (reason: string) => lose(reason) };
}

/** Composes nothing; the worker here reads nothing. */
const composer: Composer = {
  compose: async () => new Float32Array(),
  giveBack: () => undefined,
  [Symbol.dispose]: () => undefined,
};

/** A model whose workers are these, one after the other. */
function modelOn(device: 'webgpu' | 'wasm', ...workers: ReturnType<typeof fakeWorker>[]) {
  return modelWith({ shared: true }, device, ...workers);
}

function modelWith(
  { shared }: { shared: boolean },
  device: 'webgpu' | 'wasm',
  ...workers: ReturnType<typeof fakeWorker>[]
) {
  const patience = { loadSeconds: 60, runSeconds: 0.2, cancelSeconds: 0.1 };
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
    shared,
    kept: memoryStore(),
    now: Date.now,
    realm: async () => {
      if (realm && !realm.ended) return realm;
      const next = workers[started++];
      if (!next) throw new Error('no worker is left');
      realm = new Realm(next.worker, patience, started - 1);
      return realm;
    },
  });
  return { model, started: () => started };
}

const failures = async (runs: readonly Promise<unknown>[]): Promise<unknown[]> =>
  (await Promise.allSettled(runs)).map((each) => ('reason' in each ? each.reason : 'none'));

describe('two patches in one worker', () => {
  test('lose one device, not two', async () => {
    const [first, second, third] = [fakeWorker(), fakeWorker(), fakeWorker()];
    const { model } = modelOn('webgpu', first, second, third);
    for (const worker of [first, second]) {
      await model.ready({ signal });
      expect(worker.loads).toEqual(['webgpu']);
      const runs = failures([model.run(patch, { signal }), model.run(patch, { signal })]);
      await expect.poll(() => worker.runs.length).toBe(2);
      worker.lose('unplugged');
      for (const failed of await runs) expect(failed).toMatchObject({ failure: { tag: 'DeviceLost' } });
    }
    await model.ready({ signal });
    expect(third.loads).toEqual(['own']); // this was the second loss
    expect(model.report.whyNotGpu).toContain('failed 2 times');
    model[Symbol.dispose]();
  });

  test('the wrong one is told so, the innocent one that it may ask again', async () => {
    const [first, second] = [fakeWorker(), fakeWorker()];
    const { model } = modelOn('webgpu', first, second);
    await model.ready({ signal });
    const runs = failures([model.run(patch, { signal }), model.run(patch, { signal })]);
    await expect.poll(() => first.runs.length).toBe(2);
    first.runs[0]?.fail({ tag: 'ModelWrong', model: 'cerberus-lite', device: 'a webgpu', seen: 'zeros' });
    const [wrong, innocent] = await runs;
    expect(wrong).toMatchObject({ failure: { tag: 'ModelWrong' } });
    expect(innocent).toMatchObject({ failure: { tag: 'WorkerDied', reason: expect.stringContaining('zeros') } });
    await model.ready({ signal });
    expect(second.loads).toEqual(['webgpu']);
    model[Symbol.dispose]();
  });
});

test('without a GPU, WASM computes in the same worker, and that is said', async () => {
  const only = fakeWorker({ tag: 'NoGpu', reason: 'this browser has no WebGPU' }, ['webgpu']);
  const { model } = modelOn('webgpu', only);
  await model.ready({ signal });
  expect(only.loads).toEqual(['own']);
  expect(model.report).toMatchObject({ device: 'wasm', whyNotGpu: 'This browser has no WebGPU.' });
  expect(model.report.trust.verdict).toBe('trusted');
  model[Symbol.dispose]();
});

test.each([true, false])(
  'the memory of outputs is written over once it is given back; it is shared: %s',
  async (shared) => {
    const only = fakeWorker();
    const { model } = modelWith({ shared }, 'wasm', only);
    const { manifest } = model;
    const names = manifest.outputs.flatMap(({ name, kind }) => (kind === 'packed' ? name : []));
    const bytes = outputBytes(manifest, patch.size, names);
    /** The worker writes a mark, and tells what it found there. */
    const run = async (mark: number, reused: boolean) => {
      const before = only.runs.length;
      const found = model.run(patch, { signal, outputs: names, reused });
      await expect.poll(() => only.runs.length).toBe(before + 1);
      const { into, answer } = only.runs[before] ?? {};
      const size = into?.byteLength;
      const data = new Int32Array(into ?? new ArrayBuffer(bytes));
      const seen = data[0];
      data[0] = mark;
      answer?.({ [names[0] ?? '']: { dims: [1], data } });
      const given = (await found)[names[0] ?? '']?.data;
      return { given, memory: given ? [given.buffer] : [], seen, size };
    };
    const first = await run(1, true);
    expect([first.size, first.memory[0] instanceof SharedArrayBuffer]).toEqual([bytes, shared]);
    const second = await run(2, true);
    expect(second.seen).toBe(0); // nobody gave the first one back
    model.giveBack(first.memory);
    expect((await run(3, true)).seen).toBe(1);
    expect(second.given?.[0]).toBe(2);
    expect((await run(4, false)).size).toBeUndefined();
    model[Symbol.dispose]();
  },
);

describe('a worker', () => {
  test('that fails one run is replaced', async () => {
    const [first, second] = [fakeWorker(), fakeWorker()];
    const { model } = modelOn('wasm', first, second);
    const runs = failures([model.run(patch, { signal }), model.run(patch, { signal })]);
    await expect.poll(() => first.runs.length).toBe(2);
    first.runs[0]?.fail({ tag: 'Unexpected', reason: 'the runtime gave up' });
    const [failed, beside] = await runs;
    expect(failed).toMatchObject({ failure: { tag: 'Unexpected', reason: 'the runtime gave up' } });
    expect(beside).toMatchObject({ failure: { tag: 'WorkerDied' } });
    const again = model.run(patch, { signal });
    await expect.poll(() => second.runs.length).toBe(1);
    second.runs[0]?.answer({});
    expect(await again).toEqual({});
    model[Symbol.dispose]();
  });

  test('whose own kernels fail twice computes with the runtime, and says so', async () => {
    const [first, second, third] = [fakeWorker(), fakeWorker(), fakeWorker()];
    const { model } = modelOn('wasm', first, second, third);
    for (const worker of [first, second]) {
      await model.ready({ signal });
      const run = failures([model.run(patch, { signal })]);
      await expect.poll(() => worker.runs.length).toBe(1);
      worker.runs[0]?.fail({ tag: 'Unexpected', reason: 'memory ran out' });
      await run;
    }
    await model.ready({ signal });
    expect([first.loads, second.loads, third.loads]).toEqual([['own'], ['own'], ['wasm']]);
    expect(model.report).toMatchObject({ device: 'wasm', deviceName: 'a wasm', trust: { verdict: 'fell back' } });
    expect(model.report.trust.why).toContain('own kernels failed 2 times');
    model[Symbol.dispose]();
  });

  test('that hangs is told to all that wait, and replaced', async () => {
    const [first, second] = [fakeWorker(), fakeWorker()];
    const { model } = modelOn('wasm', first, second);
    const runs = await failures([model.run(patch, { signal }), model.run(patch, { signal })]);
    for (const failed of runs) expect(failed).toMatchObject({ failure: { tag: 'TimedOut', seconds: 0.2 } });
    await model.ready({ signal });
    expect(second.loads).toEqual(['own']);
    const [slow] = await failures([model.run(patch, { signal, views: 4 })]);
    expect(slow).toMatchObject({ failure: { tag: 'TimedOut', seconds: 0.8 } }); // four runs one after the other
    expect(second.runs.map(({ views }) => views)).toEqual([4]);
    model[Symbol.dispose]();
  });
});

describe('a runtime that does not arrive', () => {
  const unreachable: Failure = { tag: 'Unreachable', url: 'ort.wasm', reason: 'Failed to fetch' };

  test.each(['webgpu', 'wasm'] as const)(
    'is told as such on %s, and asked for again in a new worker',
    async (device) => {
      const [first, second] = [fakeWorker(unreachable), fakeWorker()];
      const { model, started } = modelOn(device, first, second);
      await expect(model.ready({ signal })).rejects.toMatchObject({ failure: unreachable });
      expect(first.loads).toEqual([device === 'wasm' ? 'own' : device]);
      await model.ready({ signal });
      expect(started()).toBe(2);
      expect(second.loads).toEqual(first.loads);
      expect(model.report.device).toBe(device);
      model[Symbol.dispose]();
    },
  );

  test('and does not start, twice, is a worker that died', async () => {
    const died: Failure = { tag: 'WorkerDied', label: 'The inference worker', reason: 'no memory' };
    const { model, started } = modelOn('wasm', fakeWorker(died), fakeWorker(died));
    await expect(model.ready({ signal })).rejects.toMatchObject({ failure: died });
    expect(started()).toBe(2);
  });
});
