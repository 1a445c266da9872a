import { expect, test } from 'vitest';
import { ColumnsBuilder } from '../builder.ts';
import type { ObjectColumns } from '../columns.ts';
import { random } from '../testing/random.ts';
import { distancesToClasses, distancesToOthers } from './distances.ts';
import { KdTree } from './kd-tree.ts';
import { countsIn, glandsAround, lumenShares, membersOf, NOWHERE } from './membership.ts';
import { finished } from './pausing.ts';
import { goldens } from './testing/goldens.ts';

test('distances to every class are those of SciPy’s cKDTree', () => {
  const { points, classes, scale, to } = goldens().distances;
  const placed = { centroid: Float64Array.from(points), classIndex: Uint8Array.from(classes), classes: 4 };
  const [x, y] = scale;
  const ours = finished(distancesToClasses(placed, { x, y }));
  for (const [of, expected] of to.entries()) {
    for (const [row, distance] of expected.entries()) {
      if (distance === null) expect(ours[of]?.[row]).toBeNaN();
      else expect(ours[of]?.[row]).toBeCloseTo(distance, 3); // 32-bit
    }
  }
  const others = distancesToOthers(placed.classIndex, ours);
  for (const [row, own] of classes.entries()) {
    const least = Math.min(
      ...to.flatMap((column, of) => (of === own ? [] : [column[row] ?? Number.POSITIVE_INFINITY])),
    );
    expect(others[row]).toBeCloseTo(least, 3);
  }
});

test.each([1, 2, 3])('the nearest of many points, also of many in one place (seed %i)', (seed) => {
  const next = random(seed);
  for (const [count, spread] of [
    [1, 5],
    [2, 3],
    [300, 12],
    [2000, 5000],
  ] as const) {
    const points = Float64Array.from({ length: 2 * count }, () => Math.floor(next() * spread));
    const tree = new KdTree(points);
    for (let k = 0; k < 100; k++) {
      const [x, y, without] = [next() * spread, next() * spread, Math.floor(next() * count)];
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < count; i++) {
        if (i !== without) least = Math.min(least, Math.hypot((points[2 * i] ?? 0) - x, (points[2 * i + 1] ?? 0) - y));
      }
      expect(tree.nearest(x, y, without)).toBeCloseTo(least, 9);
    }
  }
});

function squares(
  kind: 'glands' | 'lumina',
  ...boxes: readonly (readonly [x: number, y: number, side: number])[]
): ObjectColumns {
  const builder = new ColumnsBuilder(kind, [{ name: 'Square', color: '#ffffff' }]);
  for (const [x, y, side] of boxes) {
    const ring = [x, y, x + side, y, x + side, y + side, x, y + side];
    builder.add({ classIndex: 0, probability: 1, x: x + side / 2, y: y + side / 2, areaPx: side * side, ring });
  }
  return builder.copy();
}

test('nuclei belong to the smallest gland around them; glands know their nuclei and the share of their lumina', () => {
  const glands = squares('glands', [0, 0, 1000], [100, 100, 200], [5000, 0, 100]);
  const nuclei = Float64Array.of(150, 150, 600, 600, 5050, 50, 3000, 3000, -40, 20);
  const inGland = finished(glandsAround(nuclei, glands));
  expect([...inGland]).toEqual([1, 0, 2, NOWHERE, NOWHERE]);
  expect([...membersOf(inGland, glands.count)]).toEqual([1, 1, 1]);
  const lumina = squares('lumina', [400, 400, 100], [600, 600, 200], [5010, 10, 50], [9000, 9000, 10]);
  const lumenIn = finished(glandsAround(lumina.centroid, glands));
  const shares = lumenShares(lumenIn, lumina, glands);
  expect(shares[0]).toBeCloseTo(0.05, 6);
  expect(shares[1]).toBe(0);
  expect(shares[2]).toBeCloseTo(0.25, 6);
});

test('without glands, or without nuclei, nobody is a member', () => {
  expect([...finished(glandsAround(Float64Array.of(1, 1), squares('glands')))]).toEqual([NOWHERE]);
  expect(finished(glandsAround(new Float64Array(0), squares('glands', [0, 0, 10])))).toHaveLength(0);
});

test.each([5, 6])('membership agrees with looking at every gland for every point (seed %i)', (seed) => {
  const next = random(seed);
  const boxes = Array.from({ length: 40 }, () => [next() * 9000, next() * 7000, 50 + next() * 900] as const);
  const glands = squares('glands', ...boxes);
  const points = Float64Array.from({ length: 3000 }, () => next() * 9500);
  const inGland = finished(glandsAround(points, glands));
  for (let k = 0; k < inGland.length; k++) {
    const [px, py] = [points[2 * k] ?? 0, points[2 * k + 1] ?? 0];
    const around = boxes.flatMap(([x, y, side], row) =>
      px > x && px < x + side && py > y && py < y + side ? [{ row, side }] : [],
    );
    const smallest = around.sort((a, b) => a.side - b.side)[0];
    expect(inGland[k]).toBe(smallest?.row ?? NOWHERE);
  }
});

test.each([7, 8])('an area counts every point inside it, whatever else encloses that point (seed %i)', (seed) => {
  const next = random(seed);
  const boxes = Array.from({ length: 130 }, () => [next() * 9000, next() * 7000, 50 + next() * 2000] as const);
  const points = Float64Array.from({ length: 3000 }, () => next() * 9500);
  const counts = finished(countsIn(points, squares('glands', ...boxes)));
  for (const [row, [x, y, side]] of boxes.entries()) {
    let inside = 0;
    for (let k = 0; k < points.length; k += 2) {
      const [px, py] = [points[k] ?? 0, points[k + 1] ?? 0];
      if (px > x && px < x + side && py > y && py < y + side) inside++;
    }
    expect(counts[row]).toBe(inside);
  }
  expect([...finished(countsIn(new Float64Array(0), squares('glands', [0, 0, 10])))]).toEqual([0]);
});
