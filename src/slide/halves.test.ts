import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { halvesOf } from './halves.ts';
import { jpeg2000Header } from './jpeg2000.ts';
import { nodeDecoders } from './testing/decoders.ts';

const waits = { signal: new AbortController().signal };
const tile = { width: 256, height: 256 };

const timesOf = (...asked: Parameters<typeof halvesOf>): number[] => halvesOf(...asked).map(({ halved }) => halved);

test('levels that lie far apart have halves between them, near ones none', () => {
  expect(timesOf([40_000, 10_000, 2500], 0, tile)).toEqual([0, 1]);
  expect(timesOf([40_000, 2500], 0, tile)).toEqual([0, 1, 2]);
  expect(timesOf([40_000, 20_000], 0, tile)).toEqual([0]);
});

test('the last of several levels is halved while a screen is not wider, for showing alone', () => {
  expect(halvesOf([4443, 2221], 1, tile)).toEqual([{ halved: 0 }, { halved: 1, onlyShown: true }]);
  expect(timesOf([40_000, 20_000], 1, tile)).toEqual([0, 1, 2]);
  expect(timesOf([40_000, 10_000, 2000], 2, tile)).toEqual([0]);
  expect(timesOf([4443, 2221], 1, { width: 255, height: 256 })).toEqual([0]);
  for (const widths of [[40_000, 2500], [20_000]])
    for (const each of halvesOf(widths, 0, tile)) expect(each.onlyShown).toBeUndefined(); // computed by as ever
});

test('one level by itself is halved while it stays large; tiles with odd sides are not', () => {
  expect(timesOf([20_000], 0, tile)).toEqual([0, 1, 2]);
  expect(timesOf([4000], 0, tile)).toEqual([0, 1]);
  expect(timesOf([1000], 0, tile)).toEqual([0]);
  expect(timesOf([20_000], 0, { width: 250, height: 250 })).toEqual([0, 1]);
  expect(timesOf([20_000], 0, { width: 241, height: 256 })).toEqual([0]);
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
