// Value grids over the slide. Cells are drawn sharp, on their exact fractional places.
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import type { Rect } from '#units/rect.ts';
import { intersects } from '#units/rect.ts';
import { boxOnSlide } from '../frame.ts';
import type { GridStyle } from '../viewer-api.ts';
import { offscreen } from './context.ts';
import { coloursOf } from './grid-cells.ts';
import { inSlidePx, type Pen } from './pen.ts';

/** Cells as pixels. @param rgba [rows × cols × 4] */
export function picturedCells(cols: number, rows: number, rgba: Uint8ClampedArray<ArrayBuffer>): OffscreenCanvas {
  const { canvas, context } = offscreen(cols, rows);
  context.putImageData(new ImageData(rgba, cols, rows), 0, 0);
  return canvas;
}

const rectOf = (patch: GridPatch): Rect => ({
  x: patch.x,
  y: patch.y,
  width: patch.cols * patch.cellWidth,
  height: patch.rows * patch.cellHeight,
});

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

/** Pictures of a grid's patches, one px a cell, kept while grid and style's colours stay. */
export class GridPictures {
  #pictures = new WeakMap<GridPatch, OffscreenCanvas>();
  #key = '';

  draw(pen: Pen, grid: ValueGrid, style: GridStyle): void {
    const { opacity: _opacity, shown: _shown, ...colours } = style;
    const key = JSON.stringify([grid.name, grid.channels, colours]);
    if (key !== this.#key) this.#pictures = new WeakMap();
    this.#key = key;
    const box = boxOnSlide(pen.frame);
    for (const patch of grid.patches) {
      const rect = rectOf(patch);
      if (patch.cols * patch.rows === 0 || !intersects(rect, box)) continue;
      const picture = this.#pictures.get(patch) ?? picturedCells(patch.cols, patch.rows, coloursOf(patch, grid, style));
      this.#pictures.set(patch, picture);
      drawCells(pen, picture, rect);
    }
  }
}
