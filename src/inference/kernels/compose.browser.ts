import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gpu, openGpu } from '#gpu/gpu.ts';
import { readBuffer } from '#gpu/testing/readback.ts';
import type { Patch } from '../model.ts';
import { mirroredOut } from '../testing/mirrored-out.ts';
import { speckled } from '../testing/sibling.ts';
import { assemble, composed, regionOf } from './compose.ts';
import { CanvasComposer } from './compose-canvas.ts';
import { composeOnGpu } from './compose-gpu.ts';

const INPUT = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const tiles = [
  { image: speckled(96, 80, 1), x: 0, y: 0 },
  { image: speckled(96, 80, 2), x: 96, y: 0 },
  { image: speckled(96, 80, 3), x: 0, y: 80 }, // and no fourth: there it is white
];
const at = (x: number, y: number, scaleX: number, scaleY: number): Omit<Patch, 'tiles'> => ({
  x,
  y,
  scaleX,
  scaleY,
  size: 32,
});
const places = [
  ['as it is', at(80, 60, 1, 1)],
  ['shrunk by a fraction', at(10.3, 20.7, 2.016, 1.984)],
  ['shrunk fourfold', at(-20, 41, 4.008, 4.008)],
  ['enlarged', at(90.25, 70.5, 0.5, 0.75)],
  ['all glass', at(5000, 5000, 1, 1)],
] as const;

const twin = (place: Omit<Patch, 'tiles'>): Float32Array => {
  const region = regionOf({ ...place, tiles });
  return composed(assemble(tiles, region), region, INPUT);
};
const bitmaps = () =>
  Promise.all(
    tiles.map(async ({ image: { rgba, width, height }, x, y }) => ({
      image: await createImageBitmap(new ImageData(rgba, width, height), { premultiplyAlpha: 'none' }),
      x,
      y,
    })),
  );
/** The first tile as a slide that goes on mirrored, and the place where all of that is seen. */
const slide = { x: 0, y: 0, width: 96, height: 80, reach: 20 };
const over = at(-30, -25.5, 5, 4.5);
const mirroredTwin = (): Float32Array => {
  const region = regionOf({ ...over, tiles: [] });
  return composed(assemble([mirroredOut(speckled(96, 80, 1), 20)], region), region, INPUT);
};
const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? Number.NaN))), 0);

describe('composing on a canvas', () => {
  test.each(places)('gives the twin’s numbers from bitmaps, %s', async (_, place) => {
    const composer = new CanvasComposer();
    composer.compose({ ...at(0, 0, 5, 5), tiles }, INPUT); // a larger canvas with other pixels on it
    expect(largestDifference(composer.compose({ ...place, tiles: await bitmaps() }, INPUT), twin(place))).toBe(0);
    expect(largestDifference(composer.compose({ ...place, tiles }, INPUT), twin(place))).toBe(0);
  });

  test('mirrors the slide beyond its edges', async () => {
    for (const form of [tiles.slice(0, 1), (await bitmaps()).slice(0, 1)]) {
      const seen = new CanvasComposer().compose({ ...over, tiles: form, bounds: slide }, INPUT);
      expect(largestDifference(seen, mirroredTwin())).toBeLessThan(2e-6); // white is summed in another order
    }
  });
});

describe('composing on the GPU', () => {
  let gpu: Gpu;
  beforeAll(async () => {
    gpu = await openGpu({ software: true }); // throws NoGpu where there is no adapter: these tests never pass on nothing
  });
  afterAll(() => gpu.device.destroy());

  test.each(places)('agrees with the twin, %s', async (_, place) => {
    gpu.device.pushErrorScope('validation');
    for (const form of [tiles, await bitmaps()]) {
      const buffer = await composeOnGpu(gpu, { ...place, tiles: form }, INPUT);
      const seen = new Float32Array(await readBuffer(gpu.device, buffer));
      buffer.destroy();
      // float32 sums of some twenty terms, in units of the standard deviation: far below one step of 255 (0.017).
      expect(largestDifference(seen, twin(place))).toBeLessThan(2e-5);
    }
    expect(await gpu.device.popErrorScope()).toBeNull();
  });

  test('mirrors the slide beyond its edges', async () => {
    const buffer = await composeOnGpu(gpu, { ...over, tiles: tiles.slice(0, 1), bounds: slide }, INPUT);
    const seen = new Float32Array(await readBuffer(gpu.device, buffer));
    buffer.destroy();
    expect(largestDifference(seen, mirroredTwin())).toBeLessThan(2e-5); // as above
  });
});

test('a software adapter counts as none unless it is asked for', async () => {
  await expect(openGpu({ software: false })).rejects.toMatchObject({
    failure: { tag: 'NoGpu', reason: expect.stringContaining('computes on the CPU') },
  });
});
