// The tiles of one TIFF page: where their bytes are, how they decode, what is cut off at the edges.
import type { Waits } from '#channel/waits.ts';
import { EosinError, failureOf, isAbort } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import type { ByteSource } from './byte-source.ts';
import type { Decoders } from './decode.ts';
import { frameOf, isComplete, spliced } from './jpeg.ts';
import { blankPixels, cropped, pixelsOf, release } from './raster.ts';
import { SharedCache } from './shared-cache.ts';
import type { Level, Pixels, Raster, TileAt } from './slide.ts';
import { COMPRESSION, isSliceable, type Page } from './tiff-page.ts';
import type { TileCache } from './tile-cache.ts';
import type { PackedBlock } from './unpack.ts';

/** What a format needs to turn a place in a file into a picture. */
export interface Reading {
  readonly source: ByteSource;
  readonly tiles: TileCache;
  readonly decoders: Decoders;
}

/** A tile that the file leaves out: empty glass by the maker's intention (sparse files), or a gap that is reported. */
export type AbsentTiles = 'glass' | 'gap';

type Bytes = Uint8Array<ArrayBuffer>;

/** Reads one level. `at.level` is only for messages and keys: the reader belongs to one page. */
export type TileReader = (at: TileAt, waits: Waits) => Promise<Raster>;

const STRIP_TILE = 512; //                   pixels: side of the tiles that a page of strips is shown in
const STRIP_BUDGET = 64 * 1024 * 1024; //    bytes of decoded strips kept, shared by the tiles beside each other

/** The tile grid of a page as a level shows it. */
export const tileSizeOf = (page: Page): { tileWidth: number; tileHeight: number } =>
  page.tiled
    ? { tileWidth: page.tileWidth, tileHeight: page.tileHeight }
    : { tileWidth: Math.min(STRIP_TILE, page.width), tileHeight: Math.min(STRIP_TILE, page.height) };

/** The part of a level that a tile covers, in that level's pixels. @throws RangeError outside of the level */
export function tileRect(level: Pick<Level, 'widthPx' | 'heightPx' | 'tileWidth' | 'tileHeight'>, at: TileAt): Rect {
  const x = at.col * level.tileWidth;
  const y = at.row * level.tileHeight;
  if (!(at.col >= 0 && at.row >= 0 && x < level.widthPx && y < level.heightPx)) {
    throw new RangeError(`Level ${at.level} has no tile in column ${at.col}, row ${at.row}`);
  }
  const width = Math.min(level.tileWidth, level.widthPx - x);
  const height = Math.min(level.tileHeight, level.heightPx - y);
  return { x, y, width, height };
}

export function tileReaderOf(page: Page, reading: Reading, absent: AbsentTiles): TileReader {
  if (page.tiled) return tiledReader(page, reading, absent);
  return isSliceable(page) ? rowReader(page, reading) : stripReader(page, reading);
}

const gridOf = (page: Page) => ({ widthPx: page.width, heightPx: page.height, ...tileSizeOf(page) });

function tiledReader(page: Page, reading: Reading, absent: AbsentTiles): TileReader {
  return async (at, waits) => {
    const { width, height } = tileRect(gridOf(page), at);
    const index = at.row * page.columns + at.col;
    return marked(at, waits, async () => {
      const bytes = await storedBytes(page, reading, at.level, index, waits);
      if (!bytes && absent === 'gap') throw new Error('the file leaves it out');
      if (!bytes) return blankPixels(width, height);
      try {
        const raster = await decoded(page, bytes, page.tileHeight, reading.decoders, waits);
        return inside(raster, { x: 0, y: 0, width, height });
      } catch (thrown) {
        if (!waits.signal.aborted) await forgetBytes(page, reading, at.level, index, waits);
        throw thrown;
      }
    });
  };
}

/** Strips: those under the tile are decoded, kept for its neighbours, and put together. */
function stripReader(page: Page, reading: Reading): TileReader {
  const strips = new SharedCache<number, Pixels>(STRIP_BUDGET, ({ rgba }) => rgba.byteLength);
  const readStrip = async (level: number, strip: number, waits: Waits): Promise<Pixels> => {
    const height = Math.min(page.tileHeight, page.height - strip * page.tileHeight);
    const bytes = await storedBytes(page, reading, level, strip, waits);
    if (!bytes) return blankPixels(page.width, height);
    const raster = await decoded(page, bytes, height, reading.decoders, waits);
    try {
      if (raster.width < page.width || raster.height < height) throw tooSmall(raster);
      return pixelsOf(raster, { x: 0, y: 0, width: page.width, height });
    } finally {
      release(raster);
    }
  };
  return async (at, waits) => {
    const { x, y, width, height } = tileRect(gridOf(page), at);
    return marked(at, waits, async () => {
      const out = blankPixels(width, height);
      const first = Math.floor(y / page.tileHeight);
      const last = Math.floor((y + height - 1) / page.tileHeight);
      for (let strip = first; strip <= last; strip++) {
        const pixels = await strips.get(strip, (shared) => readStrip(at.level, strip, shared), waits);
        const top = strip * page.tileHeight;
        for (let row = Math.max(y, top); row < Math.min(y + height, top + pixels.height); row++) {
          const from = ((row - top) * pixels.width + x) * 4;
          out.rgba.set(pixels.rgba.subarray(from, from + width * 4), (row - y) * width * 4);
        }
      }
      return out;
    });
  };
}

