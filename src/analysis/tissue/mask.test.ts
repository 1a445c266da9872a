import { expect, test } from 'vitest';
import { contains } from '#units/rect.ts';
import { isTissueAt, tissueAreaIn, tissueHoles, tissueOutlines, tissuePartsIn } from './mask.ts';

const mask = { x0: 10, y0: 20, cellPx: 4, cols: 3, rows: 2, mask: Uint8Array.from([1, 0, 1, 1, 1, 0]) };

test('all of it is the sum of its cells', () => {
  expect(tissueAreaIn(mask, { x: 0, y: 0, width: 100, height: 100 })).toBe(4 * 16);
});

test('cells count by the part that lies inside', () => {
  expect(tissueAreaIn(mask, { x: 12, y: 21, width: 8, height: 4 })).toBe(3 * (2 + 2) + 1 * (2 + 4));
  expect(tissueAreaIn(mask, { x: 14, y: 20, width: 4, height: 4 })).toBe(0);
});

test('its parts in a rectangle hold each bit of tissue once, and no other; runs alike are one part', () => {
  let state = 3;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const cells = {
    x0: 3,
    y0: 5,
    cellPx: 4,
    cols: 20,
    rows: 15,
    mask: Uint8Array.from({ length: 300 }, () => +(random() < 0.6)),
  };
  const rect = { x: 9.5, y: 12, width: 60, height: 41 };
  const parts = tissuePartsIn(cells, rect);
  expect(parts.reduce((sum, { width, height }) => sum + width * height, 0)).toBeCloseTo(tissueAreaIn(cells, rect), 6);
  for (let k = 0; k < 2000; k++) {
    const [x, y] = [rect.x + random() * rect.width, rect.y + random() * rect.height];
    expect(parts.filter((part) => contains(part, x, y))).toHaveLength(+isTissueAt(cells, x, y));
  }
  const full = { ...cells, mask: cells.mask.map(() => 1) };
  expect(tissuePartsIn(full, { x: 0, y: 0, width: 50, height: 30 })).toEqual([{ x: 3, y: 5, width: 47, height: 25 }]);
});

test('outlines go around pieces up to the edge, and around gaps', () => {
  const cells = new Uint8Array(9 * 7).fill(1);
  for (const row of [2, 3, 4]) cells.fill(0, row * 9 + 3, row * 9 + 6);
  const ring = { x0: 100, y0: 0, cellPx: 10, cols: 9, rows: 7, mask: cells };
  const sides = (pairs: Float64Array | undefined): number[] => {
    const all = [...(pairs ?? [])];
    const [xs, ys] = [all.filter((_, at) => at % 2 === 0), all.filter((_, at) => at % 2 === 1)];
    return [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  };
  const near = (seen: number[], expected: number[]): void => {
    for (const [k, side] of expected.entries()) expect(Math.abs((seen[k] ?? 0) - side)).toBeLessThan(7.5); // ¾ of a cell
  };
  const [outlines, holes] = [tissueOutlines(ring), tissueHoles(ring)];
  expect([outlines.length, holes.length]).toEqual([1, 1]);
  near(sides(outlines[0]), [100, 190, 0, 70]);
  near(sides(holes[0]), [130, 160, 20, 50]);
});
