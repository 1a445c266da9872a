// Measures of an outline's shape, exact for the polygon. docs/measures.md defines each.
import type { ObjectColumns } from '../columns.ts';
import { createHulls } from './hull.ts';

export const SHAPE_NAMES = [
  'perimeter',
  'circularity',
  'major_axis',
  'minor_axis',
  'eccentricity',
  'orientation',
  'solidity',
  'feret',
] as const;
export type ShapeName = (typeof SHAPE_NAMES)[number];
export type Shapes = Readonly<Record<ShapeName, Float32Array<ArrayBuffer>>>; // [count] each

/** Outer rings of some objects: a whole batch, or a part of it. */
export type Outlines = Pick<ObjectColumns, 'count' | 'ring' | 'ringStart' | 'ringUnit'>;

/**
 * Of every outline, in the unit of `scale` (µm, or px where that is 1). Area and second moments are integrals over the
 * polygon by Green's theorem, so an ellipse's axes are its own; `major_axis` and `minor_axis` are those of the ellipse with
 * the same second moments. NaN, save the perimeter, where an outline has no area.
 * @param scale what a level-0 px measures along x and y
 */
export function shapesOf(outlines: Outlines, scale: { readonly x: number; readonly y: number }): Shapes {
  const { count, ring, ringStart, ringUnit } = outlines;
  const out = emptyShapes(count);
  const [sx, sy] = [scale.x * ringUnit, scale.y * ringUnit];
  const hulls = createHulls();
  let points = new Float64Array(128);
  for (let i = 0; i < count; i++) {
    const from = ringStart[i] ?? 0;
    const n = (ringStart[i + 1] ?? from) - from;
    if (2 * n > points.length) points = new Float64Array(4 * n);
    for (let v = 0; v < n; v++) {
      points[2 * v] = (ring[2 * (from + v)] ?? 0) * sx;
      points[2 * v + 1] = (ring[2 * (from + v) + 1] ?? 0) * sy;
    }
    writeMoments(out, i, points, n);
    const area = out.solidity[i] ?? 0; // left there by the moments
    const hull = hulls(points, n);
    out.solidity[i] = hull.area > 0 && area > 0 ? Math.min(1, area / hull.area) : Number.NaN;
    out.feret[i] = area > 0 ? hull.feret : Number.NaN;
  }
  return out;
}

export const emptyShapes = (count: number): Shapes => ({
  perimeter: new Float32Array(count),
  circularity: new Float32Array(count),
  major_axis: new Float32Array(count),
  minor_axis: new Float32Array(count),
  eccentricity: new Float32Array(count),
  orientation: new Float32Array(count),
  solidity: new Float32Array(count),
  feret: new Float32Array(count),
});

/** All but the hull's; the polygon's own area goes into `solidity`, to be divided by the hull's. */
function writeMoments(out: Shapes, i: number, points: Float64Array, n: number): void {
  let [perimeter, area2, mx, my, mxx, myy, mxy] = [0, 0, 0, 0, 0, 0, 0];
  let ax = points[2 * n - 2] ?? 0;
  let ay = points[2 * n - 1] ?? 0;
  for (let v = 0; v < n; v++) {
    const bx = points[2 * v] ?? 0;
    const by = points[2 * v + 1] ?? 0;
    const [dx, dy] = [bx - ax, by - ay];
    perimeter += Math.sqrt(dx * dx + dy * dy);
    const cross = ax * by - bx * ay;
    area2 += cross;
    mx += cross * (ax + bx);
    my += cross * (ay + by);
    mxx += cross * (ax * ax + ax * bx + bx * bx);
    myy += cross * (ay * ay + ay * by + by * by);
    mxy += cross * (ax * (2 * ay + by) + bx * (ay + 2 * by));
    ax = bx;
    ay = by;
  }
  const area = Math.abs(area2) / 2;
  out.perimeter[i] = perimeter;
  out.solidity[i] = area;
  if (!(area > 0)) {
    for (const name of SHAPE_NAMES) if (name !== 'perimeter') out[name][i] = Number.NaN;
    return;
  }
  out.circularity[i] = Math.min(1, (4 * Math.PI * area) / perimeter ** 2);
  const [cx, cy] = [mx / (3 * area2), my / (3 * area2)];
  const vxx = Math.max(0, mxx / (6 * area2) - cx * cx); // variances over the area
  const vyy = Math.max(0, myy / (6 * area2) - cy * cy);
  const vxy = mxy / (12 * area2) - cx * cy;
  const [mean, half] = [(vxx + vyy) / 2, (vxx - vyy) / 2];
  const spread = Math.sqrt(half * half + vxy * vxy);
  const [large, small] = [mean + spread, Math.max(0, mean - spread)];
  out.major_axis[i] = 4 * Math.sqrt(large);
  out.minor_axis[i] = 4 * Math.sqrt(small);
  out.eccentricity[i] = Math.sqrt(1 - small / large);
  const degrees = (Math.atan2(vxy, half) * 90) / Math.PI;
  out.orientation[i] = spread < 1e-9 * mean ? Number.NaN : (degrees + 180) % 180;
}
