// What turns stored tiles into pictures. It differs between tab, worker and Node, so it is passed in.
import type { Waits } from '#channel/waits.ts';
import type { Jpeg2000Tile } from './decode-jpeg2000.ts';
import type { ValueRange } from './samples.ts';
import type { Pixels, Raster } from './slide.ts';
import type { PackedBlock } from './unpack.ts';

export type ImageType = 'image/jpeg' | 'image/png' | 'image/webp';

/**
 * Decodes a whole image file, exactly and without colour management; what is transparent lies on white.
 * `bytes` are lent. Rejects with any error when they do not decode.
 */
export type ImageDecode = (bytes: Uint8Array<ArrayBuffer>, type: ImageType, waits: Waits) => Promise<Raster>;

/** What no image decoder of a browser knows. All bytes are lent. */
export interface TileDecoders {
  /** Uncompressed, LZW, deflate, PackBits, zstd; the codecs of Zarr. */
  block(block: PackedBlock, waits: Waits): Promise<Pixels>;
  /** The window that a block's values ask for. */
  range(block: PackedBlock, waits: Waits): Promise<ValueRange>;
  jpeg2000(tile: Jpeg2000Tile, waits: Waits): Promise<Pixels>;
  /** The window that the values of a tile of more than 8 bits ask for. */
  jpeg2000Range(tile: Jpeg2000Tile, waits: Waits): Promise<ValueRange>;
  /**
   * What is wrong with a JPEG's data, which decoders paint over in silence; undefined when all is well.
   * @param when later: it can wait until the pictures that are being decoded are there
   */
  soundness(jpeg: Uint8Array<ArrayBuffer>, waits: Waits, when?: 'now' | 'later'): Promise<string | undefined>;
}

export interface Decoders extends TileDecoders {
  readonly image: ImageDecode;
}
