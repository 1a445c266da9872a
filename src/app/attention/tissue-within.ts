// Attention is paid to tissue alone: glass in the bag would take its share of it.
import { isMask, type Region } from '#analysis/plan.ts';
import type { TissueMask } from '#analysis/tissue-mask.ts';
import { contains } from '#units/rect.ts';

/** The tissue of a region: cells whose centre lies in it. */
export function tissueWithin(tissue: TissueMask, region: Region): TissueMask {
  if (isMask(region)) return region;
  const { x0, y0, cellPx, cols } = tissue;
  const isIn = (cell: number): boolean =>
    contains(region, x0 + ((cell % cols) + 0.5) * cellPx, y0 + (Math.floor(cell / cols) + 0.5) * cellPx);
  return { ...tissue, mask: tissue.mask.map((is, cell) => (is === 1 && isIn(cell) ? 1 : 0)) };
}
