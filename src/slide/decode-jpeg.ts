// A JPEG tile, wherever it comes from: checked against what its place allows, decoded, and looked through for damage.
import type { Decoders } from './decode.ts';
import { frameOf, isComplete } from './jpeg.ts';
import { release } from './raster.ts';
import type { Raster, TileWaits } from './slide.ts';

/** Tiles whose data was looked through and is whole: decoded again out of the cache, they need no second look. */
const SOUND = new WeakSet<Uint8Array>();

/**
 * The browser's decoder and the look through the data go on at the same time; for eyes, the look begins when the picture is
 * there, and may wait for other pictures.
 * @throws Error that says what is wrong, as the end of a sentence; the signal's reason
 */
export async function decodedJpeg(
  jpeg: Uint8Array<ArrayBuffer>,
  most: { width: number; height: number },
  decoders: Decoders,
  waits: TileWaits,
): Promise<Raster> {
  const frame = frameOf(jpeg);
  if (!frame) throw new Error('it holds no JPEG picture');
  if (frame.bits !== 8 || frame.width > most.width || frame.height > most.height) {
    throw new Error(`its JPEG header says ${frame.width} × ${frame.height} pixels of ${frame.bits} bits`);
  }
  if (!isComplete(jpeg)) throw new Error('its JPEG data is cut short');
  const decoding = decoders.image(jpeg, 'image/jpeg', waits);
  if (SOUND.has(jpeg)) return decoding;
  if (waits.onLook) {
    const picture = await decoding;
    waits.onLook(looked(jpeg, decoders.soundness(jpeg, waits, 'later')));
    return picture;
  }
  const [picture, look] = await Promise.allSettled([decoding, looked(jpeg, decoders.soundness(jpeg, waits))]);
  if (picture.status === 'rejected') throw picture.reason;
  if (look.status === 'fulfilled') return picture.value;
  release(picture.value);
  throw look.reason;
}

async function looked(jpeg: Uint8Array<ArrayBuffer>, look: Promise<string | undefined>): Promise<void> {
  const unsound = await look;
  if (unsound !== undefined) throw new Error(unsound);
  SOUND.add(jpeg);
}
