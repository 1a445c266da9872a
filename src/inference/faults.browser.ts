import { describe, expect, test } from 'vitest';
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

async function openWith(faults: Fault[], device: 'wasm' | 'webgpu' | 'auto', patience = PATIENT) {
  const workers = faultyWorkers(...faults);
  const inference = openTestInference({ spawn: workers.spawn, patience });
  const model = await inference.load(SIBLING, { signal, device });
  return { inference, model, workers };
}

const expectRuns = async (model: LoadedModel): Promise<void> => {
  expect(Object.keys(await model.run(patch(), { signal }))).toEqual(['nuclei', 'coarse', 'tissue']);
};

describe('on WASM', { timeout: SLOW }, () => {
  test('each fault is told, to all that wait, and the next worker computes', async () => {
    const faults = [
      ['zeros', 'ModelWrong', 'zero everywhere'],
      ['nan', 'ModelWrong', 'tissue holds NaN'],
      ['fails', 'Unexpected', 'the runtime gave up'],
      ['dies', 'WorkerDied', 'out of memory'],
      ['hangs', 'TimedOut', 'did not answer within 10 s'],
    ] as const;
    const { inference, model, workers } = await openWith(
      faults.map(([fault]) => fault),
      'wasm',
      { ...PATIENT, runSeconds: 10 },
    );
    using _ = inference;
    for (const [fault, tag, message] of faults) {
      const outputs = fault === 'nan' ? ['tissue'] : ['nuclei'];
      const all = await Promise.allSettled([1, 2, 3].map(() => model.run(patch(), { signal, outputs })));
      for (const each of all) {
        expect(each).toMatchObject({ status: 'rejected', reason: { failure: { tag } } });
        expect(each).toHaveProperty('reason.message', expect.stringContaining(message));
      }
    }
    await expectRuns(model);
    expect(workers.started).toBe(faults.length + 1);
  });
});

describe('cancelling', { timeout: SLOW }, () => {
  test('settles at once, and a worker that does not end by itself is replaced', async () => {
    const { inference, model, workers } = await openWith(['busy'], 'wasm', { ...PATIENT, cancelSeconds: 0.5 });
    using _ = inference;
    const controller = new AbortController();
    const run = model.run(patch(), { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const asked = performance.now();
    controller.abort(new Error('cancelled'));
    await expect(run).rejects.toThrow('cancelled');
    expect(performance.now() - asked).toBeLessThan(100);
    await expectRuns(model); // behind the busy worker it would wait a minute
    expect(workers.started).toBe(2);
  });

  test('keeps a worker that ends in time, and skips what waited in it', async () => {
    const workers = faultyWorkers();
    using inference = openTestInference({ spawn: workers.spawn });
    using model = await inference.load(SIBLING, { signal, device: 'wasm' });
    const controller = new AbortController();
    const runs = Promise.allSettled([1, 2, 3].map(() => model.run(patch(), { signal: controller.signal })));
    controller.abort();
    expect((await runs).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expectRuns(model);
    expect(workers.started).toBe(1);
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
  test('is not asked where there is only a software adapter, and that is said', async () => {
    const { inference, model } = await openWith([], 'auto');
    using _ = inference;
    expect(model.report.device).toBe('wasm');
    expect(model.report.whyNotGpu).toMatch(/^The only adapter, .*swiftshader.*, computes on the CPU\.$/i);
    expect(model.report.trust.verdict).toBe('trusted');
  });

  test('is not there: WASM computes, and that is said', async () => {
    const { inference, model } = await openWith(['no-gpu'], 'webgpu');
    using _ = inference;
    expect(model.report).toMatchObject({ device: 'wasm', whyNotGpu: 'This browser has no WebGPU.' });
    await expectRuns(model);
  });

  test('is wrong on the golden patch: WASM computes, and that is said', async () => {
    const { inference, model, workers } = await openWith(['wrong'], 'webgpu');
    using _ = inference;
    expect(model.report).toMatchObject({ device: 'wasm', trust: { verdict: 'fell back' } });
    expect(model.report.trust.why).toContain('gave wrong numbers (the golden patch differs by');
    await expectRuns(model);
    expect(workers.started).toBe(2);
  });

  test('is lost in the middle of a run: told, found again, and left alone after the second loss', async () => {
    expect(await navigator.gpu.requestAdapter(), 'this test needs a WebGPU adapter').not.toBeNull();
    const { inference, model, workers } = await openWith(['device-lost', 'device-lost'], 'webgpu');
    using _ = inference;
    expect(model.report.device).toBe('webgpu');
    await expect(model.run(patch(), { signal })).rejects.toMatchObject({ failure: { tag: 'DeviceLost' } });
    await expect(model.run(patch(), { signal })).rejects.toMatchObject({ failure: { tag: 'DeviceLost' } });
    await expectRuns(model);
    expect(workers.started).toBe(3);
    expect(model.report).toMatchObject({ device: 'wasm', trust: { verdict: 'fell back' } });
    expect(model.report.whyNotGpu).toContain('failed 2 times in this session');
  });
});

describe('models', { timeout: SLOW }, () => {
  test('share the worker, and a released one says so', async () => {
    const workers = faultyWorkers();
    using inference = openTestInference({ spawn: workers.spawn });
    const first = await inference.load(SIBLING, { signal, device: 'wasm' });
    using second = await inference.load(SIBLING, { signal, device: 'wasm' });
    first[Symbol.dispose]();
    await expect(first.run(patch(), { signal })).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
    await expectRuns(second);
    expect(workers.started).toBe(1);
  });

  test('of a host that sends its start page are refused with a sentence', async () => {
    using inference = openTestInference();
    await expect(inference.load('/no/such/model/', { signal })).rejects.toMatchObject({
      failure: { tag: expect.stringMatching(/^(ModelInvalid|NotFound)$/) },
    });
  });
});
