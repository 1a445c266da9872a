// Real slides against OpenSlide (hashes made by testing/goldens.py) and, where OpenSlide reads less, libvips.
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import sharp from 'sharp';
import { describe, expect } from 'vitest';
import { openSlide } from './open.ts';
import { release } from './raster.ts';
import { readRegion } from './region.ts';
import type { Pixels, Slide } from './slide.ts';
import { nodeDecoders } from './testing/decoders.ts';
import goldens from './testing/goldens.json' with { type: 'json' };
import { largestDifference } from './testing/pixels.ts';
import { serveRanges } from './testing/range-server.ts';
import { sharedPath, testOn } from './testing/shared.ts';

const { signal } = new AbortController();
setMaxListeners(64, signal); // many tiles wait under the one signal
const open = (from: string | Blob): Promise<Slide> => openSlide(from, { signal, decoders: nodeDecoders });

/** @param region x, y, width, height in the level's own pixels */
function partOfLevel(slide: Slide, index: number, region: readonly number[]): Promise<Pixels> {
  const [x = 0, y = 0, width = 0, height = 0] = region;
  const { downsample } = slide.levels[index] ?? { downsample: 1 };
  const rect = { x: x * downsample, y: y * downsample, width: width * downsample, height: height * downsample };
  return readRegion(slide, rect, downsample, { signal });
}

async function wholeLevel(slide: Slide, index: number): Promise<Pixels> {
  const level = slide.levels[index];
  if (!level) throw new RangeError(`no level ${index}`);
  const rect = { x: 0, y: 0, width: level.widthPx * level.downsample, height: level.heightPx * level.downsample };
  return readRegion(slide, rect, level.downsample, { signal });
}

async function libvips(name: string): Promise<Pixels> {
  const { data, info } = await sharp(sharedPath(name), { page: 0 })
    .flatten({ background: '#fff' })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgba: new Uint8ClampedArray(data) };
}

const sha256 = ({ rgba }: Pixels): string => createHash('sha256').update(rgba).digest('hex');

interface Told {
  readonly properties: Readonly<Record<string, string | undefined>>;
  readonly associated: readonly string[];
}

function expectTold(slide: Slide, name: string, { properties, associated }: Told): void {
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith('aperio.') || key === 'openslide.vendor') expect(slide.properties[key], key).toBe(value);
  }
  expect([...slide.associated].sort()).toEqual(associated);
  if (properties['openslide.vendor'] !== 'generic-tiff') expect(slide.vendor).toBe(properties['openslide.vendor']);
  const power = properties['openslide.objective-power'];
  expect(slide.objective).toBe(power === undefined ? undefined : Number(power));
  for (const side of ['x', 'y', 'width', 'height'] as const) {
    const told = properties[`openslide.bounds-${side}`];
    expect(slide.properties[`openslide.bounds-${side}`]).toBe(told);
    expect(slide.bounds?.[side]).toBe(told === undefined ? undefined : Number(told)); // what the first view fits
  }
  // OpenSlide takes the 72 dpi of the drawn boxes (353 µm a pixel) for a calibration; Eosin does not.
  const isSaid = properties['openslide.mpp-x'] !== undefined && name !== 'openslide-boxes.tiff';
  if (!isSaid) expect(slide.mpp).toBeUndefined();
  else
    for (const axis of ['x', 'y'] as const)
      expect(slide.mpp?.[axis]).toBeCloseTo(Number(properties[`openslide.mpp-${axis}`]), 6);
}

describe('what a slide says of itself equals OpenSlide’s, where its pixels are compared elsewhere', () => {
  for (const [name, told] of Object.entries(goldens.told)) {
    testOn(name, 'sizes, properties', async (file) => {
      using slide = await open(file);
      const stored = slide.levels.map(({ widthPx, heightPx }) => [widthPx, heightPx]);
      for (const size of told.sizes) expect(stored).toContainEqual(size); // Eosin adds halves of JPEG 2000
      expectTold(slide, name, told);
    });
  }
});

describe('every level equals OpenSlide’s, to the last bit', () => {
  for (const [name, golden] of Object.entries(goldens.slides)) {
    testOn(name, 'pixels, sizes, properties', async (file) => {
      using slide = await open(file);
      for (const [index, { size, region, sha256: expected }] of golden.levels.entries()) {
        const level = slide.levels[index];
        // OpenSlide makes the smallest levels of an NDPI itself, out of the smallest that is stored.
        if (!level && name.endsWith('.ndpi') && index >= 4) continue;
        expect([level?.widthPx, level?.heightPx]).toEqual(size);
        expect(sha256(await partOfLevel(slide, index, region))).toBe(expected);
      }
      expectTold(slide, name, golden);
    });
  }
});