/** Uncompressed strips: only the rows under the tile are read, however high the strip. */
function rowReader(page: Page, reading: Reading): TileReader {
  const rowBytes = page.width * page.samples;
  return async (at, waits) => {
    const { x, y, width, height } = tileRect(gridOf(page), at);
    return marked(at, waits, async () => {
      const packed = new Uint8Array(width * height * page.samples).fill(page.photometric === 0 ? 0 : 255); // absent: white
      for (let row = y; row < y + height; ) {
        const strip = Math.floor(row / page.tileHeight);
        const inStrip = row - strip * page.tileHeight;
        const rows = Math.min(page.tileHeight - inStrip, y + height - row);
        const offset = await page.offsets.at(strip, waits);
        const count = await page.byteCounts.at(strip, waits);
        if (offset > 0 && count > 0) {
          if ((inStrip + rows) * rowBytes > count)
            throw new Error(`its strip holds ${count} bytes, too few for its rows`);
          const key = `${reading.source.identity}/${at.level}/rows ${row}+${rows}`;
          const from = offset + inStrip * rowBytes;
          const bytes = await reading.tiles.get(
            key,
            (during) => reading.source.read(from, rows * rowBytes, during),
            waits,
          );
          for (let i = 0; i < rows; i++) {
            const start = i * rowBytes + x * page.samples;
            const to = (row - y + i) * width * page.samples;
            packed.set(bytes.subarray(start, start + width * page.samples), to);
          }
        }
        row += rows;
      }
      return reading.decoders.block({ ...blockOf(page, packed, height), width }, waits);
    });
  };
}

/** The tile's bytes through the cache; undefined where the file leaves the tile out. */
async function storedBytes(
  page: Page,
  reading: Reading,
  level: number,
  index: number,
  waits: Waits,
): Promise<Bytes | undefined> {
  const [offset, count] = await Promise.all([page.offsets.at(index, waits), page.byteCounts.at(index, waits)]);
  if (offset === 0 || count === 0) return undefined;
  // Four times the raw size is more than any packing needs; a larger claim is a lie.
  if (count > 4 * page.tileWidth * page.tileHeight * page.samples + 65_536) throw new Error(`it claims ${count} bytes`);
  return reading.tiles.get(
    tileKey(reading, level, index),
    (during) => reading.source.read(offset, count, during),
    waits,
  );
}

/** They may have been broken on their way: who asks for the tile again has them fetched anew. */
async function forgetBytes(page: Page, reading: Reading, level: number, index: number, waits: Waits): Promise<void> {
  const [offset, count] = await Promise.all([page.offsets.at(index, waits), page.byteCounts.at(index, waits)]);
  reading.tiles.forgetTile(tileKey(reading, level, index));
  reading.source.forget?.(offset, count);
}

const tileKey = ({ source }: Reading, level: number, index: number): string => `${source.identity}/${level}/${index}`;

async function decoded(page: Page, bytes: Bytes, height: number, decoders: Decoders, waits: Waits): Promise<Raster> {
  if (page.compression !== COMPRESSION.jpeg) return decoders.block(blockOf(page, bytes, height), waits);
  const jpeg = spliced(bytes, page.jpegTables, page.photometric === 2 ? 'rgb' : 'stream');
  const frame = frameOf(jpeg);
  if (!frame) throw new Error('it holds no JPEG picture');
  if (frame.bits !== 8 || frame.width > page.tileWidth * 2 || frame.height > page.tileHeight * 2) {
    throw new Error(`its JPEG header says ${frame.width} × ${frame.height} pixels of ${frame.bits} bits`);
  }
  if (!isComplete(jpeg)) throw new Error('its JPEG data is cut short');
  return decoders.image(jpeg, 'image/jpeg', waits);
}

const blockOf = (page: Page, bytes: Bytes, height: number): PackedBlock => ({
  bytes,
  compression: page.compression,
  width: page.tileWidth,
  height,
  samples: page.samples,
  predictor: page.predictor,
  inverted: page.photometric === 0,
  alpha: page.extraSample === 1 ? 'premultiplied' : page.extraSample === 2 ? 'straight' : 'none',
});

/** Takes `raster` over. */
async function inside(raster: Raster, area: Rect): Promise<Raster> {
  if (raster.width < area.width || raster.height < area.height) {
    const error = tooSmall(raster);
    release(raster);
    throw error;
  }
  return cropped(raster, area);
}

const tooSmall = (raster: Raster): Error => new Error(`it is only ${raster.width} × ${raster.height} pixels`);

const PASSED_ON = new Set(['Unreachable', 'NotFound', 'NoRanges', 'SlideChanged', 'WorkerDied', 'UseAfterDispose']);

/** Whatever goes wrong with a tile's content says which tile it was; the network's failures and aborts stay themselves. */
async function marked(at: TileAt, { signal }: Waits, read: () => Promise<Raster>): Promise<Raster> {
  signal.throwIfAborted();
  let raster: Raster;
  try {
    raster = await read();
  } catch (thrown) {
    signal.throwIfAborted();
    if (isAbort(thrown) || PASSED_ON.has(failureOf(thrown).tag)) throw thrown;
    const failure = failureOf(thrown);
    const said = 'reason' in failure ? failure.reason : 'seen' in failure ? failure.seen : failure.tag;
    const reason = said.replace(/\.?\s*$/, ''); // the sentence it ends brings its own full stop
    const { level, col, row } = at;
    throw new EosinError({ tag: 'CorruptTile', level, col, row, reason }, { cause: thrown });
  }
  if (signal.aborted) {
    release(raster);
    throw signal.reason;
  }
  return raster;
}
