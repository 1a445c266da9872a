import sharp from 'sharp';
import { expect, test } from 'vitest';
import { adobeTransformOf, frameOf, isComplete, segmentsOf, spliced } from './jpeg.ts';

const picture = async (): Promise<Uint8Array<ArrayBuffer>> => {
  const rgb = Buffer.from(Array.from({ length: 40 * 24 * 3 }, (_, i) => (i * 37) & 255));
  const image = sharp(rgb, { raw: { width: 40, height: 24, channels: 3 } });
  return new Uint8Array(await image.jpeg({ quality: 85 }).toBuffer());
};

/** Cuts a JPEG as TIFF keeps it: the tables in one stream, frame and scan in another. */
function parted(jpeg: Uint8Array<ArrayBuffer>): { tables: Uint8Array<ArrayBuffer>; tile: Uint8Array<ArrayBuffer> } {
  const isTable = (marker: number): boolean => marker === 0xdb || marker === 0xc4;
  const tables = [0xff, 0xd8];
  const tile = [0xff, 0xd8];
  for (const { marker, start, end } of segmentsOf(jpeg)) {
    if (marker === 0xda) tile.push(...jpeg.subarray(start));
    else if (marker !== 0xd8) (isTable(marker) ? tables : tile).push(...jpeg.subarray(start, end));
  }
  return { tables: Uint8Array.from([...tables, 0xff, 0xd9]), tile: Uint8Array.from(tile) };
}

test('reads the frame’s size from the markers', async () => {
  expect(frameOf(await picture())).toEqual({ width: 40, height: 24, components: 3, bits: 8 });
  expect(frameOf(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9))).toBeUndefined();
});

test('tables and tile make the picture they were cut from', async () => {
  const whole = await picture();
  const { tables, tile } = parted(whole);
  const joined = spliced(tile, tables, 'stream');
  expect(await sharp(joined).raw().toBuffer()).toEqual(await sharp(whole).raw().toBuffer());
  expect(spliced(whole, undefined, 'stream')).toBe(whole);
});

test('RGB gets the Adobe marker and loses the JFIF one, which would say YCbCr', async () => {
  const { tables, tile } = parted(await picture());
  const joined = spliced(tile, tables, 'rgb');
  expect(adobeTransformOf(joined)).toBe(0);
  const markers = segmentsOf(joined).map(({ marker }) => marker);
  expect(markers.slice(0, 2)).toEqual([0xd8, 0xee]);
  expect(markers).not.toContain(0xe0);
  const asStored = await sharp(joined).raw().toBuffer();
  expect(asStored).not.toEqual(
    await sharp(spliced(tile, tables, 'stream'))
      .raw()
      .toBuffer(),
  );
});

test('a stream that was cut is told by its missing end', async () => {
  const whole = await picture();
  expect(isComplete(whole)).toBe(true);
  expect(isComplete(Uint8Array.from([...whole, 0, 0]))).toBe(true);
  expect(isComplete(whole.subarray(0, whole.length - 40))).toBe(false);
  expect(isComplete(new Uint8Array(0))).toBe(false);
});

test('damaged markers end the walk', () => {
  expect(segmentsOf(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 1, 2))).toHaveLength(1);
  expect(segmentsOf(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0))).toHaveLength(1); // a length below its own size
  expect(segmentsOf(Uint8Array.of(1, 2, 3))).toEqual([]);
});
