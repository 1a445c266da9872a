// Hamamatsu NDPI: each level is one JPEG in one strip, far too large to decode as a whole. Restart markers cut it into
// runs that decode by themselves, and a list of where they start comes with it: a tile is a JPEG of our own out of them.

import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { decodedJpeg } from '../decode-jpeg.ts';
import { joined } from '../joined.ts';
import { frameOf, isStartOfFrame, segmentsOf } from '../jpeg.ts';
import { layeredSlide, type ReadableLevel } from '../layered-slide.ts';
import type { Reading } from '../page-tile.ts';
import { middleOf, planeNames, planeProperties, planesOf } from '../planes.ts';
import type { Raster, TileWaits } from '../slide.ts';
import type { LongList } from '../tiff.ts';
import type { Page } from '../tiff-page.ts';
import { gridOf, inside, marked, orForgotten, type PageLevel, tileReaderOf, tileRect } from '../tile-reader.ts';
import { endsIn, type SlideFormat } from './format.ts';
import { assertReadable, mppOfResolution, pagesOf, pictureReader, profileOf, tiffProperties } from './tiff-slide.ts';

const OWN_TAG = { version: 65420, lens: 65421, focus: 65424, starts: 65426, startsUpper: 65432 } as const;

export const ndpi: SlideFormat = {
  name: 'Hamamatsu NDPI',
  matches: ({ tiff, name }) =>
    tiff !== undefined && (tiff.first.directory.has(OWN_TAG.version) || endsIn(name, '.ndpi')),
  async open({ tiff }, reading, waits) {
    if (!tiff) throw new EosinError({ tag: 'Unexpected', reason: 'An NDPI is a TIFF.' });
    const pages = [tiff.first, ...(await pagesOf(tiff.chain.slice(1), reading, waits))];
    const told = await Promise.all(
      pages.map(async (page) => ({
        page,
        lens: (await page.directory.numbers(OWN_TAG.lens, waits))[0] ?? 0, // −1 the macro, −2 a map
        focus: (await page.directory.numbers(OWN_TAG.focus, waits))[0] ?? 0, // nm from the plane in focus
      })),
    );
    const all = told.filter(({ lens }) => lens > 0).sort((a, b) => b.page.width - a.page.width);
    // Those of the largest level; the others may hold fewer, and then show the one in focus.
    const depths = [...new Set(all.filter(({ page }) => page.width === all[0]?.page.width).map(({ focus }) => focus))];
    depths.sort((a, b) => a - b);
    const names = planeNames(depths.length, (plane) => (depths[plane] ?? 0) / 1000);
    const inFocus = depths.indexOf(0);
    const planes = planesOf(reading, names, inFocus < 0 ? middleOf(depths.length) : inFocus);
    const focus = depths[planes?.shown ?? 0] ?? 0;
    const levelPages = all.filter(
      ({ page, ...here }) =>
        here.focus === focus ||
        (here.focus === 0 && !all.some((one) => one.page.width === page.width && one.focus === focus)),
    );
    const [base] = levelPages;
    if (!base) throw new EosinError({ tag: 'CorruptSlide', name: reading.source.name, reason: 'it holds no level' });
    const levels = await Promise.all(levelPages.map(({ page }, index) => levelOf(page, index, reading, waits)));
    const mpp = await mppOfResolution(base.page.directory, waits);
    const properties = await tiffProperties(base.page.directory, waits);
    properties['openslide.vendor'] = 'hamamatsu';
    if (mpp) {
      properties['openslide.mpp-x'] = String(mpp.x);
      properties['openslide.mpp-y'] = String(mpp.y);
    }
    properties['openslide.objective-power'] = String(base.lens);
    Object.assign(properties, planeProperties(planes));
    const macro = told.find(({ lens }) => lens === -1);
    const associated = new Map(macro ? [['macro', pictureReader(macro.page, reading)]] : []);
    const facts = { format: ndpi.name, vendor: 'hamamatsu', mpp, objective: base.lens, properties, planes };
    const colourProfile = await profileOf(base.page, waits);
    return layeredSlide({ levels, facts, associated, colourProfile }, reading);
  },
};

const HEADER = 64 * 1024; //         bytes at most, from the JPEG's start to its first scan
const TILE = 512; //                 pixels: about how large tiles are made
const MOST_SPAN = 2 * 1024 * 1024; // bytes read at once for a tile rather than row by row