describe('what OpenSlide reads otherwise or not at all equals libvips', () => {
  testOn('derived/cmu-crop-pyramid-deflate-rgba.tif', 'transparent pixels lie on white', async (file) => {
    using slide = await open(file);
    expect(
      largestDifference(await wholeLevel(slide, 0), await libvips('derived/cmu-crop-pyramid-deflate-rgba.tif')),
    ).toBe(0);
  });
  testOn('kidney-48-5.tif', 'one uncompressed strip, shown in tiles, without a calibration', async (file) => {
    using slide = await open(file);
    expect(slide.levels).toMatchObject([{ widthPx: 1493, heightPx: 901, tileWidth: 512, tileHeight: 512 }]);
    expect(slide.mpp).toBeUndefined();
    expect(largestDifference(await wholeLevel(slide, 0), await libvips('kidney-48-5.tif'))).toBe(0);
  });
  testOn('derived/cmu-subifd.ome.tif', 'levels in SubIFDs, the pixel size from the OME-XML', async (file) => {
    using slide = await open(file);
    expect(slide.format).toBe('OME-TIFF');
    expect(slide.levels.map(({ widthPx, heightPx }) => [widthPx, heightPx])).toEqual([
      [2220, 2967],
      [1110, 1483],
      [555, 741],
      [277, 370],
    ]);
    expect(slide.mpp).toEqual({ x: 0.499, y: 0.499 });
    for (const index of [1, 2, 3]) {
      const { data, info } = await sharp(sharedPath('derived/cmu-subifd.ome.tif'), { subifd: index - 1 })
        .ensureAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      const truth = { width: info.width, height: info.height, rgba: new Uint8ClampedArray(data) };
      expect(largestDifference(await wholeLevel(slide, index), truth)).toBe(0);
    }
  });
});

describe('over HTTP ranges', () => {
  for (const [name, golden] of Object.entries(goldens.slides)) {
    testOn(name, 'the same pixels; opening reads little, and nothing is read twice', async (file) => {
      const bytes = new Uint8Array(await file.arrayBuffer());
      await using server = await serveRanges(() => bytes);
      using slide = await open(server.url);
      expect(server.sent()).toBeLessThanOrEqual(2 ** 16);
      for (const [index, { region, sha256: expected }] of golden.levels.entries()) {
        if (index < slide.levels.length) expect(sha256(await partOfLevel(slide, index, region))).toBe(expected);
      }
      const ranges = server.asked.filter(({ method }) => method === 'GET').sort((a, b) => a.from - b.from);
      for (const [i, { from }] of ranges.entries()) expect(from).toBeGreaterThan(ranges[i - 1]?.to ?? -1);
    });
  }
});

describe('label and macro, which carry names, are not asked for before they are wanted', () => {
  for (const name of ['CMU-1-Small-Region.svs', 'derived/cmu-crop-hamamatsu.ndpi', 'derived/cmu-crop-ventana.bif']) {
    testOn(name, 'no byte of them', async (file) => {
      const bytes = new Uint8Array(await file.arrayBuffer());
      await using server = await serveRanges(() => bytes);
      const bytesOfAssociated: { from: number; to: number }[] = [];
      {
        using slide = await open(server.url);
        const before = server.asked.length;
        for (const each of slide.associated) release(await slide.readAssociated(each, { signal }));
        bytesOfAssociated.push(...server.asked.slice(before));
      }
      expect(bytesOfAssociated.length).toBeGreaterThan(0);
      const seen = server.asked.length;
      using slide = await open(server.url);
      for (const index of slide.levels.keys()) await wholeLevel(slide, index);
      const touched = server.asked
        .slice(seen)
        .filter(({ from, to }) => bytesOfAssociated.some((theirs) => from <= theirs.to && theirs.from <= to));
      expect(touched).toEqual([]);
    });
  }
});

describe('slides of other makers are named and refused with the way out', () => {
  const refusals = [
    ['refused-tiles.czi', 'a Zeiss CZI slide', 'bfconvert'],
    ['refused-vsi-ets-test-jpg2k.vsi', 'an Olympus VSI slide', 'bfconvert'],
    ['derived/refused-stub.mrxs', 'a MIRAX slide', 'vips'],
  ] as const;
  for (const [name, reason, tool] of refusals) {
    testOn(name, 'refused', async (file) => {
      await expect(open(file)).rejects.toMatchObject({
        failure: {
          tag: 'UnsupportedSlide',
          name: file.name,
          reason: expect.stringContaining(reason),
          todo: expect.stringContaining(tool),
        },
      });
    });
  }
});
