// JPEG 2000 tiles by OpenJPEG, compiled to WebAssembly. Runs in the decode worker and in Node.
/// <reference path="./codec-openjpeg.d.ts" />

import type { J2KDecoder, OpenJpegModule } from '@cornerstonejs/codec-openjpeg/decodewasmjs';
import { EosinError } from '#errors/failure.ts';
import { rgbOfYcbcr } from './colours.ts';
import { type Jpeg2000Header, jpeg2000Header } from './jpeg2000.ts';
import { usualRange, type ValueRange, WHOLE_BYTE } from './samples.ts';
import type { Pixels } from './slide.ts';

/** A stored tile. Plain data: it crosses to the worker. */
export interface Jpeg2000Tile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Larger ones are not decoded: the tile size, in pixels. */
  readonly mostWidth: number;
  readonly mostHeight: number;
  /** What the components are where the codestream does not tell by subsampling: 33003 is YCbCr, 33005 is RGB. */
  readonly colours: 'rgb' | 'ycbcr';
  /** How often it is halved: the codec's own lower resolutions, which take a fraction of the time. */
  readonly halved: number;
  /** Of samples of more than 8 bits: what is shown black and white; without it such a tile is refused. */
  readonly range?: ValueRange | undefined;
  /** What of it, from its top left corner, is picture and no padding; all, where that is not said. For its range alone. */
  readonly part?: { readonly width: number; readonly height: number };
}

export interface Jpeg2000Decoder {
  pixels(tile: Jpeg2000Tile): Promise<Pixels>;
  /** The window that its values ask for: of one component of more than 8 bits. */
  range(tile: Jpeg2000Tile): Promise<ValueRange>;
}

/** @param wasm the decoder's WebAssembly, fetched at the first tile */
export function jpeg2000Decoder(wasm: () => Promise<ArrayBuffer>): Jpeg2000Decoder {
  let loading: Promise<OpenJpegModule> | undefined;
  const load = async (): Promise<OpenJpegModule> => {
    const { default: start } = await import('@cornerstonejs/codec-openjpeg/decodewasmjs');
    return start({ wasmBinary: await wasm(), print: () => undefined, printErr: () => undefined });
  };
  const loaded = (): Promise<OpenJpegModule> => {
    loading ??= load().catch((thrown: unknown) => {
      loading = undefined; // the network may be back at the next tile
      throw thrown;
    });
    return loading;
  };
  return {
    pixels: async (tile) => pixelsOf(decoded(await loaded(), tile), tile),
    range: async (tile) => {
      const { samples, depth, width, height, header } = decoded(await loaded(), tile);
      const { components } = header;
      const across = Math.min(width, tile.part?.width ?? width) * components;
      const down = Math.min(height, tile.part?.height ?? height);
      function* values(): Iterable<number> {
        for (let y = 0; y < down; y++) yield* samples.subarray(y * width * components, y * width * components + across);
      }
      return usualRange(values, across * down, { depth: depth > 8 ? 16 : 8, numbers: 'unsigned' });
    },
  };
}

const damaged = (seen: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'A tile', seen, todo: 'Copy the slide again.' });

/** A tile as the codec gives it. */
interface Decoded {
  readonly samples: Uint8ClampedArray | Uint16Array; // components interleaved
  readonly header: Jpeg2000Header;
  readonly depth: number;
  readonly width: number;
  readonly height: number;
  readonly count: number; // samples
  readonly halved: number; // of the times that were asked for
}

function decoded(module: OpenJpegModule, tile: Jpeg2000Tile): Decoded {
  const header = jpeg2000Header(tile.bytes);
  if (!header) throw damaged('it holds no JPEG 2000 picture of a kind that slides have');
  const { width, height, components, depth } = header;
  const isDeep = depth > 8 && depth <= 16 && tile.range !== undefined;
  const isKnown = (depth === 8 || isDeep) && (components === 1 || components === 3);
  if (width > tile.mostWidth || height > tile.mostHeight || !isKnown) {
    throw damaged(`its header says ${width} × ${height} pixels of ${components} × ${depth} bits`);
  }
  const halved = Math.min(tile.halved, header.resolutions);
  const decoder = new module.J2KDecoder();
  try {
    decoder.getEncodedBuffer(tile.bytes.length).set(tile.bytes);
    const data = samplesOf(decoder, halved);
    const size = { width: halfOf(width, halved), height: halfOf(height, halved) };
    const count = size.width * size.height * components;
    if (data.byteLength !== count * (isDeep ? 2 : 1)) throw damaged('its JPEG 2000 data does not decode');
    const samples = isDeep ? new Uint16Array(data.slice().buffer) : data;
    return { ...size, samples, header, depth, count, halved };
  } finally {
    decoder.delete();
  }
}

function pixelsOf({ samples, header, width, height, halved }: Decoded, tile: Jpeg2000Tile): Pixels {
  const { components, subsampled, mixed } = header;
  const toRgb = components === 3 && tile.colours === 'ycbcr' && !subsampled && !mixed; // of those the codec does it
  const rgba = rgbaOf(samples, components, header.depth > 8 ? tile.range : undefined);
  if (toRgb) rgbOfYcbcr(rgba);
  return halvedByMean({ width, height, rgba }, tile.halved - halved);
}

const halfOf = (length: number, times: number): number => Math.ceil(length / 2 ** times);

function samplesOf(decoder: J2KDecoder, halved: number): Uint8ClampedArray {
  try {
    decoder.decodeSubResolution(halved, 0);
    return decoder.getDecodedBuffer();
  } catch {
    throw damaged('its JPEG 2000 data does not decode'); // WebAssembly ran out of memory or was told nonsense
  }
}

/** For tiles that hold themselves at fewer sizes than are asked for. Pixels at the edge count twice. */
function halvedByMean(pixels: Pixels, times: number): Pixels {
  if (times <= 0) return pixels;
  const [width, height] = [halfOf(pixels.width, 1), halfOf(pixels.height, 1)];
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, i = 0; y < height; y++) {
    const rows = [2 * y, Math.min(2 * y + 1, pixels.height - 1)].map((row) => row * pixels.width);
    for (let x = 0; x < width; x++) {
      const columns = [2 * x, Math.min(2 * x + 1, pixels.width - 1)];
      for (let c = 0; c < 4; c++, i++) {
        let sum = 0;
        for (const row of rows) for (const column of columns) sum += pixels.rgba[(row + column) * 4 + c] ?? 0;
        rgba[i] = sum / 4;
      }
    }
  }
  return halvedByMean({ width, height, rgba }, times - 1);
}

function rgbaOf(
  data: Decoded['samples'],
  components: number,
  range: ValueRange = WHOLE_BYTE,
): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray((data.length / components) * 4);
  const factor = 255 / Math.max(1, range.high - range.low);
  for (let i = 0, from = 0; i < rgba.length; i += 4, from += components) {
    for (let c = 0; c < 3; c++) rgba[i + c] = ((data[from + (components === 3 ? c : 0)] ?? 0) - range.low) * factor;
    rgba[i + 3] = 255;
  }
  return rgba;
}
