import { expect, test } from 'vitest';
import { HIDDEN } from '#viewer/overlay/groups.ts';
import { AnalysedArea } from '../analysed-area.ts';
import { densityGrid, groupsOf } from './density-grid.ts';

const whole = ({ width, height }: { width: number; height: number }): number => width * height;

test('counts per area on a lattice, NaN where nothing was analysed', () => {
  const area = new AnalysedArea();
  area.add({ x: 0, y: 0, width: 400, height: 400 }, whole);
  area.add({ x: 600, y: 400, width: 150, height: 300 }, whole);
  const points = Array.from({ length: 400 }, (_, k) => [(k % 20) * 20 + 5, Math.floor(k / 20) * 20 + 5]).flat();
  const asked = { centroid: points, count: 400, groups: new Uint8Array(400), area, region: undefined, unitPx: 1e4 };
  const grid = densityGrid(asked);
  if (!grid) throw new Error('something was analysed');
  const { cols, rows, sidePx, counts, areaPx, perArea } = grid;
  expect(Math.max(cols, rows)).toBeLessThanOrEqual(48);
  expect(counts.reduce((a, b) => a + b, 0)).toBe(400);
  expect(areaPx.reduce((a, b) => a + b, 0)).toBeCloseTo(area.areaPx, 6);
  for (const [k, value] of perArea.entries()) {
    const square = { x: (k % cols) * sidePx, y: Math.floor(k / cols) * sidePx, width: sidePx, height: sidePx };
    const analysed = area.areaIn(square);
    if (analysed < 0.1 * sidePx * sidePx) expect(value).toBeNaN();
    else expect(value).toBeCloseTo(((counts[k] ?? 0) * 1e4) / analysed, 3);
  }
  const within = densityGrid({ ...asked, region: { x: 0, y: 0, width: 100, height: 50 } });
  expect(within?.areaPx.reduce((a, b) => a + b, 0)).toBeCloseTo(5000, 6);
  expect(densityGrid({ ...asked, region: { x: 2000, y: 0, width: 100, height: 50 } })).toBeUndefined();
});

test('only what is chosen, of the class, and still there', () => {
  const of = Uint8Array.from([0, 1, 0, 0]);
  const isGone = Uint8Array.from([0, 0, 0, 1]);
  const groups = groupsOf(of, { classIndex: 0, chosen: [1, 2, 3], isGone });
  expect([...groups]).toEqual([HIDDEN, HIDDEN, 0, HIDDEN]);
  expect([...groupsOf(of, { classIndex: undefined, chosen: undefined, isGone: undefined })]).toEqual([0, 0, 0, 0]);
});
