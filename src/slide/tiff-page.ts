// One picture of a TIFF: the tags of a directory, read once into types and checked against limits.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ByteSource } from './byte-source.ts';
import type { Colours } from './colours.ts';
import { DEPTHS, isReadable, type SampleType } from './samples.ts';
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
  colourMap: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subIfds: 330,
  extraSamples: 338,
  sampleFormat: 339,
  ycbcrSubsampling: 530,
  jpegTables: 347,
  iccProfile: 34675,
  copyright: 33432,
  xmp: 700,
  ndpiVersion: 65420,
} as const;

const MAX_SIDE = 2 ** 30; // pixels
const MAX_SAMPLES = 64; // a pixel
const MAX_TILE_PIXELS = 64 * 2 ** 20; // of one tile or strip: what decodes at once
const MAX_TILE_BYTES = 256 * 2 ** 20;

/** Bytes of a text or of JPEG tables where a file may have thousands: what belongs there is far shorter. */
export const MAX_SHORT_VALUE = 64 * 1024;

export interface Page {
  readonly directory: Directory;
  readonly identity: string; // what it is told by in its file
  readonly width: number;
  readonly height: number;
  readonly tiled: boolean;
  /** Of a tile; a strip is a tile as wide as the page. The last row of strips is shorter, the last tiles are padded. */
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly columns: number;
  readonly rows: number;
  readonly offsets: Pick<LongList, 'length' | 'at'>; // [planes × rows × columns] row-major; one plane unless `planar`
  readonly byteCounts: Pick<LongList, 'length' | 'at'>; // as the offsets
  readonly compression: number;
  readonly photometric: number;
  readonly depth: number; // bits a sample; 0 where the samples differ
  readonly colours: Colours; // of samples that are no picture's by themselves
  readonly samples: number;
  readonly sampleFormat: number; // 1 unsigned, 2 signed, 3 floating-point
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

  const tiled = directory.has(TAG.tileWidth) && directory.has(TAG.tileHeight);
  const tileWidth = tiled ? await one(TAG.tileWidth, 0) : width;
  const tileHeight = tiled ? await one(TAG.tileHeight, 0) : Math.min(height, await one(TAG.rowsPerStrip, height));
  if (!(isCount(tileWidth) && isCount(tileHeight)))
    throw corrupt(`its tiles claim to be ${tileWidth} × ${tileHeight} pixels`);

  const columns = Math.ceil(width / tileWidth);
  const rows = Math.ceil(height / tileHeight);
  const listed = (inTiles: number, inStrips: number): LongList | undefined =>
    (tiled ? directory.list(inTiles) : undefined) ?? directory.list(inStrips); // old writers list tiles as strips
  const samples = await one(TAG.samplesPerPixel, 1);
  const planar = (await one(TAG.planarConfiguration, 1)) === 2 && samples > 1;
  const bits =
    directory.countOf(TAG.bitsPerSample) > MAX_SAMPLES ? [] : await directory.numbers(TAG.bitsPerSample, waits);
  const depth = bits.every((n) => n === bits[0]) ? (bits[0] ?? 1) : 0;
  const numbered = await one(TAG.compression, 1);
  const isBioFormats = async (): Promise<boolean> =>
    /^OME Bio-Formats/.test((await directory.text(TAG.software, waits, MAX_SHORT_VALUE)) ?? '');
  // Bio-Formats uses Aperio's number, and stores RGB under it.
  const isOwn = numbered === COMPRESSION.aperioJpeg2000YCbCr && (await isBioFormats());
  const compression = isOwn ? COMPRESSION.jpeg2000 : numbered;
  const offsets = listed(TAG.tileOffsets, TAG.stripOffsets);
  const unpackedBytes = Math.ceil((tileWidth * (planar ? 1 : samples) * depth) / 8) * tileHeight;
  const computed = offsets && compression === 1 && { length: offsets.length, at: async () => unpackedBytes };
  const byteCounts = listed(TAG.tileByteCounts, TAG.stripByteCounts) ?? computed;
  if (!offsets || !byteCounts) throw corrupt('a picture has no tiles');
  const needed = columns * rows * (planar ? samples : 1);
  if (offsets.length < needed || byteCounts.length < needed) {
    throw corrupt(
      `${width} × ${height} pixels take ${needed} tiles of ${tileWidth} × ${tileHeight}, but it lists ${Math.min(offsets.length, byteCounts.length)}`,
    );
  }
  const said = await one(TAG.photometric, samples < 3 ? 1 : 2);
  // Bio-Formats says YCbCr of every JPEG, of red, green and blue in planes of their own too, but not how they would be shared.
  const isMistold = said === PHOTOMETRIC.ycbcr && planar && !directory.has(TAG.ycbcrSubsampling);
  const photometric = isMistold && compression === COMPRESSION.jpeg ? PHOTOMETRIC.rgb : said;
  return {
    directory,
    identity: String(directory.offset),
    width,
    height,
    tiled,
    tileWidth,
    tileHeight,
    columns,
    rows,
    offsets,
    byteCounts,
    compression,
    photometric,
    depth,
    colours: await coloursOf(directory, photometric, depth, waits),
    samples,
    sampleFormat: await one(TAG.sampleFormat, 1),
    planar,
    predictor: await one(TAG.predictor, 1),
    extraSample:
      (samples === 4 && photometric !== PHOTOMETRIC.cmyk) || samples === 2 ? await one(TAG.extraSamples, 0) : undefined,
    subfileType: await one(TAG.subfileType, 0),
    description: (await directory.text(TAG.description, waits, mostText)) ?? '',
    jpegTables: await directory.bytes(TAG.jpegTables, waits, MAX_SHORT_VALUE),
  };
}

