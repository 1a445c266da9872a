// Objects and maps as bytes and back, exact to the bit; what few objects have (holes, notes, measurements) stands apart.
import { EosinError } from '#errors/failure.ts';
import type { ObjectClass, ObjectColumns } from '#objects/columns.ts';
import type { Extras, Note } from '#objects/extras.ts';
import type { GridPatch } from '#objects/grid.ts';
import type { ByteReader, ByteWriter } from './journal-bytes.ts';

/** In the order that numbers of kinds on disk stand for: it is added to, never changed. */
export const STORED_KINDS = ['nuclei', 'glands', 'lumina', 'annotations'] as const;

/** All but the extras. */
export function writeColumns(out: ByteWriter, columns: ObjectColumns): void {
  const { ring } = columns;
  const isFine = ring instanceof Int16Array;
  out.bytes(Uint8Array.of(STORED_KINDS.indexOf(columns.kind), isFine ? 1 : 0));
  out.count(columns.count);
  out.number(columns.ringUnit);
  out.count(columns.classes.length);
  for (const { name, color } of columns.classes) {
    out.text(name);
    out.text(color);
  }
  out.small(columns.classIndex);
  out.real(columns.probability);
  out.real(columns.centroid);
  out.real(columns.areaPx);
  out.whole(columns.ringStart);
  if (isFine) out.whole(ring, 2);
  else out.real(ring);
}

/** @throws EosinError BadInput where they do not fit together */
export function readColumns(from: ByteReader): ObjectColumns {
  const [kindIndex = 0, isFine] = from.bytes(2);
  const kind = STORED_KINDS[kindIndex];
  if (!kind) throw refused(`it holds objects of a kind numbered ${kindIndex}`);
  const count = from.count();
  const ringUnit = from.number();
  const classes: ObjectClass[] = [];
  for (let left = from.count(); left > 0; left--) classes.push({ name: from.text(), color: from.text() });
  const columns = {
    kind,
    count,
    classes,
    ringUnit,
    classIndex: from.small(),
    probability: from.float32(),
    centroid: from.float64(),
    areaPx: from.float32(),
    ringStart: from.uint32(),
    ring: isFine ? from.int16(2) : from.float32(),
  };
  const { classIndex, probability, centroid, areaPx, ringStart, ring } = columns;
  const fits =
    [classIndex, probability, areaPx].every(({ length }) => length === count) &&
    centroid.length === 2 * count &&
    ringStart.length === count + 1 &&
    ring.length === 2 * (ringStart[count] ?? 0);
  if (!fits) throw refused('its columns are of different lengths');
  return columns;
}

export function writeExtras(out: ByteWriter, extras: Extras | undefined): void {
  out.count(extras ? 1 : 0);
  if (!extras) return;
  const { holes, measured, names, notes } = extras;
  out.whole(holes.row);
  out.whole(holes.start);
  out.real(holes.ring);
  out.whole(measured.row);
  out.whole(measured.name);
  out.real(measured.value);
  out.text(JSON.stringify({ names, notes: [...notes] }));
}

/** @param count of the objects @throws EosinError BadInput where they do not fit them */
export function readExtras(from: ByteReader, count: number): Extras | undefined {
  if (from.count() === 0) return undefined;
  const holes = { row: from.uint32(), start: from.uint32(), ring: from.float32() };
  const measured = { row: from.uint32(), name: from.uint16(), value: from.float64() };
  const { names, notes } = wordsOf(from.text());
  const isAscending = (rows: Uint32Array): boolean =>
    rows.every((row, k) => row < count && (k === 0 || row >= (rows[k - 1] ?? 0)));
  const fits =
    isAscending(holes.row) &&
    isAscending(measured.row) &&
    holes.start.length === holes.row.length + 1 &&
    holes.ring.length === 2 * (holes.start[holes.row.length] ?? 0) &&
    [measured.name, measured.value].every(({ length }) => length === measured.row.length) &&
    measured.name.every((name) => name < names.length);
  if (!fits) throw refused('what came along with its objects does not fit them');
  return { holes, measured, names, notes };
}

function wordsOf(text: string): { names: string[]; notes: Map<number, Note> } {
  const value: unknown = JSON.parse(text);
  const notes = new Map<number, Note>();
  if (typeof value !== 'object' || value === null || !('names' in value && 'notes' in value))
    return { names: [], notes };
  for (const one of Array.isArray(value.notes) ? value.notes : []) {
    const [row, note]: unknown[] = Array.isArray(one) ? one : [];
    if (typeof row === 'number' && typeof note === 'object' && note !== null) notes.set(row, noteOf(note));
  }
  const names = Array.isArray(value.names) ? value.names.map(String) : [];
  return { names, notes };
}

function noteOf(value: object): Note {
  const name = 'name' in value && typeof value.name === 'string' ? value.name : undefined;
  const shape = 'shape' in value && (value.shape === 'point' || value.shape === 'line') ? value.shape : undefined;
  const metadata = 'metadata' in value && typeof value.metadata === 'object' ? value.metadata : undefined;
  return {
    ...(name !== undefined && { name }),
    ...(shape && { shape }),
    ...('isLocked' in value && typeof value.isLocked === 'boolean' && { isLocked: value.isLocked }),
    ...(metadata && { metadata: Object.fromEntries(Object.entries(metadata).map(([key, of]) => [key, String(of)])) }),
  };
}

export function writeGrid(out: ByteWriter, grid: GridPatch): void {
  for (const value of [grid.x, grid.y, grid.cellWidth, grid.cellHeight]) out.number(value);
  out.count(grid.cols);
  out.count(grid.rows);
  out.real(grid.values);
}

export function readGrid(from: ByteReader): GridPatch {
  return {
    x: from.number(),
    y: from.number(),
    cellWidth: from.number(),
    cellHeight: from.number(),
    cols: from.count(),
    rows: from.count(),
    values: from.float32(),
  };
}

const refused = (seen: string): EosinError =>
  new EosinError({
    tag: 'BadInput',
    what: 'Objects that were kept',
    seen,
    todo: 'Compute or bring them again.',
  });
