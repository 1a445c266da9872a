import sharp from 'sharp';
import type { Decoders } from '../decode.ts';
import { unpackBlock } from '../unpack.ts';

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
};
