// Points against outlines, straight from the columns.
import type { Point } from '#units/rect.ts';
import { type ObjectColumns, ringsOf } from './columns.ts';

/** True inside an object, by the even-odd rule: not in its holes. */
export const isInside = (columns: ObjectColumns, row: number, at: Point): boolean =>
  isInsideRing(columns, row, at) &&
  !(
    columns.extras &&
    ringsOf(columns, row)
      .slice(1)
      .some((hole) => isIn(hole, at))
  );

function isIn(ring: Float64Array, { x, y }: Point): boolean {
  let inside = false;
  for (let v = 0, before = ring.length - 2; v < ring.length; before = v, v += 2) {
    const [ax, ay] = [ring[v] ?? 0, ring[v + 1] ?? 0];
    const [bx, by] = [ring[before] ?? 0, ring[before + 1] ?? 0];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** True inside the ring of a row, by the even-odd rule. */
function isInsideRing(columns: ObjectColumns, row: number, at: Point): boolean {
  const { centroid, ring, ringStart, ringUnit } = columns;
  const x = (at.x - (centroid[2 * row] ?? 0)) / ringUnit;
  const y = (at.y - (centroid[2 * row + 1] ?? 0)) / ringUnit;
  const start = ringStart[row] ?? 0;
  const end = ringStart[row + 1] ?? start;
  let inside = false;
  for (let v = start, before = end - 1; v < end; before = v++) {
    const ay = ring[2 * v + 1] ?? 0;
    const by = ring[2 * before + 1] ?? 0;
    if (ay > y === by > y) continue;
    const ax = ring[2 * v] ?? 0;
    const bx = ring[2 * before] ?? 0;
    if (x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** Level-0 px from a point to the outline of a row, 0 on it. */
export function distanceToRing(columns: ObjectColumns, row: number, at: Point): number {
  const { centroid, ring, ringStart, ringUnit } = columns;
  const x = (at.x - (centroid[2 * row] ?? 0)) / ringUnit;
  const y = (at.y - (centroid[2 * row + 1] ?? 0)) / ringUnit;
  const start = ringStart[row] ?? 0;
  const end = ringStart[row + 1] ?? start;
  let least = Number.POSITIVE_INFINITY;
  for (let v = start, before = end - 1; v < end; before = v++) {
    const ax = ring[2 * before] ?? 0;
    const ay = ring[2 * before + 1] ?? 0;
    const dx = (ring[2 * v] ?? 0) - ax;
    const dy = (ring[2 * v + 1] ?? 0) - ay;
    const length2 = dx * dx + dy * dy;
    const t = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length2));
    least = Math.min(least, Math.hypot(x - ax - t * dx, y - ay - t * dy));
  }
  return least * ringUnit;
}
