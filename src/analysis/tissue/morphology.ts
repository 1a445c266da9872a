// Steps on masks of cells that several rules of finding tissue share. Masks are [rows × cols], 1 is in.
import { labelComponents } from '../postprocess/components.ts';

export type CellMask = Uint8Array<ArrayBuffer>;

/** Of each cell, how many of the 3 × 3 cells around are in; beyond the edge a cell repeats its nearest. */
function aroundEach(mask: Uint8Array, cols: number, rows: number, least: number): CellMask {
  const across = new Uint8Array(mask.length);
  for (let row = 0, i = 0; row < rows; row++) {
    const [first, last] = [row * cols, (row + 1) * cols - 1];
    for (; i <= last; i++) {
      across[i] = (mask[Math.max(first, i - 1)] ?? 0) + (mask[i] ?? 0) + (mask[Math.min(last, i + 1)] ?? 0);
    }
  }
  const out = new Uint8Array(mask.length);
  for (let row = 0, i = 0; row < rows; row++) {
    const [up, down] = [row > 0 ? -cols : 0, row + 1 < rows ? cols : 0];
    for (const end = i + cols; i < end; i++) {
      const sum = (across[i + up] ?? 0) + (across[i] ?? 0) + (across[i + down] ?? 0);
      out[i] = Number(sum >= least);
    }
  }
  return out;
}

/** Majority of the 3 × 3 cells around. */
export const smoothed = (mask: Uint8Array, cols: number, rows: number): CellMask => aroundEach(mask, cols, rows, 5);

/** By one cell on every side. */
export const grown = (mask: Uint8Array, cols: number, rows: number): CellMask => aroundEach(mask, cols, rows, 1);

/** Pieces of fewer cells go. */
export function withoutSpecks(mask: Uint8Array, cols: number, rows: number, least: number): CellMask {
  const { labels, areas } = labelComponents(mask, cols, rows);
  return Uint8Array.from(labels, (label) => Number(label > 0 && (areas[label] ?? 0) >= least));
}

/** Gaps of fewer cells are filled. */
export function withoutGaps(mask: Uint8Array, cols: number, rows: number, least: number): CellMask {
  const glass = Uint8Array.from(mask, (cell) => 1 - cell);
  const { labels, areas } = labelComponents(glass, cols, rows);
  return Uint8Array.from(labels, (label) => Number(label === 0 || (areas[label] ?? 0) < least));
}

/** Cells of `from` that hang together, corner to corner too, with one of `seeds`. */
export function reachedFrom(seeds: Uint8Array, from: Uint8Array, cols: number, rows: number): CellMask {
  const reached = Uint8Array.from(seeds);
  const open: number[] = [];
  for (let i = 0; i < seeds.length; i++) if (seeds[i] === 1) open.push(i);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const [col, row] = [at % cols, Math.floor(at / cols)];
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
      for (let x = Math.max(0, col - 1); x <= Math.min(cols - 1, col + 1); x++) {
        const next = y * cols + x;
        if (reached[next] === 1 || from[next] !== 1) continue;
        reached[next] = 1;
        open.push(next);
      }
    }
  }
  return reached;
}
