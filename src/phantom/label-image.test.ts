import { expect, test } from 'vitest';
import { labelImage } from './label-image.ts';

const square = (x: number, y: number, side: number): Float64Array =>
  Float64Array.of(x, y, x + side, y, x + side, y + side, x, y + side);

test('a pixel belongs to the object that holds its centre, the later one on top', () => {
  const region = { x: 100, y: 200, width: 8, height: 4 };
  const { ids, from } = labelImage([square(100, 200, 3), square(102, 201, 4)], region, 1, 8, 4);
  expect([...ids]).toEqual(
    [
      [1, 1, 1, 0, 0, 0, 0, 0],
      [1, 1, 2, 2, 2, 2, 0, 0],
      [1, 1, 2, 2, 2, 2, 0, 0],
      [0, 0, 2, 2, 2, 2, 0, 0],
    ].flat(),
  );
  expect(from).toEqual([0, 1]);
});

test('half the size: centres every two pixels', () => {
  const { ids } = labelImage([square(0, 0, 3.1)], { x: 0, y: 0, width: 8, height: 8 }, 2, 4, 4);
  expect([...ids.subarray(0, 8)]).toEqual([1, 1, 0, 0, 1, 1, 0, 0]);
});

test('numbers have no gaps where an object does not show', () => {
  const { ids, from } = labelImage([square(50, 50, 2), square(1, 1, 2)], { x: 0, y: 0, width: 4, height: 4 }, 1, 4, 4);
  expect(Math.max(...ids)).toBe(1);
  expect(from).toEqual([1]);
});
