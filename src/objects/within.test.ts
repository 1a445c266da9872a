import { expect, test } from 'vitest';
import { ColumnsBuilder } from './builder.ts';
import { ObjectStore } from './store.ts';
import { rowsWithin } from './within.ts';

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The even-odd rule over all edges, and over all rows. */
function bruteForce(points: Float64Array, ring: Float64Array): number[] {
  const inside = (x: number, y: number): boolean => {
    let odd = false;
    const n = ring.length / 2;
    for (let v = 0, w = n - 1; v < n; w = v++) {
      const [ax = 0, ay = 0] = ring.subarray(2 * v, 2 * v + 2);
      const [bx = 0, by = 0] = ring.subarray(2 * w, 2 * w + 2);
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
    }
    return odd;
  };
  return Array.from({ length: points.length / 2 }, (_, i) => i).filter((i) =>
    inside(points[2 * i] ?? 0, points[2 * i + 1] ?? 0),
  );
}

test.each([1, 2, 3, 4, 5, 6])('a lasso holds what brute force says, seed %i', (seed) => {
  const random = seeded(seed);
  const builder = new ColumnsBuilder('nuclei', [{ name: 'A', color: '#ff0000' }]);
  for (let i = 0; i < 3000; i++) {
    const [x, y, r] = [1000 * random(), 1000 * random(), 2 + 8 * random()];
    const ring = [x - r, y - r, x + r, y - r, x + r, y + r, x - r, y + r];
    builder.add({ classIndex: 0, probability: 1, x, y, areaPx: 4 * r * r, ring });
  }
  const store = new ObjectStore('nuclei');
  store.append(builder.view());
  store.removeWhere({ x: 400, y: 400, width: 50, height: 50 });
  // Crosses itself where seeds are even; of few corners where they are small.
  const corners = 4 + seed * 20;
  const ring = Float64Array.from({ length: 2 * corners }, (_, k) => {
    if (seed % 2 === 0) return 1100 * random() - 50;
    const angle = (2 * Math.PI * (k >> 1)) / corners;
    return 500 + (200 + 150 * random()) * (k % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
  expect([...rowsWithin(store, ring)]).toEqual(bruteForce(store.columns.centroid, ring));
});

test('a line without an inside holds nothing', () => {
  const store = new ObjectStore('nuclei');
  expect(rowsWithin(store, Float64Array.of(0, 0, 5, 5))).toHaveLength(0);
  expect(rowsWithin(store, Float64Array.of(0, 5, 5, 5, 9, 5))).toHaveLength(0);
});
