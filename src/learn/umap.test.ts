import { describe, expect, test } from 'vitest';
import { MOST_ON_MAP, sampleForMap } from './map-sample.ts';
import { finished } from './steps.ts';
import { clouds, testKernel } from './testing/made-up.ts';
import { umapOf } from './umap.ts';

const kernel = testKernel();
const [ROWS, CLASSES] = [300, 3];

/** The share of the nearest points on the map that are of the same class. */
function purity(points: Float32Array, labels: ArrayLike<number>, k: number): number {
  const rows = points.length / 2;
  const apart = (a: number, b: number): number =>
    Math.hypot((points[2 * a] ?? 0) - (points[2 * b] ?? 0), (points[2 * a + 1] ?? 0) - (points[2 * b + 1] ?? 0));
  let same = 0;
  for (let row = 0; row < rows; row++) {
    const others = Array.from({ length: rows }, (_, other) => other).filter((other) => other !== row);
    const near = others.sort((a, b) => apart(row, a) - apart(row, b)).slice(0, k);
    same += near.filter((other) => labels[other] === labels[row]).length / k;
  }
  return same / rows;
}

describe('umapOf', () => {
  const { features, labels } = clouds({ rows: ROWS, cols: 24, classes: CLASSES, apart: 6 });

  test('patches that are alike lie together; the same seed gives the same map; progress goes up to its end', () => {
    const steps = umapOf(kernel, features, { rows: undefined, seed: 1 });
    const shares: number[] = [];
    let next = steps.next();
    for (; !next.done; next = steps.next()) shares.push(next.value.done / next.value.total);
    const points = next.value;
    expect(points).toHaveLength(2 * ROWS);
    expect(purity(points, labels, 10)).toBeGreaterThan(0.95);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    expect(finished(umapOf(kernel, features, { rows: undefined, seed: 1 }))).toEqual(points);
  });

  test('of some rows; very few, and equal pairs, are no problem', () => {
    const rows = Uint32Array.from([0, 3, 5, 9, 200]);
    const points = finished(umapOf(kernel, features, { rows, seed: 1 }));
    expect(points).toHaveLength(10);
    expect(points.every(Number.isFinite)).toBe(true);
    const twice = features.values.slice(0, 20 * features.cols);
    twice.set(twice.subarray(0, 10 * features.cols), 10 * features.cols);
    const pairs = finished(
      umapOf(kernel, { values: twice, rows: 20, cols: features.cols }, { rows: undefined, seed: 1 }),
    );
    expect(pairs.every(Number.isFinite)).toBe(true);
  });

  test('what cannot be drawn is said', () => {
    const of = (rows: number) => ({ values: new Float32Array(2 * rows).fill(1), rows, cols: 2 });
    const draw = (rows: number) => () => finished(umapOf(kernel, of(rows), { rows: undefined, seed: 1 }));
    expect(draw(3)).toThrow(/there are 3 patches/);
    expect(draw(10)).toThrow(/all 10 patches have the same features/);
    expect(draw(MOST_ON_MAP + 1)).toThrow(/Take a sample of at most 5000/);
  });
});

describe('sampleForMap', () => {
  test('all where they fit; else the labelled ones, and others from everywhere', () => {
    expect(sampleForMap(100, [3], 100)).toBeUndefined();
    const rows = sampleForMap(1_000, [3, 500, 999], 100);
    expect(rows).toHaveLength(100);
    expect([3, 500, 999].every((row) => rows?.includes(row))).toBe(true);
    expect(new Set(rows).size).toBe(100);
    for (const quarter of [0, 1, 2, 3])
      expect(rows?.filter((row) => Math.floor(row / 250) === quarter).length).toBeGreaterThan(20);
    expect(
      sampleForMap(
        1_000,
        Array.from({ length: 400 }, (_, i) => i),
        100,
      ),
    ).toHaveLength(100);
  });
});