async function levelOf(page: Page, index: number, reading: Reading, waits: Waits): Promise<ReadableLevel> {
  const cut = await cutOf(page, reading, waits);
  if (cut) return cutLevel(page, cut, reading);
  assertReadable(page, reading);
  const level: PageLevel = { page, absent: 'gap' };
  const read = tileReaderOf(level, reading);
  return { grid: gridOf(level), read: (at, during) => read({ ...at, level: index }, during) };
}

/** How a strip is cut by its restart markers. */
interface Cut {
  readonly header: Uint8Array<ArrayBuffer>; // up to the first run, ours to change
  readonly sizeAt: number; //                  where in it the height and width are
  readonly stripAt: number; //                 in the file
  readonly stripEnd: number;
  readonly runWidth: number; //                pixels
  readonly runHeight: number;
  readonly runsAcross: number;
  readonly starts: LongList; //                of each run, from the strip's start
  readonly startsUpper: LongList | undefined; // their upper 32 bits
}

/** @returns undefined where the level cannot be cut: then it must be small enough to decode as a whole */
async function cutOf(page: Page, { source }: Reading, waits: Waits): Promise<Cut | undefined> {
  const starts = page.directory.list(OWN_TAG.starts);
  if (page.tiled || page.rows !== 1 || !starts || starts.length < 2) return undefined;
  const stripAt = await page.offsets.at(0, waits);
  const stripEnd = stripAt + (await page.byteCounts.at(0, waits));
  const first = await starts.at(0, waits);
  if (first > HEADER) return undefined;
  const header = (await source.read(stripAt, first, waits)).slice();
  const segments = segmentsOf(header);
  const frame = segments.find(({ marker }) => isStartOfFrame(marker));
  const restart = segments.find(({ marker }) => marker === 0xdd);
  const components = frameOf(header)?.components ?? 0;
  if (!frame || !restart || segments.at(-1)?.marker !== 0xda) return undefined;
  const factors = Array.from({ length: components }, (_, c) => header[frame.start + 11 + 3 * c] ?? 0x11);
  const unit = components === 1 ? 0x11 : 0; // a single component is never interleaved
  const across = 8 * Math.max(...factors.map((factor) => (unit || factor) >> 4));
  const down = 8 * Math.max(...factors.map((factor) => (unit || factor) & 15));
  const interval = ((header[restart.start + 4] ?? 0) << 8) | (header[restart.start + 5] ?? 0);
  const unitsAcross = Math.ceil(page.width / across);
  const runsAcross = unitsAcross / interval;
  const runsDown = Math.ceil(page.height / down);
  if (!Number.isInteger(runsAcross) || starts.length < runsAcross * runsDown) return undefined;
  return {
    header,
    sizeAt: frame.start + 5,
    stripAt,
    stripEnd,
    runWidth: interval * across,
    runHeight: down,
    runsAcross,
    starts,
    startsUpper: page.directory.list(OWN_TAG.startsUpper),
  };
}

function cutLevel(page: Page, cut: Cut, reading: Reading): ReadableLevel {
  const { runWidth, runHeight, runsAcross } = cut;
  const across = Math.min(runsAcross, Math.max(1, Math.round(TILE / runWidth)));
  const down = Math.max(1, Math.round(TILE / runHeight));
  const grid = {
    widthPx: page.width,
    heightPx: page.height,
    tileWidth: Math.min(page.width, across * runWidth),
    tileHeight: Math.min(page.height, down * runHeight),
  };
  return {
    grid,
    read: (at, waits) => {
      const { x, y, width, height } = tileRect(grid, at);
      return marked(at, waits, async (during) => {
        const firstRow = y / runHeight;
        const firstCol = x / runWidth;
        const runs = {
          firstRow,
          rows: Math.ceil(height / runHeight),
          firstCol,
          columns: Math.ceil(width / runWidth),
        };
        const key = `${reading.source.identity}/${page.identity}/${at.col},${at.row}`;
        const jpeg = await reading.tiles.get(key, (shared) => jpegOf(cut, runs, width, reading, shared), during);
        const decode = async (waits: TileWaits): Promise<Raster> => {
          const most = { width: grid.tileWidth, height: grid.tileHeight + runHeight };
          const raster = await decodedJpeg(jpeg, most, reading.decoders, waits);
          return inside(raster, { x: 0, y: 0, width, height });
        };
        return orForgotten(during, decode, () => reading.tiles.forgetTile(key));
      });
    },
  };
}

interface Runs {
  readonly firstCol: number;
  readonly columns: number;
  readonly firstRow: number;
  readonly rows: number;
}

