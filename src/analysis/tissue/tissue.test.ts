import { expect, test } from 'vitest';
import { openSlide } from '#slide/open.ts';
import { readRegion } from '#slide/region.ts';
import type { Pixels } from '#slide/slide.ts';
import { nodeDecoders } from '#slide/testing/decoders.ts';
import { testOn } from '#slide/testing/shared.ts';
import { mpp } from '#units/units.ts';
import { pictureSlide } from '../evaluate/evaluate.ts';
import { chromaOf } from './colours.ts';
import { isTissueAt, isTissueIn, tissueAreaIn, tissueOutlines } from './mask.ts';
import { otsu } from './rules.ts';
import { findTissue } from './tissue.ts';
import { inlineTissueWork } from './work.ts';

const calm = { signal: new AbortController().signal };
const at = { x: mpp(0.5), y: mpp(0.5) };

function painted(
  width: number,
  height: number,
  color: (x: number, y: number) => readonly [number, number, number],
): Pixels {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i += 4) rgba.set(color(x, y), i);
  return { width, height, rgba };
}
const rgbOf = ({ rgba }: Pixels): Uint8Array => Uint8Array.from(rgba.filter((_, i) => i % 4 < 3));

const GLASS = [243, 240, 243] as const;
const PINK = [214, 150, 190] as const;
const PALE = [230, 205, 222] as const;

test('a disc of pale tissue with a dark half, a speck, a pen stroke and a small gap', async () => {
  const pixels = painted(2000, 1500, (x, y) => {
    if (Math.hypot(x - 1500, y - 200) < 12) return PINK; // dust
    if (y > 1420) return [20, 20, 24]; // the edge of the cover slip
    const r = Math.hypot(x - 800, y - 700);
    if (Math.hypot(x - 700, y - 700) < 25) return GLASS;
    return r < 500 ? (x < 800 ? PINK : PALE) : GLASS;
  });
  const mask = await findTissue(pictureSlide('disc', pixels, at), calm, inlineTissueWork);
  const area = Math.PI * 500 ** 2;
  expect(tissueAreaIn(mask, { x: 0, y: 0, width: 2000, height: 1500 }) / area).toBeGreaterThan(1);
  expect(tissueAreaIn(mask, { x: 0, y: 0, width: 2000, height: 1500 }) / area).toBeLessThan(1.15); // one cell of 16 px is grown around
  expect([isTissueAt(mask, 800, 700), isTissueAt(mask, 1200, 700), isTissueAt(mask, 700, 700)]).toEqual([
    true,
    true,
    true,
  ]);
  expect([isTissueAt(mask, 1500, 200), isTissueAt(mask, 1000, 1450), isTissueAt(mask, 1900, 1000)]).toEqual([
    false,
    false,
    false,
  ]);
  const outlines = tissueOutlines(mask);
  expect(outlines.length).toBe(1);
  for (const [k, v] of outlines[0]?.entries() ?? []) {
    const [x, y] = k % 2 === 0 ? [v, outlines[0]?.[k + 1] ?? 0] : [outlines[0]?.[k - 1] ?? 0, v];
    expect(Math.abs(Math.hypot(x - 800, y - 700) - 500)).toBeLessThan(45);
  }
});

test('a picture that is all tissue is all tissue, whatever its contrast', async () => {
  const pixels = painted(775, 522, (x, y) => (((x >> 5) + (y >> 5)) % 2 === 0 ? PINK : [120, 60, 140]));
  const mask = await findTissue(pictureSlide('all', pixels, { x: mpp(0.62), y: mpp(0.62) }), calm, inlineTissueWork);
  expect(mask.mask.every((cell) => cell === 1)).toBe(true);
  expect(522 % mask.cellPx).toBeGreaterThan(1); // the last row of cells is cut by the edge
  expect([isTissueAt(mask, 774.9, 521.9), isTissueIn(mask, { x: 770, y: 521.5, width: 5, height: 0.5 })]).toEqual([
    true,
    true,
  ]);
  expect(tissueAreaIn(mask, { x: 0, y: 0, width: 775, height: 522 })).toBeCloseTo(775 * 522, 3);
});

