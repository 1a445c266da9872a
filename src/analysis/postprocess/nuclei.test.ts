import { expect, test } from 'vitest';
import { random } from '#objects/testing/random.ts';
import { createNucleiSegmenter, type Instances } from './nuclei.ts';

const SETTINGS = {
  upsample: 1,
  foreground: 128,
  marker: 150,
  minMarkerUm2: 0.1,
  minAreaUm2: 0.5,
  minProbability: 0,
} as const;

/** Rings, discs and bridges of every strength: objects with holes, shared foreground, faint pixels beside strong ones. */
function picture(seed: number, width: number, height: number): Int32Array {
  const next = random(seed);
  const discs = Array.from({ length: 14 }, () => ({
    x: next() * width,
    y: next() * height,
    r: 3 + next() * 7,
    hole: next() < 0.4,
    most: 90 + next() * 165,
  }));
  return Int32Array.from({ length: width * height }, (_, i) => {
    let [inner, contour] = [next() < 0.2 ? Math.floor(next() * 60) : 0, 0];
    for (const { x, y, r, hole, most } of discs) {
      const d = Math.hypot((i % width) - x, Math.floor(i / width) - y);
      if (d > r || (hole && d < r / 3)) continue;
      inner = Math.max(inner, Math.floor(d < r - 2 ? most : most / 2));
      contour = Math.max(contour, Math.floor(d < r - 2 ? 0 : most / 2));
    }
    return Math.max(0, 255 - inner - contour) + 256 * inner + 65_536 * Math.min(contour, 255 - inner);
  });
}

/** Labels within the border, and of each object the sum of its pixels' values. */
function told({ labels, values, width, height, stride, first, segments, count }: Instances) {
  const rows = Array.from({ length: height }, (_, y) => [
    ...labels.subarray(first + y * stride, first + y * stride + width),
  ]);
  const sums = new Array<number>(count + 1).fill(0);
  for (let s = 0; s < segments.from.length; s++) {
    const [from = 0, to = 0, label = 0] = [segments.from.at[s], segments.to.at[s], segments.label.at[s]];
    for (let i = from; i < to; i++) sums[label] = (sums[label] ?? 0) + (values[i] ?? 0);
  }
  const border = labels.subarray(0, first).some((label) => label !== 0);
  return { rows, sums, border };
}

test.each([1, 2] as const)(
  'a segmenter that has seen other pictures finds what a new one does, enlarged %i times',
  (upsample) => {
    const settings = { ...SETTINGS, upsample };
    const kept = createNucleiSegmenter();
    let objects = 0;
    for (const [seed, width, height] of [
      [1, 60, 50],
      [2, 60, 50],
      [3, 60, 40],
      [1, 60, 50],
      [4, 45, 70],
      [2, 60, 50],
    ] as const) {
      const packed = picture(seed, width, height);
      const seen = told(kept(packed, width, height, 0.25, settings));
      expect(seen).toEqual(told(createNucleiSegmenter()(packed, width, height, 0.25, settings)));
      expect(seen.border).toBe(false);
      objects += seen.sums.filter((sum) => sum > 0).length;
    }
    expect(objects).toBeGreaterThan(30);
  },
);

test('an object’s values are those of all its pixels, of the holes that were filled too', () => {
  const [width, height] = [60, 50];
  const packed = picture(1, width, height);
  const found = createNucleiSegmenter()(packed, width, height, 0.25, SETTINGS);
  let holes = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = found.first + y * found.stride + x;
      if (found.labels[at] === 0) continue;
      const value = packed[y * width + x] ?? 0;
      const inner = (value >> 8) & 255;
      const foreground = Math.min(255, inner + ((value >> 16) & 255));
      expect(found.values[at]).toBe(16 * inner + 4096 * 16 * foreground);
      if (foreground < SETTINGS.foreground) holes++;
    }
  expect(holes).toBeGreaterThan(0);
});
