import { expect, test } from 'vitest';
import { nthValues } from './nth-values.ts';
import { random as seeded } from './testing/random.ts';

test.each([1, 2, 3, 4])('are what sorting gives, seed %i', (seed) => {
  const random = seeded(seed);
  const special = [0, -0, Infinity, -Infinity, 1e-45, -1e-45, 3.4e38, 0.5, 0.5, 0.5];
  const values = Float32Array.from({ length: 5000 }, (_, k) =>
    k < 200 ? (special[k % special.length] ?? 0) : (random() - 0.4) * 10 ** (8 * random() - 4),
  );
  const sorted = values.slice().sort();
  const places = Array.from({ length: 300 }, (_, k) => Math.round((k / 299) * 4999));
  for (const [k, value] of nthValues(values, places).entries()) expect(value).toBe(sorted[places[k] ?? 0]);
});

test('one value, and part of a buffer', () => {
  expect(nthValues(Float32Array.of(7, 3).subarray(1), [0])).toEqual([3]);
});
