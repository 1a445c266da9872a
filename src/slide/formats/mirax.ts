// 3DHISTECH MIRAX: a preview called .mrxs, and beside it a folder with Slidedat.ini, an index, and data files full of JPEGs.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import type { ByteSource } from '../byte-source.ts';
import { composed } from '../composed.ts';
import { decodedJpeg } from '../decode-jpeg.ts';
import { fingerprinting } from '../fingerprint.ts';
import { type Folder, within } from '../folder.ts';
import { inflated } from '../inflate.ts';
import { layeredSlide, type ReadableLevel } from '../layered-slide.ts';
import { type IndexFile, indexFile, type Stored, type StoredImage } from '../mirax/index-file.ts';
import {
  nominalPlaces,
  type Piece,
  type Places,
  partsOf,
  piecesByCell,
  piecesOf,
  placesBytes,
  placesIn,
  sizeOf,
} from '../mirax/pieces.ts';
import { type Slidedat, slidedatIn, type Zoom } from '../mirax/slidedat.ts';
import type { Reading } from '../page-tile.ts';
import { release } from '../raster.ts';
import type { Raster, TileWaits } from '../slide.ts';
import { type Grid, marked, orForgotten, tileRect } from '../tile-reader.ts';
import { withItsFolder, withVips } from './convert.ts';
import { endsIn, type SlideFormat } from './format.ts';
import { plausibleMpp } from './tiff-slide.ts';

const SLIDEDAT = 'Slidedat.ini';
const MOST_SLIDEDAT = 2 ** 20; //    bytes
const MOST_INDEX = 16 * 2 ** 20; //  bytes: of a million images
const MOST_PICTURE = 8192; //        px of a side of label, macro and the like
const TILE = 512; //                 px that are put together at once
const MOST_SIDE = 2 ** 30; //         px
const LEAST_PART = 16; //            px of a photo on the smallest level: below it, a view would be put together out of thousands

export const mirax: SlideFormat = {
  name: 'MIRAX',
  matches: ({ name }) => endsIn(name, '.mrxs') || name === SLIDEDAT,
  async open({ beside }, reading, waits) {
    const { name } = reading.source;
    const isPreview = name !== SLIDEDAT;
    const stem = name.replace(/\.mrxs$/i, '');
    const folder = beside && (isPreview ? within(beside, `${stem}/`) : beside);
    const ini = await folder?.read(SLIDEDAT, MOST_SLIDEDAT, waits);
    if (!folder || !ini) {
      const reason = isPreview
        ? `the preview of a MIRAX slide, whose tiles lie in the folder ${stem} beside it`
        : 'the description of a MIRAX slide, whose tiles lie in files beside it';
      const todo = isPreview ? withItsFolder(name) : 'Open the folder that holds them all.';
      throw new EosinError({ tag: 'UnsupportedSlide', name, reason, todo });
    }
    const slide = told(name, SLIDEDAT, () => slidedatIn(new TextDecoder().decode(ini)));
    const files = dataFiles(folder, slide);
    const source = await folder.open(slide.indexFile, waits);
    if (!source) throw unsupported(name, `a MIRAX slide without its index ${slide.indexFile}`);
    if (source.size > MOST_INDEX) throw unsupported(name, `a MIRAX slide with an index of ${source.size} bytes`);
    const bytes = await source.read(0, source.size, waits);
    const index = told(name, slide.indexFile, () => indexFile(bytes, slide));
    const places = await placesOf(slide, index, files, reading, waits);
    const { levels, bounds } = told(name, slide.indexFile, () => levelsOf(slide, index, places, files, reading));
    const mpp = plausibleMpp(slide.mpp.x, slide.mpp.y);
    const objective = slide.objective > 0 && slide.objective <= 200 ? slide.objective : undefined;
    const properties: Record<string, string> = {
      'openslide.vendor': 'mirax',
      'mirax.GENERAL.SLIDE_VERSION': slide.version,
    };
    if (mpp) Object.assign(properties, { 'openslide.mpp-x': String(mpp.x), 'openslide.mpp-y': String(mpp.y) });
    if (objective !== undefined) properties['openslide.objective-power'] = String(objective);
    for (const [key, value] of Object.entries(bounds ?? {})) properties[`openslide.bounds-${key}`] = String(value);
    const associated = new Map(
      [...slide.pictures].map(([picture, record]) => [
        picture,
        async (during: Waits): Promise<Raster> => {
          const stored = index.record(record);
          if (!stored) throw new Error('its index has no record of it');
          const jpeg = await files.read(stored, during);
          return decodedJpeg(jpeg, { width: MOST_PICTURE, height: MOST_PICTURE }, reading.decoders, during);
        },
      ]),
    );
    const facts = { format: mirax.name, vendor: 'mirax', mpp, objective, properties, bounds };
    const fingerprint = fingerprinting(source);
    const named = isPreview ? reading : { ...reading, source: { ...reading.source, name: folder.name } };
    return layeredSlide({ levels, facts, associated, fingerprint }, named);
  },
};

