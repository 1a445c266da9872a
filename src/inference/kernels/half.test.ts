import { expect, test } from 'vitest';
import { fromHalf, halfOf } from './half.ts';

test('every half is itself', () => {
  for (let half = 0; half < 0x10000; half++) {
    const value = fromHalf(half);
    if (Number.isNaN(value)) expect(Number.isNaN(fromHalf(halfOf(value)))).toBe(true);
    else expect(halfOf(value)).toBe(half);
  }
});

test.each([
  [65504, 65504],
  [65519, 65504], // the last that is not infinite
  [65520, Infinity],
  [1 + 2 ** -11, 1], // ties to even
  [1 + 3 * 2 ** -11, 1 + 2 ** -9],
  [1 + 2 ** -11 + 2 ** -20, 1 + 2 ** -10],
  [2 ** -24, 2 ** -24], // the smallest
  [2 ** -25, 0],
  [-(2 ** -25) * 1.01, -(2 ** -24)],
  [1e-30, 0],
])('%d is %d', (value, half) => expect(fromHalf(halfOf(value))).toBe(half));
