// Whether a ring crosses itself, and where. Touching is no crossing: outlines of pixels do it at corners.
import type { Point } from '#units/rect.ts';

const FEW = 48; //           edges that are each held against all others
const MOST_ENTRIES = 8e6; // of edges in cells

/** 'tangled': its edges lie over each other so much that nobody can say. Ring: x, y pairs, not closed. */
export function crossingOf(ring: Float64Array): Point | 'tangled' | undefined {
  const n = ring.length / 2;
  if (isStar(ring, n)) return undefined;
  if (n <= FEW) {
    for (let a = 0; a < n; a++) {
      for (let b = a + 2; b < n; b++) {
        const at = meet(ring, n, a, b);
        if (at) return at;
      }
    }
    return undefined;
  }
  return crossingInCells(ring, n);
}

/**
 * Whether all of it is seen from the mean of its corners: it then turns around that in one direction, once. Most nuclei are so,
 * and this is told by one look at each edge.
 */
function isStar(ring: Float64Array, n: number): boolean {
  let [cx, cy] = [0, 0];
  for (let k = 0; k < ring.length; k += 2) {
    cx += ring[k] ?? 0;
    cy += ring[k + 1] ?? 0;
  }
  cx /= n;
  cy /= n;
  let [left, right, halves] = [0, 0, 0]; // turns, and how often an edge goes over the line through the middle
  let [ax, ay] = [(ring[2 * n - 2] ?? 0) - cx, (ring[2 * n - 1] ?? 0) - cy];
  for (let k = 0; k < ring.length; k += 2) {
    const [bx, by] = [(ring[k] ?? 0) - cx, (ring[k + 1] ?? 0) - cy];
    const turn = ax * by - ay * bx;
    if (turn > 0) left++;
    else if (turn < 0) right++;
    if (ay < 0 !== by < 0) halves++;
    ax = bx;
    ay = by;
  }
  return (left === n || right === n) && halves === 2;
}

/** Edges by the cells of a grid that their boxes meet: only those of one cell can cross. */
function crossingInCells(ring: Float64Array, n: number): Point | 'tangled' | undefined {
  let [x0, y0, x1, y1] = [ring[0] ?? 0, ring[1] ?? 0, ring[0] ?? 0, ring[1] ?? 0];
  for (let k = 0; k < n; k++) {
    const [x, y] = [ring[2 * k] ?? 0, ring[2 * k + 1] ?? 0];
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  const side = Math.max(1, Math.min(1024, Math.floor(Math.sqrt(n))));
  const [perX, perY] = [side / Math.max(x1 - x0, 1e-9), side / Math.max(y1 - y0, 1e-9)];
  const cell = (value: number, from: number, per: number): number =>
    Math.min(side - 1, Math.floor((value - from) * per));
  const cells = new Map<number, number[]>();
  let entries = 0;
  for (let a = 0; a < n; a++) {
    const b = (a + 1) % n;
    const [ax, ay, bx, by] = [ring[2 * a] ?? 0, ring[2 * a + 1] ?? 0, ring[2 * b] ?? 0, ring[2 * b + 1] ?? 0];
    const [c0, c1] = [cell(Math.min(ax, bx), x0, perX), cell(Math.max(ax, bx), x0, perX)];
    const [r0, r1] = [cell(Math.min(ay, by), y0, perY), cell(Math.max(ay, by), y0, perY)];
    entries += (c1 - c0 + 1) * (r1 - r0 + 1);
    if (entries > MOST_ENTRIES) return 'tangled';
    for (let r = r0; r <= r1; r++) {
      for (let c = c0; c <= c1; c++) {
        const there = cells.get(r * side + c);
        if (!there) cells.set(r * side + c, [a]);
        else {
          if (entries + there.length > MOST_ENTRIES) return 'tangled';
          entries += there.length >> 4;
          for (const other of there) {
            const at = meet(ring, n, other, a);
            if (at) return at;
          }
          there.push(a);
        }
      }
    }
  }
  return undefined;
}

/** Where the edges that begin at two corners cross, neither only touching the other. */
function meet(ring: Float64Array, n: number, a: number, b: number): Point | undefined {
  const [a2, b2] = [(a + 1) % n, (b + 1) % n];
  if (a === b || a2 === b || b2 === a) return undefined; // neighbours share a corner
  const [px, py, qx, qy] = [ring[2 * a] ?? 0, ring[2 * a + 1] ?? 0, ring[2 * a2] ?? 0, ring[2 * a2 + 1] ?? 0];
  const [rx, ry, sx, sy] = [ring[2 * b] ?? 0, ring[2 * b + 1] ?? 0, ring[2 * b2] ?? 0, ring[2 * b2 + 1] ?? 0];
  const d1 = (qx - px) * (ry - py) - (qy - py) * (rx - px);
  const d2 = (qx - px) * (sy - py) - (qy - py) * (sx - px);
  if (d1 === 0 || d2 === 0 || d1 > 0 === d2 > 0) return undefined;
  const d3 = (sx - rx) * (py - ry) - (sy - ry) * (px - rx);
  const d4 = (sx - rx) * (qy - ry) - (sy - ry) * (qx - rx);
  if (d3 === 0 || d4 === 0 || d3 > 0 === d4 > 0) return undefined;
  const t = d3 / (d3 - d4);
  return { x: px + t * (qx - px), y: py + t * (qy - py) };
}
