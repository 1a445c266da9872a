import { expect, test } from 'vitest';
import { ColumnsBuilder } from '#objects/builder.ts';
import { ObjectStore } from '#objects/store.ts';
import { areasByClass, tissueShares } from './area-shares.ts';

const CLASSES = [
  { name: 'one', color: '#111111' },
  { name: 'other', color: '#222222' },
];

const square = (x: number, y: number, side: number) => [x, y, x + side, y, x + side, y + side, x, y + side];

/** Squares of 40 px at these corners, of classes in turn. */
function squares(kind: 'nuclei' | 'glands', corners: readonly (readonly [number, number])[]): ObjectStore {
  const builder = new ColumnsBuilder(kind, CLASSES);
  for (const [k, [x, y]] of corners.entries())
    builder.add({
      classIndex: k % 2,
      probability: 1,
      x: x + 20,
      y: y + 20,
      areaPx: 1600,
      ring: square(x, y, 40),
    });
  const store = new ObjectStore(kind, CLASSES);
  store.append(builder.view());
  return store;
}

test('all objects count by class, those that were removed do not', () => {
  const store = squares('glands', [
    [0, 0],
    [100, 0],
    [200, 0],
  ]);
  expect([...areasByClass(store.live, undefined)]).toEqual([3200, 1600]);
  store.removeWhere({ x: 190, y: 0, width: 60, height: 60 });
  expect([...areasByClass(store.live, undefined)]).toEqual([1600, 1600]);
});

test('a gland counts by its part in the region, a rectangle or drawn; a nucleus whole or not at all', () => {
  const region = { x: 30, y: 0, width: 100, height: 100 }; // a quarter of the first, three quarters of the second
  const drawn = { pieces: [{ does: 'add' as const, ring: Float64Array.from([30, 0, 130, 0, 130, 100, 30, 100]) }] };
  const corners = [
    [0, 0],
    [100, 0],
    [50, 50],
  ] as const;
  for (const where of [region, drawn]) {
    const [one = 0, other = 0] = areasByClass(squares('glands', corners).live, where);
    expect(one / 1600).toBeCloseTo(1.25, 1);
    expect(other / 1600).toBeCloseTo(0.75, 1);
    expect([...areasByClass(squares('nuclei', corners).live, where)]).toEqual([1600, 1600]);
  }
});

test('a region within a gland is that gland alone, however small', () => {
  const [one] = areasByClass(squares('glands', [[0, 0]]).live, { x: 0, y: 0, width: 20, height: 20 });
  expect((one ?? 0) / 400).toBeCloseTo(1, 6);
});

test('tissue shares weigh cells by their area in the region and leave out those without tissue', () => {
  const nan = Number.NaN;
  // two by two cells of 10 px: first class 1, .5, none, 0
  const values = Float32Array.from([1, 0.5, nan, 0, 0, 0.5, nan, 1]);
  const patch = { x: 0, y: 0, cellWidth: 10, cellHeight: 10, cols: 2, rows: 2, values };
  const grid = { name: 'Tissue', channels: CLASSES, patches: [patch] };
  const all = tissueShares(grid, undefined);
  expect(all.areaPx).toBe(300);
  expect([...all.shares]).toEqual([0.5, 0.5]);
  const top = tissueShares(grid, { x: 0, y: 0, width: 15, height: 10 }); // all of the first cell, half of the second
  expect(top.areaPx).toBe(150);
  expect(top.shares[0]).toBeCloseTo((100 + 25) / 150, 12);
  expect(tissueShares(grid, { x: 50, y: 50, width: 5, height: 5 })).toEqual({
    shares: new Float64Array(2),
    areaPx: 0,
  });
});
