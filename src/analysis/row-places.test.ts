import { expect, test } from 'vitest';
import { random } from '#objects/testing/random.ts';
import { RowPlaces } from './row-places.ts';

test('every box is found by its centre, and nothing else; of two on one place the first', () => {
  const next = random(3);
  const points = Array.from({ length: 5000 }, () => [Math.round(next() * 1.6e6) / 8, Math.round(next() * 1.6e6) / 8]);
  const boxes = Float32Array.from(points.flatMap(([x = 0, y = 0]) => [x - 32.5, y - 32.5, 65, 65]));
  const places = new RowPlaces(boxes);
  const first = new Map(points.map((point, row) => [point.join(), row] as const).reverse());
  for (const [x = 0, y = 0] of points) {
    expect(places.rowAt(x, y)).toBe(first.get(`${x},${y}`));
    expect(places.rowAt(x + 0.01, y - 0.01)).toBe(first.get(`${x},${y}`)); // the same to an eighth
    expect(places.rowAt(x + 0.125, y)).toBe(first.get(`${x + 0.125},${y}`));
  }
  expect(new RowPlaces(new Float32Array()).rowAt(0, 0)).toBeUndefined();
});
