// Regions drawn freely: pieces added and taken away, in the order drawn. Areas are exact.
import { bottom, centreOf, intersect, isEmpty, type Rect, right } from '#units/rect.ts';

/** One outline. A point belongs to it where the outline winds around it (non-zero), as a lasso that crosses itself is meant. */
export interface Piece {
  readonly does: 'add' | 'subtract';
  readonly ring: Float64Array; // x, y pairs, level-0 px, not closed
}

/** A point belongs to them where the last piece that holds it adds. */
export interface Polygons {
  readonly pieces: readonly Piece[];
}

export function boundsOfRing(ring: Float64Array): Rect {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let v = 0; v + 1 < ring.length; v += 2) {
    const [x = 0, y = 0] = [ring[v], ring[v + 1]];
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  return x0 <= x1 ? { x: x0, y: y0, width: x1 - x0, height: y1 - y0 } : { x: 0, y: 0, width: 0, height: 0 };
}

/** Around all that is added: what is taken away may make them smaller. */
export function boundsOfPolygons({ pieces }: Polygons): Rect {
  const boxes = pieces.filter(({ does }) => does === 'add').map(({ ring }) => boundsOfRing(ring));
  if (boxes.length === 0) return { x: 0, y: 0, width: 0, height: 0 };
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return { x, y, width: Math.max(...boxes.map(right)) - x, height: Math.max(...boxes.map(bottom)) - y };
}

/** Half open like a rectangle: a left or upper edge belongs to the piece, a right or lower one does not. */
export function isInRing(ring: Float64Array, x: number, y: number): boolean {
  let winding = 0;
  let px = ring[ring.length - 2] ?? 0;
  let py = ring[ring.length - 1] ?? 0;
  for (let v = 0; v + 1 < ring.length; v += 2) {
    const qx = ring[v] ?? 0;
    const qy = ring[v + 1] ?? 0;
    if (py > y !== qy > y && x < px + ((y - py) * (qx - px)) / (qy - py)) winding += qy > py ? 1 : -1;
    px = qx;
    py = qy;
  }
  return winding !== 0;
}

export function isInPolygons({ pieces }: Polygons, x: number, y: number): boolean {
  for (let k = pieces.length - 1; k >= 0; k--) {
    const piece = pieces[k];
    if (piece && isInRing(piece.ring, x, y)) return piece.does === 'add';
  }
  return false;
}

interface Edge {
  readonly piece: number;
  readonly x0: number; //    at y0, the upper end
  readonly y0: number;
  readonly y1: number;
  readonly slope: number; // dx / dy
  readonly turn: 1 | -1; //  what crossing it to the right adds to the winding
}

const xAt = ({ x0, y0, slope }: Edge, y: number): number => x0 + (y - y0) * slope;

/** Those that reach into a band of y, sorted by their upper end; level ones bound no area. */
function edgesWithin(pieces: readonly Piece[], top: number, end: number): Edge[] {
  const edges: Edge[] = [];
  for (const [piece, { ring }] of pieces.entries()) {
    let px = ring[ring.length - 2] ?? 0;
    let py = ring[ring.length - 1] ?? 0;
    for (let v = 0; v + 1 < ring.length; v += 2) {
      const qx = ring[v] ?? 0;
      const qy = ring[v + 1] ?? 0;
      if (py !== qy && Math.max(py, qy) > top && Math.min(py, qy) < end) {
        const slope = (qx - px) / (qy - py);
        edges.push(
          py < qy
            ? { piece, x0: px, y0: py, y1: qy, slope, turn: 1 }
            : { piece, x0: qx, y0: qy, y1: py, slope, turn: -1 },
        );
      }
      px = qx;
      py = qy;
    }
  }
  return edges.sort((a, b) => a.y0 - b.y0);
}

/** The y at which the order of edges along x can change: their ends, where they cross, where they cross the sides. */
function slabsOf(edges: readonly Edge[], { x, y, width, height }: Rect): number[] {
  const [end, last] = [y + height, x + width];
  const found = [y, end];
  const note = (at: number): void => {
    if (at > y && at < end) found.push(at);
  };
  let active: Edge[] = [];
  for (const edge of edges) {
    note(edge.y0);
    note(edge.y1);
    for (const side of [x, last]) {
      const at = edge.y0 + (side - edge.x0) / edge.slope;
      if (at > edge.y0 && at < edge.y1) note(at);
    }
    active = active.filter(({ y1 }) => y1 > edge.y0);
    for (const other of active) {
      const at = edge.y0 + (xAt(other, edge.y0) - edge.x0) / (edge.slope - other.slope);
      if (at > edge.y0 && at < Math.min(edge.y1, other.y1)) note(at);
    }
    active.push(edge);
  }
  return [...new Set(found)].sort((a, b) => a - b);
}

