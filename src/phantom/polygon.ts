// Polygons as x, y pairs, not closed.
import type { Rect } from '#units/rect.ts';

export function boundsOf(ring: Float64Array): Rect {
  let x0 = Infinity;
  let y0 = Infinity;
  let x1 = -Infinity;
  let y1 = -Infinity;
  for (let v = 0; v < ring.length; v += 2) {
    const x = ring[v] ?? 0;
    const y = ring[v + 1] ?? 0;
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
}

/** Signed distance to the outline, in the ring's unit: positive inside. */
export function depthIn(ring: Float64Array, x: number, y: number): number {
  let inside = false;
  let nearest = Infinity;
  let px = ring[ring.length - 2] ?? 0;
  let py = ring[ring.length - 1] ?? 0;
  for (let v = 0; v < ring.length; v += 2) {
    const qx = ring[v] ?? 0;
    const qy = ring[v + 1] ?? 0;
    if (py > y !== qy > y && x < px + ((y - py) * (qx - px)) / (qy - py)) inside = !inside;
    const ex = qx - px;
    const ey = qy - py;
    const length = ex * ex + ey * ey;
    const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - px) * ex + (y - py) * ey) / length));
    const dx = x - px - t * ex;
    const dy = y - py - t * ey;
    nearest = Math.min(nearest, dx * dx + dy * dy);
    px = qx;
    py = qy;
  }
  return inside ? Math.sqrt(nearest) : -Math.sqrt(nearest);
}

/** Area and centroid of a simple polygon. */
export function momentsOf(ring: Float64Array): { area: number; x: number; y: number } {
  const ox = ring[0] ?? 0;
  const oy = ring[1] ?? 0;
  let twice = 0;
  let sx = 0;
  let sy = 0;
  for (let v = 0; v < ring.length; v += 2) {
    const ax = (ring[v] ?? 0) - ox;
    const ay = (ring[v + 1] ?? 0) - oy;
    const w = (v + 2) % ring.length;
    const bx = (ring[w] ?? 0) - ox;
    const by = (ring[w + 1] ?? 0) - oy;
    const cross = ax * by - bx * ay;
    twice += cross;
    sx += (ax + bx) * cross;
    sy += (ay + by) * cross;
  }
  if (twice === 0) return { area: 0, x: ox, y: oy };
  return { area: Math.abs(twice) / 2, x: ox + sx / (3 * twice), y: oy + sy / (3 * twice) };
}

/** Every coordinate times `by`: from µm to a level's pixels. */
export const scaled = (ring: Float64Array, by: number): Float64Array<ArrayBuffer> => {
  const out = new Float64Array(ring.length);
  for (let v = 0; v < ring.length; v++) out[v] = (ring[v] ?? 0) * by;
  return out;
};
