// The network's tissue grid → cells of the slide, and their shares.
import type { OutputTensor } from '#inference/model.ts';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import { intersects } from '#units/rect.ts';
import type { PatchFrame } from '../postprocess/frame.ts';
import { boundsOf, isIn, type Region } from '../region.ts';

/**
 * The cells of a patch whose centre lies in its core; NaN where the centre is not analysed.
 * @param tensor [1, classes, h, w]
 * @param stride model px a cell
 * @param isAnalysed at a point in level-0 px
 */
export function tissueCells(
  tensor: OutputTensor,
  stride: number,
  frame: PatchFrame,
  isAnalysed: (x: number, y: number) => boolean,
): GridPatch {
  const [, classes = 0, height = 0, width = 0] = tensor.dims;
  const first = Math.ceil(frame.margin / stride - 0.5);
  const count = Math.ceil((frame.size - frame.margin) / stride - 0.5) - first;
  const [cellWidth, cellHeight] = [stride * frame.pxX, stride * frame.pxY];
  const x = frame.x + first * cellWidth;
  const y = frame.y + first * cellHeight;
  const cols = Math.min(count, Math.max(0, Math.ceil((frame.core.x + frame.core.width - x) / cellWidth - 1e-6)));
  const rows = Math.min(count, Math.max(0, Math.ceil((frame.core.y + frame.core.height - y) / cellHeight - 1e-6)));
  const values = new Float32Array(classes * rows * cols);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const isIn = isAnalysed(x + (col + 0.5) * cellWidth, y + (row + 0.5) * cellHeight);
      for (let c = 0; c < classes; c++) {
        const from = (c * height + row + first) * width + col + first;
        values[(c * rows + row) * cols + col] = isIn ? (tensor.data[from] ?? Number.NaN) : Number.NaN;
      }
    }
  }
  return { x, y, cellWidth, cellHeight, cols, rows, values };
}

/**
 * Adds the area of each class to `into`, level-0 px²: a cell counts whole for its most probable class, the first of equal
 * ones. What a map's shares are is decided here and nowhere else.
 * @param isIn of a cell's centre: other cells do not count
 */
export function addClassAreas(
  into: Float64Array,
  { x, y, cols, rows, cellWidth, cellHeight, values }: GridPatch,
  isIn?: (x: number, y: number) => boolean,
): void {
  const cells = cols * rows;
  for (let i = 0; i < cells; i++) {
    let best = -1;
    for (let c = 0; c < into.length; c++) {
      const value = values[c * cells + i] ?? Number.NaN;
      if (!Number.isNaN(value) && (best < 0 || value > (values[best * cells + i] ?? 0))) best = c;
    }
    if (best < 0) continue;
    if (isIn && !isIn(x + ((i % cols) + 0.5) * cellWidth, y + (Math.floor(i / cols) + 0.5) * cellHeight)) continue;
    into[best] = (into[best] ?? 0) + cellWidth * cellHeight;
  }
}

/** Shares that add up to 1; undefined where nothing was analysed. */
export function sharesOf(areas: Float64Array): Float32Array<ArrayBuffer> | undefined {
  const sum = areas.reduce((a, b) => a + b, 0);
  return sum > 0 ? Float32Array.from(areas, (area) => area / sum) : undefined;
}

/** Of the cells whose centre lies in a region (of all where undefined): the share of each class, and the level-0 px² of them all. */
export function tissueShares(
  { channels, patches }: ValueGrid,
  region: Region | undefined,
): { readonly shares: Float32Array<ArrayBuffer>; readonly areaPx: number } {
  const areas = new Float64Array(channels.length);
  const bounds = region && boundsOf(region);
  for (const patch of patches) {
    const { x, y, cols, rows, cellWidth, cellHeight } = patch;
    if (bounds && !intersects(bounds, { x, y, width: cols * cellWidth, height: rows * cellHeight })) continue;
    addClassAreas(areas, patch, region && ((atX, atY) => isIn(region, atX, atY)));
  }
  return { shares: sharesOf(areas) ?? new Float32Array(channels.length), areaPx: areas.reduce((a, b) => a + b, 0) };
}
