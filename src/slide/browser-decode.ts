import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ImageType } from './decode.ts';
import { adobeTransformOf } from './jpeg.ts';
import type { Raster } from './slide.ts';

const EXACT: ImageBitmapOptions = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };

/** The browser's own decoders: an ImageDecode. */
export async function decodeInBrowser(bytes: Uint8Array<ArrayBuffer>, type: ImageType, waits: Waits): Promise<Raster> {
  waits.signal.throwIfAborted();
  const fast = type === 'image/jpeg' && adobeTransformOf(bytes) === 0 ? await byImageDecoder(bytes, waits) : undefined;
  const raster = fast ?? (await createImageBitmap(new Blob([bytes], { type }), EXACT));
  if (waits.signal.aborted) {
    raster.close();
    throw waits.signal.reason;
  }
  return type === 'image/jpeg' ? raster : onWhite(raster);
}

/**
 * ImageDecoder is the faster way, but hands out JPEGs stored as YCbCr in their planes, and the colours then made of them
 * are up to 35 of 255 from the JPEG decoder's (4:2:0, Chromium 156). So it serves for those stored as RGB.
 * @returns undefined where it is absent, gives anything but RGB, or fails: createImageBitmap then says what is wrong
 */
async function byImageDecoder(data: Uint8Array<ArrayBuffer>, { signal }: Waits): Promise<ImageBitmap | undefined> {
  if (!('ImageDecoder' in globalThis)) return undefined;
  const decoder = new ImageDecoder({ data, type: 'image/jpeg', colorSpaceConversion: 'none', preferAnimation: false });
  const onAbort = (): void => decoder.close();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const { image } = await decoder.decode({ completeFramesOnly: true });
    try {
      const isRgb = image.format?.startsWith('RGB') || image.format?.startsWith('BGR');
      return isRgb ? await createImageBitmap(image, EXACT) : undefined;
    } finally {
      image.close();
    }
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    signal.removeEventListener('abort', onAbort);
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
