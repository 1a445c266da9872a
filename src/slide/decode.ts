// What turns stored tiles into pictures. It differs between tab, worker and Node, so it is passed in.
import type { Waits } from '#channel/waits.ts';
import type { Pixels, Raster } from './slide.ts';
import type { PackedBlock } from './unpack.ts';

export type ImageType = 'image/jpeg' | 'image/png' | 'image/webp';

/**
 * Decodes a whole image file, exactly and without colour management; what is transparent lies on white.
 * `bytes` are lent. Rejects with any error when they do not decode.
 */
export type ImageDecode = (bytes: Uint8Array<ArrayBuffer>, type: ImageType, waits: Waits) => Promise<Raster>;

/** Decodes a tile that no image decoder knows: uncompressed, LZW, deflate, PackBits, zstd. `block.bytes` are lent. */
export type BlockDecode = (block: PackedBlock, waits: Waits) => Promise<Pixels>;

export interface Decoders {
  readonly image: ImageDecode;
  readonly block: BlockDecode;
}
