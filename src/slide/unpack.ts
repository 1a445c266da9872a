// Tiles that browsers do not decode: bytes as a file packs them → opaque RGBA. Pure; runs in the decode worker and in Node.
import { EosinError } from '#errors/failure.ts';
import { type Codec, unpackedBy } from './codecs.ts';
import { type Colours, fullYcbcr, rgbOfInks, rgbOfPalette, rgbOfYcbcr, ycbcrBytes } from './colours.ts';
import { decodeLzw } from './lzw.ts';
import { unpackBits } from './pack-bits.ts';
import { decodeRle } from './rle.ts';
import {
  floatsIntegrated,
  integrated,
  rowBytes,
  type Samples,
  type SampleType,
  samplesIn,
  usualRange,
  type ValueRange,
  wholeRangeOf,
  wholes64Integrated,
} from './samples.ts';
import type { Pixels } from './slide.ts';
import { COMPRESSION } from './tiff-page.ts';

/** A stored tile or strip with what its page says of it. Plain data: it crosses to the worker. */
export interface PackedBlock extends SampleType {
  /** One piece that holds all samples, or a piece for each sample that is shown. Lent. */
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
  /** TIFF's number, the codecs of a Zarr chunk in the order in which they were applied, or DICOM's RLE Lossless. */
  readonly packing: number | readonly Codec[] | 'rle';
  readonly width: number; //   stored, padding included
  readonly height: number;
  /** How the samples of a piece lie: beside each other in every pixel, or plane after plane. */
  readonly layout: 'interleaved' | 'planes';
  readonly samples: number; // in each piece, those included that are not shown
  readonly littleEndian: boolean;
  readonly predictor: number; // 1 none, 2 horizontal differences, 3 those of floating-point numbers
  /** Where red, green, blue, or the one grey, lie among the samples of all pieces. */
  readonly shown: readonly [number] | readonly [number, number, number];
  readonly colours: Colours;
  readonly inverted: boolean; // 0 is white
  readonly range: ValueRange;
  readonly alpha: { readonly sample: number; readonly premultiplied: boolean } | undefined;
  /** What of it, from its top left corner, is picture and no padding; all, where that is not said. For its range alone. */
  readonly part?: { readonly width: number; readonly height: number };
}

/** @throws EosinError BadInput when the bytes do not decode to as many pixels as the tile has */
export async function unpackBlock(block: PackedBlock): Promise<Pixels> {
  const { width, height, shown, alpha, colours } = block;
  const wanted = [...shown, ...(colours.kind === 'cmyk' ? [BLACK] : []), ...(alpha ? [alpha.sample] : [])];
  const all = await samplesOf(block, wanted);
  const scaled = scaleOf(block);
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  const [indices] = all;
  if (colours.kind === 'palette' && indices) {
    rgbOfPalette(rgba, colours.table, (i) => indices.values[indices.offset + i * indices.step] ?? 0);
    return { width, height, rgba };
  }
  for (let c = 0; c < 3; c++) {
    const plane = all[shown.length === 1 ? 0 : c];
    if (!plane) continue;
    const { values, offset, step } = plane;
    for (let i = c, at = offset; i < rgba.length; i += 4, at += step) {
      const value = values[at] ?? 0;
      rgba[i] = scaled ? scaled(value) : value; // the clamped array rounds
    }
  }
  if (colours.kind === 'ycbcr') rgbOfYcbcr(rgba);
  const black = all[shown.length];
  if (colours.kind === 'cmyk' && black) {
    const inkOf = (i: number): number => black.values[black.offset + i * black.step] ?? 0;
    rgbOfInks(rgba, scaled ? (i) => scaled(inkOf(i)) : inkOf);
  }
  const opacities = all[wanted.length - 1];
  if (alpha && opacities) layOnWhite(rgba, opacities, wholeRangeOf(block).high, alpha.premultiplied);
  return { width, height, rgba };
}

const BLACK = 3; // the sample of the fourth ink

function layOnWhite(rgba: Uint8ClampedArray, { values, offset, step }: Plane, most: number, premultiplied: boolean) {
  for (let i = 0, at = offset; i < rgba.length; i += 4, at += step) {
    const share = (values[at] ?? 0) / most;
    if (share === 1) continue;
    for (let c = i; c < i + 3; c++) rgba[c] = (rgba[c] ?? 0) * (premultiplied ? 1 : share) + 255 * (1 - share);
  }
}

