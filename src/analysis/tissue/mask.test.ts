import { expect, test } from 'vitest';
import { tissueAreaIn, tissueHoles, tissueOutlines } from './mask.ts';

const mask = { x0: 10, y0: 20, cellPx: 4, cols: 3, rows: 2, mask: Uint8Array.from([1, 0, 1, 1, 1, 0]) };

test('all of it is the sum of its cells', () => {
  expect(tissueAreaIn(mask, { x: 0, y: 0, width: 100, height: 100 })).toBe(4 * 16);
});

test('cells count by the part that lies inside', () => {
  expect(tissueAreaIn(mask, { x: 12, y: 21, width: 8, height: 4 })).toBe(3 * (2 + 2) + 1 * (2 + 4));
  expect(tissueAreaIn(mask, { x: 14, y: 20, width: 4, height: 4 })).toBe(0);
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
