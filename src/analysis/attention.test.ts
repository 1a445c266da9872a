import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openNodeRows } from '#inference/node-model.ts';
import { parseManifest, rowsManifest } from '#inference/parse-manifest.ts';
import { random } from '#objects/testing/random.ts';
import { attend } from './attend.ts';
import { type Attended, AttentionPool, boxesInside, mostAttended, pooled, scaled, shareOfHalf } from './attention.ts';
import { FeatureSet } from './feature-set.ts';

const { signal } = new AbortController();
const FOLDER = 'public/models/attention-crc';

function shuffled(count: number, seed: number): number[] {
  const next = random(seed);
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}

/** [a, z0, z1, a, z0, z1, …] */
const bag = (...numbers: number[]): Attended => ({
  attention: Float32Array.from(numbers.filter((_, i) => i % 3 === 0)),
  patch: Float32Array.from(numbers.filter((_, i) => i % 3 > 0)),
  classes: 2,
});

const largest = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
};

describe('AttentionPool', () => {
  test('is Σ softmax(a)·z, worked out by hand', () => {
    const pool = new AttentionPool(2);
    pool.add(0, [1, 10]);
    pool.add(Math.log(3), [5, 2]); // three times the weight
    expect(largest(pool.slideLogits() ?? [], [4, 4])).toBeLessThan(1e-12);
    expect(new AttentionPool(2).slideLogits()).toBeUndefined();
  });

  test('does not overflow, in whatever order the largest comes', () => {
    const logits = [1e4, -1e4, 800, 1e4];
    for (const order of [
      [0, 1, 2, 3],
      [1, 2, 3, 0],
      [2, 3, 0, 1],
    ]) {
      const pool = new AttentionPool(1);
      for (const i of order) pool.add(logits[i] ?? 0, [i]);
      expect(pool.slideLogits()?.[0]).toBeCloseTo(1.5, 12); // rows 0 and 3 alike
    }
  });

  test('merges to the same, an empty one too', () => {
    const next = random(3);
    const rows = Array.from({ length: 200 }, () => [next() * 60 - 30, next(), next()]);
    const whole = new AttentionPool(2);
    const parts = [new AttentionPool(2), new AttentionPool(2), new AttentionPool(2)];
    for (const [i, [a = 0, ...z]] of rows.entries()) {
      whole.add(a, z);
      parts[i % 2]?.add(a, z);
    }
    const merged = new AttentionPool(2);
    for (const part of parts) merged.merge(part);
    expect(merged.count).toBe(200);
    expect(largest(merged.slideLogits() ?? [], whole.slideLogits() ?? [])).toBeLessThan(1e-12);
  });
});

describe('pooled', () => {
  const attended = bag(0, 2, 0, Math.log(3), -2, 0, 50, 9, 9);
  test('leaves out what it is told to, and weights the rest to one', () => {
    const { weights, prediction } = pooled(attended, Uint8Array.of(0, 0, 1));
    expect(largest(weights, [0.25, 0.75, 0])).toBeLessThan(1e-7);
    const logit = 0.25 * 2 - 0.75 * 2;
    expect(prediction?.[0]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 6);
  });
  test('has no prediction where all is left out', () => {
    expect(pooled(attended, Uint8Array.of(1, 1, 1))).toEqual({ weights: new Float32Array(3), prediction: undefined });
  });
});

describe('scaled', () => {
  const attention = Float32Array.of(3, 1, 3, 7, 100);
  const without = Uint8Array.of(0, 0, 0, 0, 1);
  const { weights } = pooled({ attention, patch: new Float32Array(5), classes: 1 }, without);
  test('by rank: ties alike, what is left out nowhere', () => {
    expect([...scaled(attention, weights, 'rank', without).values]).toEqual([0.5, 0.125, 0.5, 0.875, Number.NaN]);
  });
  test('min–max runs over what counts', () => {
    const { values, range } = scaled(attention, weights, 'minmax', without);
    expect(largest(values.subarray(0, 4), [1 / 3, 0, 1 / 3, 1])).toBeLessThan(1e-6);
    expect(range).toEqual([0, 1]);
  });
  test('percentiles: a few patches do not take the range, and lie beyond it', () => {
    const logits = Float32Array.from({ length: 101 }, (_, i) => (i === 100 ? 1000 : i)); // 2nd percentile 2, 98th 98
    const { values, range } = scaled(logits, logits, 'percentiles', undefined);
    expect(range).toEqual([0, 1]);
    expect([values[2], values[50], values[98]]).toEqual([0, 0.5, 1]);
    expect(values[0]).toBeLessThan(0);
    expect(values[100]).toBeGreaterThan(10);
    const half = Float32Array.of(0, 1, 2, 3);
    expect(scaled(half, half, 'percentiles', Uint8Array.of(0, 0, 0, 1)).values[2]).toBeCloseTo(1.96 / 1.92, 6); // 0.04 to 1.96
  });

  test('raw is the softmax, its range up to the most attended', () => {
    const { values, range } = scaled(attention, weights, 'raw', without);
    expect(values[3]).toBe(weights[3]);
    expect(range).toEqual([0, weights[3]]);
  });
  test('one patch alone is in the middle, not divided by zero', () => {
    expect([...scaled(Float32Array.of(4), Float32Array.of(1), 'minmax', undefined).values]).toEqual([0.5]);
  });
});