/** Bits of NewSubfileType. */
export const SUBFILE = { reduced: 1, mask: 4 } as const;

export const PHOTOMETRIC = { whiteIsZero: 0, grey: 1, rgb: 2, palette: 3, cmyk: 5, ycbcr: 6, lab: [8, 9, 10] } as const;

async function coloursOf(directory: Directory, photometric: number, depth: number, waits: Waits): Promise<Colours> {
  if (photometric === PHOTOMETRIC.cmyk) return { kind: 'cmyk' };
  if (photometric === PHOTOMETRIC.ycbcr) {
    const [across = 2, down = 2] = await directory.numbers(TAG.ycbcrSubsampling, waits);
    return { kind: 'ycbcr', across, down };
  }
  if (photometric !== PHOTOMETRIC.palette || depth > 16) return { kind: 'stored' };
  const map = (await directory.bytes(TAG.colourMap, waits, MAX_COLOUR_MAP)) ?? new Uint8Array(0);
  const high = directory.littleEndian ? 1 : 0; // of two bytes
  const isNarrow = map.every((byte, i) => i % 2 !== high || byte === 0); // writers there are that fill one alone
  const byte = isNarrow ? 1 - high : high;
  return { kind: 'palette', table: Uint8Array.from({ length: map.length / 2 }, (_, i) => map[i * 2 + byte] ?? 0) };
}

const MAX_COLOUR_MAP = 3 * 2 * 2 ** 16; // bytes: that of 16 bits

/** True when the samples of a pixel are its colour together, and no channels that are seen one by one. */
export const isColour = ({ photometric }: Page): boolean =>
  photometric === PHOTOMETRIC.rgb || photometric === PHOTOMETRIC.cmyk || photometric === PHOTOMETRIC.ycbcr;

/** One page in colour out of three grey ones that hold its red, green and blue; undefined where they are not alike. */
export function pageOfColours(greys: readonly Page[]): Page | undefined {
  const [first] = greys;
  if (!first || greys.length !== 3 || first.photometric !== PHOTOMETRIC.grey || first.samples !== 1) return undefined;
  const same: readonly (keyof Page)[] = [
    ...(['width', 'height', 'tileWidth', 'tileHeight', 'tiled', 'compression', 'photometric'] as const),
    ...(['depth', 'samples', 'sampleFormat', 'predictor'] as const),
  ];
  if (first.depth !== 8 || first.sampleFormat !== 1) return undefined;
  if (greys.some((grey) => same.some((key) => grey[key] !== first[key]))) return undefined;
  if (first.jpegTables) return undefined; // each may have tables of its own
  const perPage = first.columns * first.rows;
  const listOf = (lists: readonly Page['offsets'][]): Page['offsets'] => ({
    length: 3 * perPage,
    at: async (index, waits) => (await lists[Math.floor(index / perPage)]?.at(index % perPage, waits)) ?? 0,
  });
  return {
    ...first,
    identity: greys.map(({ identity }) => identity).join('+'),
    photometric: PHOTOMETRIC.rgb,
    samples: 3,
    planar: true,
    offsets: listOf(greys.map(({ offsets }) => offsets)),
    byteCounts: listOf(greys.map(({ byteCounts }) => byteCounts)),
  };
}

/** How the samples are stored. @returns undefined for a kind that is not read */
export function sampleTypeOf({ depth, sampleFormat }: Page): SampleType | undefined {
  const known = DEPTHS.find((bits) => bits === depth);
  const numbers = sampleFormat === 3 ? 'float' : sampleFormat === 2 ? 'signed' : 'unsigned';
  const type = known && ({ depth: known, numbers } as const);
  return type && sampleFormat <= 4 && isReadable(type) ? type : undefined;
}

const isCount = (n: number): boolean => Number.isInteger(n) && n > 0 && n <= MAX_SIDE;

export const COMPRESSION = {
  none: 1,
  lzw: 5,
  jpeg: 7,
  deflate: 8,
  packBits: 32773,
  oldDeflate: 32946,
  aperioJpeg2000YCbCr: 33003, // Bio-Formats calls JPEG 2000 so too,
  lossyJpeg2000: 33004, //       and so where it loses something
  aperioJpeg2000Rgb: 33005,
  jpeg2000: 34712,
  zstd: 50000,
  webp: 50001,
} as const;

/** Stored as a JPEG 2000 codestream. */
export const isJpeg2000 = (compression: number): boolean =>
  compression === COMPRESSION.aperioJpeg2000YCbCr ||
  compression === COMPRESSION.aperioJpeg2000Rgb ||
  compression === COMPRESSION.lossyJpeg2000 ||
  compression === COMPRESSION.jpeg2000;

