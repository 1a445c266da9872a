import { describe, expect, test } from 'vitest';
import { random } from '#objects/testing/random.ts';
import { objectHausdorff } from './hausdorff.ts';

/** Label after length, one row. */
const strip = (...runs: [label: number, length: number][]): Int32Array =>
  Int32Array.from(runs.flatMap(([label, length]) => Array<number>(length).fill(label)));

describe('the object Hausdorff distance', () => {
  test('is weighed by area, and falls to the nearest object where none is met', () => {
    const truth = strip([1, 10], [0, 10], [2, 4]);
    const found = objectHausdorff(truth, strip([0, 3], [1, 7], [0, 14]), truth.length);
    expect(found.byTruth).toBeCloseTo(10 * 3 + 4 * 17, 9); // as models/tests/test_metrics.py
    expect(found.byPredicted).toBeCloseTo(7 * 3, 9);
  });

  test('of nothing found is the diagonal', () => {
    const found = objectHausdorff(new Int32Array(12).fill(1), new Int32Array(12), 4);
    expect(found).toEqual({ byTruth: 12 * 5, byPredicted: 0 });
  });

  test('of two clouds of pixels agrees with comparing each with each', () => {
    const next = random(5);
    const [width, height] = [23, 17];
    const cloud = (): Int32Array => Int32Array.from({ length: width * height }, () => (next() < 0.05 ? 1 : 0));
    for (let round = 0; round < 20; round++) {
      const [a, b] = [cloud(), cloud()];
      a[3 * width + 4] = 1;
      b[3 * width + 4] = 1; // they meet
      const places = (of: Int32Array): [number, number][] =>
        [...of].flatMap((label, i): [number, number][] => (label ? [[i % width, Math.floor(i / width)]] : []));
      const directed = (from: [number, number][], to: [number, number][]): number =>
        Math.max(...from.map(([x, y]) => Math.min(...to.map(([u, v]) => Math.hypot(x - u, y - v)))));
      const [p, q] = [places(a), places(b)];
      const apart = Math.max(directed(p, q), directed(q, p));
      const found = objectHausdorff(a, b, width);
      expect(found.byTruth / p.length).toBeCloseTo(apart, 9);
      expect(found.byPredicted / q.length).toBeCloseTo(apart, 9);
    }
  });
});
