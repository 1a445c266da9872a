// Levels that JPEG 2000 tiles hold within themselves: decoded at half their size, and at half of that.

import { isJpeg2000, type Page } from './tiff-page.ts';
import type { PageLevel } from './tile-reader.ts';

const MOST_HALVED = 2; // times
const FAR = 1.5; //       times as wide as the next stored level: then a level between them pays
const SMALL = 1024; //    pixels: one stored level alone is halved down to this width

/**
 * How often a level is halved to fill what lies between it and the next one; 0, the level itself, comes first. A view
 * between levels that lie far apart then decodes a quarter of the pixels.
 * @param widths of the stored levels, largest first
 * @param tile its size in pixels: both sides must stay whole
 */
export function halvesOf(widths: readonly number[], index: number, tile: { width: number; height: number }): number[] {
  const width = widths[index] ?? 0;
  const next = widths[index + 1] ?? (widths.length === 1 ? SMALL : Number.POSITIVE_INFINITY);
  const times = Array.from({ length: MOST_HALVED }, (_, i) => i + 1);
  const fits = (n: number): boolean =>
    tile.width % 2 ** n === 0 && tile.height % 2 ** n === 0 && width / 2 ** n > next * FAR;
  return [0, ...times.filter(fits)];
}

/** The pages as levels, largest first, with those between them. */
export function withHalves(pages: readonly Page[], how: Pick<PageLevel, 'absent' | 'shown'>): PageLevel[] {
  const widths = pages.map(({ width }) => width);
  return pages.flatMap((page, i): PageLevel[] => {
    if (!page.tiled || !isJpeg2000(page.compression)) return [{ page, ...how }];
    const tile = { width: page.tileWidth, height: page.tileHeight };
    return halvesOf(widths, i, tile).map((halved) => ({ page, ...how, halved }));
  });
}
