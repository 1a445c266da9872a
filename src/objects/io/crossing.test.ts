import { expect, test } from 'vitest';
import { random } from '../testing/random.ts';
import { crossingOf } from './crossing.ts';

const next = random(11);
const ring = (corners: readonly (readonly [number, number])[]): Float64Array => Float64Array.from(corners.flat());
/** Corners around a middle, each as far away as `far` says; `times` around it. */
const around = (n: number, far: (k: number) => number, times = 1): [number, number][] =>
  Array.from({ length: n }, (_, k) => {
    const [angle, radius] = [(2 * Math.PI * times * k) / n, far(k)];
    return [500 + radius * Math.cos(angle), 400 + radius * Math.sin(angle)];
  });

/** Whether any two edges that are no neighbours cross, each held against each: true crossings only, corners are in no line. */
function crosses(corners: readonly (readonly [number, number])[]): boolean {
  const n = corners.length;
  const at = (k: number) => corners[k % n] ?? [0, 0];
  const side = ([ax, ay]: readonly number[], [bx, by]: readonly number[], [px, py]: readonly number[]): number =>
    Math.sign(((bx ?? 0) - (ax ?? 0)) * ((py ?? 0) - (ay ?? 0)) - ((by ?? 0) - (ay ?? 0)) * ((px ?? 0) - (ax ?? 0)));
  for (let a = 0; a < n; a++) {
    for (let b = a + 2; b < n; b++) {
      if (a === 0 && b === n - 1) continue;
      const [p, q, r, s] = [at(a), at(a + 1), at(b), at(b + 1)];
      if (side(p, q, r) * side(p, q, s) < 0 && side(r, s, p) * side(r, s, q) < 0) return true;
    }
  }
  return false;
}

test.for([6, 12, 24, 47, 60, 200])('rings of %i corners are told as by holding each edge against each', (n) => {
  let found = 0;
  for (let k = 0; k < 200; k++) {
    const corners = around(n, () => 10 + 30 * next());
    // Some with two corners exchanged, some with one moved across: most of these cross themselves.
    const [i, j] = [Math.floor(n * next()), Math.floor(n * next())];
    const a = corners[i] ?? [0, 0];
    const b = corners[j] ?? [0, 0];
    if (k % 3 === 1) [corners[i], corners[j]] = [b, a];
    if (k % 3 === 2) corners[i] = [1000 - a[0], 800 - a[1]];
    const expected = crosses(corners);
    found += Number(expected);
    expect(crossingOf(ring(corners)) !== undefined).toBe(expected);
    expect(crossingOf(ring(corners.toReversed())) !== undefined).toBe(expected);
  }
  expect(found).toBeGreaterThan(40);
  expect(found).toBeLessThan(160);
});

test.for([5, 7, 49, 101])(
  'a star drawn in one stroke, %i corners, goes around its middle twice: it crosses itself',
  (n) => {
    const at = crossingOf(ring(around(n, () => 20, 2)));
    expect(at).toEqual({ x: expect.any(Number), y: expect.any(Number) });
  },
);

test('what only touches itself does not cross', () => {
  expect(
    crossingOf(
      ring([
        [0, 0],
        [2, 0],
        [2, 2],
        [4, 2],
        [4, 4],
        [2, 4],
        [2, 2],
        [0, 2],
      ]),
    ),
  ).toBeUndefined();
});
