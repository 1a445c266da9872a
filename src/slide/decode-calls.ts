import type { Jpeg2000Tile } from './decode-jpeg2000.ts';
import type { ValueRange } from './samples.ts';
import type { Pixels } from './slide.ts';
import type { PackedBlock } from './unpack.ts';

/** What the decode worker offers. */
export type DecodeCalls = {
  unpack: { in: PackedBlock; out: Pixels };
  range: { in: PackedBlock; out: ValueRange };
  /** Of JPEGs that lie one behind the other. They come back, for their memory to be used again. */
  soundness: {
    in: { jpegs: Uint8Array<ArrayBuffer>; lengths: readonly number[] };
    out: { found: readonly (string | undefined)[]; jpegs: Uint8Array<ArrayBuffer> };
  };
  jpeg2000: { in: Jpeg2000Tile; out: Pixels };
  jpeg2000Range: { in: Jpeg2000Tile; out: ValueRange };
};