/** Those that a line crosses, asked for from above to below. @param edges by where they begin */
function sweeping(edges: readonly Edge[]): (y: number) => readonly Edge[] {
  let next = 0;
  let active: Edge[] = [];
  return (y) => {
    active = active.filter(({ y1 }) => y1 > y);
    for (let edge = edges[next]; edge && edge.y0 <= y; edge = edges[++next]) if (edge.y1 > y) active.push(edge);
    return active;
  };
}

/**
 * Of the part that lies in a rectangle, level-0 px². The rectangle is cut into slabs in which no two edges cross, so
 * that each is a row of trapezoids.
 */
export function polygonsAreaIn(polygons: Polygons, rect: Rect): number {
  const part = intersect(rect, boundsOfPolygons(polygons));
  if (isEmpty(part)) return 0;
  const { pieces } = polygons;
  const edges = edgesWithin(pieces, part.y, bottom(part));
  const slabs = slabsOf(edges, part);
  const activeAt = sweeping(edges);
  let area = 0;
  for (let k = 0; k + 1 < slabs.length; k++) {
    const [top = 0, end = 0] = [slabs[k], slabs[k + 1]];
    area += (end - top) * lengthAt(pieces, activeAt(top), (top + end) / 2, part);
  }
  return area;
}

/** How much of a line at this y lies in the pieces, between the sides of `part`. */
const lengthAt = (pieces: readonly Piece[], active: readonly Edge[], y: number, part: Rect): number =>
  spansAt(pieces, active, y, part).reduce((length, [from, to]) => length + to - from, 0);

type Span = readonly [from: number, to: number];

/** The parts of it: x, level-0 px. */
function spansAt(pieces: readonly Piece[], active: readonly Edge[], y: number, part: Rect): Span[] {
  const crossings = active.map((edge) => ({ x: xAt(edge, y), edge })).sort((a, b) => a.x - b.x);
  const windings = new Int32Array(pieces.length);
  const isIn = (): boolean => {
    for (let k = pieces.length - 1; k >= 0; k--) if (windings[k] !== 0) return pieces[k]?.does === 'add';
    return false;
  };
  const spans: Span[] = [];
  let from = part.x;
  for (const { x, edge } of crossings) {
    const to = Math.min(Math.max(x, part.x), right(part));
    if (to > from && isIn()) spans.push([from, to]);
    windings[edge.piece] = (windings[edge.piece] ?? 0) + edge.turn;
    from = to;
  }
  return spans;
}

const STRIP_PX = 8; // level 0: half a screen px and less where parts are seen as such

/** What lies in a rectangle as disjoint rectangles: strips that end where the outline crosses their middle. */
export function polygonsPartsIn(polygons: Polygons, rect: Rect): Rect[] {
  const part = intersect(rect, boundsOfPolygons(polygons));
  if (isEmpty(part)) return [];
  const { pieces } = polygons;
  const activeAt = sweeping(edgesWithin(pieces, part.y, bottom(part)));
  const parts: Rect[] = [];
  for (let y = part.y; y < bottom(part); y += STRIP_PX) {
    const height = Math.min(STRIP_PX, bottom(part) - y);
    const middle = y + height / 2;
    for (const [from, to] of spansAt(pieces, activeAt(middle), middle, part))
      parts.push({ x: from, y, width: to - from, height });
  }
  return parts;
}

/** Whether any of them, however little, lies in the rectangle. */
export function polygonsMeet(polygons: Polygons, rect: Rect): boolean {
  if (isEmpty(intersect(boundsOfPolygons(polygons), rect))) return false;
  const { x, y } = centreOf(rect);
  return isInPolygons(polygons, x, y) || polygonsAreaIn(polygons, rect) > 0;
}

/** A rectangle's corners as a ring. */
export const ringOf = (rect: Rect): Float64Array =>
  Float64Array.of(rect.x, rect.y, right(rect), rect.y, right(rect), bottom(rect), rect.x, bottom(rect));

/** Whether a ring is the outline of an upright rectangle; that rectangle. */
export function rectOfRing(ring: Float64Array): Rect | undefined {
  if (ring.length !== 8) return undefined;
  const box = boundsOfRing(ring);
  if (isEmpty(box)) return undefined;
  const corners = new Set<string>();
  for (let v = 0; v < 8; v += 2) {
    const [x = 0, y = 0] = [ring[v], ring[v + 1]];
    if ((x !== box.x && x !== right(box)) || (y !== box.y && y !== bottom(box))) return undefined;
    corners.add(`${x},${y}`);
  }
  const isCrossed = ring[0] !== ring[2] && ring[1] !== ring[3];
  return corners.size === 4 && !isCrossed ? box : undefined;
}
