// One picture of a TIFF: the tags of a directory, read once into types and checked against limits.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ByteSource } from './byte-source.ts';
import type { Directory, LongList } from './tiff.ts';

export const TAG = {
  subfileType: 254,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  description: 270,
  make: 271,
  model: 272,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planarConfiguration: 284,
  resolutionUnit: 296,
  software: 305,
  dateTime: 306,
  artist: 315,
  hostComputer: 316,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subIfds: 330,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
  iccProfile: 34675,
  copyright: 33432,
  xmp: 700,
  ndpiVersion: 65420,
} as const;

const MAX_SIDE = 2 ** 30; // pixels
const MAX_SAMPLES = 64; // a pixel
const MAX_TILE_PIXELS = 64 * 2 ** 20; // of one tile or strip: what decodes at once

/** Bytes of a text or of JPEG tables where a file may have thousands: what belongs there is far shorter. */
export const MAX_SHORT_VALUE = 64 * 1024;

export interface Page {
  readonly directory: Directory;
  readonly width: number;
  readonly height: number;
  readonly tiled: boolean;
  /** Of a tile; a strip is a tile as wide as the page. The last row of strips is shorter, the last tiles are padded. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly columns: number;
  readonly rows: number;
  readonly offsets: LongList; //    [planes × rows × columns] row-major; one plane unless `planar`
  readonly byteCounts: LongList; // as the offsets
  readonly compression: number;
  readonly photometric: number;
  readonly depth: number; // bits a sample; 0 where the samples differ
  readonly samples: number;
  readonly sampleFormat: number; // 1 unsigned
  readonly planar: boolean; // each sample in tiles of its own
  readonly predictor: number;
  readonly extraSample: number | undefined; // 1 premultiplied alpha, 2 alpha, 0 unknown; undefined without a second or fourth sample
  readonly subfileType: number;
  readonly description: string;
  readonly jpegTables: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * @param mostText bytes of the description; a longer one is cut
 * @throws EosinError CorruptSlide for sizes that cannot be
 */
export async function readPage(
  source: ByteSource,
  directory: Directory,
  waits: Waits,
  mostText = MAX_SHORT_VALUE,
): Promise<Page> {
  const corrupt = (reason: string): EosinError => new EosinError({ tag: 'CorruptSlide', name: source.name, reason });
  const one = async (tag: number, absent: number): Promise<number> =>
    (await directory.numbers(tag, waits))[0] ?? absent;
  const width = await one(TAG.width, 0);
  const height = await one(TAG.height, 0);
  if (!(isCount(width) && isCount(height))) throw corrupt(`a picture claims to be ${width} × ${height} pixels`);

  const tiled = directory.has(TAG.tileOffsets);
  const tileWidth = tiled ? await one(TAG.tileWidth, 0) : width;
  const tileHeight = tiled ? await one(TAG.tileHeight, 0) : Math.min(height, await one(TAG.rowsPerStrip, height));
  if (!(isCount(tileWidth) && isCount(tileHeight)))
    throw corrupt(`its tiles claim to be ${tileWidth} × ${tileHeight} pixels`);

  const columns = Math.ceil(width / tileWidth);
  const rows = Math.ceil(height / tileHeight);
  const offsets = directory.list(tiled ? TAG.tileOffsets : TAG.stripOffsets);
  const byteCounts = directory.list(tiled ? TAG.tileByteCounts : TAG.stripByteCounts);
  if (!offsets || !byteCounts) throw corrupt('a picture has no tiles');
  const samples = await one(TAG.samplesPerPixel, 1);
  const planar = (await one(TAG.planarConfiguration, 1)) === 2 && samples > 1;
  const needed = columns * rows * (planar ? samples : 1);
  if (offsets.length < needed || byteCounts.length < needed) {
    throw corrupt(
      `${width} × ${height} pixels take ${needed} tiles of ${tileWidth} × ${tileHeight}, but it lists ${Math.min(offsets.length, byteCounts.length)}`,
    );
  }
  const bits =
    directory.countOf(TAG.bitsPerSample) > MAX_SAMPLES ? [] : await directory.numbers(TAG.bitsPerSample, waits);
  return {
    directory,
    width,
    height,
    tiled,
    tileWidth,
    tileHeight,
    columns,
    rows,
    offsets,
    byteCounts,
    compression: await one(TAG.compression, 1),
    photometric: await one(TAG.photometric, 1),
    depth: bits.every((n) => n === bits[0]) ? (bits[0] ?? 1) : 0,
    samples,
    sampleFormat: await one(TAG.sampleFormat, 1),
    planar,
    predictor: await one(TAG.predictor, 1),
    extraSample: samples === 4 || samples === 2 ? await one(TAG.extraSamples, 0) : undefined,
    subfileType: await one(TAG.subfileType, 0),
    description: (await directory.text(TAG.description, waits, mostText)) ?? '',
    jpegTables: await directory.bytes(TAG.jpegTables, waits, MAX_SHORT_VALUE),
  };
}

const isCount = (n: number): boolean => Number.isInteger(n) && n > 0 && n <= MAX_SIDE;

export const COMPRESSION = {
  none: 1,
  lzw: 5,
  jpeg: 7,
  deflate: 8,
  packBits: 32773,
  oldDeflate: 32946,
  aperioJpeg2000YCbCr: 33003,
  aperioJpeg2000Rgb: 33005,
  jpeg2000: 34712,
  zstd: 50000,
  webp: 50001,
} as const;

/** Stored as a JPEG 2000 codestream. */
export const isJpeg2000 = (compression: number): boolean =>
  compression === COMPRESSION.aperioJpeg2000YCbCr ||
  compression === COMPRESSION.aperioJpeg2000Rgb ||
  compression === COMPRESSION.jpeg2000;

const PACKED: readonly number[] = [
  COMPRESSION.none,
  COMPRESSION.lzw,
  COMPRESSION.deflate,
  COMPRESSION.oldDeflate,
  COMPRESSION.packBits,
  COMPRESSION.zstd,
];

const COMPRESSION_NAMES: Readonly<Record<number, string>> = {
  2: 'CCITT fax',
  3: 'CCITT fax',
  4: 'CCITT fax',
  6: 'old-style JPEG',
  34892: 'lossy JPEG (DNG)',
  34925: 'LZMA',
  50002: 'JPEG XL',
};

/** Why the page's pixels cannot be shown, as the end of "slide.tif is …"; undefined when they can. */
export function whyUnreadable(page: Page): string | undefined {
  const { compression, depth, samples, photometric, predictor, tileWidth, tileHeight } = page;
  const packed = PACKED.includes(compression);
  const pictures = compression === COMPRESSION.jpeg || compression === COMPRESSION.webp || isJpeg2000(compression);
  if (!packed && !pictures) {
    return `a TIFF with tiles stored as ${COMPRESSION_NAMES[compression] ?? `compression number ${compression}`}`;
  }
  if (samples > MAX_SAMPLES || (!packed && ![1, 3, 4].includes(samples)))
    return `a TIFF with ${samples} samples a pixel`;
  if (page.sampleFormat !== 1 || !(depth === 8 || (depth === 16 && packed))) {
    const numbers = page.sampleFormat === 3 ? ' floating-point' : page.sampleFormat === 2 ? ' signed' : '';
    return `a TIFF with${depth === 0 ? ' differing numbers of' : ` ${depth}`}${numbers} bits a sample`;
  }
  if (page.planar && !packed) return 'a TIFF that stores its colours in separate planes of pictures';
  if (predictor !== 1 && predictor !== 2) return `a TIFF with predictor ${predictor}`;
  const colours = !packed ? [1, 2, 6] : samples < 3 ? [0, 1] : [0, 1, 2];
  if (!colours.includes(photometric) || (photometric === 2 && samples < 3))
    return `a TIFF with photometric interpretation ${photometric} and ${samples} samples a pixel`;
  const rows = isSliceable(page) ? 1 : tileHeight;
  if (tileWidth * rows > MAX_TILE_PIXELS)
    return `a TIFF in pieces of ${tileWidth} × ${tileHeight} pixels, too large to decode at once`;
  return undefined;
}

/** True when any rows of a strip can be read by themselves. */
export const isSliceable = (page: Page): boolean =>
  !page.tiled && !page.planar && page.compression === COMPRESSION.none && page.predictor === 1;
