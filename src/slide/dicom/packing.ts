// How a frame is packed, told by its first bytes: a server may send another packing than the one that it stores.
import { segmentsOf } from '../jpeg.ts';
import { jpeg2000Header } from '../jpeg2000.ts';
import { isRle } from '../rle.ts';
import type { Packing } from './instance.ts';

/** Baseline, extended and progressive: what browsers decode. Lossless JPEG and JPEG-LS have other frame markers. */
const READ = new Set([0xc0, 0xc1, 0xc2]);

/** Undefined for what starts like no picture: bare samples, or something that is not read. */
export function packingOfBytes(bytes: Uint8Array<ArrayBuffer>): Exclude<Packing, 'native'> | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    return segmentsOf(bytes).some(({ marker }) => READ.has(marker)) ? 'jpeg' : undefined;
  }
  if (isRle(bytes)) return 'rle';
  const boxed = bytes[4] === 0x6a && bytes[5] === 0x50 && bytes[6] === 0x20 && bytes[7] === 0x20; // JP2: "jP  "
  const bare = bytes[0] === 0xff && bytes[1] === 0x4f;
  return (boxed || bare) && jpeg2000Header(bytes) ? 'jpeg2000' : undefined;
}
