import { describe, expect, test } from 'vitest';
import { boxOf, eachCell, f1Of, match } from './shapes.ts';

const region = { x: 100, y: 200, width: 60, height: 40 };
const square = (x: number, y: number, side: number) => [x, y, x + side, y, x + side, y + side, x, y + side];
const cellsOf = (ring: readonly number[], cell: number) => {
  const cells: number[] = [];
  eachCell(ring, region, cell, (index) => cells.push(index));
  return cells;
};

describe('cells of a polygon', () => {
  test('are those whose centres lie inside', () => {
    expect(cellsOf(square(102, 201, 2), 1)).toEqual([62, 63, 122, 123]);
    expect(cellsOf(square(102.6, 201, 1), 1)).toEqual([63]);
  });
  test('stop at the region', () => expect(cellsOf(square(90, 190, 12), 1)).toEqual([0, 1, 60, 61]));
  test('of a triangle are half of its square', () => {
    expect(cellsOf([100, 200, 140, 200, 100, 240], 1).length).toBeCloseTo(800, -2);
  });
});

test('a box', () => expect(boxOf([3, 4, 7, 2, 5, 9])).toEqual({ x: 3, y: 2, width: 4, height: 7 }));

describe('matching', () => {
  const a = square(105, 205, 10);
  const b = square(130, 205, 10);
  test('equal objects match', () => {
    expect(match([b, a], [a, b], region, 1)).toEqual({ truePositives: 2, falsePositives: 0, falseNegatives: 0 });
  });
  test('an overlap of one half or less is no match, for either side', () => {
    // 10 × 10 shifted by 4: 60 common of 140 together
    expect(match([square(109, 205, 10)], [a], region, 1)).toEqual({
      truePositives: 0,
      falsePositives: 1,
      falseNegatives: 1,
    });
    // shifted by 2: 80 of 120
    expect(match([square(107, 205, 10)], [a], region, 1).truePositives).toBe(1);
  });
  test('an object that leaves the region is not held against anybody', () => {
    const cut = square(95, 205, 10);
    expect(match([], [cut, a], region, 1)).toEqual({ truePositives: 0, falsePositives: 0, falseNegatives: 1 });
    expect(match([cut], [], region, 1).falsePositives).toBe(0);
    expect(match([cut], [cut], region, 1).truePositives).toBe(1);
  });
  test('F1', () => expect(f1Of({ truePositives: 6, falsePositives: 2, falseNegatives: 4 })).toBeCloseTo(12 / 18));
});