/** The header with another size, then the runs, each closed by the restart marker that its place asks for. */
async function jpegOf(
  cut: Cut,
  runs: Runs,
  width: number,
  { source }: Reading,
  waits: Waits,
): Promise<Uint8Array<ArrayBuffer>> {
  const { runsAcross, stripAt, stripEnd, starts, startsUpper } = cut;
  const startOf = async (run: number): Promise<number> => {
    if (run >= starts.length) return stripEnd;
    const upper = startsUpper && run < startsUpper.length ? await startsUpper.at(run, waits) : 0;
    return stripAt + (await starts.at(run, waits)) + upper * 2 ** 32;
  };
  const ranges = await Promise.all(
    Array.from({ length: runs.rows }, async (_, i) => {
      const first = (runs.firstRow + i) * runsAcross + runs.firstCol;
      const places = await Promise.all(Array.from({ length: runs.columns + 1 }, (_, k) => startOf(first + k)));
      return places;
    }),
  );
  const ordered = ranges.every((places) => places.every((place, k) => k === 0 || place > (places[k - 1] ?? 0)));
  const needed = ranges.reduce((sum, places) => sum + ((places.at(-1) ?? 0) - (places[0] ?? 0)), 0);
  if (!ordered || needed > MOST_TILE) throw new Error('the list of its restart markers is damaged');
  const read = (from: number, length: number): Promise<Uint8Array> => source.read(from, length, waits);
  const rows = await rowsOf(cut, runs, ranges, startOf, read);

  const parts: Uint8Array[] = [headerOf(cut, width, runs.rows * cut.runHeight)];
  let count = 0;
  for (const [row, places] of ranges.entries()) {
    const start = places[0] ?? 0;
    const bytes = rows[row] ?? new Uint8Array(0);
    for (let k = 0; k < runs.columns; k++) {
      // Each run is followed by its restart marker, the last of the strip by the end of the picture.
      parts.push(bytes.subarray((places[k] ?? 0) - start, (places[k + 1] ?? 0) - start - 2));
      const last = k === runs.columns - 1 && places === ranges.at(-1);
      parts.push(Uint8Array.of(0xff, last ? 0xd9 : 0xd0 + (count++ % 8)));
    }
  }
  return joined(parts);
}

/**
 * The bytes of each row of runs. Of a slide that is not wide the rows lie close together, and one read brings them all. Of a
 * wide one each row takes a read, all of them at the same time, and each brings the runs beside it, where the next tiles are.
 * @param startOf where a run begins in the file
 */
async function rowsOf(
  { runsAcross, starts, stripAt, stripEnd }: Cut,
  runs: Runs,
  ranges: readonly (readonly number[])[],
  startOf: (run: number) => Promise<number>,
  read: (from: number, length: number) => Promise<Uint8Array>,
): Promise<Uint8Array[]> {
  const rows = ranges.map((places) => ({ from: places[0] ?? 0, to: places.at(-1) ?? 0 }));
  const [from, to] = [rows[0]?.from ?? 0, rows.at(-1)?.to ?? 0];
  if (from >= to) throw new Error('the list of its restart markers is damaged');
  const needed = rows.reduce((sum, row) => sum + row.to - row.from, 0);
  if (to - from <= Math.max(MOST_SPAN, 2 * needed)) {
    const all = await read(from, to - from);
    return rows.map((row) => all.subarray(row.from - from, row.to - from));
  }
  const mean = Math.max(1, (stripEnd - stripAt) / starts.length); // bytes of a run
  const tiles = Math.max(1, Math.floor(AHEAD / (mean * runs.columns)));
  const together = runs.columns * tiles; // runs; beside each other they begin where the others end
  const first = Math.floor(runs.firstCol / together) * together;
  const end = Math.min(first + together, runsAcross);
  return Promise.all(
    rows.map(async (row, i) => {
      const number = (runs.firstRow + i) * runsAcross;
      const [start, stop] = await Promise.all([startOf(number + first), startOf(number + end)]);
      const sound = start <= row.from && stop >= row.to && stop - start <= 4 * AHEAD;
      if (!sound) return read(row.from, row.to - row.from);
      return (await read(start, stop - start)).subarray(row.from - start, row.to - start);
    }),
  );
}

const AHEAD = 16 * 1024; // bytes of a row that are read together: little beside what a request costs
const MOST_TILE = 32 * 1024 * 1024; // bytes

function headerOf({ header, sizeAt }: Cut, width: number, height: number): Uint8Array {
  const out = header.slice();
  const view = new DataView(out.buffer);
  view.setUint16(sizeAt, height);
  view.setUint16(sizeAt + 2, width);
  return out;
}
