import { expect, test } from 'vitest';
import { contains, grow, intersect, intersects, isEmpty } from './rect.ts';

const a = { x: 0, y: 0, width: 10, height: 10 };

test('the common part of two rectangles', () => {
  expect(intersect(a, { x: 6, y: -2, width: 10, height: 5 })).toEqual({ x: 6, y: 0, width: 4, height: 3 });
  expect(isEmpty(intersect(a, { x: 10, y: 0, width: 5, height: 5 }))).toBe(true); // half open: touching is apart
  expect(intersects(a, { x: 9.5, y: 9.5, width: 1, height: 1 })).toBe(true);
});

test('edges are half open', () => {
  expect(contains(a, 0, 0)).toBe(true);
  expect(contains(a, 10, 5)).toBe(false);
});

test('growing by a negative amount shrinks', () => {
  expect(grow(a, -2)).toEqual({ x: 2, y: 2, width: 6, height: 6 });
});
