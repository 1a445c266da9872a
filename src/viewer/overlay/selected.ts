import type { ObjectColumns } from '#objects/columns.ts';
import { ringOf } from '#objects/columns.ts';
import type { Point, Rect } from '#units/rect.ts';
import { boundsOf } from '../frame.ts';

/** The bounding box of one object's ring after a mapping, e.g. to the screen; undefined for a ring without points. */
export function boundsOfRow(
  columns: ObjectColumns,
  row: number,
  map: (x: number, y: number) => Point,
): Rect | undefined {
  const ring = ringOf(columns, row);
  const points: Point[] = [];
  for (let v = 0; v + 1 < ring.length; v += 2) points.push(map(ring[v] ?? 0, ring[v + 1] ?? 0));
  return points.length > 0 ? boundsOf(points) : undefined;
}
