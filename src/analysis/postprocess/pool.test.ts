import { expect, test } from 'vitest';
import { ColumnsBuilder } from '#objects/builder.ts';
import { ringOf } from '#objects/columns.ts';
import { isInside } from '#objects/outline.ts';
import { random } from '#objects/testing/random.ts';
import type { PatchFrame } from './frame.ts';
import { poolObjects } from './pool.ts';

const SIZE = 96; // model px
const STRIDE = 4;
const SIDE = SIZE / STRIDE;
const CHANNELS = 3;
const slide = { x: 0, y: 0, width: 10_000, height: 10_000 };
const frame: PatchFrame = {
  x: 1000.5,
  y: 700.25,
  pxX: 2.1,
  pxY: 1.9,
  mpp: 0.5,
  size: SIZE,
  margin: 8,
  slide,
  core: { x: 1000, y: 700, width: 200, height: 180 },
  col: 0,
  row: 0,
};

const featuresOf = (next: () => number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: CHANNELS * SIDE * SIDE }, () => next() - 0.5);

/** Stars of a dozen corners, some of them reaching beyond the window, one far smaller than a px. */
function stars(next: () => number) {
  const builder = new ColumnsBuilder('glands', [{ name: 'Gland', color: '#ffffff' }]);
  for (let i = 0; i < 40; i++) {
    const [x, y] = [frame.x + next() * SIZE * frame.pxX, frame.y + next() * SIZE * frame.pxY];
    const most = i === 0 ? 0.3 : 4 + next() * 40;
    const ring = Array.from({ length: 12 }, (_, k) => {
      const r = most * (0.4 + 0.6 * next());
      return [x + r * Math.cos((k * Math.PI) / 6), y + r * Math.sin((k * Math.PI) / 6)];
    }).flat();
    builder.add({ classIndex: 0, probability: 1, x, y, areaPx: most * most, ring });
  }
  return builder.copy();
}

test.each([1, 2, 3])('means over masks are those of every pixel looked at by itself (seed %i)', (seed) => {
  const next = random(seed);
  const [objects, features] = [stars(next), featuresOf(next)];
  const means = poolObjects({ frame, features, channels: CHANNELS, side: SIDE, stride: STRIDE, objects });
  for (let i = 0; i < objects.count; i++) {
    const sums = new Float64Array(CHANNELS);
    let px = 0;
    const add = (u: number, v: number): void => {
      px++;
      const cell = Math.floor(v / STRIDE) * SIDE + Math.floor(u / STRIDE);
      for (let c = 0; c < CHANNELS; c++) sums[c] = (sums[c] ?? 0) + (features[c * SIDE * SIDE + cell] ?? 0);
    };
    for (let v = 0; v < SIZE; v++) {
      for (let u = 0; u < SIZE; u++) {
        const at = { x: frame.x + (u + 0.5) * frame.pxX, y: frame.y + (v + 0.5) * frame.pxY };
        if (isInside(objects, i, at)) add(u, v);
      }
    }
    if (px === 0) {
      const [x = 0, y = 0] = objects.centroid.subarray(2 * i, 2 * i + 2);
      add((x - frame.x) / frame.pxX, (y - frame.y) / frame.pxY);
    }
    for (let c = 0; c < CHANNELS; c++) expect(means[i * CHANNELS + c]).toBeCloseTo((sums[c] ?? 0) / px, 5);
  }
});

test('an object of whole cells has their plain mean', () => {
  const builder = new ColumnsBuilder('nuclei', [{ name: 'Any', color: '#ffffff' }]);
  const plain = { ...frame, x: 0, y: 0, pxX: 1, pxY: 1 };
  builder.add({ classIndex: 0, probability: 1, x: 12, y: 10, areaPx: 32, ring: [8, 8, 16, 8, 16, 12, 8, 12] });
  const objects = builder.copy();
  expect([...ringOf(objects, 0)]).toEqual([8, 8, 16, 8, 16, 12, 8, 12]);
  const features = featuresOf(random(9));
  const means = poolObjects({ frame: plain, features, channels: CHANNELS, side: SIDE, stride: STRIDE, objects });
  const at = 2 * SIDE + 2;
  for (let c = 0; c < CHANNELS; c++) {
    const [a = 0, b = 0] = features.subarray(c * SIDE * SIDE + at, c * SIDE * SIDE + at + 2);
    expect(means[c]).toBeCloseTo((a + b) / 2, 6);
  }
});