test('the most and the least attended, equal ones by row', () => {
  const attention = Float32Array.of(2, 9, 2, 5);
  expect(mostAttended(attention, 3, 'most', undefined)).toEqual([1, 3, 0]);
  expect(mostAttended(attention, 2, 'least', undefined)).toEqual([0, 2]);
  expect(mostAttended(attention, 9, 'most', Uint8Array.of(0, 1, 0, 0))).toEqual([3, 0, 2]);
});

test('how many patches hold half of the attention', () => {
  expect(shareOfHalf(Float32Array.of(0.2, 0.5, 0.3))).toBe(1);
  expect(shareOfHalf(Float32Array.of(0.25, 0.25, 0.25, 0.25))).toBe(2);
});

test('a lasso takes the boxes whose centre it holds, dents left out', () => {
  const ring = Float64Array.of(0, 0, 100, 0, 100, 100, 50, 20, 0, 100); // a dent from below up to (50, 20)
  const boxes = Float32Array.of(0, 0, 20, 20, 40, 50, 20, 20, 40, 0, 20, 20, 90, 90, 40, 40);
  expect([...boxesInside(boxes, ring)]).toEqual([1, 0, 1, 0]);
});

describe('attention in the workbench and in PyTorch', () => {
  const golden = JSON.parse(readFileSync('models/goldens/attention-bag.json', 'utf8'));
  const bytes = gunzipSync(readFileSync('models/goldens/attention-bag.bin.gz'));
  const features = new Float32Array(bytes.buffer, bytes.byteOffset, golden.rows * golden.channels);
  const read = (name: string) => new Uint8Array(readFileSync(`${FOLDER}/${name}`));
  const manifest = rowsManifest(parseManifest(JSON.parse(readFileSync(`${FOLDER}/model.json`, 'utf8'))));
  const { encoder, channels } = manifest.input;

  function setOf(order: readonly number[], name = encoder): FeatureSet {
    const set = new FeatureSet({ ...name, outputs: [{ name: encoder.output, kind: 'pooled', channels }] });
    for (const row of order) {
      const data = features.slice(row * channels, (row + 1) * channels);
      set.add(String(row), { x: row, y: 0, width: 1, height: 1 }, { [encoder.output]: { dims: [1, channels], data } });
    }
    return set;
  }
  const open = () =>
    openNodeRows({
      manifest,
      onnx: read(manifest.file),
      golden: { features: read(manifest.golden.features).buffer, outputs: read(manifest.golden.outputs).buffer },
    });

  test('the golden bag is of the shipped model', () => expect(golden.sha256).toBe(manifest.sha256));

  test.each([0, 1, 2])('are equal to 1e-4, in order %i', async (seed) => {
    using model = await open();
    const order = seed === 0 ? shuffled(golden.rows, 0).sort((a, b) => a - b) : shuffled(golden.rows, seed);
    const attended = await attend(model, setOf(order), { signal });
    expect(
      largest(
        attended.attention,
        order.map((row) => golden.attention[row]),
      ),
    ).toBeLessThan(1e-4);
    const patch = order.flatMap((row) => golden.patch.slice(row * 2, row * 2 + 2));
    expect(largest(attended.patch, patch)).toBeLessThan(1e-4);
    expect(largest(pooled(attended, undefined).prediction ?? [], golden.prediction)).toBeLessThan(1e-4);
  });

  test('rows that came later are added to what was said before', async () => {
    using model = await open();
    const order = shuffled(golden.rows, 5);
    const first = await attend(model, setOf(order.slice(0, 40)), { signal });
    const grown = await attend(model, setOf(order), { signal }, first);
    expect(largest(grown.attention, (await attend(model, setOf(order), { signal })).attention)).toBeLessThan(1e-6);
  });

  test('what does not fit is refused by name', async () => {
    using model = await open();
    const order = shuffled(20, 1);
    await expect(attend(model, setOf(order, { ...encoder, id: 'resnet50' }), { signal })).rejects.toThrow(
      `it reads those of ${encoder.id}`,
    );
    const other = setOf(order, { ...encoder, sha256: '0'.repeat(64) });
    await expect(attend(model, other, { signal })).rejects.toThrow('another version');
    await expect(attend(model, setOf(order.slice(0, 7)), { signal })).rejects.toThrow('only 7 patches of tissue');
    const narrow = new FeatureSet({ ...encoder, outputs: [{ name: encoder.output, kind: 'pooled', channels: 3 }] });
    await expect(attend(model, narrow, { signal })).rejects.toThrow('has 3 numbers a patch, it reads 256');
  });
});
