import { setMaxListeners } from 'node:events';
import { expect } from 'vitest';
import { openSlide, type SlideSource } from '../open.ts';
import { readRegion } from '../region.ts';
import type { Pixels, Slide } from '../slide.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { largestDifference } from '../testing/pixels.ts';
import { serveRanges } from '../testing/range-server.ts';
import { sharedFile, sharedFiles, testOn } from '../testing/shared.ts';

const { signal } = new AbortController();
setMaxListeners(200, signal);
const open = (from: SlideSource): Promise<Slide> => openSlide(from, { signal, decoders: nodeDecoders });
const level = (slide: Slide, index: number, at = { x: 0, y: 0, width: 1110, height: 1483 }): Promise<Pixels> => {
  const { downsample } = slide.levels[index] ?? { downsample: 1 };
  const rect = {
    x: at.x * downsample,
    y: at.y * downsample,
    width: at.width * downsample,
    height: at.height * downsample,
  };
  return readRegion(slide, rect, downsample, { signal });
};
const meanDifference = (a: Pixels, b: Pixels): number =>
  a.rgba.reduce((sum, value, i) => sum + Math.abs(value - (b.rgba[i] ?? 0)), 0) / (a.width * a.height * 3);

testOn('dicom-cmu-1-small-region', 'a folder of twelve files is one slide, in the colours its frames say', async () => {
  using slide = await open(sharedFiles('dicom-cmu-1-small-region'));
  expect(slide).toMatchObject({ format: 'DICOM WSI', vendor: 'dicom', mpp: { x: 0.499, y: 0.499 }, associated: [] });
  expect(slide.levels).toHaveLength(12);
  // OpenSlide 4.0.1 believes the tag, which says RGB, and shows YCbCr: the slide it was made from is the truth here.
  using svs = await open(sharedFile('CMU-1-Small-Region.svs'));
  const part = { x: 500, y: 1200, width: 800, height: 800 };
  expect(meanDifference(await level(slide, 0, part), await level(svs, 0, part))).toBeLessThan(8); // packed twice; 66 in the wrong colours
  const again = [...sharedFiles('dicom-cmu-1-small-region')].reverse();
  using reversed = await open(again);
  expect(await reversed.fingerprint({ signal })).toBe(await slide.fingerprint({ signal }));
});

testOn('derived/cmu-level1-tiled-sparse.dcm', 'frames in any order, one left out', async (file) => {
  using slide = await open(file);
  using whole = await open(sharedFiles('dicom-cmu-1-small-region'));
  const here = { x: 0, y: 0, width: 1000, height: 1483 };
  expect(largestDifference(await level(slide, 0, here), await level(whole, 1, here))).toBe(0);
  const absent = await level(slide, 0, { x: 1000, y: 1000, width: 110, height: 483 });
  expect(absent.rgba.every((value) => value === 255)).toBe(true);
});

testOn('pathml-small-dicom.dcm', 'frames that run column by column without saying so', async (file) => {
  using slide = await open(file);
  expect(slide.mpp).toBeUndefined();
  const jumpAt = async (x: number): Promise<number> => {
    const { rgba } = await level(slide, 0, { x: x - 1, y: 1000, width: 2, height: 500 });
    let jump = 0;
    for (let i = 0; i < rgba.length; i += 8) jump += Math.abs((rgba[i] ?? 0) - (rgba[i + 4] ?? 0)) / 500;
    return jump;
  };
  expect(await jumpAt(1500)).toBeLessThan(2 * (await jumpAt(1492))); // where two frames meet, and within one
});

testOn('camelyon-jpeg2000.dcm', 'by address, in parts', async () => {
  const bytes = new Uint8Array(await sharedFile('camelyon-jpeg2000.dcm').arrayBuffer());
  await using server = await serveRanges(() => bytes);
  using slide = await open(server.url);
  expect(slide.mpp).toEqual({ x: 28.969, y: 28.968 });
  expect(server.sent()).toBeLessThan(bytes.length / 4);
  using local = await open(sharedFile('camelyon-jpeg2000.dcm'));
  const part = { x: 300, y: 200, width: 600, height: 500 };
  expect(largestDifference(await level(slide, 0, part), await level(local, 0, part))).toBe(0);
});

testOn('highdicom-sm-image-jpegls.dcm', 'JPEG-LS is refused by name', (file) =>
  expect(open(file)).rejects.toMatchObject({
    failure: {
      tag: 'UnsupportedSlide',
      reason: expect.stringContaining('JPEG-LS'),
      todo: expect.stringContaining('dcmdjpls'),
    },
  }),
);
