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

const NEAR = 0.5; //  level-0 px between two centres that are one: boxes are 32-bit, and a slide has 100,000 px and more
const SQUARE = 16; // level-0 px, of the index: patches are larger

/**
 * The row of a set that is at the same place as a row of another: pictures by number, objects by their place, patches by
 * their centre, for encoders of different windows read the same place about one centre.
 */
function rowFinder(set: NamedSet, pictures: boolean): (of: NamedSet, row: number) => number | undefined {
  if (pictures) return (_, row) => (row < set.rows.length ? row : undefined);
  if (set.of !== 'patches') {
    const rows = rowsByPlace(set);
    return (of, row) => {
      const place = placeOf(of, row);
      return place === undefined ? undefined : rows.get(place);
    };
  }
  const squares = new Map<string, number[]>();
  const key = (x: number, y: number): string => `${Math.floor(x / SQUARE)},${Math.floor(y / SQUARE)}`;
  for (let row = 0; row < set.rows.length; row++) {
    const { x, y } = centreOf(boxOf(set, row));
    const held = squares.get(key(x, y));
    if (held) held.push(row);
    else squares.set(key(x, y), [row]);
  }
  return (of, row) => {
    const { x, y } = centreOf(boxOf(of, row));
    const around = new Set([-NEAR, NEAR].flatMap((dx) => [key(x + dx, y - NEAR), key(x + dx, y + NEAR)]));
    for (const square of around)
      for (const other of squares.get(square) ?? []) {
        const centre = centreOf(boxOf(set, other));
        if (Math.abs(centre.x - x) < NEAR && Math.abs(centre.y - y) < NEAR) return other;
      }
    return undefined;
  };
}

/**
 * Rows of each set, in the same order of places, that all of them have.
 * @throws EosinError BadInput where they share none
 */
export function commonRows(sets: readonly NamedSet[]): Uint32Array<ArrayBuffer>[] {
  const [first, ...others] = sets;
  const pictures = sets.some(({ of }) => of === 'pictures');
  const finders = others.map((set) => rowFinder(set, pictures));
  const shared: number[][] = sets.map(() => []);
  for (let row = 0; first && row < first.rows.length; row++) {
    const found = finders.map((find) => find(first, row));
    if (found.includes(undefined)) continue;
    for (const [k, own] of [row, ...found].entries()) if (own !== undefined) shared[k]?.push(own);
  }
  const isMixed =
    pictures && (sets.some(({ of }) => of !== 'pictures') || new Set(sets.map(({ rows }) => rows.length)).size > 1);
  if (!shared[0]?.length || isMixed) {
    throw new EosinError({
      tag: 'BadInput',
      what: 'The sets',
      seen: 'they are of different patches, as encoders of different windows cut them',
      todo: 'Embed the same region by each encoder with one stridePx, the larger window’s width: their patches then have the same centres.',
    });
  }
  return shared.map((rows) => Uint32Array.from(rows));
}
