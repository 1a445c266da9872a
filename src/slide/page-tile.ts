// One stored tile or strip of a TIFF page: where its bytes are, and how they decode.
import type { Waits } from '#channel/waits.ts';
import { allOrNone } from './all-or-none.ts';
import type { ByteSource } from './byte-source.ts';
import type { Decoders } from './decode.ts';
import { decodedJpeg } from './decode-jpeg.ts';
import type { Jpeg2000Tile } from './decode-jpeg2000.ts';
import { spliced } from './jpeg.ts';
import { pixelsOf, release } from './raster.ts';
import { type SampleType, type ValueRange, wholeRangeOf } from './samples.ts';
import type { Chosen, Pixels, Raster, TileWaits } from './slide.ts';
import { COMPRESSION, isColour, isJpeg2000, isPicture, type Page, PHOTOMETRIC, sampleTypeOf } from './tiff-page.ts';
import type { TileCache } from './tile-cache.ts';
import type { PackedBlock } from './unpack.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** What a format needs to turn a place in a file into a picture. */
export interface Reading {
  readonly source: ByteSource;
  readonly tiles: TileCache;
  readonly decoders: Decoders;
  /** Which channel and focal plane of a slide with several is shown. */
  readonly chosen?: Chosen;
}

/** How the samples of a page become colours, beyond what its tags say. */
export interface Shown {
  readonly sample: number; //     the one shown of a grey page with several
  readonly range: ValueRange; //  what is black and what is white
}

export const BYTES: SampleType = { depth: 8, numbers: 'unsigned' };

/** Pages of other kinds are refused before anything is read of them. */
export const typeOf = (page: Page): SampleType => sampleTypeOf(page) ?? BYTES;

export const shownAsStored = (page: Page): Shown => ({ sample: 0, range: wholeRangeOf(typeOf(page)) });

/**
 * The tile's bytes through the cache: a piece for every plane that is shown, mostly one.
 * @returns undefined where the file leaves the tile out
 */
export async function storedPieces(
  page: Page,
  reading: Reading,
  { sample }: Pick<Shown, 'sample'>,
  index: number,
  waits: Waits,
): Promise<Bytes[] | undefined> {
  const planes = page.planar ? (isColour(page) ? planesOfColour(page) : [sample]) : [0];
  const pieces = await Promise.all(
    planes.map((plane) => storedBytes(page, reading, plane * page.columns * page.rows + index, waits)),
  );
  const found = pieces.filter((piece) => piece !== undefined);
  return found.length === planes.length ? found : undefined;
}

const planesOfColour = ({ colours }: Page): number[] => (colours.kind === 'cmyk' ? [0, 1, 2, 3] : [0, 1, 2]);

async function storedBytes(page: Page, reading: Reading, index: number, waits: Waits): Promise<Bytes | undefined> {
  const [offset, count] = await Promise.all([page.offsets.at(index, waits), page.byteCounts.at(index, waits)]);
  if (offset === 0 || count === 0) return undefined;
  // Four times the raw size is more than any packing needs; a larger claim is a lie.
  const raw = page.tileWidth * page.tileHeight * page.samples * (page.depth / 8);
  if (count > 4 * raw + 65_536) throw new Error(`it claims ${count} bytes`);
  return reading.tiles.get(
    tileKey(page, reading, index),
    async (during) => decodable(page, await reading.source.read(offset, count, during)),
    waits,
  );
}

/** A JPEG gets its tables back once, when it is read, and not each time that it is decoded. */
const decodable = (page: Page, bytes: Bytes): Bytes =>
  page.compression === COMPRESSION.jpeg
    ? spliced(bytes, page.jpegTables, page.photometric === PHOTOMETRIC.rgb ? 'rgb' : 'stream')
    : bytes;

