import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import sharp from 'sharp';
import type { Decoders } from '../decode.ts';
import { jpeg2000Decoder } from '../decode-jpeg2000.ts';
import { newLook } from '../jpeg-look.ts';
import { unpackBlock, valueRangeOf } from '../unpack.ts';

const wasm = createRequire(import.meta.url).resolve('@cornerstonejs/codec-openjpeg/decodewasm');

const look = newLook();
const jpeg2000 = jpeg2000Decoder(async () => new Uint8Array(await readFile(wasm)).buffer);

/** Decoders for Node: libvips for images, the worker's own code inline for the rest. */
export const nodeDecoders: Decoders = {
  image: async (bytes) => {
    const { data, info } = await sharp(bytes, { failOn: 'error', limitInputPixels: 2e8 })
      .flatten({ background: '#fff' })
      .toColourspace('srgb')
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, rgba: new Uint8ClampedArray(data) };
  },
  block: unpackBlock,
  range: valueRangeOf,
  soundness: async (jpeg) => look([jpeg])[0],
  jpeg2000: jpeg2000.pixels,
  jpeg2000Range: jpeg2000.range,
};
