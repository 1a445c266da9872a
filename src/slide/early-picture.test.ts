import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LargePyramid, largePyramid, servePyramid } from '../../scripts/large-pyramid.mjs';
import { type EarlyPicture, lastDirectoryIn } from './early-picture.ts';
import { openSlide } from './open.ts';
import { pixelsOf } from './raster.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { countedRounds } from './testing/rounds.ts';
import { tiffBytes } from './testing/tiff-bytes.ts';

const { signal } = new AbortController();
const PICTURE = join(import.meta.dirname, 'testing/fixtures/ycbcr-444.jpg');

const asked: { from: number; to: number }[] = [];
let pyramid: LargePyramid;
let host: Awaited<ReturnType<typeof servePyramid>>;
beforeAll(async () => {
  pyramid = await largePyramid(PICTURE, { side: 60_000, levels: 9 });
  host = await servePyramid(pyramid, { onRequest: ({ from, to }) => asked.push({ from, to }) });
}, 60_000);
afterAll(() => host.close());

test('the smallest level is there before the last directories are asked for, and no byte is asked for twice', async () => {
  const counted = countedRounds();
  const early: { picture: EarlyPicture; rounds: number }[] = [];
  using slide = await openSlide(host.url, {
    signal,
    decoders: nodeDecoders,
    fetch: counted.fetch,
    onEarlyPicture: (picture) => early.push({ picture, rounds: counted.rounds() }),
  });
  const [first] = early;
  if (!first) throw new Error('No picture came.');
  expect(early).toHaveLength(1);
  console.info(`the smallest level after ${first.rounds} rounds, open after ${counted.rounds()}`);
  expect(first.rounds).toBeLessThan(counted.rounds());
  const opened = [...asked].sort((a, b) => a.from - b.from);
  const { raster, widthPx, heightPx } = first.picture;
  expect([widthPx, heightPx]).toEqual([60_000, 60_000]);
  const smallest = await slide.readTile({ level: slide.levels.length - 1, col: 0, row: 0 }, { signal });
  expect(pixelsOf(raster)).toEqual(pixelsOf(smallest));
  // It lies in the end of the file, which opening reads too: nothing is asked for twice.
  for (const [i, { from }] of opened.entries()) expect(from).toBeGreaterThan(opened[i - 1]?.to ?? -1);
});

test('a directory that ends the chain is found; noise, and one that has another behind it, are none', () => {
  const kind = { big: false, littleEndian: true };
  const entries = [
    [256, 4, [100]],
    [257, 4, [80]],
    [324, 4, [8]],
  ] as const;
  for (const [big, littleEndian] of [
    [false, true],
    [false, false],
    [true, true],
  ] as const) {
    const bytes = tiffBytes([entries, entries], { big, littleEndian });
    expect(lastDirectoryIn(bytes.slice(4), { big, littleEndian })).toBe((big ? 16 + 76 : 8 + 42) - 4);
  }
  const looped = tiffBytes([entries], { next: () => 8 });
  expect(lastDirectoryIn(looped, kind)).toBeUndefined();
  expect(
    lastDirectoryIn(
      new Uint8Array(16_384).map((_, i) => (i * 2_654_435_761) >>> 13),
      kind,
    ),
  ).toBeUndefined();
  expect(lastDirectoryIn(new Uint8Array(3), kind)).toBeUndefined();
});
