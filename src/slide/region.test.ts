import { expect, test } from 'vitest';
import type { Rect } from '#units/rect.ts';
import { cutPixels } from './raster.ts';
import { readRegion } from './region.ts';
import { type Level, type Pixels, type Slide, untold } from './slide.ts';
import { tileRect } from './tile-reader.ts';

const { signal } = new AbortController();
const waits = { signal };

const pixelsWith = (width: number, height: number, at: (x: number, y: number, c: number) => number): Pixels => {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) rgba[(y * width + x) * 4 + c] = at(x, y, c);
  return { width, height, rgba };
};

/** A slide in memory; the levels are independent pictures, so that it shows which one was read. */
function slideOf(pictures: Pixels[], tile = 32): Slide & { reads: string[] } {
  const base = pictures[0] ?? pixelsWith(1, 1, () => 0);
  const reads: string[] = [];
  const levels: Level[] = pictures.map(({ width, height }) => ({
    widthPx: width,
    heightPx: height,
    tileWidth: tile,
    tileHeight: tile,
    downsample: (base.width / width + base.height / height) / 2,
  }));
  return {
    ...untold,
    name: 'memory',
    format: 'Synthetic',
    levels,
    fingerprint: async () => 'memory',
    reads,
    async readTile(at) {
      reads.push(`${at.level}/${at.col},${at.row}`);
      const [picture, level] = [pictures[at.level], levels[at.level]];
      if (!picture || !level) throw new RangeError('no such level');
      return cutPixels(picture, tileRect(level, at));
    },
    [Symbol.dispose]: () => undefined,
  };
}

const noisy = (x: number, y: number, c: number): number => ((x * 73) ^ (y * 151) ^ (c * 59)) & 255;
const base = pixelsWith(100, 70, noisy);
const half = pixelsWith(50, 35, (x, y, c) => (x + 2 * y + 50 * c) & 255);

/** The mean over the exact area, by brute force over a 60-fold finer grid of points; white outside. */
function meanOver(picture: Pixels, area: Rect, c: number): number {
  let sum = 0;
  const fine = 60; // no pixel edge falls within one of its cells
  for (let i = 0; i < fine; i++)
    for (let k = 0; k < fine; k++) {
      const x = Math.floor(area.x + ((i + 0.5) / fine) * area.width);
      const y = Math.floor(area.y + ((k + 0.5) / fine) * area.height);
      const inside = x >= 0 && y >= 0 && x < picture.width && y < picture.height;
      sum += inside ? (picture.rgba[(y * picture.width + x) * 4 + c] ?? 0) : 255;
    }
  return sum / fine ** 2;
}

test('at a level’s downsample the pixels are the level’s own', async () => {
  const slide = slideOf([base, half]);
  const full = await readRegion(slide, { x: 30, y: 20, width: 41, height: 17 }, 1, waits);
  expect(full).toEqual(cutPixels(base, { x: 30, y: 20, width: 41, height: 17 }));
  const halved = await readRegion(slide, { x: 20, y: 10, width: 40, height: 30 }, 2, waits);
  expect(halved).toEqual(cutPixels(half, { x: 10, y: 5, width: 20, height: 15 }));
});

test('only the tiles under the rectangle are read', async () => {
  const slide = slideOf([base]);
  await readRegion(slide, { x: 33, y: 1, width: 30, height: 31 }, 1, waits);
  expect(slide.reads).toEqual(['0/1,0']);
});

test('it is white outside of the slide', async () => {
  const slide = slideOf([base]);
  const pixels = await readRegion(slide, { x: -5, y: 68, width: 10, height: 4 }, 1, waits);
  expect([...pixels.rgba.subarray(0, 4)]).toEqual([255, 255, 255, 255]);
  expect([...pixels.rgba.subarray(5 * 4, 5 * 4 + 3)]).toEqual([0, 1, 2].map((c) => noisy(0, 68, c)));
  expect(await readRegion(slide, { x: 500, y: 500, width: 8, height: 8 }, 1, waits)).toEqual(
    pixelsWith(8, 8, () => 255),
  );
});

for (const [downsample, rect] of [
  [3, { x: 4, y: 5, width: 60, height: 45 }],
  [2.5, { x: -7.25, y: 3.5, width: 50, height: 40 }], // off the pixel grid and off the slide
  [4, { x: 80, y: 60, width: 40, height: 32 }],
] as const) {
  test(`between levels (${downsample}) each pixel is the mean of its area`, async () => {
    const pixels = await readRegion(slideOf([base]), rect, downsample, waits);
    expect([pixels.width, pixels.height]).toEqual([
      Math.round(rect.width / downsample),
      Math.round(rect.height / downsample),
    ]);
    for (let y = 0; y < pixels.height; y++)
      for (let x = 0; x < pixels.width; x++) {
        const area = { x: rect.x + x * downsample, y: rect.y + y * downsample, width: downsample, height: downsample };
        for (let c = 0; c < 3; c++) {
          const got = pixels.rgba[(y * pixels.width + x) * 4 + c] ?? 0;
          expect(Math.abs(got - meanOver(base, area, c))).toBeLessThan(0.51 + 1e-3); // rounding to whole numbers
        }
      }
  });
}

test('averaging starts from the next finer level', async () => {
  const slide = slideOf([base, half]);
  await readRegion(slide, { x: 0, y: 0, width: 90, height: 60 }, 3, waits);
  expect(slide.reads.every((read) => read.startsWith('1/'))).toBe(true);
});

test('a region of any cut agrees with the whole', async () => {
  const whole = await readRegion(slideOf([base]), { x: 0, y: 0, width: 96, height: 66 }, 3, waits);
  const part = await readRegion(slideOf([base], 7), { x: 30, y: 21, width: 33, height: 24 }, 3, waits);
  expect(part).toEqual(cutPixels(whole, { x: 10, y: 7, width: 11, height: 8 }));
});

test('regions that cannot be are refused', async () => {
  const slide = slideOf([base]);
  for (const [rect, downsample] of [
    [{ x: 0, y: 0, width: 0, height: 5 }, 1],
    [{ x: 0, y: 0, width: 5, height: 5 }, 0],
    [{ x: Number.NaN, y: 0, width: 5, height: 5 }, 1],
    [{ x: 0, y: 0, width: 1e6, height: 1e6 }, 1],
  ] as const) {
    await expect(readRegion(slide, rect, downsample, waits)).rejects.toMatchObject({ failure: { tag: 'BadInput' } });
  }
});
