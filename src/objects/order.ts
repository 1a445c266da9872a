import { rowsOf } from './builder.ts';
import type { ObjectColumns } from './columns.ts';

/** A copy with the rows in reading order (y, then x, then area), so that equal results have equal rows. */
export function inReadingOrder(columns: ObjectColumns): ObjectColumns {
  const { centroid, areaPx, count } = columns;
  const rows = Uint32Array.from({ length: count }, (_, i) => i);
  rows.sort(
    (a, b) =>
      (centroid[2 * a + 1] ?? 0) - (centroid[2 * b + 1] ?? 0) ||
      (centroid[2 * a] ?? 0) - (centroid[2 * b] ?? 0) ||
      (areaPx[a] ?? 0) - (areaPx[b] ?? 0),
  );
  return rowsOf(columns, rows);
}
