// How much of a rectangle is tissue, cells counted by the part of them that lies inside.
import type { TissueMask } from '#analysis/tissue-mask.ts';
import type { Rect } from '#units/rect.ts';

/** Level-0 px². */
export function tissueAreaIn({ x0, y0, cellPx, cols, rows, mask }: TissueMask, rect: Rect): number {
  const [left, right] = [(rect.x - x0) / cellPx, (rect.x + rect.width - x0) / cellPx];
  const [top, bottom] = [(rect.y - y0) / cellPx, (rect.y + rect.height - y0) / cellPx];
  let cells = 0;
  for (let row = Math.max(0, Math.floor(top)); row < Math.min(rows, bottom); row++) {
    const high = Math.min(bottom, row + 1) - Math.max(top, row);
    for (let col = Math.max(0, Math.floor(left)); col < Math.min(cols, right); col++) {
      if (mask[row * cols + col] === 1) cells += high * (Math.min(right, col + 1) - Math.max(left, col));
    }
  }
  return cells * cellPx * cellPx;
}
