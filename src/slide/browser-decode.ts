import { onAbort } from '#channel/on-abort.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ImageType } from './decode.ts';
import { adobeTransformIn, frameIn, type Segment, segmentsOf } from './jpeg.ts';
import type { Raster } from './slide.ts';

const EXACT: ImageBitmapOptions = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };

/** The browser's own decoders: an ImageDecode. */
export async function decodeInBrowser(bytes: Uint8Array<ArrayBuffer>, type: ImageType, waits: Waits): Promise<Raster> {
  waits.signal.throwIfAborted();
  const segments = type === 'image/jpeg' ? segmentsOf(bytes) : [];
  const fast = isPlainJpeg(bytes, segments) ? await byImageDecoder(bytes, segments, waits) : undefined;
  const raster = fast ?? (await createImageBitmap(new Blob([bytes], { type }), EXACT));
  if (waits.signal.aborted) {
    raster.close();
    throw waits.signal.reason;
  }
  return type === 'image/jpeg' ? raster : onWhite(raster);
}

const MOST_PIXELS = 2 ** 24; // beyond that a bitmap's size matters more than its time

/** In one scan, not turned by what a camera wrote, and small: what tiles are. */
function isPlainJpeg(bytes: Uint8Array<ArrayBuffer>, segments: readonly Segment[]): boolean {
  const frame = frameIn(segments, bytes);
  const isSequential = segments.some(({ marker }) => marker === 0xc0 || marker === 0xc1);
  const isTurned = segments.some(({ marker, start }) => marker === 0xe1 && bytes[start + 4] === 0x45); // Exif
  return isSequential && !isTurned && frame !== undefined && frame.width * frame.height <= MOST_PIXELS;
}

const PATIENCE_MS = 1000;

interface Fed extends Disposable {
  readonly data: ImageDecoderInit['data'];
}

/**
 * A JPEG of YCbCr that is all there comes in its planes, and the colours that are made of them are up to 35 of 255 from the
 * JPEG decoder's own (4:2:0, Chromium 156). While its stream has not ended it comes as RGB, equal in every sample. So it does
 * not end, unless the decoder waits for more. What is stored as RGB needs no such trick.
 */
function fed(bytes: Uint8Array<ArrayBuffer>, segments: readonly Segment[]): Fed {
  if (adobeTransformIn(segments, bytes) === 0) return { data: bytes, [Symbol.dispose]: () => undefined };
  let end = (): void => undefined;
  const data = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(stream) {
      stream.enqueue(bytes);
      end = () => stream.close();
    },
  });
  const waited = setTimeout(() => end(), PATIENCE_MS);
  return { data, [Symbol.dispose]: () => clearTimeout(waited) };
}

/**
 * ImageDecoder takes half the time of createImageBitmap, which sends every JPEG through the browser's storage of Blobs.
 * @returns undefined where it is absent, gives anything but RGB, or fails: createImageBitmap then says what is wrong
 */
async function byImageDecoder(
  bytes: Uint8Array<ArrayBuffer>,
  segments: readonly Segment[],
  { signal }: Waits,
): Promise<ImageBitmap | undefined> {
  if (!('ImageDecoder' in globalThis)) return undefined;
  using feeding = fed(bytes, segments);
  const { data } = feeding;
  const decoder = new ImageDecoder({ data, type: 'image/jpeg', colorSpaceConversion: 'none', preferAnimation: false });
  const leave = onAbort(signal, () => decoder.close());
  try {
    const { image, complete } = await decoder.decode({ completeFramesOnly: false });
    try {
      const isRgb = image.format?.startsWith('RGB') || image.format?.startsWith('BGR');
      return complete && isRgb ? await createImageBitmap(image) : undefined; // options would have it copied
    } finally {
      image.close();
    }
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    leave();
    decoder.close();
  }
}

/** Takes `raster` over. */
function onWhite(raster: ImageBitmap): ImageBitmap {
  const canvas = new OffscreenCanvas(raster.width, raster.height);
  const context = canvas.getContext('2d', { alpha: false });
  if (!context) throw new EosinError({ tag: 'Unexpected', reason: 'The browser gave no canvas to decode with.' });
  context.fillStyle = '#fff';
  context.fillRect(0, 0, raster.width, raster.height);
  context.drawImage(raster, 0, 0);
  raster.close();
  return canvas.transferToImageBitmap();
}