test('this thread touches no pixel: tiles go to whoever was opened, and it is closed again', async () => {
  const pixels = painted(3000, 2000, (x, y) => (Math.hypot(x - 1500, y - 900) < 600 ? PINK : GLASS));
  const inline = inlineTissueWork();
  const told: string[] = [];
  const slide = pictureSlide('x', pixels, at);
  const away = await findTissue(slide, calm, () => ({
    ...inline,
    strip: async ({ tiles, ...task }, row, waits) => {
      told.push(`${tiles.length} tiles`);
      const moved = structuredClone(tiles, {
        transfer: tiles.flatMap(({ image }) => ('rgba' in image ? [image.rgba.buffer] : [])),
      });
      return inline.strip({ ...task, tiles: moved }, row, waits);
    },
    [Symbol.dispose]: () => void told.push('closed'),
  }));
  expect(told).toEqual(['24 tiles', 'closed']);
  expect(away).toEqual(await findTissue(slide, calm, inlineTissueWork));
});

test('strips of a large level join as if it were read at once', async () => {
  const [width, height] = [7000, 6000]; // 42 megapixels: three strips
  const small = painted(175, 150, (x, y) =>
    Math.hypot(x - 80, y - 70) < 50 ? [214 - (x % 20), 150, 190 - (y % 17)] : GLASS,
  );
  const rgba = new Uint8ClampedArray(width * height * 4);
  const [from, to] = [new Uint32Array(small.rgba.buffer), new Uint32Array(rgba.buffer)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) to[y * width + x] = from[Math.floor(y / 40) * 175 + Math.floor(x / 40)] ?? 0;
  }
  const slide = pictureSlide('large', { width, height, rgba }, at);
  let strips = 0;
  const inline = inlineTissueWork();
  const mask = await findTissue(slide, calm, () => ({
    ...inline,
    strip: (task, row, waits) => {
      strips++;
      return inline.strip(task, row, waits);
    },
  }));
  expect(strips).toBeGreaterThan(1);
  const { cellPx, cols, rows } = mask;
  const read = await readRegion(slide, { x: 0, y: 0, width: cols * cellPx, height: rows * cellPx }, cellPx, calm);
  const strong = chromaOf(rgbOf(read));
  for (let i = 0; i < strong.length; i++) if ((strong[i] ?? 0) > 40) expect(mask.mask[i]).toBe(1);
  const area = Math.PI * (50 * 40) ** 2;
  expect(Math.abs(tissueAreaIn(mask, { x: 0, y: 0, width, height }) / area - 1)).toBeLessThan(0.05);
});

test('empty glass has none, and says so', async () => {
  const pixels = painted(1000, 1000, (x, y) => [240 + (x % 3), 238 + (y % 3), 241]);
  await expect(findTissue(pictureSlide('glass', pixels, at), calm, inlineTissueWork)).rejects.toMatchObject({
    failure: { tag: 'TooLittleTissue', pixels: 0 },
  });
});

test('an abort rejects with its reason', async () => {
  const stop = AbortSignal.abort(new Error('enough'));
  await expect(
    findTissue(
      pictureSlide(
        'x',
        painted(50, 50, () => PINK),
        at,
      ),
      { signal: stop },
      inlineTissueWork,
    ),
  ).rejects.toThrow('enough');
});

test('rectangles meet the mask by its cells', () => {
  const mask = { x0: 100, y0: 0, cellPx: 10, cols: 3, rows: 2, mask: Uint8Array.of(0, 0, 0, 0, 1, 0) };
  expect(isTissueIn(mask, { x: 119, y: 15, width: 1, height: 1 })).toBe(true);
  expect(isTissueIn(mask, { x: 120, y: 0, width: 50, height: 50 })).toBe(false);
  expect(isTissueIn(mask, { x: 0, y: 0, width: 500, height: 10 })).toBe(false);
  expect(isTissueIn(mask, { x: 0, y: 0, width: 500, height: 10.5 })).toBe(true);
});

test('Otsu parts two heaps; black is no colour', () => {
  const values = Uint8Array.from([...new Array(900).fill(3), ...new Array(100).fill(60)]);
  expect(otsu(values)).toBeGreaterThanOrEqual(3);
  expect(otsu(values)).toBeLessThan(60);
  expect([...chromaOf(Uint8Array.of(40, 4, 30))]).toEqual([0]);
});

testOn('CMU-1-Small-Region.svs', 'the real slide: about a third is tissue, none of the corner', async (file) => {
  using slide = await openSlide(file, { ...calm, decoders: nodeDecoders });
  const mask = await findTissue(slide, calm, inlineTissueWork);
  const share = tissueAreaIn(mask, { x: 0, y: 0, width: 2220, height: 2967 }) / (2220 * 2967);
  expect(share).toBeGreaterThan(0.33);
  expect(share).toBeLessThan(0.5);
  expect([isTissueAt(mask, 1000, 2000), isTissueAt(mask, 2000, 1000)]).toEqual([true, false]);
});
