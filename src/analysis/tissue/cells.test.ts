import { expect, test } from 'vitest';
import { addClassAreas, sharesOf, tissueShares } from './cells.ts';

const nan = Number.NaN;
const CLASSES = ['one', 'other'].map((name) => ({ name, color: '#111111' }));
// two by two cells of 10 px: the first class leads by little, it ties, no tissue, the other leads
const values = Float32Array.from([0.6, 0.5, nan, 0.1, 0.4, 0.5, nan, 0.9]);
const patch = { x: 0, y: 0, cellWidth: 10, cellHeight: 10, cols: 2, rows: 2, values };
const grid = { name: 'Tissue', channels: CLASSES, patches: [patch] };

test('a cell counts whole for its most probable class, the first of equal ones; cells without tissue do not count', () => {
  const { shares, areaPx } = tissueShares(grid, undefined);
  expect(areaPx).toBe(300);
  expect(shares[0]).toBeCloseTo(2 / 3, 6);
  expect(shares[1]).toBeCloseTo(1 / 3, 6);
});

test('of a region, drawn or not, cells count by where their centre lies', () => {
  expect(tissueShares(grid, { x: 0, y: 0, width: 14, height: 10 })).toEqual({
    shares: Float32Array.of(1, 0),
    areaPx: 100,
  });
  const drawn = { pieces: [{ does: 'add' as const, ring: Float64Array.of(12, 0, 20, 0, 20, 20, 12, 20) }] };
  expect(tissueShares(grid, drawn)).toEqual({ shares: Float32Array.of(0.5, 0.5), areaPx: 200 });
  expect(tissueShares(grid, { x: 50, y: 50, width: 5, height: 5 }).areaPx).toBe(0);
});

test('what a run adds up patch by patch is what the finished map says', () => {
  const more = { ...patch, x: 20, values: Float32Array.from([nan, 0.2, 0.3, 0.9, nan, 0.8, 0.7, 0.1]) };
  const areas = new Float64Array(2);
  for (const each of [more, patch]) addClassAreas(areas, each);
  expect(sharesOf(areas)).toEqual(tissueShares({ ...grid, patches: [patch, more] }, undefined).shares);
});
