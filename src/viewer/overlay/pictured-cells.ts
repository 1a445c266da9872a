// Pictures of cells, a pixel each, laid over the slide: sharp, on their exact fractional places.
import type { Rect } from '#units/rect.ts';
import { offscreen } from './context.ts';
import { inSlidePx, type Pen } from './pen.ts';

/** Cells as pixels. @param rgba [rows × cols × 4] */
export function picturedCells(cols: number, rows: number, rgba: Uint8ClampedArray<ArrayBuffer>): OffscreenCanvas {
  const { canvas, context } = offscreen(cols, rows);
  context.putImageData(new ImageData(rgba, cols, rows), 0, 0);
  return canvas;
}

/**
 * Draws a picture of cells, opaque. Neighbouring pictures overlap by half a device px on each side: without, their
 * blended edges would leave hairlines.
 */
export function drawCells(pen: Pen, picture: OffscreenCanvas, rect: Rect): void {
  const { context, frame, pixelRatio } = pen;
  const over = 0.5 / (frame.zoom * pixelRatio);
  inSlidePx(pen, rect);
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, -over, -over, rect.width + 2 * over, rect.height + 2 * over);
}
