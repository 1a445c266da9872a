// Objects that a slide holds already, to the bit.
import { rowsOf } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { ObjectStore } from '#objects/store.ts';

/** Those that the store has not; the same columns where it has none of them. */
export function withoutThose(columns: ObjectColumns, store: ObjectStore): ObjectColumns {
  if (store.counts.count === 0) return columns;
  const fresh = Array.from({ length: columns.count }, (_, row) => row).filter((row) => !isThere(store, columns, row));
  return fresh.length === columns.count ? columns : rowsOf(columns, fresh);
}

/** The same centre, area and corners as one that the slide holds. */
function isThere(store: ObjectStore, columns: ObjectColumns, row: number): boolean {
  const [x, y] = [columns.centroid[2 * row] ?? 0, columns.centroid[2 * row + 1] ?? 0];
  const there = store.columns;
  const corners = (of: ObjectColumns, i: number): number => (of.ringStart[i + 1] ?? 0) - (of.ringStart[i] ?? 0);
  return store
    .query({ x, y, width: 0, height: 0 })
    .some(
      (i) =>
        there.centroid[2 * i] === x &&
        there.centroid[2 * i + 1] === y &&
        there.areaPx[i] === columns.areaPx[row] &&
        corners(there, i) === corners(columns, row),
    );
}
