import { afterAll, describe, expect, test } from 'vitest';
import type { Patch } from './model.ts';
import { maxDifference } from './outputs.ts';
import { openTestInference, SIBLING, speckled } from './testing/sibling.ts';

const { signal } = new AbortController();
const patch = (size = 64): Patch => ({
  tiles: [{ image: speckled(size * 2, size * 2, 7), x: 0, y: 0 }],
  x: 0.5,
  y: 1.25,
  scaleX: 1.5,
  scaleY: 1.5,
  size,
});

describe('a model in the tab', { timeout: 240_000 }, () => {
  const inference = openTestInference(); // one worker for all: its start takes seconds
  afterAll(() => inference[Symbol.dispose]());

  test('computes on WASM, its golden patch seen, and says so', async () => {
    const progress: number[] = [];
    using model = await inference.load(SIBLING, {
      signal,
      device: 'wasm',
      onProgress: (bytes) => progress.push(bytes),
    });
    expect(model.report).toMatchObject({ device: 'wasm', whyNotGpu: 'WebAssembly was asked for.' });
    expect(model.report.deviceName).toMatch(/^WebAssembly, [2-8] threads$/);
    expect(model.report.trust.verdict).toBe('trusted');
    expect(model.report.trust.maxDifference).toBeLessThanOrEqual(model.manifest.golden.tolerance);
    expect(progress.at(-1)).toBe(model.manifest.bytes);
    const outputs = await model.run(patch(), { signal });
    expect(Object.keys(outputs)).toEqual(['nuclei', 'coarse', 'tissue']);
    expect(outputs.nuclei?.dims).toEqual([1, 1, 128, 128]);
  });

  test('agrees on WebGPU and WASM end to end', async () => {
    const adapter = await navigator.gpu.requestAdapter();
    expect(adapter, 'this test needs a WebGPU adapter, and must not pass without one').not.toBeNull();
    using onGpu = await inference.load(SIBLING, { signal, device: 'webgpu' });
    expect(onGpu.report).toMatchObject({ device: 'webgpu', whyNotGpu: undefined, trust: { verdict: 'trusted' } });
    using onWasm = await inference.load(SIBLING, { signal, device: 'wasm' });
    expect(onWasm.report.device).toBe('wasm');
    const [gpu, wasm] = await Promise.all([onGpu.run(patch(), { signal }), onWasm.run(patch(), { signal })]);
    // One step of 255 where a probability lies at the edge between two, and float32 noise elsewhere.
    expect(maxDifference(wasm, gpu)).toBeLessThanOrEqual(1.01 / 255);
  });
});
