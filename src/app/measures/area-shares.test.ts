import { expect, test } from 'vitest';
import { ColumnsBuilder } from '#objects/builder.ts';
import { ObjectStore } from '#objects/store.ts';
import { areasByClass } from './area-shares.ts';

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
