// Which objects belong to a region.
import { rowsOf } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { isIn, type Region } from './region.ts';

/** Those whose centroid lies in the region; the very columns where all do. */
export function within(region: Region, columns: ObjectColumns): ObjectColumns {
  const rows: number[] = [];
  for (let i = 0; i < columns.count; i++) {
    if (isIn(region, columns.centroid[2 * i] ?? 0, columns.centroid[2 * i + 1] ?? 0)) rows.push(i);
  }
  return rows.length === columns.count ? columns : rowsOf(columns, rows);
}