/** Each tile, or each plane of it, is a picture by itself. */
export const isPicture = ({ compression }: Pick<Page, 'compression'>): boolean =>
  compression === COMPRESSION.jpeg || compression === COMPRESSION.webp || isJpeg2000(compression);

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
  22610: 'JPEG XR',
  34887: 'LERC',
  34892: 'lossy JPEG (DNG)',
  34925: 'LZMA',
  34933: 'PNG',
  34934: 'JPEG XR',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
};

const COLOUR_NAMES: Readonly<Record<number, string>> = {
  0: 'greys',
  1: 'greys',
  2: 'RGB',
  3: 'colours of a palette',
  4: 'a mask',
  5: 'inks (CMYK)',
  6: 'YCbCr',
  8: 'L*a*b*',
  9: 'L*a*b*',
  10: 'L*a*b*',
  32803: 'the mosaic of a camera’s sensor',
  34892: 'a camera’s own colours',
};

const RARELY_UNPACKED: readonly number[] = [22610, 34887, 34925, 34933, 34934, 50002, 52546]; // JPEG XR and XL, LERC, LZMA, PNG

/** Stored as few programs read it: libvips does not. */
export const isRarelyUnpacked = ({ compression, depth, planar, tiled }: Page): boolean =>
  RARELY_UNPACKED.includes(compression) || (planar && tiled) || (isJpeg2000(compression) && depth > 8);

/** Why the page's pixels cannot be shown, as the end of "slide.tif is …"; undefined when they can. */
export function whyUnreadable(page: Page): string | undefined {
  const { compression, depth, samples, photometric, predictor, tileWidth, tileHeight } = page;
  const packed = PACKED.includes(compression);
  if (!packed && !isPicture(page)) {
    return `a TIFF with tiles stored as ${COMPRESSION_NAMES[compression] ?? `compression number ${compression}`}`;
  }
  if (samples > MAX_SAMPLES || (!packed && !page.planar && ![1, 3, 4].includes(samples)))
    return `a TIFF with ${samples} samples a pixel`;
  const isPictured = depth === 8 || (isJpeg2000(compression) && depth > 8 && depth <= 16);
  if (!sampleTypeOf(page) || (!packed && (page.sampleFormat !== 1 || !isPictured))) {
    const numbers = page.sampleFormat === 3 ? ' floating-point' : page.sampleFormat === 2 ? ' signed' : '';
    return `a TIFF with${depth === 0 ? ' differing numbers of' : ` ${depth}`}${numbers} bits a sample`;
  }
  if (page.planar && !packed && photometric === PHOTOMETRIC.ycbcr)
    return 'a TIFF that stores Y, Cb and Cr in separate planes of pictures';
  const isFloat = page.sampleFormat === 3;
  if (predictor !== 1 && !(predictor === 2 && !isFloat && depth % 8 === 0) && !(predictor === 3 && isFloat))
    return `a TIFF with predictor ${predictor} for${isFloat ? ' floating-point numbers of' : ''} ${depth} bits`;
  if (!isShowable(page, packed))
    return `a TIFF in ${COLOUR_NAMES[photometric] ?? `photometric interpretation ${photometric}`}, with ${samples} samples of ${depth} bits a pixel`;
  const rows = isSliceable(page) ? 1 : tileHeight;
  const bytes = (tileWidth * rows * (page.planar ? 1 : samples) * depth) / 8;
  if (tileWidth * rows > MAX_TILE_PIXELS || bytes > MAX_TILE_BYTES)
    return `a TIFF in pieces of ${tileWidth} × ${tileHeight} pixels, too large to decode at once`;
  return undefined;
}

/** Whether there are colours, or greys, to make of the samples. */
function isShowable({ photometric, samples, depth, colours, planar, predictor, sampleFormat }: Page, packed: boolean) {
  if (!packed) return [1, 2, 6].includes(photometric) && (photometric !== PHOTOMETRIC.rgb || samples >= 3);
  const isByte = depth === 8 && sampleFormat === 1;
  switch (colours.kind) {
    case 'stored':
      return photometric === PHOTOMETRIC.rgb ? samples >= 3 : photometric === 0 || photometric === 1;
    case 'palette':
      return samples === 1 && sampleFormat === 1 && colours.table.length === 3 * 2 ** depth;
    case 'cmyk':
      return (isByte || (depth === 16 && sampleFormat === 1)) && samples >= 4;
    case 'ycbcr': {
      const { across, down } = colours;
      const isPlain = across * down === 1;
      const isKnown = [1, 2, 4].includes(across) && [1, 2, 4].includes(down);
      return isByte && samples === 3 && (isPlain || (isKnown && !planar && predictor === 1));
    }
  }
}

/** True when any rows of a strip can be read by themselves. */
export const isSliceable = (page: Page): boolean =>
  !page.tiled &&
  !page.planar &&
  page.compression === COMPRESSION.none &&
  page.predictor === 1 &&
  page.depth % 8 === 0 &&
  page.colours.kind !== 'ycbcr';
