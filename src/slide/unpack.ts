// Tiles that browsers do not decode: bytes as a TIFF packs them → opaque RGBA. Pure; runs in the decode worker and in Node.
import { EosinError } from '#errors/failure.ts';
import { decodeLzw } from './lzw.ts';
import type { Pixels } from './slide.ts';
import { COMPRESSION } from './tiff-page.ts';
import { zstdBound } from './zstd-bound.ts';

/** A stored tile or strip with what its page says of it. Plain data: it crosses to the worker. */
export interface PackedBlock {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly compression: number;
  readonly width: number; //   stored, padding included
  readonly height: number;
  readonly samples: number; // 8 bits each, interleaved: 1 grey, 2 grey + alpha, 3 RGB, 4 RGB + one more
  readonly predictor: number; // 1 none, 2 horizontal differences
  readonly inverted: boolean; // grey where 0 is white
  readonly alpha: 'none' | 'straight' | 'premultiplied';
}

/** @throws EosinError BadInput when the bytes do not decode to as many pixels as the tile has */
export async function unpackBlock(block: PackedBlock): Promise<Pixels> {
  const { width, height, samples } = block;
  const size = width * height * samples;
  let data: Uint8Array;
  try {
    data = await inflated(block, size);
  } catch (thrown) {
    throw damaged(thrown instanceof Error ? thrown.message : String(thrown));
  }
  if (data.length < size) throw damaged(`it holds ${data.length} of ${size} bytes`);
  if (block.predictor === 2) data = integrated(data, width, height, samples);
  return { width, height, rgba: rgbaOf(data, block) };
}

const ZSTD_SLACK = 8 * 2 ** 20; // bytes: small tiles may lie in several blocks, each counted as full

const damaged = (seen: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'A tile', seen, todo: 'Copy the slide again.' });

async function inflated({ bytes, compression }: PackedBlock, size: number): Promise<Uint8Array> {
  switch (compression) {
    case COMPRESSION.none:
      return bytes;
    case COMPRESSION.lzw:
      return decodeLzw(bytes, size);
    case COMPRESSION.deflate:
    case COMPRESSION.oldDeflate:
      return inflate(bytes, size);
    default: {
      if (compression === COMPRESSION.zstd && zstdBound(bytes) > 8 * size + ZSTD_SLACK) {
        throw new Error(`it unpacks to far more than its ${size} bytes`);
      }
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

/** zlib's format, checksum included, to `size` bytes; stops with an error where there are more. */
async function inflate(bytes: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array> {
  const out = new Uint8Array(size);
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  for (let used = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return out.subarray(0, used);
    if (used + value.byteLength > size) {
      await reader.cancel();
      throw new Error(`it inflates to more than its ${size} bytes`);
    }
    out.set(value, used);
    used += value.byteLength;
  }
}

/** Undoes horizontal differences. A copy: the input may be lent. */
function integrated(data: Uint8Array, width: number, height: number, samples: number): Uint8Array {
  const out = data.slice(0, width * height * samples);
  const stride = width * samples;
  for (let row = 0; row < height; row++) {
    for (let i = row * stride + samples; i < (row + 1) * stride; i++) out[i] = (out[i] ?? 0) + (out[i - samples] ?? 0);
  }
  return out;
}

function rgbaOf(data: Uint8Array, block: PackedBlock): Uint8ClampedArray<ArrayBuffer> {
  const { width, height, samples, inverted, alpha } = block;
  const rgba = new Uint8ClampedArray(width * height * 4);
  const grey = samples < 3;
  for (let i = 0, from = 0; i < rgba.length; i += 4, from += samples) {
    const first = data[from] ?? 0;
    const opacity = alpha === 'none' ? 255 : (data[from + samples - 1] ?? 0);
    for (let c = 0; c < 3; c++) {
      const stored = grey ? (inverted ? 255 - first : first) : (data[from + c] ?? 0);
      rgba[i + c] = opacity === 255 ? stored : onWhite(stored, opacity, alpha === 'premultiplied');
    }
    rgba[i + 3] = 255;
  }
  return rgba;
}

const onWhite = (stored: number, opacity: number, premultiplied: boolean): number =>
  (premultiplied ? stored : (stored * opacity) / 255) + 255 - opacity; // the clamped array rounds
