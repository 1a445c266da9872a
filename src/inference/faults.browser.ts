import { afterAll, describe, expect, test } from 'vitest';
import type { LoadedModel, Patch } from './model.ts';
import type { Patience } from './realm.ts';
import { type Fault, faultyWorkers } from './testing/faults.ts';
import { openTestInference, SIBLING, speckled } from './testing/sibling.ts';

const { signal } = new AbortController();
const patch = (): Patch => ({
  tiles: [{ image: speckled(64, 64, 3), x: 0, y: 0 }],
  x: 0,
  y: 0,
  scaleX: 1,
  scaleY: 1,
  size: 64,
});

const PATIENT: Patience = { loadSeconds: 100, runSeconds: 100, cancelSeconds: 2 };
const SLOW = 200_000; // the machine may have other work

async function openWith(faults: Fault[], device: 'wasm' | 'webgpu', patience = PATIENT) {
  const workers = faultyWorkers(...faults);
  const inference = openTestInference({ spawn: workers.spawn, patience });
  const model = await inference.load(SIBLING, { signal, device });
  return { inference, model, workers };
}

const expectRuns = async (model: LoadedModel): Promise<void> => {
  expect(Object.keys(await model.run(patch(), { signal }))).toEqual(['nuclei', 'coarse', 'tissue']);
};

// What a realm and its model make of faults is tested in Node, on workers that are made up (tab-model.test.ts,
// session.test.ts). Here is what only a browser shows: real workers, the real runtime, a real device that goes away.
// Each worker that starts costs seconds, so that tests share them where they can.

describe('on WASM', { timeout: SLOW }, () => {
  test('each fault is told, to all that wait, and the next worker computes', async () => {
    const faults = [
      ['zeros', 'ModelWrong', 'zero everywhere'],
      ['dies', 'WorkerDied', 'out of memory'],
    ] as const;
    const { inference, model, workers } = await openWith(
      faults.map(([fault]) => fault),
      'wasm',
    );
    using _ = inference;
    for (const [, tag, message] of faults) {
      const all = await Promise.allSettled([1, 2, 3].map(() => model.run(patch(), { signal, outputs: ['nuclei'] })));
      const [first] = all;
      expect(first).toMatchObject({ status: 'rejected', reason: { failure: { tag } } });
      expect(first).toHaveProperty('reason.message', expect.stringContaining(message));
      for (const other of all.slice(1)) {
        expect(other).toMatchObject({ status: 'rejected', reason: { failure: { tag: 'WorkerDied' } } });
        expect(other).toHaveProperty('reason.message', expect.stringContaining(message));
      }
    }
    await expectRuns(model);
    expect(workers.started).toBe(faults.length + 1);
  });
});

describe('own kernels', { timeout: SLOW }, () => {
  test('for which there is no room in the worker leave it to the runtime there, and the trust card says so', async () => {
    const { inference, model, workers } = await openWith(['no-kernels'], 'wasm');
    using _ = inference;
    expect(model.report.deviceName).toMatch(/^WebAssembly, \d+ threads?$/);
    expect(model.report.trust).toMatchObject({
      verdict: 'fell back',
      why: 'Eosin’s own kernels did not start (WebAssembly.Memory(): could not allocate memory), so the runtime’s compute instead.',
    });
    await expectRuns(model);
    expect(workers.started).toBe(1);
  });
});

describe('one sound worker', { timeout: SLOW }, () => {
  const workers = faultyWorkers();
  const inference = openTestInference({ spawn: workers.spawn });
  afterAll(() => inference[Symbol.dispose]());

  test('does not ask a GPU that is only a software adapter, and says so', async () => {
    using model = await inference.load(SIBLING, { signal, device: 'auto' });
    expect(model.report.device).toBe('wasm');
    expect(model.report.whyNotGpu).toMatch(/^The only adapter, .*swiftshader.*, computes on the CPU\.$/i);
    expect(model.report.trust.verdict).toBe('trusted');
  });

  test('is kept where cancelled work ends in time, and skips what waited in it', async () => {
    using model = await inference.load(SIBLING, { signal, device: 'wasm' });
    const controller = new AbortController();
    const runs = Promise.allSettled([1, 2, 3].map(() => model.run(patch(), { signal: controller.signal })));
    controller.abort();
    expect((await runs).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expectRuns(model);
    expect(workers.started).toBe(1);
  });

  test('is shared by models, and a released one says so', async () => {
    const first = await inference.load(SIBLING, { signal, device: 'wasm' });
    using second = await inference.load(SIBLING, { signal, device: 'wasm' });
    first[Symbol.dispose]();
    await expect(first.run(patch(), { signal })).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
    await expectRuns(second);
    expect(workers.started).toBe(1);
  });

  test('is not asked where the host sends its start page instead of a model', async () => {
    await expect(inference.load('/no/such/model/', { signal })).rejects.toMatchObject({
      failure: { tag: expect.stringMatching(/^(ModelInvalid|NotFound)$/) },
    });
  });
});

describe('cancelling', { timeout: SLOW }, () => {
  test('settles at once, and a worker that does not end by itself is replaced', async () => {
    const { inference, model, workers } = await openWith(['busy'], 'wasm', { ...PATIENT, cancelSeconds: 0.5 });
    using _ = inference;
    const controller = new AbortController();
    const run = model.run(patch(), { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 300));
    controller.abort(new Error('cancelled'));
    // Before the page does anything else: no message from the worker, which is busy for a minute, is waited for.
    const later = new Promise((resolve) => setTimeout(resolve, 0, 'later'));
    expect(await Promise.race([run.catch((thrown: unknown) => String(thrown)), later])).toBe('Error: cancelled');
    await expectRuns(model); // behind the busy worker it would wait a minute
    expect(workers.started).toBe(2);
  });

  test('stops a load at once, and the next load works', async () => {
    const workers = faultyWorkers();
    using inference = openTestInference({ spawn: workers.spawn });
    const controller = new AbortController();
    const load = inference.load(SIBLING, {
      signal: controller.signal,
      device: 'wasm',
      onProgress: () => setTimeout(() => controller.abort(new Error('cancelled')), 100),
    });
    await expect(load).rejects.toThrow('cancelled');
    using model = await inference.load(SIBLING, { signal, device: 'wasm' });
    await expectRuns(model);
  });
});

describe('the GPU', { timeout: SLOW }, () => {
  test('is lost in the middle of a run, found again, and wrong then: told each time, WASM computes', async () => {
    expect(await navigator.gpu.requestAdapter(), 'this test needs a WebGPU adapter').not.toBeNull();
    const { inference, model, workers } = await openWith(['device-lost', 'wrong'], 'webgpu');
    using _ = inference;
    expect(model.report.device).toBe('webgpu');
    await expect(model.run(patch(), { signal })).rejects.toMatchObject({ failure: { tag: 'DeviceLost' } });
    await expectRuns(model);
    expect(workers.started).toBe(3);
    expect(model.report).toMatchObject({ device: 'wasm', trust: { verdict: 'fell back' } });
    expect(model.report.trust.why).toContain('gave wrong numbers (the golden patch differs by');
  });
});
