// Columns that grow: how batches are made, gathered and kept.
import type { ObjectClass, ObjectColumns, ObjectKind } from './columns.ts';
import { copyOfExtras, ExtrasBuilder, type ExtrasRow, inHundredths } from './extras.ts';
import { Growing } from './growing.ts';

/** One object by its values, to be written as a row. */
export interface ObjectRow extends ExtrasRow {
  readonly classIndex: number;
  readonly probability: number;
  readonly x: number; //                   centroid, level-0 px
  readonly y: number;
  readonly areaPx: number; //              level-0 px²
  readonly ring: ArrayLike<number>; //     x, y pairs, level-0 px (not relative), not closed
}

/** Appends rows with amortised growth. Earlier views stay as they are: rows are only ever written behind them. */
export class ColumnsBuilder {
  readonly kind: ObjectKind;
  readonly ringUnit: number;
  #classes: readonly ObjectClass[];
  readonly #classIndex: Growing<Uint8Array<ArrayBuffer>>;
  readonly #probability: Growing<Float32Array<ArrayBuffer>>;
  readonly #centroid: Growing<Float64Array<ArrayBuffer>>;
  readonly #areaPx: Growing<Float32Array<ArrayBuffer>>;
  readonly #ringEnd: Growing<Uint32Array<ArrayBuffer>>; // [1 + rows], the first is 0
  readonly #ring: Growing<Int16Array<ArrayBuffer>> | Growing<Float32Array<ArrayBuffer>>;
  #extras: ExtrasBuilder | undefined; // with the first object that has any

  /** `rows` and `vertices` are room taken at once; more is taken when needed. */
  constructor(kind: ObjectKind, classes: readonly ObjectClass[], rows = 64, vertices = 16 * rows) {
    this.kind = kind;
    this.#classes = classes;
    this.ringUnit = kind === 'nuclei' ? 1 / 8 : 1;
    this.#classIndex = new Growing((n) => new Uint8Array(n), rows);
    this.#probability = new Growing((n) => new Float32Array(n), rows);
    this.#centroid = new Growing((n) => new Float64Array(n), 2 * rows);
    this.#areaPx = new Growing((n) => new Float32Array(n), rows);
    this.#ringEnd = new Growing((n) => new Uint32Array(n), rows + 1);
    this.#ringEnd.extend(1);
    this.#ring =
      kind === 'nuclei'
        ? new Growing((n) => new Int16Array(n), 2 * vertices)
        : new Growing((n) => new Float32Array(n), 2 * vertices);
  }

  get count(): number {
    return this.#classIndex.length;
  }

  get classes(): readonly ObjectClass[] {
    return this.#classes;
  }

  get #growing() {
    return [this.#classIndex, this.#probability, this.#centroid, this.#areaPx, this.#ringEnd, this.#ring];
  }

  /** That it holds, but for extras. */
  get bytes(): number {
    return this.#growing.reduce((sum, each) => sum + each.bytes, 0);
  }

  /** Nothing is added for now. */
  rest(): void {
    for (const each of this.#growing) each.rest();
  }

  /** Corners of nuclei are kept in eighths of a pixel from the centroid, those of large objects in hundredths of the slide's. */
  add(row: ObjectRow): void {
    const [index, at] = this.#extend(1, row.ring.length / 2);
    this.#write(index, row.classIndex, row.probability, row.x, row.y, row.areaPx, at + row.ring.length / 2);
    const ring = this.#ring.array;
    const round = ring instanceof Int16Array;
    for (let k = 0; k < row.ring.length; k += 2) {
      const [x, y] = [row.ring[k] ?? 0, row.ring[k + 1] ?? 0];
      ring[2 * at + k] = round ? Math.round((x - row.x) / this.ringUnit) : inHundredths(x) - row.x;
      ring[2 * at + k + 1] = round ? Math.round((y - row.y) / this.ringUnit) : inHundredths(y) - row.y;
    }
    if (row.holes || row.measured || row.note) this.#extrasNow().add(index, row.x, row.y, row);
  }

  /** Rows `rows` (all where left out) of a batch of any classes: a class unknown here by name is added. */
  addRows(from: ObjectColumns, rows?: ArrayLike<number>): void {
    const classes = this.#classesFor(from);
    const n = rows?.length ?? from.count;
    const scale = from.ringUnit / this.ringUnit;
    let vertices = 0;
    for (let k = 0; k < n; k++) {
      const i = rows ? (rows[k] ?? 0) : k;
      vertices += (from.ringStart[i + 1] ?? 0) - (from.ringStart[i] ?? 0);
    }
    let [row, at] = this.#extend(n, vertices);
    const ring = this.#ring.array;
    const round = ring instanceof Int16Array && scale !== 1;
    for (let k = 0; k < n; k++) {
      const i = rows ? (rows[k] ?? 0) : k;
      const start = from.ringStart[i] ?? 0;
      const end = from.ringStart[i + 1] ?? start;
      if (scale === 1) ring.set(from.ring.subarray(2 * start, 2 * end), 2 * at);
      else {
        for (let v = 0; v < 2 * (end - start); v++) {
          const value = (from.ring[2 * start + v] ?? 0) * scale;
          ring[2 * at + v] = round ? Math.round(value) : value;
        }
      }
      at += end - start;
      if (from.extras) this.#extrasNow().addRow(row, from.extras, i);
      this.#write(
        row++,
        classes[from.classIndex[i] ?? 0] ?? 0,
        from.probability[i] ?? 0,
        from.centroid[2 * i] ?? 0,
        from.centroid[2 * i + 1] ?? 0,
        from.areaPx[i] ?? 0,
        at,
      );
    }
  }

