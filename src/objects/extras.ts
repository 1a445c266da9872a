// What few objects have: holes, and what came along with them from a file. Sparse tables by row, so that an object without any
// costs nothing; a run's nuclei have none.
import { firstWhere } from './first-where.ts';
import { holding } from './growing.ts';

/** What a file says of one object beside its class, place and measurements. */
export interface Note {
  readonly name?: string;
  readonly shape?: 'point' | 'line'; //      what the ring stands for; a line's runs forth and back
  readonly isLocked?: boolean; //            QuPath's mark
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Tables whose `row` ascends; several entries a row. Coordinates as of `ring`: level-0 px from the object's centroid. */
export interface Extras {
  readonly holes: {
    readonly row: Uint32Array<ArrayBuffer>; //   [h]
    readonly start: Uint32Array<ArrayBuffer>; // [h + 1] vertices
    readonly ring: Float32Array<ArrayBuffer>; // [start[h] × 2]; runs the other way round than the object's own ring
  };
  readonly measured: {
    readonly row: Uint32Array<ArrayBuffer>; //    [m]
    readonly name: Uint16Array<ArrayBuffer>; //   [m] into names
    readonly value: Float64Array<ArrayBuffer>; // [m]
  };
  readonly names: readonly string[];
  readonly notes: ReadonlyMap<number, Note>; //   by row
}

/** Of one object, to be written. */
export interface ExtrasRow {
  readonly holes?: readonly ArrayLike<number>[]; // x, y pairs, level-0 px (not relative)
  readonly measured?: readonly (readonly [name: string, value: number])[];
  readonly note?: Note | undefined;
}

/** As files write coordinates, so that what is written is what is kept. */
export const inHundredths = (px: number): number => Math.round(px * 100) / 100;

export const MOST_NAMES = 2 ** 16;

/** The entries of a row: from the first up to, not including, the second. */
export function entriesOf(row: Uint32Array, wanted: number): readonly [from: number, to: number] {
  const from = firstWhere(row, (one) => one >= wanted);
  let to = from;
  while (to < row.length && row[to] === wanted) to++;
  return [from, to];
}

/** What was measured of a row elsewhere, in the file's order. */
export function measuredOf(extras: Extras | undefined, row: number): (readonly [name: string, value: number])[] {
  if (!extras) return [];
  const { measured, names } = extras;
  const [from, to] = entriesOf(measured.row, row);
  return Array.from({ length: to - from }, (_, k) => [
    names[measured.name[from + k] ?? 0] ?? '',
    measured.value[from + k] ?? Number.NaN,
  ]);
}

export const buffersOfExtras = ({ holes, measured }: Extras): ArrayBuffer[] => [
  holes.row.buffer,
  holes.start.buffer,
  holes.ring.buffer,
  measured.row.buffer,
  measured.name.buffer,
  measured.value.buffer,
];

/** Extras that grow behind the rows of a ColumnsBuilder. */
export class ExtrasBuilder {
  #holes = 0;
  #holeVertices = 0;
  #measured = 0;
  #holeRow = new Uint32Array(0);
  #holeStart = new Uint32Array(1);
  #holeRing = new Float32Array(0);
  #measuredRow = new Uint32Array(0);
  #measuredName = new Uint16Array(0);
  #measuredValue = new Float64Array(0);
  readonly #names: string[] = [];
  readonly #byName = new Map<string, number>();
  readonly #notes = new Map<number, Note>();

  /** Rows come in ascending order. */
  add(row: number, x: number, y: number, { holes = [], measured = [], note }: ExtrasRow): void {
    for (const hole of holes) {
      const at = this.#nextHole(row, hole.length / 2);
      for (let k = 0; k < hole.length; k += 2) {
        this.#holeRing[2 * at + k] = inHundredths(hole[k] ?? 0) - x;
        this.#holeRing[2 * at + k + 1] = inHundredths(hole[k + 1] ?? 0) - y;
      }
    }
    for (const [name, value] of measured) this.#nextMeasured(row, this.#nameOf(name), value);
    if (note) this.#notes.set(row, note);
  }

  /** Those of row `i` of other columns, for the row here. */
  addRow(row: number, from: Extras, i: number): void {
    const { holes, measured } = from;
    for (let [k, to] = entriesOf(holes.row, i); k < to; k++) {
      const [start, end] = [holes.start[k] ?? 0, holes.start[k + 1] ?? 0];
      const at = this.#nextHole(row, end - start);
      this.#holeRing.set(holes.ring.subarray(2 * start, 2 * end), 2 * at);
    }
    for (let [k, to] = entriesOf(measured.row, i); k < to; k++) {
      this.#nextMeasured(row, this.#nameOf(from.names[measured.name[k] ?? 0] ?? ''), measured.value[k] ?? 0);
    }
    const note = from.notes.get(i);
    if (note) this.#notes.set(row, note);
  }

  /** Lent, as the builder's view is. */
  view(): Extras {
    return {
      holes: {
        row: this.#holeRow.subarray(0, this.#holes),
        start: this.#holeStart.subarray(0, this.#holes + 1),
        ring: this.#holeRing.subarray(0, 2 * this.#holeVertices),
      },
      measured: {
        row: this.#measuredRow.subarray(0, this.#measured),
        name: this.#measuredName.subarray(0, this.#measured),
        value: this.#measuredValue.subarray(0, this.#measured),
      },
      names: this.#names,
      notes: this.#notes,
    };
  }

  #nextHole(row: number, vertices: number): number {
    const [hole, at] = [this.#holes++, this.#holeVertices];
    this.#holeVertices += vertices;
    this.#holeRow = holding(this.#holeRow, hole + 1, (n) => new Uint32Array(n));
    this.#holeStart = holding(this.#holeStart, hole + 2, (n) => new Uint32Array(n));
    this.#holeRing = holding(this.#holeRing, 2 * this.#holeVertices, (n) => new Float32Array(n));
    this.#holeRow[hole] = row;
    this.#holeStart[hole + 1] = this.#holeVertices;
    return at;
  }

  #nextMeasured(row: number, name: number, value: number): void {
    const at = this.#measured++;
    this.#measuredRow = holding(this.#measuredRow, at + 1, (n) => new Uint32Array(n));
    this.#measuredName = holding(this.#measuredName, at + 1, (n) => new Uint16Array(n));
    this.#measuredValue = holding(this.#measuredValue, at + 1, (n) => new Float64Array(n));
    this.#measuredRow[at] = row;
    this.#measuredName[at] = name;
    this.#measuredValue[at] = value;
  }

  /** Whoever reads files sees to it that there are never more than MOST_NAMES. */
  #nameOf(name: string): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    this.#byName.set(name, this.#names.length);
    return this.#names.push(name) - 1;
  }
}

/** In arrays of just that size. */
export const copyOfExtras = ({ holes, measured, names, notes }: Extras): Extras => ({
  holes: { row: holes.row.slice(), start: holes.start.slice(), ring: holes.ring.slice() },
  measured: { row: measured.row.slice(), name: measured.name.slice(), value: measured.value.slice() },
  names: [...names],
  notes: new Map(notes),
});
