import { expect, test } from 'vitest';
import { simplified } from './simplify.ts';

test('a straight run keeps its ends, a corner stays, nothing kept is farther than the tolerance', () => {
  const straight = Array.from({ length: 50 }, (_, x) => ({ x, y: 0 }));
  expect(simplified(straight, 0.5)).toEqual([straight[0], straight[49]]);
  const bent = [...straight, ...Array.from({ length: 20 }, (_, y) => ({ x: 49, y: y + 1 }))];
  expect(simplified(bent, 0.5)).toEqual([straight[0], straight[49], { x: 49, y: 20 }]);
  const circle = Array.from({ length: 5000 }, (_, k) => ({ x: 100 * Math.cos(k / 800), y: 100 * Math.sin(k / 800) }));
  const few = simplified(circle, 1);
  expect(few.length).toBeLessThan(40);
  for (const { x, y } of few) expect(Math.hypot(x, y)).toBeCloseTo(100, 9);
});

test('a line that comes back to its start, one point and none', () => {
  const there = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 0, y: 0 },
  ];
  expect(simplified(there, 1)).toEqual(there);
  expect(simplified([{ x: 1, y: 2 }], 1)).toEqual([{ x: 1, y: 2 }]);
  expect(simplified([], 1)).toEqual([]);
});
