// Stored tiles of a slide, several at once.
import type { Waits } from '#channel/waits.ts';
import { release } from '#slide/raster.ts';
import { columnsOf, levelOf, type Raster, rowsOf, type Slide, type TileAt } from '#slide/slide.ts';
import { bottom, type Rect, right } from '#units/rect.ts';

/** A stored tile with its place in the level, level px. */
export interface TilePlace {
  readonly at: TileAt;
  readonly x: number;
  readonly y: number;
}

export interface PlacedTile extends TilePlace {
  readonly image: Raster;
}

/** The stored tiles that meet a window (level px) or lie at most `around` px from it. */
export function tilesUnder(slide: Slide, index: number, window: Rect, around: number): TilePlace[] {
  const level = levelOf(slide, index);
  const firstCol = Math.max(0, Math.floor((window.x - around) / level.tileWidth));
  const lastCol = Math.min(columnsOf(level) - 1, Math.floor((right(window) + around) / level.tileWidth));
  const firstRow = Math.max(0, Math.floor((window.y - around) / level.tileHeight));
  const lastRow = Math.min(rowsOf(level) - 1, Math.floor((bottom(window) + around) / level.tileHeight));
  const tiles = [];
  for (let row = firstRow; row <= lastRow; row++) {
    for (let col = firstCol; col <= lastCol; col++) {
      tiles.push({ at: { level: index, col, row }, x: col * level.tileWidth, y: row * level.tileHeight });
    }
  }
  return tiles;
}

/**
 * All of them, the caller's own; or none: what was read is given back then.
 * @throws what readTile throws
 */
export async function readTiles(slide: Slide, places: readonly TilePlace[], waits: Waits): Promise<PlacedTile[]> {
  const reads = await Promise.allSettled(places.map(({ at }) => slide.readTile(at, waits)));
  const tiles = reads.flatMap((read, k) => {
    const place = places[k];
    return read.status === 'fulfilled' && place ? [{ ...place, image: read.value }] : [];
  });
  const failed = reads.find((read) => read.status === 'rejected');
  if (!failed && !waits.signal.aborted) return tiles;
  for (const { image } of tiles) release(image);
  throw failed?.reason ?? waits.signal.reason;
}
