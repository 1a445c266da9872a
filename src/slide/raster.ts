// Decoded pictures, whichever form they have: cutting, releasing, reading their pixels.
import { EosinError } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import type { Pixels, Raster } from './slide.ts';

export const isPixels = (raster: Raster): raster is Pixels => 'rgba' in raster;

/** White and opaque: glass. */
export function blankPixels(width: number, height: number): Pixels {
  return { width, height, rgba: new Uint8ClampedArray(width * height * 4).fill(255) };
}

/** Gives back what a bitmap holds; plain pixels need nothing. */
export function release(raster: Raster): void {
  if (!isPixels(raster)) raster.close();
}

/** The part of the picture within `area` (whole pixels, inside the picture). Takes `raster` over. */
export async function cropped(raster: Raster, area: Rect): Promise<Raster> {
  const { x, y, width, height } = area;
  if (x === 0 && y === 0 && raster.width === width && raster.height === height) return raster;
  if (isPixels(raster)) return cutPixels(raster, area);
  try {
    return await createImageBitmap(raster, x, y, width, height, { colorSpaceConversion: 'none' });
  } finally {
    raster.close();
  }
}

/** A copy of a part of plain pixels. */
export function cutPixels(pixels: Pixels, { x, y, width, height }: Rect): Pixels {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * pixels.width + x) * 4;
    rgba.set(pixels.rgba.subarray(from, from + width * 4), row * width * 4);
  }
  return { width, height, rgba };
}

/** The pixels of a part of the picture; `raster` is only borrowed. In a browser this reads back from a canvas. */
export function pixelsOf(
  raster: Raster,
  area: Rect = { x: 0, y: 0, width: raster.width, height: raster.height },
): Pixels {
  if (isPixels(raster)) return cutPixels(raster, area);
  const { x, y, width, height } = area;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true, alpha: false });
  if (!context) throw new EosinError({ tag: 'Unexpected', reason: 'The browser gave no canvas to read pixels from.' });
  context.drawImage(raster, x, y, width, height, 0, 0, width, height);
  return { width, height, rgba: new Uint8ClampedArray(context.getImageData(0, 0, width, height).data) };
}
