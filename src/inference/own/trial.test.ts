import { expect, test } from 'vitest';
import { normalised, whatSpeaksAgainst } from './trial.ts';

test('pixels become planes, normalised by channel', () => {
  const rgba = Uint8ClampedArray.from([255, 0, 51, 255, 0, 255, 102, 255]);
  const planes = normalised(rgba, [0.5, 0, 0], [0.5, 1, 0.2]);
  expect([...planes].map((value) => Math.round(1e4 * value) / 1e4)).toEqual([1, -1, 0, 1, 1, 2]);
});

test('features that are no numbers, or tell no patches apart, are told', () => {
  const [a, b] = [Float32Array.of(1, 2), Float32Array.of(1, 3)];
  expect(whatSpeaksAgainst('block3', [a, b])).toBeUndefined();
  expect(whatSpeaksAgainst('block3', [a, a])).toMatch(/block3 is the same for every patch/);
  expect(whatSpeaksAgainst('block3', [a, Float32Array.of(1, Number.NaN)])).toMatch(/no number/);
});
