// Where there is tissue, cell by cell.

import { bottom, intersect, type Rect, right } from '#units/rect.ts';
import { labelComponents } from '../postprocess/components.ts';
import { createTracer } from '../postprocess/contour.ts';

/** Cells from the slide's corner on; the last column and row may reach over its edge. */
export interface TissueMask {
  readonly x0: number; //     level-0 px of the first cell's top left corner
  readonly y0: number;
  readonly cellPx: number; // level-0 px, side of a cell
  readonly cols: number;
  readonly rows: number;
  readonly mask: Uint8Array<ArrayBuffer>; // [rows × cols] 1 is tissue
}

export function isTissueAt({ x0, y0, cellPx, cols, rows, mask }: TissueMask, x: number, y: number): boolean {
  const col = Math.floor((x - x0) / cellPx);
  const row = Math.floor((y - y0) / cellPx);
  return col >= 0 && row >= 0 && col < cols && row < rows && mask[row * cols + col] === 1;
}

/** True where any cell of tissue meets the rectangle (level-0 px). */
export function isTissueIn({ x0, y0, cellPx, cols, rows, mask }: TissueMask, rect: Rect): boolean {
  const firstCol = Math.max(0, Math.floor((rect.x - x0) / cellPx));
  const lastCol = Math.min(cols, Math.ceil((rect.x + rect.width - x0) / cellPx));
  const firstRow = Math.max(0, Math.floor((rect.y - y0) / cellPx));
  const lastRow = Math.min(rows, Math.ceil((rect.y + rect.height - y0) / cellPx));
  for (let row = firstRow; row < lastRow; row++) {
    for (let col = firstCol; col < lastCol; col++) if (mask[row * cols + col] === 1) return true;
  }
  return false;
}

/** How much of a rectangle (level-0 px) is tissue, 0 to 1, by the cells whose centre it holds; 0 where it holds none. */
export function tissueShareIn({ x0, y0, cellPx, cols, rows, mask }: TissueMask, rect: Rect): number {
  const firstCol = Math.max(0, Math.ceil((rect.x - x0) / cellPx - 0.5));
  const endCol = Math.min(cols, Math.ceil((right(rect) - x0) / cellPx - 0.5));
  const firstRow = Math.max(0, Math.ceil((rect.y - y0) / cellPx - 0.5));
  const endRow = Math.min(rows, Math.ceil((bottom(rect) - y0) / cellPx - 0.5));
  let tissue = 0;
  for (let row = firstRow; row < endRow; row++) {
    for (let col = firstCol; col < endCol; col++) tissue += mask[row * cols + col] ?? 0;
  }
  const cells = Math.max(0, endCol - firstCol) * Math.max(0, endRow - firstRow);
  return cells > 0 ? tissue / cells : 0;
}

/** Cells count by the part of them that lies in the rectangle, level-0 px². */
export function tissueAreaIn({ x0, y0, cellPx, cols, rows, mask }: TissueMask, rect: Rect): number {
  const [left, end] = [(rect.x - x0) / cellPx, (rect.x + rect.width - x0) / cellPx];
  const [top, low] = [(rect.y - y0) / cellPx, (rect.y + rect.height - y0) / cellPx];
  let cells = 0;
  for (let row = Math.max(0, Math.floor(top)); row < Math.min(rows, low); row++) {
    const high = Math.min(low, row + 1) - Math.max(top, row);
    for (let col = Math.max(0, Math.floor(left)); col < Math.min(cols, end); col++) {
      if (mask[row * cols + col] === 1) cells += high * (Math.min(end, col + 1) - Math.max(left, col));
    }
  }
  return cells * cellPx * cellPx;
}

/** The tissue in a rectangle (level-0 px) as disjoint rectangles: runs of cells, those alike in rows below each other in one. */
export function tissuePartsIn({ x0, y0, cellPx, cols, rows, mask }: TissueMask, rect: Rect): Rect[] {
  const firstCol = Math.max(0, Math.floor((rect.x - x0) / cellPx));
  const endCol = Math.min(cols, Math.ceil((right(rect) - x0) / cellPx));
  const endRow = Math.min(rows, Math.ceil((bottom(rect) - y0) / cellPx));
  const parts: Rect[] = [];
  let open = new Map<string, number>(); // runs that reached the last row, first row of each
  const close = (runs: ReadonlyMap<string, number>, row: number): void => {
    for (const [run, first] of runs) {
      const [from = 0, to = 0] = run.split(' ').map(Number);
      const cells = {
        x: x0 + from * cellPx,
        y: y0 + first * cellPx,
        width: (to - from) * cellPx,
        height: (row - first) * cellPx,
      };
      parts.push(intersect(cells, rect));
    }
  };
  for (let row = Math.max(0, Math.floor((rect.y - y0) / cellPx)); row < endRow; row++) {
    const now = new Map<string, number>();
    for (let col = firstCol; col < endCol; col++) {
      if (mask[row * cols + col] !== 1) continue;
      const from = col;
      while (col < endCol && mask[row * cols + col] === 1) col++;
      const run = `${from} ${col}`;
      now.set(run, open.get(run) ?? row);
      open.delete(run);
    }
    close(open, row);
    open = now;
  }
  close(open, endRow);
  return parts;
}

/** Outlines of the gaps that lie within the tissue, as of the pieces. */
export function tissueHoles(tissue: TissueMask): Float64Array<ArrayBuffer>[] {
  const { cols, rows, mask } = tissue;
  const { labels, count } = labelComponents(
    Uint8Array.from(mask, (cell) => 1 - cell),
    cols,
    rows,
  );
  const isOutside = new Uint8Array(count + 1).fill(1, 0, 1);
  for (let col = 0; col < cols; col++) for (const row of [0, rows - 1]) isOutside[labels[row * cols + col] ?? 0] = 1;
  for (let row = 0; row < rows; row++) for (const col of [0, cols - 1]) isOutside[labels[row * cols + col] ?? 0] = 1;
  return tissueOutlines({ ...tissue, mask: Uint8Array.from(labels, (label) => 1 - (isOutside[label] ?? 1)) });
}

/** Outer outlines of the pieces, x, y pairs in level-0 px, not closed: the dashed line. */
export function tissueOutlines({ x0, y0, cellPx, cols, rows, mask }: TissueMask): Float64Array<ArrayBuffer>[] {
  const stride = cols + 2; // the tracer wants a margin around the pieces
  const framed = new Uint8Array(stride * (rows + 2));
  for (let row = 0; row < rows; row++) framed.set(mask.subarray(row * cols, (row + 1) * cols), (row + 1) * stride + 1);
  const { labels, count } = labelComponents(framed, stride, rows + 2);
  const first = new Int32Array(count + 1).fill(-1);
  for (let i = 0; i < labels.length; i++) if (first[labels[i] ?? 0] === -1) first[labels[i] ?? 0] = i;
  const trace = createTracer();
  return Array.from({ length: count }, (_, k) =>
    Float64Array.from(
      trace(labels, stride, k + 1, first[k + 1] ?? 0, stride + 1, 0.75),
      (v, at) => (at % 2 === 0 ? x0 : y0) + v * cellPx,
    ),
  );
}