const unsupported = (name: string, reason: string): EosinError =>
  new EosinError({ tag: 'UnsupportedSlide', name, reason, todo: withVips(name) });

/** What is wrong with a file, as a reason not to read the slide: other programs may know more of it. */
function told<T>(name: string, file: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof EosinError) throw thrown;
    const what = thrown instanceof Error ? thrown.message : String(thrown);
    throw new EosinError(
      { tag: 'UnsupportedSlide', name, reason: `a MIRAX slide whose ${file} ${what}`, todo: withVips(name) },
      { cause: thrown },
    );
  }
}

interface DataFiles {
  read(stored: Stored, waits: Waits): Promise<Uint8Array<ArrayBuffer>>;
}

/** Opened as they are needed. */
function dataFiles(folder: Folder, { dataFiles: names }: Slidedat): DataFiles {
  const opened = new Map<number, ByteSource>();
  return {
    async read({ file, offset, length }, waits) {
      const name = names[file] ?? '';
      const source = opened.get(file) ?? (await folder.open(name, waits));
      if (!source) throw new Error(`its data file ${name} is not there`);
      opened.set(file, source);
      return source.read(offset, length, waits);
    },
  };
}

async function placesOf(
  slide: Slidedat,
  index: IndexFile,
  files: DataFiles,
  { source: { name } }: Reading,
  waits: Waits,
): Promise<Places> {
  const { places } = slide;
  if (!places) return nominalPlaces(slide);
  const wrong = (what: string, thrown?: unknown): EosinError =>
    new EosinError({ tag: 'CorruptSlide', name, reason: `the places of its photos ${what}` }, { cause: thrown });
  const stored = told(name, slide.indexFile, () => index.record(places.record));
  if (!stored) throw wrong('are not in its index');
  const size = placesBytes(slide);
  if (stored.length > size + 2 ** 16) throw wrong(`claim ${stored.length} bytes`);
  const bytes = await files.read(stored, waits).catch((thrown: unknown) => {
    if (thrown instanceof EosinError || !(thrown instanceof Error)) throw thrown;
    throw unsupported(name, `a MIRAX slide, but ${thrown.message}`);
  });
  const unpacked = places.isPacked
    ? await inflated(bytes, 'deflate', size).catch((thrown: unknown) => {
        waits.signal.throwIfAborted();
        throw wrong('do not unpack', thrown);
      })
    : bytes;
  if (unpacked?.length !== size) throw wrong(`take ${size} bytes, and there are ${unpacked?.length ?? 'more'}`);
  return placesIn(unpacked, slide);
}

/** @throws Error that says what is wrong with the index; EosinError UnsupportedSlide for images of a kind that is not read */
function levelsOf(slide: Slidedat, index: IndexFile, places: Places, files: DataFiles, reading: Reading) {
  const held = new Set<number>();
  const whole = sizeOf(slide);
  const levels: ReadableLevel[] = [];
  let bounds: Rect | undefined;
  for (const [number, zoom] of slide.zooms.entries()) {
    if (zoom.format !== 'JPEG' && zoom.format !== 'PNG')
      throw unsupported(reading.source.name, `a MIRAX slide with tiles stored as ${zoom.format.slice(0, 40)}`);
    const parts = partsOf(zoom, slide);
    const isWhole = zoom.width % parts === 0 && zoom.height % parts === 0;
    if (!isWhole || Math.min(zoom.width, zoom.height) / parts < LEAST_PART) break;
    const size = { width: Math.floor(whole.width / zoom.concat), height: Math.floor(whole.height / zoom.concat) };
    if (size.width < 1 || size.height < 1 || Math.max(size.width, size.height) > MOST_SIDE) break;
    const read = (): Piece[] => piecesOf(index.images(number), zoom, slide, places, held);
    const pieces = levels.length === 0 ? read() : undefined; // which photos there are is known by level 0
    if (pieces) bounds = boundsOf(pieces, size);
    levels.push(levelOf(() => pieces ?? read(), zoom, size, files, reading));
  }
  if (levels.length === 0) throw new Error('describes no level of a size that slides have');
  if (held.size === 0) throw new Error('holds no images');
  return { levels, bounds };
}

