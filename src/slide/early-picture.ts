// The smallest level of a pyramid before its directories are walked: where each level is followed by its directory, the
// last one lies at the file's end, and so does all that it tells of.
import type { Waits } from '#channel/waits.ts';
import { FIRST_BYTES } from './byte-source.ts';
import { isReduced } from './formats/tiff-slide.ts';
import type { Reading } from './page-tile.ts';
import { release } from './raster.ts';
import type { Raster } from './slide.ts';
import type { TiffBeginning } from './tiff.ts';
import { type Page, readPage, SUBFILE, whyUnreadable } from './tiff-page.ts';
import { gridOf, type PageLevel, tileReaderOf } from './tile-reader.ts';

/** All of a slide, small, while it is still being opened. The receiver owns the raster. */
export interface EarlyPicture {
  readonly widthPx: number; // of level 0
  readonly heightPx: number;
  readonly raster: Raster;
}

/**
 * Only of a picture that any TIFF's reader takes for a level: said to be a smaller version, of the first page's shape and
 * kind, in one tile. A label or a macro is none, and makers who have those are not looked at.
 * @returns undefined where there is none, or it does not decode: opening tells what is wrong
 */
export async function earlyPicture(
  beginning: TiffBeginning,
  reading: Reading,
  waits: Waits,
): Promise<EarlyPicture | undefined> {
  const { source } = reading;
  const start = Math.max(0, source.size - FIRST_BYTES);
  const at = lastDirectoryIn(await source.read(start, source.size - start, waits), beginning);
  if (at === undefined) return undefined;
  const first = await readPage(source, beginning.first, waits);
  if (first.description !== '') return undefined;
  const page = await readPage(source, await beginning.readDirectory(start + at, waits), waits);
  if (!isSmallest(page, first)) return undefined;
  const level: PageLevel = { page, absent: 'glass' };
  const raster = await tileReaderOf(level, reading)({ level: 0, col: 0, row: 0 }, waits);
  if (!waits.signal.aborted) return { widthPx: first.width, heightPx: first.height, raster };
  release(raster);
  throw waits.signal.reason;
}

function isSmallest(page: Page, first: Page): boolean {
  const { widthPx, tileWidth, heightPx, tileHeight } = gridOf({ page, absent: 'glass' });
  const alike =
    page.compression === first.compression && page.photometric === first.photometric && page.samples === first.samples;
  const whole = page.depth === 8 && whyUnreadable(page) === undefined && page.tiled && first.tiled;
  const isOne = widthPx <= tileWidth && heightPx <= tileHeight && page.tileWidth === first.tileWidth;
  return alike && whole && isOne && page.subfileType === SUBFILE.reduced && isReduced(page, first, first);
}

const [WIDTH, HEIGHT, TILES] = [256, 257, 324];
const MOST_FIELDS = 64;

/**
 * Where the last directory begins that has none behind it: its entries in order, of known types, with a size and tiles.
 * @param end the last bytes of a file
 */
export function lastDirectoryIn(
  end: Uint8Array<ArrayBuffer>,
  { big, littleEndian }: { readonly big: boolean; readonly littleEndian: boolean },
): number | undefined {
  const view = new DataView(end.buffer, end.byteOffset, end.byteLength);
  const [countSize, fieldSize, wordSize] = big ? [8, 20, 8] : [2, 12, 4];
  const word = (at: number): number =>
    big ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
  for (let at = end.length - 3 * fieldSize - countSize - wordSize; at >= 0; at--) {
    const count = big ? word(at) : view.getUint16(at, littleEndian);
    const next = at + countSize + count * fieldSize;
    if (count < 3 || count > MOST_FIELDS || next + wordSize > end.length || word(next) !== 0) continue;
    const tags = new Set<number>();
    let last = 0;
    for (let i = 0; i < count; i++) {
      const field = at + countSize + i * fieldSize;
      const [tag, type] = [view.getUint16(field, littleEndian), view.getUint16(field + 2, littleEndian)];
      if (tag <= last || type < 1 || type > 18) break;
      tags.add(tag);
      last = tag;
    }
    if (tags.size === count && tags.has(WIDTH) && tags.has(HEIGHT) && tags.has(TILES)) return at;
  }
  return undefined;
}
