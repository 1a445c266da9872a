// Geometries of a file → polygons, points and lines.
import type { RawGeometry } from './raw-geometry.ts';

export type Shape =
  | { readonly is: 'polygons'; readonly geometry: RawGeometry }
  | { readonly is: 'points'; readonly points: readonly (readonly [x: number, y: number])[] }
  | { readonly is: 'lines'; readonly lines: readonly Float64Array[] };

const DEPTH: Readonly<Record<string, number>> = {
  Point: 0,
  MultiPoint: 1,
  LineString: 1,
  MultiLineString: 2,
  Polygon: 2,
  MultiPolygon: 3,
};

export const isGeometry = (type: string): boolean => Object.hasOwn(DEPTH, type) || type === 'GeometryCollection';

/** Or why it is none, for a person. */
export function shapeOf(geometry: RawGeometry): Shape | string {
  const { type, points, depth, vertices, rings } = geometry;
  if (!Object.hasOwn(DEPTH, type))
    return type === ''
      ? 'its geometry has no type'
      : `its geometry is a ${type.slice(0, 40)}, which Eosin does not read`;
  if (vertices === 0) return 'its geometry is empty';
  if (depth !== DEPTH[type]) return `its coordinates are not nested as those of a ${type}`;
  if (type.endsWith('Polygon')) return { is: 'polygons', geometry };
  if (type.endsWith('Point')) {
    const all = Array.from({ length: vertices }, (_, k) => [points[2 * k] ?? 0, points[2 * k + 1] ?? 0] as const);
    return { is: 'points', points: all };
  }
  const lines = rings.map((end, k) => points.subarray(2 * (k === 0 ? 0 : (rings[k - 1] ?? 0)), 2 * end));
  return { is: 'lines', lines };
}

/** Of each polygon its rings, outer first, then holes: x, y pairs, not closed, views of the geometry's. */
export function polygonsOf({ geometry }: Shape & { is: 'polygons' }): Float64Array[][] {
  const { points, rings, polygons } = geometry;
  const all: Float64Array[][] = [];
  let [ring, from] = [0, 0];
  for (const end of polygons) {
    const these: Float64Array[] = [];
    while (ring < rings.length && (rings[ring] ?? 0) <= end) {
      const to = rings[ring++] ?? 0;
      if (to > from) these.push(points.subarray(2 * from, 2 * (isClosed(points, from, to - 1) ? to - 1 : to)));
      from = to;
    }
    if (these.length > 0) all.push(these);
  }
  return all;
}

/** Whether the first corner stands once more at the end. */
const isClosed = (points: Float64Array, first: number, last: number): boolean =>
  last > first && points[2 * first] === points[2 * last] && points[2 * first + 1] === points[2 * last + 1];

/** Area (level-0 px², at least 0 by `area`, with its sign by `signed`) and centroid of a ring; of one without area its corners' mean. */
export function ringMoments(ring: Float64Array): { area: number; signed: number; x: number; y: number } {
  const n = ring.length / 2;
  const [ox, oy] = [ring[0] ?? 0, ring[1] ?? 0]; // near the ring, so that nothing is lost to large coordinates
  let twice = 0;
  let mx = 0;
  let my = 0;
  let sx = 0;
  let sy = 0;
  for (let k = 0, before = n - 1; k < n; before = k++) {
    const ax = (ring[2 * before] ?? 0) - ox;
    const ay = (ring[2 * before + 1] ?? 0) - oy;
    const bx = (ring[2 * k] ?? 0) - ox;
    const by = (ring[2 * k + 1] ?? 0) - oy;
    const cross = ax * by - bx * ay;
    twice += cross;
    mx += (ax + bx) * cross;
    my += (ay + by) * cross;
    sx += bx;
    sy += by;
  }
  if (twice === 0) return { area: 0, signed: 0, x: ox + sx / n, y: oy + sy / n };
  return { area: Math.abs(twice) / 2, signed: twice / 2, x: ox + mx / (3 * twice), y: oy + my / (3 * twice) };
}
