import { describe, expect, test } from 'vitest';
import type { Features } from './features.ts';
import { allNearest, ResidentFeatures, voted } from './neighbours.ts';
import { findAgain, nextDoor, rankCorrelation } from './proxy.ts';
import { Random } from './random.ts';
import { accuracy, confusionOf } from './scores.ts';
import { finished } from './steps.ts';
import { clouds, testKernel } from './testing/made-up.ts';

const drawn = (rows: number, cols: number, seed: number): Features => {
  const random = new Random(seed);
  return { values: Float32Array.from({ length: rows * cols }, () => random.normal()), rows, cols };
};
const cosine = ({ values, cols }: Features, a: number, b: number): number => {
  let [ab, aa, bb] = [0, 0, 0];
  for (let j = 0; j < cols; j++) {
    const [x, y] = [values[a * cols + j] ?? 0, values[b * cols + j] ?? 0];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
};
const sorted = (set: Features, row: number, k: number): number[] =>
  Array.from({ length: set.rows }, (_, i) => i)
    .filter((i) => i !== row)
    .sort((i, j) => cosine(set, row, j) - cosine(set, row, i))
    .slice(0, k);

describe('similar patches', () => {
  test('are those of a sort of all', () => {
    const set = drawn(700, 33, 1);
    const resident = new ResidentFeatures(testKernel(), set);
    for (const row of [0, 345, 699]) {
      const found = resident.nearestTo(row, 12);
      expect([...found.rows]).toEqual(sorted(set, row, 12));
      expect(found.similarity[0]).toBeCloseTo(cosine(set, row, found.rows[0] ?? 0), 5);
    }
  });

  test('equal ones by row; features of nothing are like nothing', () => {
    const values = Float32Array.from([1, 0, 0, 0, 2, 0, 3, 0, 0, 1]);
    const resident = new ResidentFeatures(testKernel(), { values, rows: 5, cols: 2 });
    expect([...resident.nearestTo(0, 4).rows]).toEqual([2, 3, 1, 4]);
    expect([...resident.nearestTo(1, 4).similarity]).toEqual([0, 0, 0, 0]);
    expect(() => resident.nearest(new Float32Array(3), 1)).toThrow('they are 3 wide, and this was trained on 2');
    expect(() => resident.nearestTo(5, 1)).toThrow('number 5 of 5');
  });

  test('of all rows at once, and none of the own group', () => {
    const kernel = testKernel();
    const set = drawn(300, 9, 2);
    const { rows: all, similarity } = finished(allNearest(kernel, set, 5, undefined));
    expect(similarity[0]).toBeCloseTo(cosine(set, 0, all[0] ?? 0), 5);
    for (const row of [0, 255, 256, 299]) expect([...all.subarray(row * 5, row * 5 + 5)]).toEqual(sorted(set, row, 5));
    const groups = Uint32Array.from({ length: 300 }, (_, i) => i % 3);
    const { rows: apart } = finished(allNearest(kernel, set, 5, groups));
    for (const [i, neighbour] of apart.entries()) expect(neighbour % 3).not.toBe(Math.floor(i / 5) % 3);
  });

  test('vote for the class', () => {
    const { features, labels } = clouds({ rows: 300, cols: 20, classes: 3, apart: 1.5 });
    const centred = features.values.map((value) => value - 20);
    const nearest = finished(allNearest(testKernel(), { ...features, values: centred }, 7, undefined));
    const said = voted(nearest, 7, labels, 3);
    expect(accuracy(confusionOf(labels, said, 3), 3)).toBeGreaterThan(0.9);
    expect(voted({ rows: Uint32Array.of(1, 0) }, 1, [0, 1], 2)).toEqual(Uint8Array.of(1, 0));
  });
});

describe('proxy tasks', () => {
  test('find again: a good encoder does, a noisy one does not', () => {
    const set = drawn(400, 24, 3);
    const noisy = (size: number): Features => {
      const off = drawn(400, 24, 4).values;
      return { ...set, values: set.values.map((value, i) => value + size * (off[i] ?? 0)) };
    };
    const score = (size: number) => finished(findAgain(testKernel(), set, noisy(size), undefined, 1));
    expect(score(0.1).score).toBe(1);
    const bad = score(3);
    expect(bad.score).toBeLessThan(0.5);
    expect(bad.interval[0]).toBeLessThan(bad.score);
    expect(() => finished(findAgain(testKernel(), set, drawn(399, 24, 1), undefined, 1))).toThrow(
      'there are 399 × 24 of 400 × 24 patches',
    );
  });

  test('next door: features that go on do, and shuffled ones do not', () => {
    const side = 20;
    const places = Array.from({ length: side * side }, (_, i) => [(i % side) * 64, Math.floor(i / side) * 64, 64, 64]);
    const at = Float32Array.from(places.flat());
    const values = new Float32Array(side * side * 4);
    for (let i = 0; i < side * side; i++)
      for (let j = 0; j < 4; j++)
        values[4 * i + j] = Math.sin((i % side) / 3 + j) + Math.cos(Math.floor(i / side) / 4 - j);
    const smooth = { values, rows: side * side, cols: 4 };
    expect(finished(nextDoor(smooth, at, 1)).score).toBeGreaterThan(0.85);
    const noise = finished(nextDoor(drawn(side * side, 4, 1), at, 1));
    expect(noise.score).toBeGreaterThan(0.44);
    expect(noise.score).toBeLessThan(0.56);
    const apart = at.map((value) => value * 3);
    const loose = apart.map((value, i) => (i % 4 > 1 ? 64 : value));
    expect(() => finished(nextDoor(smooth, loose, 1))).toThrow('none lie side by side');
  });

  test('rank correlation by hand', () => {
    expect(rankCorrelation([1, 2, 3, 4], [10, 20, 30, 45])).toBeCloseTo(1, 12);
    expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
    expect(rankCorrelation([1, 2, 2, 4], [1, 3, 2, 4])).toBeCloseTo(0.9486832980505138, 12);
    expect(rankCorrelation([1, 1], [1, 2])).toBeNaN();
  });
});
