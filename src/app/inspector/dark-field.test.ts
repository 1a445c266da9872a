import { expect, test } from 'vitest';
import { isDarkField } from './dark-field.ts';

const of = (...parts: readonly (readonly [many: number, r: number, g: number, b: number])[]): Uint8ClampedArray =>
  Uint8ClampedArray.from(parts.flatMap(([many, r, g, b]) => Array.from({ length: many }, () => [r, g, b, 255]).flat()));

test('stained tissue on glass, tissue alone, and both beside what a scanner left black are no dark field', () => {
  expect(isDarkField(of([70, 240, 240, 242], [30, 180, 90, 160]))).toBe(false);
  expect(isDarkField(of([60, 150, 60, 120], [40, 90, 40, 110]))).toBe(false);
  expect(isDarkField(of([900, 0, 0, 0], [100, 200, 120, 170]))).toBe(false);
});

test('nuclei that shine on black, dimly or brightly, and black alone are', () => {
  expect(isDarkField(of([80, 0, 0, 24], [20, 0, 20, 220]))).toBe(true);
  expect(isDarkField(of([60, 4, 4, 4], [30, 0, 0, 60], [10, 0, 0, 250]))).toBe(true);
  expect(isDarkField(of([100, 3, 3, 3]))).toBe(true);
});
