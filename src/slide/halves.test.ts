import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { halvesOf } from './halves.ts';
import { jpeg2000Header } from './jpeg2000.ts';
import { nodeDecoders } from './testing/decoders.ts';

const waits = { signal: new AbortController().signal };
const tile = { width: 256, height: 256 };

test('levels that lie far apart have halves between them, near ones none, and the last one none', () => {
  expect(halvesOf([40_000, 10_000, 2500], 0, tile)).toEqual([0, 1]);
  expect(halvesOf([40_000, 2500], 0, tile)).toEqual([0, 1, 2]);
  expect(halvesOf([40_000, 20_000], 0, tile)).toEqual([0]);
  expect(halvesOf([40_000, 20_000], 1, tile)).toEqual([0]);
});

test('one level by itself is halved while it stays large; tiles with odd sides are not', () => {
  expect(halvesOf([20_000], 0, tile)).toEqual([0, 1, 2]);
  expect(halvesOf([4000], 0, tile)).toEqual([0, 1]);
  expect(halvesOf([1000], 0, tile)).toEqual([0]);
  expect(halvesOf([20_000], 0, { width: 250, height: 250 })).toEqual([0, 1]);
  expect(halvesOf([20_000], 0, { width: 241, height: 256 })).toEqual([0]);
});

test('a tile that holds itself at one size is halved by the mean of four pixels', async () => {
  const bytes = new Uint8Array(readFileSync(resolve(import.meta.dirname, 'testing/fixtures/odd/one-size.j2k')));
  expect(jpeg2000Header(bytes)?.resolutions).toBe(0);
  const asked = { bytes, mostWidth: 32, mostHeight: 24, colours: 'rgb' } as const;
  const half = await nodeDecoders.jpeg2000({ ...asked, halved: 1 }, waits);
  expect([half.width, half.height]).toEqual([16, 12]);
  const [x, y] = [5, 7];
  const mean = [(2 * x + 0.5) * 8, (2 * y + 0.5) * 10, (2 * x + 2 * y + 1) * 4, 255];
  const at = (y * 16 + x) * 4;
  for (const [c, value] of mean.entries()) expect(Math.abs((half.rgba[at + c] ?? 0) - value)).toBeLessThanOrEqual(0.5);
});
