// Tiles that browsers do not decode: bytes as a file packs them → opaque RGBA. Pure; runs in the decode worker and in Node.
import { EosinError } from '#errors/failure.ts';
import { type Codec, unpackedBy } from './codecs.ts';
import { decodeLzw } from './lzw.ts';
import type { Pixels } from './slide.ts';
import { COMPRESSION } from './tiff-page.ts';

/** The values that are shown as black and as white. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

/** A stored tile or strip with what its page says of it. Plain data: it crosses to the worker. */
export interface PackedBlock {
  /** One piece that holds all samples, or a piece for each sample that is shown. Lent. */
  readonly pieces: readonly Uint8Array<ArrayBuffer>[];
  /** TIFF's number, or the codecs of a Zarr chunk in the order in which they were applied. */
  readonly packing: number | readonly Codec[];
  readonly width: number; //   stored, padding included
  readonly height: number;
  /** How the samples of a piece lie: beside each other in every pixel, or plane after plane. */
  readonly layout: 'interleaved' | 'planes';
  readonly samples: number; // in each piece, those included that are not shown
  readonly depth: 8 | 16; //   bits a sample
  readonly littleEndian: boolean;
  readonly predictor: number; // 1 none, 2 horizontal differences
  /** Where red, green, blue, or the one grey, lie among the samples of all pieces. */
  readonly shown: readonly [number] | readonly [number, number, number];
  readonly inverted: boolean; // 0 is white
  readonly range: ValueRange;
  readonly alpha: { readonly sample: number; readonly premultiplied: boolean } | undefined;
}

/** @throws EosinError BadInput when the bytes do not decode to as many pixels as the tile has */
export async function unpackBlock(block: PackedBlock): Promise<Pixels> {
  const { width, height, shown, alpha } = block;
  const all = await samplesOf(block, alpha ? [...shown, alpha.sample] : shown);
  const scaled = scaleOf(block);
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let c = 0; c < 3; c++) {
    const plane = all[shown.length === 1 ? 0 : c];
    if (!plane) continue;
    const { values, offset, step } = plane;
    for (let i = c, at = offset; i < rgba.length; i += 4, at += step) {
      const value = values[at] ?? 0;
      rgba[i] = scaled ? scaled(value) : value; // the clamped array rounds
    }
  }
  const opacities = all[shown.length];
  if (alpha && opacities) layOnWhite(rgba, opacities, block.depth === 8 ? 255 : 65_535, alpha.premultiplied);
  return { width, height, rgba };
}

function layOnWhite(rgba: Uint8ClampedArray, { values, offset, step }: Plane, most: number, premultiplied: boolean) {
  for (let i = 0, at = offset; i < rgba.length; i += 4, at += step) {
    const share = (values[at] ?? 0) / most;
    if (share === 1) continue;
    for (let c = i; c < i + 3; c++) rgba[c] = (rgba[c] ?? 0) * (premultiplied ? 1 : share) + 255 * (1 - share);
  }
}

/** The range that 998 of 1000 of the shown values lie in: what a window is set to before anybody sets it. */
export async function valueRangeOf(block: PackedBlock): Promise<ValueRange> {
  const counts = new Uint32Array(65_536);
  let total = 0;
  for (const { values, offset, step } of await samplesOf(block, block.shown)) {
    for (let i = 0; i < block.width * block.height; i++) {
      const value = values[offset + i * step] ?? 0;
      counts[value] = (counts[value] ?? 0) + 1;
    }
    total += block.width * block.height;
  }
  const at = (share: number): number => {
    let sum = 0;
    return counts.findIndex((count) => {
      sum += count;
      return sum > share * total;
    });
  };
  return { low: at(0.001), high: at(0.999) };
}

/** One sample of every pixel: pixel i is at `offset + i * step`. */
interface Plane {
  readonly values: Uint8Array | Uint16Array;
  readonly offset: number;
  readonly step: number;
}

async function samplesOf(block: PackedBlock, wanted: readonly number[]): Promise<Plane[]> {
  const { width, height, samples, layout } = block;
  const pieces = new Map<number, Uint8Array | Uint16Array>();
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

async function pieceOf(block: PackedBlock, index: number): Promise<Uint8Array | Uint16Array> {
  const { width, height, samples, depth, littleEndian, predictor, packing } = block;
  const count = width * height * samples;
  const size = (count * depth) / 8;
  const bytes = block.pieces[index];
  if (!bytes) throw damaged('a part of it is missing');
  let data: Uint8Array;
  try {
    data = typeof packing === 'number' ? await inflated(bytes, packing, size) : await unpackedBy(packing, bytes, size);
  } catch (thrown) {
    throw damaged(thrown instanceof Error ? thrown.message : String(thrown));
  }
  if (data.length < size) throw damaged(`it holds ${data.length} of ${size} bytes`);
  const values = depth === 8 ? data : words(data, count, littleEndian);
  return predictor === 2 ? integrated(values, width, height, samples) : values;
}

function words(data: Uint8Array, count: number, littleEndian: boolean): Uint16Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Uint16Array.from({ length: count }, (_, i) => view.getUint16(i * 2, littleEndian));
}

/** From stored values to 0 … 255, not yet rounded; undefined where they are that already. */
function scaleOf({ range: { low, high }, inverted }: PackedBlock): ((value: number) => number) | undefined {
  if (low === 0 && high === 255) return inverted ? (value) => 255 - value : undefined;
  const factor = 255 / Math.max(1, high - low);
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
    default: {
      const { getDecoder } = await import('geotiff');
      const decoder = await getDecoder(compression, {
        tileWidth: 0,
        tileHeight: 0,
        predictor: 1, // undone here
        bitsPerSample: 8,
        planarConfiguration: 1,
      });
      const own = bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
      return new Uint8Array(await decoder.decode(own));
    }
  }
}

/** Undoes horizontal differences. A copy: the input may be lent. */
function integrated(data: Uint8Array | Uint16Array, width: number, height: number, samples: number) {
  const out = data.slice(0, width * height * samples);
  const stride = width * samples;
  for (let row = 0; row < height; row++) {
    for (let i = row * stride + samples; i < (row + 1) * stride; i++) out[i] = (out[i] ?? 0) + (out[i - samples] ?? 0);
  }
  return out;
}
