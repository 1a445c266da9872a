// Maps over the slide: value grids and density. Cells are drawn sharp, on their exact fractional places.
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import type { Rect } from '#units/rect.ts';
import { intersects } from '#units/rect.ts';
import { boxOnSlide } from '../frame.ts';
import type { GridStyle, LayerStyle, ObjectSource } from '../viewer-api.ts';
import { rgbOf, stepOf, stepsOf } from './colormaps.ts';
import { cellFor, type Density, densityOf } from './density.ts';
import { coloursOf } from './grid-cells.ts';
import { inSlidePx, type Pen } from './pen.ts';

function canvasOf(cols: number, rows: number, rgba: Uint8ClampedArray<ArrayBuffer>): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = cols;
  canvas.height = rows;
  canvas.getContext('2d')?.putImageData(new ImageData(rgba, cols, rows), 0, 0);
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
function drawCells(pen: Pen, picture: HTMLCanvasElement, rect: Rect): void {
  const { context, frame, pixelRatio } = pen;
  const over = 0.5 / (frame.zoom * pixelRatio);
  inSlidePx(pen, rect);
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, -over, -over, rect.width + 2 * over, rect.height + 2 * over);
}

/** Pictures of a grid's patches, one px a cell, kept while grid and style's colours stay. */
export class GridPictures {
  #pictures = new WeakMap<GridPatch, HTMLCanvasElement>();
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

/** A density that was counted and painted, and for what. */
interface KeptDensity {
  readonly source: ObjectSource;
  readonly version: number;
  readonly classShown: readonly boolean[];
  readonly density: Density;
  readonly picture: HTMLCanvasElement | undefined;
}

/** Objects too small to see, as a map of how many there are. */
export class DensityPicture {
  #kept: KeptDensity | undefined;

  #at(zoom: number, source: ObjectSource, { classShown }: LayerStyle): KeptDensity {
    const cellPx = cellFor(zoom);
    const kept = this.#kept;
    if (
      kept?.density.cellPx === cellPx &&
      kept.source === source &&
      kept.version === source.version &&
      kept.classShown === classShown
    ) {
      return kept;
    }
    const density = densityOf(source, classShown, cellPx);
    const picture = density.cols > 0 ? canvasOf(density.cols, density.rows, densityColours(density)) : undefined;
    this.#kept = { source, version: source.version, classShown, density, picture };
    return this.#kept;
  }

  density(zoom: number, source: ObjectSource, style: LayerStyle): Density {
    return this.#at(zoom, source, style).density;
  }

  draw(pen: Pen, source: ObjectSource, style: LayerStyle): void {
    const { density, picture } = this.#at(pen.frame.zoom, source, style);
    if (!picture) return;
    const { x, y, cols, rows, cellPx } = density;
    drawCells(pen, picture, { x, y, width: cols * cellPx, height: rows * cellPx });
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
