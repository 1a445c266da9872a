// The edge of a drawn region, to be shown: pieces overlap, and only what parts inside from outside is a line.
import { isInPolygons, type Polygons } from './polygons.ts';

const BESIDE = 1e-3; // level-0 px: how far beside an edge its two sides are looked at

interface Edge {
  readonly x0: number;
  readonly y0: number;
  readonly dx: number;
  readonly dy: number;
}

/**
 * Lines of x, y pairs (level-0 px), closed where they are by repeating their first point. Every edge is cut where another
 * crosses it, and a part of it is kept where one of its sides is in and the other out.
 */
export function outlineOf(polygons: Polygons): Float64Array[] {
  const rings = polygons.pieces.map(({ ring }) => edgesOf(ring));
  const all = rings.flat();
  const lines: Float64Array[] = [];
  for (const edges of rings) {
    let line: number[] = [];
    const end = (): void => {
      if (line.length > 2) lines.push(Float64Array.from(line));
      line = [];
    };
    for (const edge of edges) {
      const cuts = cutsOf(edge, all);
      for (let k = 0; k + 1 < cuts.length; k++) {
        const [from = 0, to = 1] = [cuts[k], cuts[k + 1]];
        if (!partsIn(polygons, edge, (from + to) / 2)) {
          end();
          continue;
        }
        if (line.length === 0) line.push(edge.x0 + from * edge.dx, edge.y0 + from * edge.dy);
        line.push(edge.x0 + to * edge.dx, edge.y0 + to * edge.dy);
      }
    }
    end();
  }
  return lines;
}

function edgesOf(ring: Float64Array): Edge[] {
  const edges: Edge[] = [];
  for (let v = 0; v + 1 < ring.length; v += 2) {
    const [x0 = 0, y0 = 0] = [ring[v], ring[v + 1]];
    const [x1 = 0, y1 = 0] = [ring[(v + 2) % ring.length], ring[(v + 3) % ring.length]];
    if (x1 !== x0 || y1 !== y0) edges.push({ x0, y0, dx: x1 - x0, dy: y1 - y0 });
  }
  return edges;
}

/** Where others cross an edge, 0 to 1 along it, with its ends. */
function cutsOf(edge: Edge, all: readonly Edge[]): number[] {
  const cuts = [0, 1];
  const [left, right] = [Math.min(edge.x0, edge.x0 + edge.dx), Math.max(edge.x0, edge.x0 + edge.dx)];
  const [top, bottom] = [Math.min(edge.y0, edge.y0 + edge.dy), Math.max(edge.y0, edge.y0 + edge.dy)];
  for (const other of all) {
    if (Math.min(other.x0, other.x0 + other.dx) > right || Math.max(other.x0, other.x0 + other.dx) < left) continue;
    if (Math.min(other.y0, other.y0 + other.dy) > bottom || Math.max(other.y0, other.y0 + other.dy) < top) continue;
    const cross = edge.dx * other.dy - edge.dy * other.dx;
    if (cross === 0) {
      // On the same line its ends may cut; beside it they do no harm.
      for (const t of [0, 1]) cuts.push(along(edge, other.x0 + t * other.dx, other.y0 + t * other.dy));
      continue;
    }
    cuts.push(((other.x0 - edge.x0) * other.dy - (other.y0 - edge.y0) * other.dx) / cross);
  }
  return [...new Set(cuts.filter((t) => t >= 0 && t <= 1))].sort((a, b) => a - b);
}

const along = ({ x0, y0, dx, dy }: Edge, x: number, y: number): number =>
  ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy);

function partsIn(polygons: Polygons, { x0, y0, dx, dy }: Edge, t: number): boolean {
  const beside = BESIDE / Math.hypot(dx, dy);
  const [x, y] = [x0 + t * dx, y0 + t * dy];
  return (
    isInPolygons(polygons, x - beside * dy, y + beside * dx) !==
    isInPolygons(polygons, x + beside * dy, y - beside * dx)
  );
}