/** The range that 998 of 1000 of the shown values lie in: what a window is set to before anybody sets it. */
export async function valueRangeOf(block: PackedBlock): Promise<ValueRange> {
  const { width, part = block } = block;
  const planes = await samplesOf(block, block.shown);
  function* values(): Iterable<number> {
    for (const { values, offset, step } of planes)
      for (let y = 0; y < part.height; y++)
        for (let x = 0, at = offset + y * width * step; x < part.width; x++, at += step) yield values[at] ?? 0;
  }
  return usualRange(values, part.width * part.height * planes.length, block);
}

/** One sample of every pixel: pixel i is at `offset + i * step`. */
interface Plane {
  readonly values: Samples;
  readonly offset: number;
  readonly step: number;
}

async function samplesOf(block: PackedBlock, wanted: readonly number[]): Promise<Plane[]> {
  const { width, height, samples, layout } = block;
  const pieces = new Map<number, Samples>();
  for (const index of new Set(wanted.map((sample) => Math.floor(sample / samples)))) {
    pieces.set(index, await pieceOf(block, index));
  }
  return wanted.map((sample) => {
    const values = pieces.get(Math.floor(sample / samples)) ?? new Uint8Array(0);
    const within = sample % samples;
    return layout === 'interleaved'
      ? { values, offset: within, step: samples }
      : { values, offset: within * width * height, step: 1 };
  });
}

async function pieceOf(block: PackedBlock, index: number): Promise<Samples> {
  const { width, height, samples, depth, littleEndian, predictor, packing, colours, layout } = block;
  const [perRow, rows] = layout === 'interleaved' ? [width * samples, height] : [width, height * samples];
  const isShared = colours.kind === 'ycbcr' && colours.across * colours.down > 1;
  const size = isShared ? ycbcrBytes(width, height, colours.across, colours.down) : rowBytes(perRow, block) * rows;
  const bytes = block.pieces[index];
  if (!bytes) throw damaged('a part of it is missing');
  let data: Uint8Array;
  try {
    if (packing === 'rle') data = decodeRle(bytes, width * height, samples, depth);
    else if (typeof packing === 'number') data = await inflated(bytes, packing, size);
    else data = await unpackedBy(packing, bytes, size);
  } catch (thrown) {
    throw damaged(thrown instanceof Error ? thrown.message : String(thrown));
  }
  if (data.length < size) throw damaged(`it holds ${data.length} of ${size} bytes`);
  if (isShared) return fullYcbcr(data, width, height, colours.across, colours.down);
  if (predictor === 3)
    return samplesIn(floatsIntegrated(data, perRow, rows, samples, depth), perRow, rows, block, false);
  if (predictor === 2 && depth === 64)
    return wholes64Integrated(data, perRow, rows, samples, block.numbers, littleEndian);
  const values = samplesIn(data, perRow, rows, block, littleEndian);
  return predictor === 2 ? integrated(values, perRow, rows, samples) : values;
}

/** From stored values to 0 … 255, not yet rounded; undefined where they are that already. */
function scaleOf({ range: { low, high }, inverted }: PackedBlock): ((value: number) => number) | undefined {
  if (low === 0 && high === 255) return inverted ? (value) => 255 - value : undefined;
  const factor = 255 / (high > low ? high - low : 1);
  return inverted ? (value) => 255 - (value - low) * factor : (value) => (value - low) * factor;
}

const damaged = (seen: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'A tile', seen, todo: 'Copy the slide again.' });

async function inflated(bytes: Uint8Array<ArrayBuffer>, compression: number, size: number): Promise<Uint8Array> {
  switch (compression) {
    case COMPRESSION.none:
      return bytes;
    case COMPRESSION.lzw:
      return decodeLzw(bytes, size);
    case COMPRESSION.deflate:
    case COMPRESSION.oldDeflate:
      return unpackedBy(['zlib'], bytes, size);
    case COMPRESSION.zstd:
      return unpackedBy(['zstd'], bytes, size);
    case COMPRESSION.packBits:
      return unpackBits(bytes, size);
    default:
      throw new Error(`no decoder for TIFF compression ${compression}`);
  }
}
