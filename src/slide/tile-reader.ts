// The tiles of one TIFF page as a level shows them: what is cut off at the edges, and what strips are put together.
import type { Waits } from '#channel/waits.ts';
import { EosinError, failureOf, isAbort } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import {
  decodedTile,
  forgetBytes,
  packedBlock,
  type Reading,
  type Shown,
  shownAsStored,
  storedPieces,
} from './page-tile.ts';
import { blankPixels, cropped, pixelsOf, release } from './raster.ts';
import { SharedCache } from './shared-cache.ts';
import type { Level, Pixels, Raster, TileAt, TileWaits } from './slide.ts';
import { isSliceable, type Page } from './tiff-page.ts';

/** A tile that the file leaves out: empty glass by the maker's intention (sparse files), or a gap that is reported. */
export type AbsentTiles = 'glass' | 'gap';

/** How a page is shown as a level. */
export interface PageLevel {
  readonly page: Page;
  readonly absent: AbsentTiles;
  readonly shown?: Shown;
  /** Where the page is padded: the part that counts, from its top left corner. */
  readonly widthPx?: number;
  readonly heightPx?: number;
  /** How often the tiles are halved as they are decoded; only of JPEG 2000. */
  readonly halved?: number;
  /** See Level. */
  readonly onlyShown?: true;
}

/** Reads one level. `at.level` is only for messages: the reader belongs to one page. */
export type TileReader = (at: TileAt, waits: TileWaits) => Promise<Raster>;

export type Grid = Pick<Level, 'widthPx' | 'heightPx' | 'tileWidth' | 'tileHeight'>;

const STRIP_TILE = 512; //                   pixels: side of the tiles that a page of strips is shown in
const STRIP_BUDGET = 64 * 1024 * 1024; //    bytes of decoded strips kept, shared by the tiles beside each other

const STRIPS_AT_ONCE = 16 * 1024 * 1024; //  bytes of strips that are read together for a tile

/** The tile grid of a page as a level shows it. */
export function gridOf({ page, widthPx = page.width, heightPx = page.height, halved = 0 }: PageLevel): Grid {
  if (!page.tiled) {
    return { widthPx, heightPx, tileWidth: Math.min(STRIP_TILE, widthPx), tileHeight: Math.min(STRIP_TILE, heightPx) };
  }
  const part = 2 ** halved;
  return {
    widthPx: Math.ceil(widthPx / part),
    heightPx: Math.ceil(heightPx / part),
    tileWidth: page.tileWidth / part,
    tileHeight: page.tileHeight / part,
  };
}

/** The part of a level that a tile covers, in that level's pixels. @throws RangeError outside of the level */
export function tileRect(level: Grid, at: TileAt): Rect {
  const x = at.col * level.tileWidth;
  const y = at.row * level.tileHeight;
  if (!(at.col >= 0 && at.row >= 0 && x < level.widthPx && y < level.heightPx)) {
    throw new RangeError(`Level ${at.level} has no tile in column ${at.col}, row ${at.row}`);
  }
  const width = Math.min(level.tileWidth, level.widthPx - x);
  const height = Math.min(level.tileHeight, level.heightPx - y);
  return { x, y, width, height };
}

export function tileReaderOf(level: PageLevel, reading: Reading): TileReader {
  if (level.page.tiled) return tiledReader(level, reading);
  return isSliceable(level.page) ? rowReader(level, reading) : stripReader(level, reading);
}

function tiledReader(level: PageLevel, reading: Reading): TileReader {
  const { page, absent, halved = 0, shown = shownAsStored(page) } = level;
  const grid = gridOf(level);
  return async (at, waits) => {
    const { width, height } = tileRect(grid, at);
    const index = at.row * page.columns + at.col;
    return marked(at, waits, async (during) => {
      const pieces = await storedPieces(page, reading, shown, index, during);
      if (!pieces && absent === 'gap') throw new Error('the file leaves it out');
      if (!pieces) return blankPixels(width, height);
      const decode = async (waits: TileWaits): Promise<Raster> => {
        const how = { height: page.tileHeight, halved, shown };
        const raster = await decodedTile(page, pieces, how, reading.decoders, waits);
        return inside(raster, { x: 0, y: 0, width, height });
      };
      return orForgotten(during, decode, () => forgetBytes(page, reading, index, during));
    });
  };
}

/** Strips: those under the tile are decoded, kept for its neighbours, and put together. */
function stripReader(level: PageLevel, reading: Reading): TileReader {
  const { page, shown = shownAsStored(page) } = level;
  const grid = gridOf(level);
  const strips = new SharedCache<number, Pixels>(STRIP_BUDGET, ({ rgba }) => rgba.byteLength);
  const readStrip = async (strip: number, waits: Waits): Promise<Pixels> => {
    const height = Math.min(page.tileHeight, page.height - strip * page.tileHeight);
    const pieces = await storedPieces(page, reading, shown, strip, waits);
    if (!pieces) return blankPixels(page.width, height);
    const raster = await decodedTile(page, pieces, { height, halved: 0, shown }, reading.decoders, waits);
    try {
      if (raster.width < page.width || raster.height < height) throw tooSmall(raster);
      return pixelsOf(raster, { x: 0, y: 0, width: page.width, height });
    } finally {
      release(raster);
    }
  };
  return async (at, waits) => {
    const { x, y, width, height } = tileRect(grid, at);
    return marked(at, waits, async () => {
      const out = blankPixels(width, height);
      const copy = async (strip: number): Promise<void> => {
        const pixels = await strips.get(strip, (shared) => readStrip(strip, shared), waits);
        const top = strip * page.tileHeight;
        for (let row = Math.max(y, top); row < Math.min(y + height, top + pixels.height); row++) {
          const from = ((row - top) * pixels.width + x) * 4;
          out.rgba.set(pixels.rgba.subarray(from, from + width * 4), (row - y) * width * 4);
        }
      };
      await eachStrip(page, { y, height }, page.width * page.tileHeight * 4, copy);
      return out;
    });
  };
}

