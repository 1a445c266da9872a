// A wide NDPI at an address: how many requests a view takes. The slide is the derived one, its runs laid beside each other.
import { setMaxListeners } from 'node:events';
import { expect } from 'vitest';
import { openSlide } from '../open.ts';
import { release } from '../raster.ts';
import type { Slide, TileAt } from '../slide.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { largestDifference } from '../testing/pixels.ts';
import { serveRanges } from '../testing/range-server.ts';
import { sharedFile, testOn } from '../testing/shared.ts';
import { ascii, type Entry, tiffBytes } from '../testing/tiff-bytes.ts';

const { signal } = new AbortController();
setMaxListeners(500, signal);
const TIMES = 40; // beside each other

/** The largest level of an NDPI: its header, its runs row by row, each without its restart marker. */
function runsOf(bytes: Uint8Array): { header: Uint8Array; rows: Uint8Array[][]; width: number; height: number } {
  const at = 12; // the first strip, behind the header of the file
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let [scan, width, height, interval] = [at + 2, 0, 0, 1];
  for (; bytes[scan + 1] !== 0xda; scan += 2 + view.getUint16(scan + 2)) {
    if (bytes[scan + 1] === 0xc0) [height, width] = [view.getUint16(scan + 5), view.getUint16(scan + 7)];
    if (bytes[scan + 1] === 0xdd) interval = view.getUint16(scan + 4);
  }
  const start = scan + 2 + view.getUint16(scan + 2);
  const across = width / 8 / interval; // 4:4:4: units of 8 px
  const runs: Uint8Array[] = [];
  for (let from = start, i = start; runs.length < (across * height) / 8; i++) {
    const marker = bytes[i] === 0xff ? (bytes[i + 1] ?? 0) : 0;
    if (marker < 0xd0 || marker > 0xd9) continue;
    runs.push(bytes.subarray(from, i));
    from = i + 2;
  }
  const rows = Array.from({ length: height / 8 }, (_, row) => runs.slice(row * across, (row + 1) * across));
  return { header: bytes.slice(at, start), rows, width, height };
}

function wideNdpi(of: Uint8Array): Uint8Array<ArrayBuffer> {
  const { header, rows, width, height } = runsOf(of);
  const parts: Uint8Array[] = [header];
  const starts: number[] = [];
  let at = header.length;
  for (const row of rows) {
    for (let i = 0; i < row.length * TIMES; i++) {
      const run = row[i % row.length] ?? new Uint8Array(0);
      parts.push(run, Uint8Array.of(0xff, 0xd0 + (starts.length % 8)));
      starts.push(at);
      at += run.length + 2;
    }
  }
  const entries = (stripAt: number): Entry[] => [
    [256, 4, [width * TIMES]],
    [257, 4, [height]],
    [258, 3, [8, 8, 8]],
    [259, 3, [7]],
    [262, 3, [6]],
    [271, 2, ascii('Hamamatsu')],
    [273, 4, [stripAt]],
    [277, 3, [3]],
    [278, 4, [height]],
    [279, 4, [at]],
    [65_420, 4, [1]],
    [65_421, 4, [20]],
    [65_424, 4, [0]],
    [65_426, 4, starts],
  ];
  const { length } = tiffBytes([entries(0)]);
  return new Uint8Array(Buffer.concat([tiffBytes([entries(length)]), ...parts]));
}

const NAME = 'derived/cmu-crop-hamamatsu.ndpi';
testOn(
  NAME,
  'a view of a wide slide takes a request for each of its rows of runs; one beside it takes none',
  async (file) => {
    const bytes = wideNdpi(new Uint8Array(await file.arrayBuffer()));
    await using server = await serveRanges(() => bytes);
    const open = (from: string | File): Promise<Slide> => openSlide(from, { signal, decoders: nodeDecoders });
    using slide = await open(server.url);
    using stored = await open(sharedFile(NAME));
    const [level] = slide.levels;
    expect(level).toMatchObject({ widthPx: 2048 * TIMES, heightPx: 2048, tileWidth: 512, tileHeight: 512 });
    const view = (col: number, row: number): TileAt[] =>
      Array.from({ length: 6 }, (_, i) => ({ level: 0, col: col + (i % 3), row: row + Math.floor(i / 3) }));
    const shown = async (tiles: readonly TileAt[]): Promise<number> => {
      const before = server.asked.length;
      for (const raster of await Promise.all(tiles.map((at) => slide.readTile(at, { signal })))) release(raster);
      return server.asked.length - before;
    };
    const first = await shown(view(64, 1));
    const beside = await shown(view(65, 1));
    const sent = server.sent();
    console.info(`A view of 1536 × 1024 px: ${first} requests; 512 px beside it: ${beside}; ${sent} bytes in all`);
    expect(first).toBeLessThanOrEqual(2 * 64 + 4); // rows of runs, and the list of where they begin
    expect(beside).toBe(0);
    const ranges = server.asked.map(({ from, to }) => [from, to] as const).sort(([a], [b]) => a - b);
    for (const [i, [from]] of ranges.entries()) expect(from).toBeGreaterThan(ranges[i - 1]?.[1] ?? -1); // no byte twice
    const [wide, truth] = [
      await slide.readTile({ level: 0, col: 65, row: 2 }, { signal }),
      await stored.readTile({ level: 0, col: 1, row: 2 }, { signal }),
    ];
    if (!('rgba' in wide) || !('rgba' in truth)) throw new Error('no pixels');
    expect(largestDifference(wide, truth)).toBe(0);
  },
);