/** What was scanned, where that is not all. */
function boundsOf(pieces: readonly Piece[], size: { width: number; height: number }): Rect | undefined {
  let [left, top, right, bottom] = [size.width, size.height, 0, 0];
  for (const piece of pieces) {
    left = Math.min(left, piece.x);
    top = Math.min(top, piece.y);
    right = Math.max(right, piece.x + piece.width);
    bottom = Math.max(bottom, piece.y + piece.height);
  }
  [left, top, right, bottom] = [
    Math.max(0, left),
    Math.max(0, top),
    Math.min(size.width, right),
    Math.min(size.height, bottom),
  ];
  if (right <= left || bottom <= top || (right - left === size.width && bottom - top === size.height)) return undefined;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** @param pieces asked for once, with the first tile: those of a large slide are half a million */
function levelOf(
  pieces: () => readonly Piece[],
  zoom: Zoom,
  size: { width: number; height: number },
  files: DataFiles,
  reading: Reading,
): ReadableLevel {
  const grid: Grid = { widthPx: size.width, heightPx: size.height, tileWidth: TILE, tileHeight: TILE };
  let piecesAt: ReturnType<typeof piecesByCell> | undefined;
  return {
    grid,
    read: (at, during) => {
      const area = tileRect(grid, at);
      return marked(at, during, async (waits) => {
        piecesAt ??= piecesByCell(pieces(), TILE, size);
        const under = piecesAt(at.col, at.row);
        const images = [...new Set(under.map(({ image }) => image))];
        const rasters = new Map<StoredImage, Raster>();
        try {
          const decoding = images.map(async (image) => {
            rasters.set(image, await decodedImage(image, zoom, files, reading, waits));
          });
          const settled = await Promise.allSettled(decoding);
          for (const each of settled) if (each.status === 'rejected') throw each.reason;
          waits.signal.throwIfAborted();
          const placed = under.flatMap((piece) => {
            const raster = rasters.get(piece.image);
            return raster ? [{ raster, ...partIn(piece, area) }] : [];
          });
          return composed(area.width, area.height, placed); // the later photo lies on those left of it and above
        } finally {
          for (const raster of rasters.values()) release(raster);
        }
      });
    },
  };
}

/** Which part of a piece lies in the area, and where there. */
function partIn({ x, y, width, height, fromX, fromY }: Piece, area: Rect) {
  const [left, top] = [Math.max(x, area.x), Math.max(y, area.y)];
  return {
    fromX: fromX + left - x,
    fromY: fromY + top - y,
    toX: left - area.x,
    toY: top - area.y,
    width: Math.min(x + width, area.x + area.width) - left,
    height: Math.min(y + height, area.y + area.height) - top,
  };
}

async function decodedImage(
  image: StoredImage,
  { width, height, format }: Zoom,
  files: DataFiles,
  { source, tiles, decoders }: Reading,
  waits: TileWaits,
): Promise<Raster> {
  const key = `${source.identity}/${image.file}/${image.offset}`;
  const bytes = await tiles.get(key, (shared) => files.read(image, shared), waits);
  const decode = async (during: TileWaits): Promise<Raster> => {
    const raster =
      format === 'PNG'
        ? await decoders.image(bytes, 'image/png', during)
        : await decodedJpeg(bytes, { width, height }, decoders, during);
    if (raster.width === width && raster.height === height) return raster;
    release(raster);
    throw new Error(`it is ${raster.width} × ${raster.height} pixels in place of ${width} × ${height}`);
  };
  return orForgotten(waits, decode, () => tiles.forgetTile(key));
}
