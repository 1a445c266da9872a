import sharp from 'sharp';
import { expect, test } from 'vitest';
import { pngSize, webpSize } from './picture-size.ts';

const picture = (channels: 3 | 4) =>
  sharp({ create: { width: 301, height: 77, channels, background: { r: 9, g: 99, b: 200, alpha: 0.5 } } });
const size = { width: 301, height: 77 };

test('PNG', async () => expect(pngSize(new Uint8Array(await picture(3).png().toBuffer()))).toEqual(size));

test('WebP: lossy, lossless, and extended (lossy with alpha)', async () => {
  const kinds: string[] = [];
  for (const image of [picture(3).webp(), picture(3).webp({ lossless: true }), picture(4).webp()]) {
    const bytes = new Uint8Array(await image.toBuffer());
    kinds.push(String.fromCharCode(...bytes.subarray(12, 16)));
    expect(webpSize(bytes)).toEqual(size);
  }
  expect(kinds).toEqual(['VP8 ', 'VP8L', 'VP8X']);
});

test('too short to say', () => {
  expect(pngSize(new Uint8Array(20))).toBeUndefined();
  expect(webpSize(new Uint8Array(20))).toBeUndefined();
});
