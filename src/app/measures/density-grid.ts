// Objects per area on a lattice over what was analysed: the numbers behind the density map. Pure.
import { areaIn, boundsOf, type Region } from '#analysis/region.ts';
import { bottom, intersect, type Rect, right } from '#units/rect.ts';
import { CELLS, countedLevel, placesOf, roundedUp } from '#viewer/overlay/density.ts';
import { HIDDEN } from '#viewer/overlay/groups.ts';
import type { AnalysedArea } from '../analysed-area.ts';

export interface DensityGrid {
  readonly x: number; //                   level-0 px of the first square's corner, a multiple of sidePx
  readonly y: number;
  readonly cols: number;
  readonly rows: number;
  readonly sidePx: number; //              level-0 px
  readonly counts: Uint32Array; //         [rows × cols] objects, row-major as all that follow
  readonly areaPx: Float64Array; //        [rows × cols] level-0 px² that were analysed, of the region
  readonly perArea: Float32Array; //       [rows × cols] objects per `unitPx`; NaN where too little was analysed
  readonly top: number; //                 where the last colour begins to be open: the 99th percentile, rounded up
  readonly left: { readonly squares: number; readonly objects: number }; // NaN though something was analysed or lies there
}

export interface DensityAsked {
  readonly centroid: ArrayLike<number>; // [n × 2] level-0 px
  readonly count: number; //              n
  readonly groups: Uint8Array; //         [n], HIDDEN: not counted
  readonly area: AnalysedArea;
  readonly region: Region | undefined; // undefined: all that was analysed
  readonly unitPx: number; //             level-0 px² that densities are per: of a mm², say
}

const MOST_SQUARES = 48; // along the longer side

/** Of a square, what must have been analysed: in a sliver a single object makes a density that is none. */
const LEAST_SHARE = 0.1;

/** Undefined where nothing was analysed. */
export function densityGrid({ centroid, count, groups, area, region, unitPx }: DensityAsked): DensityGrid | undefined {
  const bounds = boundsOfAnalysed(area.rects, region);
  if (!bounds) return undefined;
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(bounds.width, bounds.height) / (MOST_SQUARES - 1)));
  const level = countedLevel(placesOf({ centroid, count }, Math.max(1, wanted)), groups);
  const sidePx = level.cellPx;
  const [col0, row0] = [Math.floor(bounds.x / sidePx), Math.floor(bounds.y / sidePx)];
  const cols = Math.ceil(right(bounds) / sidePx) - col0;
  const rows = Math.ceil(bottom(bounds) / sidePx) - row0;
  const at = { x: col0 * sidePx, y: row0 * sidePx, cols, rows, sidePx };
  const areaPx = area.areasBySquare(at, region && ((part) => areaIn(region, part)));
  const counts = new Uint32Array(cols * rows);
  let outside = 0;
  for (const tile of level.tiles.values()) {
    for (const [cell, n] of tile.counts.entries()) {
      if (n === 0) continue;
      const col = tile.col * CELLS + (cell % CELLS) - col0;
      const row = tile.row * CELLS + Math.floor(cell / CELLS) - row0;
      if (col < 0 || row < 0 || col >= cols || row >= rows) outside += n;
      else counts[row * cols + col] = n;
    }
  }
  const perArea = new Float32Array(cols * rows).fill(Number.NaN);
  let [squares, objects] = [0, outside];
  for (const [k, n] of counts.entries()) {
    const analysed = areaPx[k] ?? 0;
    if (analysed >= LEAST_SHARE * sidePx * sidePx) perArea[k] = (n * unitPx) / analysed;
    else {
      objects += n;
      if (analysed > 0) squares++;
    }
  }
  return { ...at, counts, areaPx, perArea, top: topOf(perArea), left: { squares, objects } };
}

/** Which objects are counted. @param chosen rows; undefined: all @param isGone [n] 1: removed */
export function groupsOf(
  classIndex: Uint8Array,
  wanted: { classIndex: number | undefined; chosen: ArrayLike<number> | undefined; isGone: Uint8Array | undefined },
): Uint8Array<ArrayBuffer> {
  const groups = new Uint8Array(classIndex.length).fill(wanted.chosen ? HIDDEN : 0);
  if (wanted.chosen) for (let k = 0; k < wanted.chosen.length; k++) groups[wanted.chosen[k] ?? 0] = 0;
  for (let row = 0; row < groups.length; row++) {
    const isOther = wanted.classIndex !== undefined && classIndex[row] !== wanted.classIndex;
    if (isOther || wanted.isGone?.[row] === 1) groups[row] = HIDDEN;
  }
  return groups;
}

function boundsOfAnalysed(rects: readonly Rect[], region: Region | undefined): Rect | undefined {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  const within = region && boundsOf(region);
  for (const rect of rects) {
    const part = within ? intersect(rect, within) : rect;
    if (part.width <= 0 || part.height <= 0) continue;
    x0 = Math.min(x0, part.x);
    y0 = Math.min(y0, part.y);
    x1 = Math.max(x1, right(part));
    y1 = Math.max(y1, bottom(part));
  }
  return x1 > x0 ? { x: x0, y: y0, width: x1 - x0, height: y1 - y0 } : undefined;
}

function topOf(perArea: Float32Array): number {
  const known = perArea.filter((value) => value > 0).sort();
  return roundedUp(known[Math.floor(0.99 * (known.length - 1))] ?? 1);
}
