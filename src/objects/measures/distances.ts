// How far each object is from the nearest one of a class.
import { KdTree } from './kd-tree.ts';
import type { Pausing } from './pausing.ts';

const ROWS_AT_ONCE = 50_000; // about a twentieth of a second

/** Where objects are and what they are. */
export interface Placed {
  readonly centroid: Float64Array; //   [count × 2] level-0 px, x then y
  readonly classIndex: Uint8Array; //   [count]
  readonly classes: number;
}

/**
 * From every object's centroid to the nearest other centroid of each class, in the unit of `scale`: [classes] columns of
 * [count]; NaN where there is no other of that class. Borrows all.
 * @param scale what a level-0 px measures along x and y
 */
export function* distancesToClasses(
  { centroid, classIndex, classes }: Placed,
  scale: { readonly x: number; readonly y: number },
): Pausing<Float32Array<ArrayBuffer>[]> {
  const count = classIndex.length;
  const points = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    points[2 * i] = (centroid[2 * i] ?? 0) * scale.x;
    points[2 * i + 1] = (centroid[2 * i + 1] ?? 0) * scale.y;
  }
  const columns: Float32Array<ArrayBuffer>[] = [];
  for (let of = 0; of < classes; of++) columns.push(yield* distancesTo(points, rowsOfClass(classIndex, of)));
  return columns;
}

/** The least over the classes that are not the object's own; NaN where there are no others. */
export function distancesToOthers(
  classIndex: Uint8Array,
  toClasses: readonly Float32Array[],
): Float32Array<ArrayBuffer> {
  return Float32Array.from(classIndex, (own, row) => {
    let least = Number.POSITIVE_INFINITY;
    for (let of = 0; of < toClasses.length; of++) {
      const distance = toClasses[of]?.[row] ?? Number.NaN;
      if (of !== own && distance < least) least = distance;
    }
    return Number.isFinite(least) ? least : Number.NaN;
  });
}

function* distancesTo(points: Float64Array, rows: Uint32Array<ArrayBuffer>): Pausing<Float32Array<ArrayBuffer>> {
  const tree = new KdTree(points, rows);
  yield;
  const out = new Float32Array(points.length / 2);
  for (let i = 0; i < out.length; i++) {
    const distance = tree.nearest(points[2 * i] ?? 0, points[2 * i + 1] ?? 0, i);
    out[i] = Number.isFinite(distance) ? distance : Number.NaN;
    if (i % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield;
  }
  return out;
}

function rowsOfClass(classIndex: Uint8Array, of: number): Uint32Array<ArrayBuffer> {
  let n = 0;
  for (const index of classIndex) if (index === of) n++;
  const rows = new Uint32Array(n);
  let k = 0;
  for (let row = 0; row < classIndex.length; row++) if (classIndex[row] === of) rows[k++] = row;
  return rows;
}
