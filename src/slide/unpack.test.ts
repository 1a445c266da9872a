import { zlibSync } from 'fflate';
import { expect, test } from 'vitest';
import { COMPRESSION } from './tiff-page.ts';
import { type PackedBlock, unpackBlock, valueRangeOf } from './unpack.ts';

const block = (changes: Partial<PackedBlock>): PackedBlock => ({
  pieces: [],
  packing: COMPRESSION.none,
  width: 2,
  height: 1,
  layout: 'interleaved',
  samples: 3,
  depth: 8,
  numbers: 'unsigned',
  colours: { kind: 'stored' },
  littleEndian: true,
  predictor: 1,
  shown: [0, 1, 2],
  inverted: false,
  range: { low: 0, high: 255 },
  alpha: undefined,
  ...changes,
});
const rgbaOf = async (bytes: Uint8Array<ArrayBuffer>, changes: Partial<PackedBlock> = {}): Promise<number[]> => [
  ...(await unpackBlock(block({ pieces: [bytes], ...changes }))).rgba,
];

test('RGB, grey and grey where 0 is white', async () => {
  expect(await rgbaOf(Uint8Array.of(1, 2, 3, 4, 5, 6))).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  expect(await rgbaOf(Uint8Array.of(10, 20), { samples: 1, shown: [0] })).toEqual([10, 10, 10, 255, 20, 20, 20, 255]);
  expect(await rgbaOf(Uint8Array.of(10, 20), { samples: 1, shown: [0], inverted: true })).toEqual([
    245, 245, 245, 255, 235, 235, 235, 255,
  ]);
});

test('transparency lies on white, straight or premultiplied; a fourth sample that is no alpha is left out', async () => {
  const bytes = Uint8Array.of(100, 0, 50, 51, 9, 9, 9, 0);
  expect(await rgbaOf(bytes, { samples: 4, alpha: { sample: 3, premultiplied: false } })).toEqual([
    224, 204, 214, 255, 255, 255, 255, 255,
  ]);
  expect(
    await rgbaOf(Uint8Array.of(20, 0, 10, 51, 0, 0, 0, 0), { samples: 4, alpha: { sample: 3, premultiplied: true } }),
  ).toEqual([224, 204, 214, 255, 255, 255, 255, 255]);
  expect(await rgbaOf(bytes, { samples: 4 })).toEqual([100, 0, 50, 255, 9, 9, 9, 255]);
});

test('horizontal differences add up along each row, and wrap', async () => {
  const bytes = Uint8Array.of(250, 1, 2, 10, 1, 1, 5, 5, 5, 0, 0, 1);
  expect(await rgbaOf(bytes, { height: 2, predictor: 2 })).toEqual([
    250, 1, 2, 255, 4, 2, 3, 255, 5, 5, 5, 255, 5, 5, 6, 255,
  ]);
  expect([...bytes]).toEqual([250, 1, 2, 10, 1, 1, 5, 5, 5, 0, 0, 1]); // lent, and not changed
});

test('deflate: exact, checked, and never more than the tile', async () => {
  const raw = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const packed = new Uint8Array(zlibSync(raw));
  const deflate = { packing: COMPRESSION.deflate };
  expect(await rgbaOf(packed, deflate)).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  const wrong = packed.slice();
  wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1; // the checksum
  await expect(unpackBlock(block({ ...deflate, pieces: [wrong] }))).rejects.toMatchObject({
    failure: { tag: 'BadInput' },
  });
  const bomb = new Uint8Array(zlibSync(new Uint8Array(8 << 20)));
  await expect(unpackBlock(block({ ...deflate, pieces: [bomb] }))).rejects.toThrow(
    'it inflates to more than its 6 bytes',
  );
});

test('too few bytes are a damaged tile', async () => {
  await expect(unpackBlock(block({ pieces: [Uint8Array.of(1, 2, 3)] }))).rejects.toThrow('it holds 3 of 6 bytes');
  await expect(unpackBlock(block({ packing: COMPRESSION.lzw, pieces: [Uint8Array.of(0x80)] }))).rejects.toThrow(
    'it holds 0 of 6 bytes',
  );
});

test('one sample of several as grey, each in a piece of its own, or plane after plane', async () => {
  const grey = { height: 1, shown: [1] as const };
  expect(await rgbaOf(Uint8Array.of(1, 7, 9, 2, 8, 9), grey)).toEqual([7, 7, 7, 255, 8, 8, 8, 255]);
  expect(await rgbaOf(Uint8Array.of(1, 2, 7, 8), { ...grey, samples: 2, layout: 'planes' })).toEqual([
    7, 7, 7, 255, 8, 8, 8, 255,
  ]);
  const pieces = [Uint8Array.of(1, 2), Uint8Array.of(3, 4), Uint8Array.of(5, 6)];
  expect(await rgbaOf(new Uint8Array(0), { pieces, samples: 1 })).toEqual([1, 3, 5, 255, 2, 4, 6, 255]);
});

test('16 bits in either byte order, seen through a window; the window that values ask for', async () => {
  const wide = { depth: 16, samples: 1, shown: [0], range: { low: 256, high: 512 } } as const;
  expect(await rgbaOf(Uint8Array.of(0x80, 0x01, 0xff, 0xff), wide)).toEqual([128, 128, 128, 255, 255, 255, 255, 255]);
  const bigEndian = { ...wide, littleEndian: false };
  expect((await rgbaOf(Uint8Array.of(0x01, 0x80, 0x00, 0x10), bigEndian)).slice(0, 5)).toEqual([128, 128, 128, 255, 0]);
  const ramp = new Uint16Array(1000).map((_, i) => i * 10);
  const pieces = [new Uint8Array(ramp.buffer)];
  expect(await valueRangeOf(block({ ...wide, pieces, width: 1000 }))).toEqual({ low: 10, high: 9990 });
});

test('what Zarr packs chunks with', async () => {
  const raw = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const packed = new Uint8Array([...zlibSync(raw), 0, 0, 0, 0]);
  expect(await rgbaOf(packed, { packing: ['zlib', 'crc32c'] })).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  const bomb = Uint8Array.of(2, 1, 1, 1, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0, 16, 0, 0, 0);
  await expect(rgbaOf(bomb, { packing: ['blosc'] })).rejects.toThrow('it inflates to more than its 6 bytes');
});
