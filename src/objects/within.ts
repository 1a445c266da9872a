// The objects inside a drawn line: a box, a polygon or a lasso.
import type { Rect } from '#units/rect.ts';
import type { ObjectColumns } from './columns.ts';

const STRIPS = 256; // level strips of the ring: a point is held against the edges of its own only

/**
 * Rows whose centroid lies inside the ring, by the even-odd rule, ascending.
 * @param objects a store: `query` gives rows whose box meets a rectangle
 * @param ring x, y pairs, level-0 px, not closed
 */
export function rowsWithin(
  objects: { readonly columns: ObjectColumns; query(rect: Rect): Uint32Array },
  ring: Float64Array,
): Uint32Array<ArrayBuffer> {
  const box = boundsOf(ring);
  if (!box) return new Uint32Array(0);
  const strips = edgesByStrip(ring, box);
  const rows = Uint32Array.from(objects.query(box));
  const { centroid } = objects.columns;
  const perPx = STRIPS / (box.height || 1);
  let kept = 0;
  for (const row of rows) {
    const [x, y] = [centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0];
    if (y < box.y || y > box.y + box.height || x < box.x || x > box.x + box.width) continue;
    const strip = strips[Math.min(STRIPS - 1, Math.floor((y - box.y) * perPx))];
    if (strip && isInside(strip, x, y)) rows[kept++] = row;
  }
  return rows.slice(0, kept);
}

/** @param edges [n × 4] x, y of one end, x, y of the other */
function isInside(edges: Float64Array, x: number, y: number): boolean {
  let inside = false;
  for (let k = 0; k < edges.length; k += 4) {
    const [ax, ay, bx, by] = [edges[k] ?? 0, edges[k + 1] ?? 0, edges[k + 2] ?? 0, edges[k + 3] ?? 0];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

function boundsOf(ring: Float64Array): Rect | undefined {
  if (ring.length < 6) return undefined; // no inside
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let v = 0; v + 1 < ring.length; v += 2) {
    const [x, y] = [ring[v] ?? 0, ring[v + 1] ?? 0];
    [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
  }
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
}

/** The edges that pass through each strip of the box. */
function edgesByStrip(ring: Float64Array, { y, height }: Rect): Float64Array[] {
  const strips: number[][] = Array.from({ length: STRIPS }, () => []);
  const perPx = STRIPS / (height || 1);
  const n = ring.length >> 1;
  for (let v = 0, before = n - 1; v < n; before = v++) {
    const [ax, ay] = [ring[2 * v] ?? 0, ring[2 * v + 1] ?? 0];
    const [bx, by] = [ring[2 * before] ?? 0, ring[2 * before + 1] ?? 0];
    const first = Math.max(0, Math.floor((Math.min(ay, by) - y) * perPx) - 1); // one more: by rounding
    const last = Math.min(STRIPS - 1, Math.floor((Math.max(ay, by) - y) * perPx) + 1);
    for (let strip = first; strip <= last; strip++) strips[strip]?.push(ax, ay, bx, by);
  }
  return strips.map((edges) => Float64Array.from(edges));
}
