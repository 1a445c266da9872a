import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openerInTab, type SlideOpener } from './open-in-tab.ts';
import { isPixels, pixelsOf, release } from './raster.ts';
import { readRegion } from './region.ts';
import type { Pixels } from './slide.ts';

// In the browser, with its own decoders and real workers. The truth is what libvips reads from the same bytes, kept as PNG.
const urls = import.meta.glob<string>('./testing/fixtures/*', { query: '?url', import: 'default', eager: true });
const urlOf = (name: string): string =>
  new URL(urls[`./testing/fixtures/${name}`] ?? `missing/${name}`, location.href).href;
const fileOf = async (name: string): Promise<File> => new File([await (await fetch(urlOf(name))).arrayBuffer()], name);

async function truthOf(name: string, level: number): Promise<Pixels> {
  const blob = await (await fetch(urlOf(`${name}.${level}.png`))).blob();
  return pixelsOf(await createImageBitmap(blob, { colorSpaceConversion: 'none' }));
}

function largestDifference(a: Pixels, b: Pixels): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  let most = 0;
  for (let i = 0; i < a.rgba.length; i++) most = Math.max(most, Math.abs((a.rgba[i] ?? 0) - (b.rgba[i] ?? 0)));
  return most;
}

const { signal } = new AbortController();
let opener: SlideOpener;
beforeAll(() => {
  opener = openerInTab();
});
afterAll(() => opener[Symbol.dispose]());

describe('pixels equal libvips, level by level', () => {
  const cases = [
    ['jpeg-rgb.tif', 3, 0],
    ['jpeg-ycbcr.tif', 3, 0],
    ['lzw-predictor.tif', 3, 0],
    ['deflate-big.tif', 3, 0],
    ['deflate-alpha.tif', 3, 1], // libvips rounds the blending with white otherwise
    ['grey.tif', 3, 0],
    ['strips-lzw.tif', 1, 0],
    ['strips-packbits.tif', 1, 0],
    ['strips-zstd.tif', 1, 0],
    ['ycbcr-420.jpg', 1, 0],
    ['ycbcr-444.jpg', 1, 0],
  ] as const;
  for (const [name, levels, tolerance] of cases) {
    test(name, async () => {
      using slide = await opener.open(await fileOf(name), { signal });
      expect(slide.levels).toHaveLength(levels);
      for (const [index, level] of slide.levels.entries()) {
        const rect = { x: 0, y: 0, width: level.widthPx * level.downsample, height: level.heightPx * level.downsample };
        const pixels = await readRegion(slide, rect, level.downsample, { signal });
        expect(largestDifference(pixels, await truthOf(name, index))).toBeLessThanOrEqual(tolerance);
      }
    });
  }
});

test('JPEG tiles come as bitmaps cut to the level, packed ones as pixels', async () => {
  using jpeg = await opener.open(await fileOf('jpeg-ycbcr.tif'), { signal });
  const edge = await jpeg.readTile({ level: 0, col: 2, row: 1 }, { signal });
  expect(edge).toBeInstanceOf(ImageBitmap);
  expect([edge.width, edge.height]).toEqual([150 - 128, 110 - 64]);
  release(edge);
  using packed = await opener.open(await fileOf('deflate-big.tif'), { signal });
  const tile = await packed.readTile({ level: 0, col: 0, row: 0 }, { signal });
  expect(isPixels(tile)).toBe(true);
});

test('colours in planes, each a JPEG by itself, are put together', async () => {
  const [tiff, rgb] = Object.values(
    import.meta.glob<string>('./testing/fixtures/odd/{bioformats-planes-jpeg.ome.tif,picture.rgb}', {
      query: '?url',
      import: 'default',
      eager: true,
    }),
  );
  const file = new File([await (await fetch(new URL(tiff ?? '', location.href))).arrayBuffer()], 'planes.ome.tif');
  const truth = new Uint8Array(await (await fetch(new URL(rgb ?? '', location.href))).arrayBuffer());
  using slide = await opener.open(file, { signal });
  const { rgba } = await readRegion(slide, { x: 0, y: 0, width: 61, height: 43 }, 1, { signal });
  const sums = [0, 0, 0];
  for (const [i, value] of truth.entries())
    sums[i % 3] = (sums[i % 3] ?? 0) + Math.abs(value - (rgba[Math.floor(i / 3) * 4 + (i % 3)] ?? 0));
  for (const sum of sums) expect(sum / (61 * 43)).toBeLessThan(10); // JPEG; 60 and more of another colour's plane
});

test('the same slide by URL, in parts', async () => {
  using slide = await opener.open(urlOf('jpeg-rgb.tif'), { signal });
  expect(slide.name).toBe('jpeg-rgb.tif');
  expect(slide.mpp?.x).toBeCloseTo(0.5, 9);
  const pixels = await readRegion(slide, { x: 0, y: 0, width: 150, height: 110 }, 1, { signal });
  expect(largestDifference(pixels, await truthOf('jpeg-rgb.tif', 0))).toBe(0);
});

test('aborting a read rejects with the reason', async () => {
  using slide = await opener.open(await fileOf('lzw-predictor.tif'), { signal });
  const controller = new AbortController();
  const reading = slide.readTile({ level: 0, col: 0, row: 0 }, { signal: controller.signal });
  controller.abort(new DOMException('enough', 'AbortError'));
  await expect(reading).rejects.toThrow('enough');
});

test('a JPEG that the browser paints over comes as a picture to eyes alone, which are told; never to who computes', async () => {
  const bytes = new Uint8Array(await (await fetch(urlOf('jpeg-ycbcr.tif'))).arrayBuffer());
  for (let i = 0; i + 1 < bytes.length; i++) if (bytes[i] === 0xff && bytes[i + 1] === 0xd9) bytes.fill(0, i - 24, i); // the last codes of each tile
  using slide = await opener.open(new File([bytes], 'damaged.tif'), { signal });
  const at = { level: 0, col: 0, row: 0 };
  const corrupt = { failure: { tag: 'CorruptTile', ...at } };
  await expect(slide.readTile(at, { signal })).rejects.toMatchObject(corrupt);
  const looks: Promise<void>[] = [];
  const onLook = (whole: Promise<void>): void => void looks.push(whole);
  const shown = await slide.readTile(at, { signal, onLook });
  expect(shown).toBeInstanceOf(ImageBitmap);
  release(shown);
  await expect(looks[0]).rejects.toMatchObject(corrupt);
  await expect(slide.readTile(at, { signal })).rejects.toMatchObject(corrupt);
});

test('a page that is no slide says so', async () => {
  const page = new File(['<!doctype html><title>404</title>'], 'slide.svs');
  await expect(opener.open(page, { signal })).rejects.toMatchObject({
    failure: { tag: 'NotASlide', seen: 'an HTML page' },
  });
});
