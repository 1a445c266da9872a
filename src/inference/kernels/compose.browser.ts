import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gpu, openGpu } from '#gpu/gpu.ts';
import { countLive } from '#gpu/testing/counting.ts';
import { readBuffer } from '#gpu/testing/readback.ts';
import type { Patch } from '../model.ts';
import { mirroredOut } from '../testing/mirrored-out.ts';
import { speckled } from '../testing/sibling.ts';
import { assemble, composed, regionOf } from './compose.ts';
import { CanvasComposer } from './compose-canvas.ts';
import { GpuComposer } from './compose-gpu.ts';
import { fromHalf } from './half.ts';

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
  ['mirrored', { ...at(60.3, 50.7, 2.016, 1.984), flip: { across: true, down: false } }],
  ['upside down', { ...at(90.25, 70.5, 0.5, 0.75), flip: { across: true, down: true } }],
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
  let composer: GpuComposer; // one for all, so that its texture is larger than most regions and its buffers hold other values
  beforeAll(async () => {
    gpu = await openGpu({ software: true }); // throws NoGpu where there is no adapter: these tests never pass on nothing
    composer = new GpuComposer(gpu);
  });
  afterAll(() => gpu.device.destroy());

  /** What one run reads of these patches. */
  async function seen(patches: Patch[], precision: 'fp32' | 'fp16' = 'fp32'): Promise<Float32Array> {
    gpu.device.pushErrorScope('validation');
    using input = await composer.compose(patches, INPUT, precision);
    expect(input.dims).toEqual([patches.length, 3, 32, 32]);
    const bytes = await readBuffer(gpu.device, input.buffer);
    expect(await gpu.device.popErrorScope()).toBeNull();
    return precision === 'fp32' ? new Float32Array(bytes) : Float32Array.from(new Uint16Array(bytes), fromHalf);
  }

  // float32 sums of some twenty terms, in units of the standard deviation: far below one step of 255 (0.017).
  const SUMS = 2e-5;
  // Values lie within ±4: half an ulp of a half there is 2⁻¹⁰, and WGSL may round to either neighbour.
  const HALVES = 2 ** -9 + SUMS;

  test.each(places)('agrees with the twin, %s', async (_, place) => {
    for (const form of [tiles, await bitmaps()]) {
      expect(largestDifference(await seen([{ ...place, tiles: form }]), twin(place))).toBeLessThan(SUMS);
      expect(largestDifference(await seen([{ ...place, tiles: form }], 'fp16'), twin(place))).toBeLessThan(HALVES);
    }
  });

  test.each(['fp32', 'fp16'] as const)('writes a batch one patch behind the other, %s', async (precision) => {
    const all = await seen(
      places.map(([, place]) => ({ ...place, tiles })),
      precision,
    );
    expect(all.length).toBe(places.length * 3 * 32 * 32);
    for (const [k, [, place]] of places.entries()) {
      const own = all.subarray(k * 3 * 32 * 32, (k + 1) * 3 * 32 * 32);
      expect(largestDifference(own, twin(place))).toBeLessThan(precision === 'fp32' ? SUMS : HALVES);
    }
  });

  test('mirrors the slide beyond its edges', async () => {
    const mirrored = await seen([{ ...over, tiles: tiles.slice(0, 1), bounds: slide }]);
    expect(largestDifference(mirrored, mirroredTwin())).toBeLessThan(SUMS);
  });

  test('keeps what it needs and gives all of it back', async () => {
    const own = await openGpu({ software: true });
    const live = countLive(own.device);
    const counted = new GpuComposer(own);
    const once = async () => {
      using _ = await counted.compose(
        places.slice(0, 2).map(([, place]) => ({ ...place, tiles })),
        INPUT,
        'fp32',
      );
    };
    await once();
    const after = [live.buffers(), live.textures(), live.bytes()];
    for (let k = 0; k < 20; k++) await once();
    expect([live.buffers(), live.textures(), live.bytes()]).toEqual(after);
    counted[Symbol.dispose]();
    expect([live.buffers(), live.textures()]).toEqual([0, 0]);
    own.device.destroy();
  });
});

test('a software adapter counts as none unless it is asked for', async () => {
  await expect(openGpu({ software: false })).rejects.toMatchObject({
    failure: { tag: 'NoGpu', reason: expect.stringContaining('computes on the CPU') },
  });
});
