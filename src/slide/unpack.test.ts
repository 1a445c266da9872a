import { zlibSync } from 'fflate';
import { expect, test } from 'vitest';
import { COMPRESSION } from './tiff-page.ts';
import { type PackedBlock, unpackBlock } from './unpack.ts';

const block = (changes: Partial<PackedBlock>): PackedBlock => ({
  bytes: new Uint8Array(0),
  compression: COMPRESSION.none,
  width: 2,
  height: 1,
  samples: 3,
  predictor: 1,
  inverted: false,
  alpha: 'none',
  ...changes,
});
const rgbaOf = async (changes: Partial<PackedBlock>): Promise<number[]> => [
  ...(await unpackBlock(block(changes))).rgba,
];

test('RGB, grey and grey where 0 is white', async () => {
  expect(await rgbaOf({ bytes: Uint8Array.of(1, 2, 3, 4, 5, 6) })).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  expect(await rgbaOf({ bytes: Uint8Array.of(10, 20), samples: 1 })).toEqual([10, 10, 10, 255, 20, 20, 20, 255]);
  expect(await rgbaOf({ bytes: Uint8Array.of(10, 20), samples: 1, inverted: true })).toEqual([
    245, 245, 245, 255, 235, 235, 235, 255,
  ]);
});

test('transparency lies on white, straight or premultiplied; a fourth sample that is no alpha is left out', async () => {
  const bytes = Uint8Array.of(100, 0, 50, 51, 9, 9, 9, 0);
  expect(await rgbaOf({ bytes, samples: 4, alpha: 'straight' })).toEqual([224, 204, 214, 255, 255, 255, 255, 255]);
  expect(await rgbaOf({ bytes: Uint8Array.of(20, 0, 10, 51, 0, 0, 0, 0), samples: 4, alpha: 'premultiplied' })).toEqual(
    [224, 204, 214, 255, 255, 255, 255, 255],
  );
  expect(await rgbaOf({ bytes, samples: 4 })).toEqual([100, 0, 50, 255, 9, 9, 9, 255]);
});

test('horizontal differences add up along each row, and wrap', async () => {
  const bytes = Uint8Array.of(250, 1, 2, 10, 1, 1, 5, 5, 5, 0, 0, 1);
  expect(await rgbaOf({ bytes, height: 2, predictor: 2 })).toEqual([
    250, 1, 2, 255, 4, 2, 3, 255, 5, 5, 5, 255, 5, 5, 6, 255,
  ]);
  expect([...bytes]).toEqual([250, 1, 2, 10, 1, 1, 5, 5, 5, 0, 0, 1]); // lent, and not changed
});

test('deflate: exact, checked, and never more than the tile', async () => {
  const raw = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const packed = new Uint8Array(zlibSync(raw));
  const deflate = { compression: COMPRESSION.deflate };
  expect(await rgbaOf({ ...deflate, bytes: packed })).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  const wrong = packed.slice();
  wrong[wrong.length - 1] = (wrong.at(-1) ?? 0) ^ 1; // the checksum
  await expect(unpackBlock(block({ ...deflate, bytes: wrong }))).rejects.toMatchObject({
    failure: { tag: 'BadInput' },
  });
  const bomb = new Uint8Array(zlibSync(new Uint8Array(8 << 20)));
  await expect(unpackBlock(block({ ...deflate, bytes: bomb }))).rejects.toThrow('it inflates to more than its 6 bytes');
});

test('too few bytes are a damaged tile', async () => {
  await expect(unpackBlock(block({ bytes: Uint8Array.of(1, 2, 3) }))).rejects.toThrow('it holds 3 of 6 bytes');
  await expect(unpackBlock(block({ compression: COMPRESSION.lzw, bytes: Uint8Array.of(0x80) }))).rejects.toThrow(
    'it holds 0 of 6 bytes',
  );
});
