// Some of the objects of one kind, as rows: what was brushed, boxed, lassoed or filtered. Sets of rows, never of objects.
import type { ObjectKind } from './columns.ts';

/** Valid for one version of the objects only: rows move when objects are removed. */
export interface Selection {
  readonly kind: ObjectKind;
  readonly rows: Uint32Array<ArrayBuffer>; // ascending, each once
}

/** Of rows in any order, also several times the same. `rows` is only borrowed. */
export function selectionOf(kind: ObjectKind, rows: ArrayLike<number>): Selection {
  const sorted = Uint32Array.from(rows).sort();
  let kept = 0;
  for (let k = 0; k < sorted.length; k++) {
    const row = sorted[k] ?? 0;
    if (kept === 0 || sorted[kept - 1] !== row) sorted[kept++] = row;
  }
  return { kind, rows: kept === sorted.length ? sorted : sorted.slice(0, kept) };
}

/** Rows of either. Of two kinds only the second can stand, since rows of one kind say nothing of another. */
export const union = (a: Selection, b: Selection): Selection => merged(a, b, true, true, true);

/** Rows of both. */
export const intersection = (a: Selection, b: Selection): Selection => merged(a, b, false, true, false);

/** Rows of the first that are not in the second. */
export const difference = (a: Selection, b: Selection): Selection =>
  a.kind === b.kind ? merged(a, b, true, false, false) : a;

/** Both ascend, so one walk over both decides each row: kept where it is only in a, in both, only in b. */
function merged(a: Selection, b: Selection, onlyA: boolean, both: boolean, onlyB: boolean): Selection {
  if (a.kind !== b.kind) return onlyB ? b : { kind: b.kind, rows: new Uint32Array(0) };
  const out = new Uint32Array((onlyA ? a.rows.length : 0) + (onlyB ? b.rows.length : 0) + (both ? a.rows.length : 0));
  let [i, j, kept] = [0, 0, 0];
  while (i < a.rows.length || j < b.rows.length) {
    const left = a.rows[i] ?? Number.POSITIVE_INFINITY;
    const right = b.rows[j] ?? Number.POSITIVE_INFINITY;
    const isKept = left < right ? onlyA : left > right ? onlyB : both;
    if (isKept) out[kept++] = Math.min(left, right);
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return { kind: a.kind, rows: out.slice(0, kept) };
}

export function isSelected({ rows }: Selection, row: number): boolean {
  let [low, high] = [0, rows.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = rows[middle] ?? 0;
    if (at === row) return true;
    if (at < row) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
