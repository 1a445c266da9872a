import { expect, test } from 'vitest';
import { Coverage } from './coverage.ts';
import { momentsOf } from './polygon.ts';
import { Random } from './random.ts';

const sum = ({ values, width, height }: Coverage): number => {
  let total = 0;
  for (let i = 0; i < width * height; i++) total += values[i] ?? 0;
  return total;
};
const WINDOW = { x: 0, y: 0, width: 64, height: 64 };

test('a rectangle between pixels covers just the parts of them', () => {
  const coverage = new Coverage();
  expect(coverage.fill(Float64Array.of(1.5, 2, 4, 2, 4, 3.25, 1.5, 3.25), WINDOW)).toBe(true);
  expect({ x: coverage.x, y: coverage.y, width: coverage.width, height: coverage.height }).toEqual({
    x: 1,
    y: 2,
    width: 3,
    height: 2,
  });
  expect([...coverage.values.subarray(0, 6)]).toEqual([0.5, 1, 1, 0.125, 0.25, 0.25]);
});

test('coverage adds up to the area of random star-shaped polygons (seed 1), either way round', () => {
  const random = new Random(1);
  const coverage = new Coverage();
  for (let n = 0; n < 200; n++) {
    const vertices = 3 + Math.floor(random.next() * 20);
    const ring = new Float64Array(2 * vertices);
    for (let v = 0; v < vertices; v++) {
      const t = ((n % 2 === 0 ? 1 : -1) * 2 * Math.PI * v) / vertices;
      const r = random.between(1, 28);
      ring[2 * v] = 32 + r * Math.cos(t) + random.between(-0.4, 0.4);
      ring[2 * v + 1] = 32 + r * Math.sin(t);
    }
    coverage.fill(ring, WINDOW);
    expect(sum(coverage)).toBeCloseTo(momentsOf(ring).area, 1); // a pixel under several edges may exceed 1 and is capped
  }
});

test('a window cuts the picture, and changes nothing in it', () => {
  const ring = Float64Array.from({ length: 60 }, (_, i) => {
    const t = (Math.PI * 2 * Math.floor(i / 2)) / 30;
    return i % 2 === 0 ? 30 + 25.3 * Math.cos(t) : 31 + 22.7 * Math.sin(t);
  });
  const whole = new Coverage();
  whole.fill(ring, WINDOW);
  const part = new Coverage();
  part.fill(ring, { x: 20, y: 17, width: 13, height: 30 });
  for (let y = part.y; y < part.y + part.height; y++) {
    for (let x = 20; x < 33; x++) {
      const inPart = part.values[(y - part.y) * part.width + x - part.x];
      expect(inPart).toBe(whole.values[(y - whole.y) * whole.width + x - whole.x]);
    }
  }
  expect(part.fill(ring, { x: 0, y: 60, width: 10, height: 4 })).toBe(false);
});
