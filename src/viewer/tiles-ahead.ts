// What will be seen next, by how the view moved.
import type { Level, TileAt } from '#slide/slide.ts';
import { columnsOf, rowsOf } from '#slide/slide.ts';
import { bottom, centreOf, intersects, type Rect, right } from '#units/rect.ts';
import { shownLevel } from './shown-level.ts';

/** Where a view is, or goes. */
export interface Seen {
  readonly rect: Rect; //         level-0 px
  readonly downsample: number; // level-0 px a device px
}

const MOST = 32; //         tiles: a few hundred kB
const STILL = 0.01; //      of the view's width: less is no movement
const SAME_ZOOM = 1.02; //  times
const DIAGONAL = 0.25; //   of the larger movement: less is none of its own

/**
 * Beside the view in the direction of a pan; of the next finer level in the middle of the view when it zooms in, of the next
 * coarser around it when it zooms out. Nearest to the view's centre first.
 * @returns undefined where the view did not move; nothing where it jumped
 */
export function tilesAhead(levels: readonly Level[], before: Seen, now: Seen): readonly TileAt[] | undefined {
  if (!intersects(before.rect, now.rect)) return [];
  const shown = shownLevel(levels, now.downsample);
  const { rect } = now;
  const centre = centreOf(rect);
  const zoom = now.downsample / before.downsample;
  if (Math.max(zoom, 1 / zoom) > SAME_ZOOM) {
    const part = zoom < 1 ? 0.5 : 2;
    const area = around(centre, rect.width * part, rect.height * part);
    return nearest(levels, shown + (zoom < 1 ? -1 : 1), area, centre, undefined);
  }
  const from = centreOf(before.rect);
  const [dx, dy] = [centre.x - from.x, centre.y - from.y];
  const most = Math.max(Math.abs(dx), Math.abs(dy));
  if (most < STILL * rect.width) return undefined;
  const { tileWidth = 0, tileHeight = 0, downsample = 1 } = levels[shown] ?? {};
  const reachX = Math.abs(dx) < DIAGONAL * most ? 0 : Math.max(tileWidth * downsample, rect.width / 2);
  const reachY = Math.abs(dy) < DIAGONAL * most ? 0 : Math.max(tileHeight * downsample, rect.height / 2);
  const area = {
    x: rect.x - (dx < 0 ? reachX : 0),
    y: rect.y - (dy < 0 ? reachY : 0),
    width: rect.width + reachX,
    height: rect.height + reachY,
  };
  return nearest(levels, shown, area, centre, rect);
}

const around = ({ x, y }: { x: number; y: number }, width: number, height: number): Rect => ({
  x: x - width / 2,
  y: y - height / 2,
  width,
  height,
});

/** @param seen tiles in it are on screen, and left out */
function nearest(
  levels: readonly Level[],
  index: number,
  area: Rect,
  centre: { x: number; y: number },
  seen: Rect | undefined,
): readonly TileAt[] {
  const level = levels[index];
  if (!level) return [];
  const [width, height] = [level.tileWidth * level.downsample, level.tileHeight * level.downsample];
  const found: { at: TileAt; far: number }[] = [];
  const lastCol = Math.min(columnsOf(level), Math.ceil(right(area) / width)) - 1;
  const lastRow = Math.min(rowsOf(level), Math.ceil(bottom(area) / height)) - 1;
  for (let row = Math.max(0, Math.floor(area.y / height)); row <= lastRow; row++) {
    for (let col = Math.max(0, Math.floor(area.x / width)); col <= lastCol; col++) {
      const rect = { x: col * width, y: row * height, width, height };
      if (seen && intersects(rect, seen)) continue;
      const { x, y } = centreOf(rect);
      found.push({ at: { level: index, col, row }, far: Math.hypot(x - centre.x, y - centre.y) });
    }
  }
  return found
    .sort((a, b) => a.far - b.far)
    .slice(0, MOST)
    .map(({ at }) => at);
}