/** The strips under some rows, together as far as the memory for them goes. @param bytes that a strip takes */
async function eachStrip(
  page: Page,
  { y, height }: Pick<Rect, 'y' | 'height'>,
  bytes: number,
  read: (strip: number) => Promise<void>,
): Promise<void> {
  const first = Math.floor(y / page.tileHeight);
  const last = Math.floor((y + height - 1) / page.tileHeight);
  const together = Math.max(1, Math.floor(STRIPS_AT_ONCE / bytes));
  for (let strip = first; strip <= last; strip += together) {
    const count = Math.min(together, last + 1 - strip);
    await Promise.all(Array.from({ length: count }, (_, i) => read(strip + i)));
  }
}

/** Uncompressed strips: only the rows under the tile are read, however high the strip. */
function rowReader(level: PageLevel, reading: Reading): TileReader {
  const { page, shown = shownAsStored(page) } = level;
  const grid = gridOf(level);
  const pixelBytes = (page.samples * page.depth) / 8;
  const rowBytes = page.width * pixelBytes;
  return async (at, waits) => {
    const { x, y, width, height } = tileRect(grid, at);
    return marked(at, waits, async () => {
      const packed = new Uint8Array(width * height * pixelBytes).fill(page.photometric === 0 ? 0 : 255); // absent: white
      const copy = async (strip: number): Promise<void> => {
        const top = strip * page.tileHeight;
        const row = Math.max(y, top);
        const rows = Math.min(top + page.tileHeight, y + height) - row;
        const [offset, count] = await Promise.all([page.offsets.at(strip, waits), page.byteCounts.at(strip, waits)]);
        if (offset === 0 || count === 0) return;
        if ((row - top + rows) * rowBytes > count)
          throw new Error(`its strip holds ${count} bytes, too few for its rows`);
        const key = `${reading.source.identity}/${page.identity}/rows ${row}+${rows}`;
        const from = offset + (row - top) * rowBytes;
        const bytes = await reading.tiles.get(
          key,
          (during) => reading.source.read(from, rows * rowBytes, during),
          waits,
        );
        for (let i = 0; i < rows; i++) {
          const start = i * rowBytes + x * pixelBytes;
          const to = (row - y + i) * width * pixelBytes;
          packed.set(bytes.subarray(start, start + width * pixelBytes), to);
        }
      };
      await eachStrip(page, { y, height }, rowBytes * Math.min(height, page.tileHeight), copy);
      return reading.decoders.block({ ...packedBlock(page, [packed], height, shown), width }, waits);
    });
  };
}

/** Takes `raster` over. */
export async function inside(raster: Raster, area: Rect): Promise<Raster> {
  if (raster.width < area.x + area.width || raster.height < area.y + area.height) {
    const error = tooSmall(raster);
    release(raster);
    throw error;
  }
  return cropped(raster, area);
}

const tooSmall = (raster: Raster): Error => new Error(`it is only ${raster.width} × ${raster.height} pixels`);

const PASSED_ON = new Set(['Unreachable', 'NotFound', 'NoRanges', 'SlideChanged', 'WorkerDied', 'UseAfterDispose']);

/** What was wrong, as the end of a sentence that brings its own full stop. */
export function whatWasWrong(thrown: unknown): string {
  const failure = failureOf(thrown);
  const said = 'reason' in failure ? failure.reason : 'seen' in failure ? failure.seen : failure.tag;
  return said.replace(/\.?\s*$/, '');
}

/**
 * What a look at a tile found; undefined for a damaged one, which tells itself where it is shown.
 * @throws the network's failures and aborts
 */
export async function unlessDamaged<T>({ signal }: Waits, look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (thrown) {
    signal.throwIfAborted();
    if (isAbort(thrown) || PASSED_ON.has(failureOf(thrown).tag)) throw thrown;
    return undefined;
  }
}

/** What `failed` makes of a failure, it makes of damage that is found when the picture is there, too. */
async function followed(
  { signal, onLook }: TileWaits,
  read: (waits: TileWaits) => Promise<Raster>,
  failed: (thrown: unknown) => Promise<never>,
): Promise<Raster> {
  try {
    return await read({ signal, onLook: onLook && ((whole) => onLook(whole.catch(failed))) });
  } catch (thrown) {
    return failed(thrown);
  }
}

/** Bytes that do not decode may have been broken on their way: who asks for the tile again has them fetched anew. */
export function orForgotten(
  waits: TileWaits,
  decode: (waits: TileWaits) => Promise<Raster>,
  forget: () => Promise<void> | void,
): Promise<Raster> {
  return followed(waits, decode, async (thrown) => {
    if (!waits.signal.aborted) await forget();
    throw thrown;
  });
}

/** Whatever goes wrong with a tile's content says which tile it was; the network's failures and aborts stay themselves. */
export async function marked(
  at: TileAt,
  waits: TileWaits,
  read: (waits: TileWaits) => Promise<Raster>,
): Promise<Raster> {
  const { signal } = waits;
  signal.throwIfAborted();
  const raster = await followed(waits, read, async (thrown) => {
    signal.throwIfAborted();
    if (isAbort(thrown) || PASSED_ON.has(failureOf(thrown).tag)) throw thrown;
    const { level, col, row } = at;
    throw new EosinError({ tag: 'CorruptTile', level, col, row, reason: whatWasWrong(thrown) }, { cause: thrown });
  });
  if (signal.aborted) {
    release(raster);
    throw signal.reason;
  }
  return raster;
}
