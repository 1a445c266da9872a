// Named sets as learning takes them: a block's features, the places of its rows, rows that several sets have in common.
import { keyOf } from '#analysis/embed.ts';
import type { Block } from '#analysis/feature-set.ts';
import { EosinError } from '#errors/failure.ts';
import type { Features } from '#learn/features.ts';
import { boxAt, centreOf, type Point, type Rect } from '#units/rect.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { Place } from './labels.ts';

/** The chosen block; else the last but one, which tells tissue apart best as a rule, else the last. */
export const preferredBlock = (blocks: readonly Block[], chosen: string | undefined): Block | undefined =>
  blocks.find(({ name }) => name === chosen) ?? blocks.at(-2) ?? blocks.at(-1);

/** The asked block, or the last. @throws EosinError BadInput where the set has none of that name */
export function blockOf({ features }: NamedSet, asked: string | undefined): string {
  const block = asked ?? features.blocks.at(-1)?.name ?? '';
  features.channels(block); // says which there are
  return block;
}

/** A copy, row by row as the set counts them. @param only some of its rows */
export function featuresOf({ features, rows }: NamedSet, block: string, only?: ArrayLike<number>): Features {
  const cols = features.channels(block);
  const all = features.values(block);
  const count = only?.length ?? rows.length;
  const values = new Float32Array(count * cols);
  for (let k = 0; k < count; k++) {
    const row = rows[only ? (only[k] ?? 0) : k] ?? 0;
    values.set(all.subarray(row * cols, (row + 1) * cols), k * cols);
  }
  return { values, rows: count, cols };
}

/** [rows × 4] x, y, width, height, level-0 px. */
export function boxesOf({ features, rows }: Pick<NamedSet, 'features' | 'rows'>): Float32Array<ArrayBuffer> {
  const boxes = new Float32Array(4 * rows.length);
  for (const [k, row] of rows.entries()) boxes.set(features.boxes.subarray(4 * row, 4 * row + 4), 4 * k);
  return boxes;
}

/** The smallest rectangle that holds them all. */
export function boundsOf(boxes: Float32Array): Rect {
  let [x0, y0, x1, y1] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  for (let row = 0; row < boxes.length / 4; row++) {
    const { x, y, width, height } = boxAt(boxes, row);
    [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x + width), Math.max(y1, y + height)];
  }
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
}

/** Of a row, level-0 px, without the others. */
export const boxOf = ({ features, rows }: NamedSet, row: number): Rect => boxAt(features.boxes, rows[row] ?? -1); // of no such row an empty one

/**
 * Of a patch where it lies, whatever encoder saw it; of an object its kind and centroid, whatever the pixel size; of a
 * picture its number in its set. Undefined for no such row.
 */
export function placeOf(set: NamedSet, row: number): Place | undefined {
  if (set.rows[row] === undefined) return undefined;
  if (set.of === 'pictures') return `${set.name} ${row}`;
  if (set.of === 'patches') return keyOf(boxOf(set, row));
  return set.places?.get(row) ?? placeOfObject(kindOf(set), boxOf(set, row));
}

/** @param square of the object, level-0 px: its centre is the centroid */
export function placeOfObject(kind: string, square: Rect): Place {
  const { x, y } = centreOf(square);
  return `${kind} ${x},${y}`;
}

/** The centroid that a place of a kind's object names, level-0 px; undefined for a place of something else. */
export function pointOf(place: Place, kind: string): Point | undefined {
  const [x, y] = place.startsWith(`${kind} `)
    ? place
        .slice(kind.length + 1)
        .split(',')
        .map(Number)
    : [];
  return x === undefined || y === undefined ? undefined : { x, y };
}

/** Whose features a set of objects holds: they are named so. */
export const kindOf = ({ features }: NamedSet): string => features.blocks[0]?.name ?? '';

const known = new WeakMap<NamedSet, Place[]>(); // a set stays as it is; with labels on it they are asked for at every click
const knownRows = new WeakMap<NamedSet, ReadonlyMap<Place, number>>();

/** Of all rows. Lent. */
export function placesOf(set: NamedSet): readonly Place[] {
  const places = known.get(set) ?? Array.from(set.rows, (_, row) => placeOf(set, row) ?? '');
  known.set(set, places);
  return places;
}

/** The row of each place. Lent. */
export function rowsByPlace(set: NamedSet): Pick<ReadonlyMap<Place, number>, 'get'> {
  if (set.rowOf) return { get: set.rowOf };
  const rows = knownRows.get(set) ?? new Map(placesOf(set).map((place, row) => [place, row]));
  knownRows.set(set, rows);
  return rows;
}

/**
 * Rows of each set, in the same order of places, that all of them have. Pictures match by number.
 * @throws EosinError BadInput where they share none
 */
export function commonRows(sets: readonly NamedSet[]): Uint32Array<ArrayBuffer>[] {
  const pictures = sets.some(({ of }) => of === 'pictures');
  const places = sets.map((set) => (pictures ? Array.from(set.rows, (_, k) => `${k}`) : placesOf(set)));
  const rowOf = places.map((all) => new Map(all.map((place, row) => [place, row])));
  const shared = (places[0] ?? []).filter((place) => rowOf.every((rows) => rows.has(place)));
  const isMixed =
    pictures && (sets.some(({ of }) => of !== 'pictures') || new Set(places.map((all) => all.length)).size > 1);
  if (shared.length === 0 || isMixed) {
    const todo = 'Embed the same region, with the same stride, by each of the encoders.';
    throw new EosinError({ tag: 'BadInput', what: 'The sets', seen: 'they are of different patches', todo });
  }
  return rowOf.map((rows) => Uint32Array.from(shared, (place) => rows.get(place) ?? 0));
}