  /** Rows `start` up to `end` of a batch with the same unit, whose classes begin with the ones here, copied as one block. */
  addBlock(from: ObjectColumns, start: number, end: number): void {
    this.#classes = from.classes;
    const [first, last] = [from.ringStart[start] ?? 0, from.ringStart[end] ?? 0];
    const [row, at] = this.#extend(end - start, last - first);
    this.#classIndex.array.set(from.classIndex.subarray(start, end), row);
    this.#probability.array.set(from.probability.subarray(start, end), row);
    this.#centroid.array.set(from.centroid.subarray(2 * start, 2 * end), 2 * row);
    this.#areaPx.array.set(from.areaPx.subarray(start, end), row);
    this.#ring.array.set(from.ring.subarray(2 * first, 2 * last), 2 * at);
    const ringEnd = this.#ringEnd.array;
    for (let i = start; i < end; i++) ringEnd[row + 1 + i - start] = at + (from.ringStart[i + 1] ?? 0) - first;
    if (from.extras) for (let i = start; i < end; i++) this.#extrasNow().addRow(row + i - start, from.extras, i);
  }

  /** The rows so far, as views of the builder's arrays: lent, never to be transferred. */
  view(): ObjectColumns {
    const n = this.count;
    return {
      kind: this.kind,
      count: n,
      classes: this.#classes,
      classIndex: this.#classIndex.array.subarray(0, n),
      probability: this.#probability.array.subarray(0, n),
      centroid: this.#centroid.array.subarray(0, 2 * n),
      areaPx: this.#areaPx.array.subarray(0, n),
      ringStart: this.#ringEnd.array.subarray(0, n + 1),
      ring: this.#ring.array.subarray(0, this.#ring.length),
      ringUnit: this.ringUnit,
      ...(this.#extras && { extras: this.#extras.view() }),
    };
  }

  /** The rows so far, in arrays of just that size: the caller's own. */
  copy(): ObjectColumns {
    const view = this.view();
    return {
      ...view,
      classIndex: view.classIndex.slice(),
      probability: view.probability.slice(),
      centroid: view.centroid.slice(),
      areaPx: view.areaPx.slice(),
      ringStart: view.ringStart.slice(),
      ring: view.ring.slice(),
      ...(view.extras && { extras: copyOfExtras(view.extras) }),
    };
  }

  /** Room for more rows, to be written at once. Returns the first of them and its first vertex. */
  #extend(rows: number, vertices: number): [row: number, vertex: number] {
    const first: [number, number] = [this.count, this.#ring.length / 2];
    this.#classIndex.extend(rows);
    this.#probability.extend(rows);
    this.#centroid.extend(2 * rows);
    this.#areaPx.extend(rows);
    this.#ringEnd.extend(rows);
    this.#ring.extend(2 * vertices);
    return first;
  }

  #write(
    row: number,
    classIndex: number,
    probability: number,
    x: number,
    y: number,
    areaPx: number,
    end: number,
  ): void {
    this.#classIndex.array[row] = classIndex;
    this.#probability.array[row] = probability;
    this.#centroid.array[2 * row] = x;
    this.#centroid.array[2 * row + 1] = y;
    this.#areaPx.array[row] = areaPx;
    this.#ringEnd.array[row + 1] = end;
  }

  #extrasNow(): ExtrasBuilder {
    this.#extras ??= new ExtrasBuilder();
    return this.#extras;
  }

  /** For each class of the batch, its index here. */
  #classesFor(from: ObjectColumns): Uint8Array {
    return Uint8Array.from(from.classes, (asked) => {
      const known = this.#classes.findIndex(({ name }) => name === asked.name);
      if (known >= 0) return known;
      this.#classes = [...this.#classes, asked];
      return this.#classes.length - 1;
    });
  }
}

/** Copies of the rows asked for, in that order. */
export function rowsOf(columns: ObjectColumns, rows: ArrayLike<number>): ObjectColumns {
  const builder = new ColumnsBuilder(columns.kind, columns.classes, rows.length);
  builder.addRows(columns, rows);
  return builder.copy();
}

/** Copies of all rows, at most `rows` at a time, in their order. */
export function* batchesOf(columns: ObjectColumns, rows: number): Generator<ObjectColumns, void, undefined> {
  for (let from = 0; from < columns.count; from += rows) {
    const length = Math.min(rows, columns.count - from);
    yield rowsOf(
      columns,
      Uint32Array.from({ length }, (_, k) => from + k),
    );
  }
}
