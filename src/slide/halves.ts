// Levels that JPEG 2000 tiles hold within themselves: decoded at half their size, and at half of that.

import { isJpeg2000, type Page } from './tiff-page.ts';
import type { PageLevel } from './tile-reader.ts';

const MOST_HALVED = 2; // times
const FAR = 1.5; //       times as wide as the next stored level: then a level between them pays
const SMALL = 1024; //    pixels: the smallest stored level is halved down to about this width

export interface Halves {
  /** Times; 0 is the level itself. */
  readonly halved: number;
  /** Below the last of several stored levels. */
  readonly onlyShown?: true;
}

/**
 * How often a level is halved to fill what lies between it and the next one, and what lies below the last; the level itself
 * comes first. A view between levels that lie far apart, or of all of the slide, then decodes a quarter of the pixels.
 * @param widths of the stored levels, largest first
 * @param tile its size in pixels: both sides must stay whole
 */
export function halvesOf(widths: readonly number[], index: number, tile: { width: number; height: number }): Halves[] {
  const width = widths[index] ?? 0;
  const next = widths[index + 1];
  const onlyShown = next === undefined && widths.length > 1;
  const least = onlyShown ? SMALL : (next ?? SMALL) * FAR;
  const fits = (n: number): boolean =>
    tile.width % 2 ** n === 0 && tile.height % 2 ** n === 0 && width / 2 ** n > least;
  const times = Array.from({ length: MOST_HALVED }, (_, i) => i + 1).filter(fits);
  return [{ halved: 0 }, ...times.map((halved): Halves => ({ halved, ...(onlyShown && { onlyShown }) }))];
}

/** The pages as levels, largest first, with those between them. */
export function withHalves(pages: readonly Page[], how: Pick<PageLevel, 'absent' | 'shown'>): PageLevel[] {
  const widths = pages.map(({ width }) => width);
  return pages.flatMap((page, i): PageLevel[] => {
    if (!page.tiled || !isJpeg2000(page.compression)) return [{ page, ...how }];
    const tile = { width: page.tileWidth, height: page.tileHeight };
    return halvesOf(widths, i, tile).map((halves) => ({ page, ...how, ...halves }));
  });
}
