// Attention is paid to tissue alone: glass in the bag would take its share of it.
import { isIn, isMask, type Region } from '#analysis/region.ts';
import type { TissueMask } from '#analysis/tissue/mask.ts';

/** The tissue of a region: cells whose centre lies in it. */
export function tissueWithin(tissue: TissueMask, region: Region): TissueMask {
  if (isMask(region)) return region;
  const { x0, y0, cellPx, cols } = tissue;
  const isCellIn = (cell: number): boolean =>
    isIn(region, x0 + ((cell % cols) + 0.5) * cellPx, y0 + (Math.floor(cell / cols) + 0.5) * cellPx);
  return { ...tissue, mask: tissue.mask.map((is, cell) => (is === 1 && isCellIn(cell) ? 1 : 0)) };
}
