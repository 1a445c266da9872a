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
    expect(model.report.deviceName).toMatch(/^WebAssembly, [2-8] threads, Eosin’s own kernels$/);
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

  test('four views agree on WebGPU, where pictures are mirrored, and on WASM, where numbers are', async () => {
    const found = [];
    for (const device of ['webgpu', 'wasm'] as const) {
      using model = await inference.load(SIBLING, { signal, device });
      expect(model.report.device).toBe(device);
      const [one, four] = await Promise.all([
        model.run(patch(), { signal }),
        model.run(patch(), { signal, views: 4 }), // joined with no run of one view
      ]);
      expect(maxDifference(one, four)).toBeGreaterThan(1.01 / 255);
      expect(four.tissue).toEqual(one.tissue);
      found.push(four);
    }
    const [gpu = {}, wasm = {}] = found;
    expect(maxDifference(wasm, gpu)).toBeLessThanOrEqual(1.01 / 255);
  });

  test('features of places are read alone where they are asked for, alike on WebGPU and WASM', async () => {
    const asked = { signal, outputs: ['features'] };
    const found: Float32Array[] = [];
    for (const device of ['webgpu', 'wasm'] as const) {
      using model = await inference.load(SIBLING, { signal, device });
      expect(model.report.device).toBe(device);
      const { features, ...others } = await model.run(patch(), asked);
      expect([Object.keys(others), features?.dims.slice(2)]).toEqual([[], [16, 16]]);
      found.push(Float32Array.from(features?.data ?? []));
    }
    const [gpu = new Float32Array(), wasm = new Float32Array()] = found;
    const largest = wasm.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largest).toBeGreaterThan(0);
    const apart = wasm.reduce((most, value, i) => Math.max(most, Math.abs(value - (gpu[i] ?? Number.NaN))), 0);
    expect(apart / largest).toBeLessThan(1e-3); // float32, summed in another order
  });

  test('an encoder gives a row of features a block', async () => {
    using encoder = await inference.load('/models/resnet18-imagenet-distilled/', { signal, device: 'wasm' });
    expect(encoder.report.trust.verdict).toBe('trusted');
    const outputs = await encoder.run(patch(112), { signal });
    expect(Object.entries(outputs).map(([name, { dims }]) => [name, ...dims])).toEqual([
      ['block1', 1, 64],
      ['block2', 1, 128],
      ['block3', 1, 256],
    ]);
  });

  test('an attention network pools rows as its patch logits and attention say', async () => {
    using model = await inference.loadRows('/models/attention-crc/', { signal });
    expect(model.report).toMatchObject({ device: 'wasm', trust: { verdict: 'trusted' } });
    const { channels } = model.manifest.input;
    const features = Float32Array.from({ length: 3 * channels }, (_, i) => Math.abs(Math.sin(i * 12.9898)));
    const { attention, patch: logits, slide } = await model.run(features, { signal });
    const powers = Array.from(attention?.data ?? [], Math.exp);
    expect(powers).toHaveLength(3);
    const sum = powers.reduce((total, power) => total + power, 0);
    for (const k of [0, 1]) {
      const pooled = powers.reduce((total, power, row) => total + (power / sum) * (logits?.data[2 * row + k] ?? 0), 0);
      expect(Math.abs((slide?.data[k] ?? Number.NaN) - pooled)).toBeLessThan(1e-4);
    }
    features[5] = Number.NaN;
    await expect(model.run(features, { signal })).rejects.toThrow('row 0 holds NaN');
    await expect(inference.load('/models/attention-crc/', { signal })).rejects.toThrow(
      'reads features of resnet18-simclr',
    );
    await expect(inference.loadRows(SIBLING, { signal })).rejects.toThrow('reads patches, not features');
  });
});
