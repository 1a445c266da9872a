// The object under a point.
import type { Rect } from '#units/rect.ts';
import type { ObjectColumns } from './columns.ts';
import { distanceToRing, isInside } from './outline.ts';

/**
 * The smallest object whose outline encloses the point; else the one whose outline is nearest, at most `tolerancePx`
 * level-0 px away.
 */
export function pickFrom(
  { columns, query }: { readonly columns: ObjectColumns; readonly query: (rect: Rect) => Uint32Array },
  x: number,
  y: number,
  tolerancePx: number,
): number | undefined {
  const side = 2 * tolerancePx;
  const rows = query({ x: x - tolerancePx, y: y - tolerancePx, width: side, height: side });
  let best: number | undefined;
  let smallest = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const area = columns.areaPx[row] ?? 0;
    if (area >= smallest || !isInside(columns, row, { x, y })) continue;
    best = row;
    smallest = area;
  }
  if (best !== undefined) return best;
  let nearest = tolerancePx;
  for (const row of rows) {
    const distance = distanceToRing(columns, row, { x, y });
    if (distance > nearest) continue;
    best = row;
    nearest = distance;
  }
  return best;
}