/** They may have been broken on their way: who asks for the tile again has them fetched anew. */
export async function forgetBytes(page: Page, reading: Reading, index: number, waits: Waits): Promise<void> {
  for (let plane = 0; plane < (page.planar ? page.samples : 1); plane++) {
    const at = plane * page.columns * page.rows + index;
    const [offset, count] = await Promise.all([page.offsets.at(at, waits), page.byteCounts.at(at, waits)]);
    reading.tiles.forgetTile(tileKey(page, reading, at));
    reading.source.forget?.(offset, count);
  }
}

const tileKey = (page: Page, { source }: Reading, index: number): string =>
  `${source.identity}/${page.identity}/${index}`;

/**
 * @param height rows that are stored: fewer than the tile's in the last strip
 * @param halved how often a JPEG 2000 tile is halved
 */
export async function decodedTile(
  page: Page,
  pieces: readonly Bytes[],
  { height, halved, shown }: { height: number; halved: number; shown: Shown },
  decoders: Decoders,
  waits: TileWaits,
): Promise<Raster> {
  const [bytes, ...others] = pieces;
  if (!bytes) throw new Error('it has no bytes');
  if (others.length > 0 && isPicture(page)) {
    const one = (piece: Bytes): Promise<Raster> =>
      decodedTile(page, [piece], { height, halved, shown }, decoders, waits);
    return mergedPlanes(await allOrNone(pieces.map(one)));
  }
  if (page.compression === COMPRESSION.jpeg) {
    return decodedJpeg(bytes, { width: page.tileWidth * 2, height: page.tileHeight * 2 }, decoders, waits);
  }
  if (page.compression === COMPRESSION.webp) return decoders.image(bytes, 'image/webp', waits);
  if (isJpeg2000(page.compression)) return decoders.jpeg2000(jpeg2000Tile(page, bytes, { halved, shown }), waits);
  return decoders.block(packedBlock(page, pieces, height, shown), waits);
}

export function jpeg2000Tile(
  page: Page,
  bytes: Bytes,
  { halved, shown }: { halved: number; shown: Shown },
): Jpeg2000Tile {
  const { compression, photometric, depth, tileWidth, tileHeight } = page;
  const isYcbcr = compression === COMPRESSION.aperioJpeg2000YCbCr || photometric === PHOTOMETRIC.ycbcr;
  const range = depth > 8 ? shown.range : undefined;
  return { bytes, mostWidth: tileWidth, mostHeight: tileHeight, colours: isYcbcr ? 'ycbcr' : 'rgb', halved, range };
}

/** Red, green and blue that were stored as greys, each a picture of its own. Takes them over. */
function mergedPlanes(planes: readonly Raster[]): Pixels {
  try {
    const [first, ...others] = planes.map((plane) => pixelsOf(plane));
    if (!first) throw new Error('it has no planes');
    for (const [i, { width, height, rgba }] of others.entries()) {
      if (width !== first.width || height !== first.height) throw new Error('its planes are not of one size');
      for (let at = i + 1; at < rgba.length; at += 4) first.rgba[at] = rgba[at] ?? 0;
    }
    return first;
  } finally {
    for (const plane of planes) release(plane);
  }
}

export function packedBlock(page: Page, pieces: readonly Bytes[], height: number, shown: Shown): PackedBlock {
  const alpha = page.extraSample === 1 || page.extraSample === 2;
  return {
    pieces,
    packing: page.compression,
    width: page.tileWidth,
    height,
    layout: 'interleaved',
    samples: page.planar ? 1 : page.samples,
    ...typeOf(page),
    colours: page.colours,
    littleEndian: page.directory.littleEndian,
    predictor: page.predictor,
    shown: isColour(page) ? [0, 1, 2] : [page.planar ? 0 : shown.sample],
    inverted: page.photometric === PHOTOMETRIC.whiteIsZero,
    range: shown.range,
    alpha: alpha && !page.planar ? { sample: page.samples - 1, premultiplied: page.extraSample === 1 } : undefined,
  };
}
