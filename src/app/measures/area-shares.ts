// What of an area is gland, lumen, or nuclei. Pure.
import { boundsOfRing, isInPolygons, polygonsAreaIn } from '#analysis/polygons.ts';
import { areaIn, asRect, boundsOf, isIn, type Region } from '#analysis/region.ts';
import { ringsOf } from '#objects/columns.ts';
import type { LiveObjects } from '#objects/store.ts';
import { intersect } from '#units/rect.ts';

const SAMPLES = 24; // along each side of an object that a drawn edge cuts

/**
 * Level-0 px² of the objects of each class in a region (all of them where undefined). Objects that its edge cuts count by
 * the part within: exact in a rectangle, from points on a lattice in what was drawn.
 */
export function areasByClass(
  { columns, isGone, query }: Pick<LiveObjects, 'columns' | 'isGone' | 'query'>,
  region: Region | undefined,
): Float64Array<ArrayBuffer> {
  const sums = new Float64Array(columns.classes.length);
  const add = (row: number, areaPx: number): void => {
    const of = columns.classIndex[row] ?? 0;
    sums[of] = (sums[of] ?? 0) + areaPx;
  };
  if (!region) {
    for (let row = 0; row < columns.count; row++) if (isGone?.[row] !== 1) add(row, columns.areaPx[row] ?? 0);
    return sums;
  }
  for (const row of query(boundsOf(region))) {
    const { areaPx, centroid } = columns;
    // a nucleus is small beside any region: by its centre, as it is counted
    if (columns.kind === 'nuclei') {
      if (isIn(region, centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0)) add(row, areaPx[row] ?? 0);
    } else add(row, areaWithin(ringsOf(columns, row), areaPx[row] ?? 0, region));
  }
  return sums;
}

/** @param rings of one object, the outer first; x, y in turn, level-0 px @param areaPx of the whole object */
function areaWithin(rings: readonly Float64Array[], areaPx: number, region: Region): number {
  const [outer] = rings;
  if (!outer) return 0;
  const box = boundsOfRing(outer);
  const boxPx = box.width * box.height;
  const covered = areaIn(region, box);
  if (covered >= boxPx * (1 - 1e-9)) return areaPx;
  if (!(covered > 0)) return 0;
  const pieces = rings.map((ring, k) => ({ does: k === 0 ? ('add' as const) : ('subtract' as const), ring }));
  const rect = asRect(region);
  if (rect) return polygonsAreaIn({ pieces }, rect);
  const part = intersect(box, boundsOf(region));
  let [own, shared] = [0, 0];
  for (let k = 0; k < SAMPLES * SAMPLES; k++) {
    const x = part.x + (((k % SAMPLES) + 0.5) / SAMPLES) * part.width;
    const y = part.y + ((Math.floor(k / SAMPLES) + 0.5) / SAMPLES) * part.height;
    if (!isInPolygons({ pieces }, x, y)) continue;
    own++;
    if (isIn(region, x, y)) shared++;
  }
  const partPx = part.width * part.height;
  // where all of the object was looked at, its own area is better than that of the points in it
  if (own > 0 && partPx >= boxPx * (1 - 1e-9)) return (areaPx * shared) / own;
  return (partPx * shared) / (SAMPLES * SAMPLES);
}
