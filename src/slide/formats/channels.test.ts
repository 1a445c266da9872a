// Slides of several channels: one is shown, as grey.
import sharp from 'sharp';
import { expect } from 'vitest';
import { openSlide } from '../open.ts';
import { pixelsOf } from '../raster.ts';
import { readRegion } from '../region.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { largestDifference } from '../testing/pixels.ts';
import { sharedPath, testOn } from '../testing/shared.ts';

const { signal } = new AbortController();
const all = { signal, decoders: nodeDecoders };

async function libvips(name: string, page: number) {
  const { data, info } = await sharp(sharedPath(name), { page })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgba: new Uint8ClampedArray(data) };
}

testOn('small_vectra.qptiff', 'channels as pages; label, overview and thumbnail', async (file) => {
  const prints = new Set<string>();
  for (const channel of [0, 2]) {
    using slide = await openSlide(file, { ...all, chosen: { channel } });
    expect(slide).toMatchObject({ format: 'PerkinElmer QPTIFF', vendor: 'perkinelmer', objective: 20 });
    expect(slide.mpp?.x).toBeCloseTo(0.4965, 4);
    expect(slide.properties['eosin.channels']?.split(', ')).toHaveLength(3);
    expect(slide.channels).toMatchObject({ shown: channel, low: 0, high: 255 });
    prints.add(await slide.fingerprint({ signal }));
    const whole = await readRegion(slide, { x: 0, y: 0, width: 1920, height: 1440 }, 1, { signal });
    expect(largestDifference(whole, await libvips('small_vectra.qptiff', channel))).toBe(0);
  }
  expect(prints.size).toBe(2); // what is found on one is not found on the other
  using slide = await openSlide(file, all);
  expect(slide.channels?.names).toEqual(slide.properties['eosin.channels']?.split(', '));
  expect(slide.associated).toEqual(['thumbnail', 'macro', 'label']);
  const label = pixelsOf(await slide.readAssociated('label', { signal }));
  expect(largestDifference(label, await libvips('small_vectra.qptiff', 5))).toBe(0);
});

testOn(
  '2048x2048_ome6_tiled.ome.tif',
  '16 bits through a window, levels in SubIFDs, a pixel size in pixels',
  async (file) => {
    const seen: string[] = [];
    for (const channel of [0, 1, 2]) {
      using slide = await openSlide(file, { ...all, chosen: { channel } });
      expect(slide.levels.map(({ widthPx }) => widthPx)).toEqual([2048, 1024]);
      expect(slide.mpp).toBeUndefined();
      const { rgba } = await readRegion(slide, { x: 0, y: 0, width: 2048, height: 2048 }, 2, { signal });
      const values = new Set(rgba.filter((_, i) => i % 4 === 0));
      expect(values.has(0) && values.has(255)).toBe(true);
      seen.push(rgba.filter((_, i) => i % 4093 === 0).join());
    }
    expect(new Set(seen).size).toBe(3); // three channels, three pictures
  },
);
