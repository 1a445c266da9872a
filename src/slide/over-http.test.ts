// What a slide of 60,000 px costs over HTTP: requests and bytes, counted by the host. Times are the benchmark's.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askedTwice, type LargePyramid, largePyramid, servePyramid } from '../../scripts/large-pyramid.mjs';
import { FIRST_BYTES } from './byte-source.ts';
import type { HeaderMemory } from './header-memory.ts';
import { openSlide } from './open.ts';
import { release } from './raster.ts';
import { columnsOf, levelFor, levelOf, rowsOf, type Slide, type TileAt } from './slide.ts';
import { nodeDecoders } from './testing/decoders.ts';

const { signal } = new AbortController();
const SCREEN = { width: 1000, height: 736 };
const PICTURE = join(import.meta.dirname, 'testing/fixtures/ycbcr-444.jpg');

interface Range {
  readonly from: number;
  readonly to: number; // the last byte
}
const asked: Range[] = [];
let pyramid: LargePyramid;
let host: Awaited<ReturnType<typeof servePyramid>>;
beforeAll(async () => {
  pyramid = await largePyramid(PICTURE);
  host = await servePyramid(pyramid, { onRequest: ({ from, to }) => asked.push({ from, to }) });
}, 60_000);
afterAll(() => host.close());

const open = (headers?: HeaderMemory): Promise<Slide> =>
  openSlide(host.url, { signal, decoders: nodeDecoders, ...(headers && { headers }) });

async function readAll(slide: Slide, tiles: readonly TileAt[]): Promise<void> {
  for (const raster of await Promise.all(tiles.map((at) => slide.readTile(at, { signal })))) release(raster);
}

/** What the viewer reads to show all of the slide: the level that fits the screen, and the coarser ones before it. */
function firstView(slide: Slide): TileAt[] {
  const base = levelOf(slide, 0);
  const finest = levelFor(slide, Math.max(base.widthPx / SCREEN.width, base.heightPx / SCREEN.height));
  return slide.levels.flatMap((level, index) =>
    index < finest
      ? []
      : Array.from({ length: rowsOf(level) * columnsOf(level) }, (_, i) => ({
          level: index,
          col: i % columnsOf(level),
          row: Math.floor(i / columnsOf(level)),
        })),
  );
}

/** The tiles of level 0 that fill the screen, from a place on. */
function fullResolution(col: number, row: number): TileAt[] {
  const [across, down] = [Math.ceil(SCREEN.width / 256) + 1, Math.ceil(SCREEN.height / 256) + 1];
  return Array.from({ length: across * down }, (_, i) => ({
    level: 0,
    col: col + (i % across),
    row: row + Math.floor(i / across),
  }));
}

const bytesOf = (ranges: readonly Range[]): number => ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);

const within = (ranges: readonly Range[], part: { from: number; to: number }): number =>
  ranges.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to + 1, part.to) - Math.max(from, part.from)), 0);

test('a pyramid of 60,000 px opens and shows all of itself in 20 requests, and reads nothing of levels not shown', async () => {
  asked.length = 0;
  using slide = await open();
  expect(slide.levels).toHaveLength(9);
  await readAll(slide, firstView(slide));
  console.log(`first view: ${asked.length} requests, ${bytesOf(asked)} bytes`);
  expect(asked.length).toBeLessThanOrEqual(20);
  expect(askedTwice(asked)).toBe(0);
  const shown = new Set(firstView(slide).map(({ level }) => level));
  const unseen = pyramid.levels.filter((_, index) => !shown.has(index));
  // The first request tells the format by the start of the file, where libvips puts tiles of level 0: it is the only one.
  expect(asked[0]).toEqual({ from: 0, to: FIRST_BYTES - 1 });
  const first = asked.slice(1);
  for (const { tiles } of unseen) expect(first.filter(({ from }) => from >= tiles.from && from < tiles.to)).toEqual([]);
  // A directory's request may run on into the tiles behind it: 4 kB at most.
  for (const { tiles } of unseen) expect(within(first, tiles)).toBeLessThan(4096);
});

test('a jump to full resolution takes the places of its tiles and a request a row', async () => {
  asked.length = 0;
  using slide = await open();
  await readAll(slide, firstView(slide));
  const before = asked.length;
  const tiles = fullResolution(100, 90);
  await readAll(slide, tiles);
  const rows = new Set(tiles.map(({ row }) => row)).size;
  console.log(`jump: ${asked.length - before} requests, ${bytesOf(asked.slice(before))} bytes`);
  expect(asked.length - before).toBeLessThanOrEqual(rows + 4); // two arrays, each in up to two pieces
  const again = asked.length;
  await readAll(slide, tiles);
  expect(asked).toHaveLength(again);
});

test('no byte is asked for twice from opening over the first view and a jump to a pan', async () => {
  asked.length = 0;
  using slide = await open();
  await readAll(slide, firstView(slide));
  for (const [col, row] of [
    ...Array.from({ length: 8 }, (_, i) => [100 + i, 90 + (i >> 1)] as const),
    [101, 90],
  ] as const)
    await readAll(slide, fullResolution(col, row));
  expect(askedTwice(asked)).toBe(0);
});

test('a slide opened before takes one byte to open; another file at the same address is opened anew', async () => {
  const memory = new Map<string, Parameters<HeaderMemory['keep']>[1]>();
  const headers: HeaderMemory = {
    recall: async (url) => memory.get(url),
    keep: async (url, header) => void memory.set(url, header),
  };
  (await open(headers))[Symbol.dispose]();
  await expect.poll(() => memory.size).toBe(1);
  asked.length = 0;
  using slide = await open(headers);
  expect(slide.levels).toHaveLength(9);
  expect(asked).toEqual([{ from: 0, to: 0 }]);
  await readAll(slide, firstView(slide));
  expect(asked.length).toBeLessThanOrEqual(5);

  const known = memory.get(host.url);
  if (known) memory.set(host.url, { ...known, version: '"another"' });
  asked.length = 0;
  using other = await open(headers);
  expect(other.levels).toHaveLength(9);
  expect(asked.length).toBeGreaterThan(5);
});
