// Maps over the slide: value grids and density. Cells are drawn sharp, on their exact fractional places.
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import type { Rect } from '#units/rect.ts';
import { intersects } from '#units/rect.ts';
import { boxOnSlide } from '../frame.ts';
import type { GridStyle } from '../viewer-api.ts';
import { rgbOf, stepOf, stepsOf } from './colormaps.ts';
import { offscreen } from './context.ts';
import { cellFor, type Density, densityOf } from './density.ts';
import type { FarRows } from './far.ts';
import { coloursOf } from './grid-cells.ts';
import { inSlidePx, type Pen } from './pen.ts';

function canvasOf(cols: number, rows: number, rgba: Uint8ClampedArray<ArrayBuffer>): OffscreenCanvas {
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
function drawCells(pen: Pen, picture: OffscreenCanvas, rect: Rect): void {
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
      const picture = this.#pictures.get(patch) ?? canvasOf(patch.cols, patch.rows, coloursOf(patch, grid, style));
      this.#pictures.set(patch, picture);
      drawCells(pen, picture, rect);
    }
  }
}

/** Objects too small to see, as a map of how many there are: counted and painted anew only when they change. */
export class DensityPicture {
  #kept:
    | {
        readonly far: FarRows;
        readonly groups: Uint8Array;
        readonly density: Density;
        readonly picture: OffscreenCanvas | undefined;
      }
    | undefined;

  /** @param groups [n], HIDDEN: not counted; the same array while nothing changed */
  draw(pen: Pen, far: FarRows, groups: Uint8Array): Density {
    const { density, picture } = this.#at(cellFor(pen.frame.zoom), far, groups);
    const { x, y, cols, rows, cellPx } = density;
    if (picture) drawCells(pen, picture, { x, y, width: cols * cellPx, height: rows * cellPx });
    return density;
  }

  #at(cellPx: number, far: FarRows, groups: Uint8Array) {
    const kept = this.#kept;
    if (kept?.density.cellPx === cellPx && kept.far === far && kept.groups === groups) return kept;
    const density = densityOf(far, groups, cellPx);
    const picture = density.cols > 0 ? canvasOf(density.cols, density.rows, densityColours(density)) : undefined;
    this.#kept = { far, groups, density, picture };
    return this.#kept;
  }
}

function densityColours(density: Density): Uint8ClampedArray<ArrayBuffer> {
  const palette = stepsOf('viridis').map(rgbOf);
  const out = new Uint8ClampedArray(4 * density.counts.length);
  for (const [i, count] of density.counts.entries()) {
    if (count === 0) continue;
    const [r, g, b] = palette[stepOf(count, [0, density.most])] ?? [0, 0, 0];
    out.set([r, g, b, 255], 4 * i);
  }
  return out;
}
