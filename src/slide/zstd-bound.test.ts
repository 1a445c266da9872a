import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { openBlobSource } from './byte-source.ts';
import { readTiff, tiffKind } from './tiff.ts';
import { readPage } from './tiff-page.ts';
import { zstdBound } from './zstd-bound.ts';

/** A frame without a content size: magic, descriptor, window, then blocks of [type, size, content]. */
function frame(...blocks: [type: number, size: number, content: number[]][]): Uint8Array<ArrayBuffer> {
  const bytes = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x58];
  for (const [i, [type, size, content]] of blocks.entries()) {
    const header = (size << 3) | (type << 1) | (i === blocks.length - 1 ? 1 : 0);
    bytes.push(header & 255, (header >> 8) & 255, (header >> 16) & 255, ...content);
  }
  return Uint8Array.from(bytes);
}

test('stored and repeated blocks count as they are, compressed ones with all they can hold', () => {
  expect(zstdBound(frame([0, 3, [1, 2, 3]]))).toBe(3);
  expect(zstdBound(frame([1, 100_000, [7]], [0, 1, [1]]))).toBe(100_001);
  expect(zstdBound(frame([2, 2, [9, 9]], [2, 1, [9]]))).toBe(2 * 131_072);
});

test('real strips are bounded by no less than they hold', async () => {
  const waits = { signal: new AbortController().signal };
  const bytes = new Uint8Array(readFileSync(resolve(import.meta.dirname, 'testing/fixtures/strips-zstd.tif')));
  const source = await openBlobSource(new File([bytes], 'strips-zstd.tif'), waits);
  const kind = tiffKind(bytes);
  const directory = kind && (await readTiff(source, kind, waits)).chain[0];
  if (!directory) throw new Error('the fixture is a TIFF');
  const page = await readPage(source, directory, waits);
  for (let strip = 0; strip < page.rows; strip++) {
    const packed = await source.read(
      await page.offsets.at(strip, waits),
      await page.byteCounts.at(strip, waits),
      waits,
    );
    const rows = Math.min(page.tileHeight, page.height - strip * page.tileHeight);
    expect(zstdBound(packed)).toBeGreaterThanOrEqual(rows * page.width * 3);
    expect(zstdBound(packed)).toBeLessThan(Number.POSITIVE_INFINITY);
  }
});

test('what is no stream, or is cut, has no bound', () => {
  expect(zstdBound(Uint8Array.of(1, 2, 3, 4, 5, 6))).toBe(Number.POSITIVE_INFINITY);
  expect(zstdBound(frame([0, 3, [1, 2, 3]]).subarray(0, 7))).toBe(Number.POSITIVE_INFINITY);
});
