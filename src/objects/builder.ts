// Columns that grow: how batches are made, gathered and kept.
import type { ObjectClass, ObjectColumns, ObjectKind } from './columns.ts';
import { copyOfExtras, ExtrasBuilder, type ExtrasRow } from './extras.ts';
import { holding } from './growing.ts';

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
  #count = 0;
  #vertices = 0;
  #classIndex: Uint8Array<ArrayBuffer>;
  #probability: Float32Array<ArrayBuffer>;
  #centroid: Float64Array<ArrayBuffer>;
  #areaPx: Float32Array<ArrayBuffer>;
  #ringStart: Uint32Array<ArrayBuffer>;
  #ring: Int16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  #extras: ExtrasBuilder | undefined; // with the first object that has any

  /** `rows` and `vertices` are room taken at once; more is taken when needed. */
  constructor(kind: ObjectKind, classes: readonly ObjectClass[], rows = 64, vertices = 16 * rows) {
    this.kind = kind;
    this.#classes = classes;
    this.ringUnit = kind === 'nuclei' ? 1 / 8 : 1;
    this.#classIndex = new Uint8Array(rows);
    this.#probability = new Float32Array(rows);
    this.#centroid = new Float64Array(2 * rows);
    this.#areaPx = new Float32Array(rows);
    this.#ringStart = new Uint32Array(rows + 1);
    this.#ring = kind === 'nuclei' ? new Int16Array(2 * vertices) : new Float32Array(2 * vertices);
  }

  get count(): number {
    return this.#count;
  }

  add(row: ObjectRow): void {
    const at = this.#next(row.classIndex, row.probability, row.x, row.y, row.areaPx, row.ring.length / 2);
    const ring = this.#ring;
    const round = ring instanceof Int16Array;
    for (let k = 0; k < row.ring.length; k += 2) {
      const dx = ((row.ring[k] ?? 0) - row.x) / this.ringUnit;
      const dy = ((row.ring[k + 1] ?? 0) - row.y) / this.ringUnit;
      ring[2 * at + k] = round ? Math.round(dx) : dx;
      ring[2 * at + k + 1] = round ? Math.round(dy) : dy;
    }
    if (row.holes || row.measured || row.note) this.#extrasNow().add(this.#count - 1, row.x, row.y, row);
  }

  /** Rows `rows` (all where left out) of a batch of any classes: a class unknown here by name is added. */
  addRows(from: ObjectColumns, rows?: ArrayLike<number>): void {
    const classes = this.#classesFor(from);
    const n = rows?.length ?? from.count;
    const scale = from.ringUnit / this.ringUnit;
    const round = this.#ring instanceof Int16Array && scale !== 1;
    for (let k = 0; k < n; k++) {
      const i = rows ? (rows[k] ?? 0) : k;
      const start = from.ringStart[i] ?? 0;
      const end = from.ringStart[i + 1] ?? start;
      const at = this.#next(
        classes[from.classIndex[i] ?? 0] ?? 0,
        from.probability[i] ?? 0,
        from.centroid[2 * i] ?? 0,
        from.centroid[2 * i + 1] ?? 0,
        from.areaPx[i] ?? 0,
        end - start,
      );
      if (scale === 1) this.#ring.set(from.ring.subarray(2 * start, 2 * end), 2 * at);
      else {
        for (let v = 0; v < 2 * (end - start); v++) {
          const value = (from.ring[2 * start + v] ?? 0) * scale;
          this.#ring[2 * at + v] = round ? Math.round(value) : value;
        }
      }
      if (from.extras) this.#extrasNow().addRow(this.#count - 1, from.extras, i);
    }
  }

  /** The rows that are not marked, in their order; blocks of neighbours are copied at once. */
  static without(from: ObjectColumns, isGone: Uint8Array): ColumnsBuilder {
    let [rows, vertices] = [0, 0];
    for (let i = 0; i < from.count; i++) {
      if (isGone[i] === 1) continue;
      rows++;
      vertices += (from.ringStart[i + 1] ?? 0) - (from.ringStart[i] ?? 0);
    }
    const kept = new ColumnsBuilder(from.kind, from.classes, rows, vertices);
    for (let start = 0; start < from.count; start++) {
      if (isGone[start] === 1) continue;
      let end = start + 1;
      while (end < from.count && isGone[end] !== 1) end++;
      kept.#addBlock(from, start, end);
      start = end;
    }
    return kept;
  }

  /** Of a batch with the same classes and the same unit. */
  #addBlock(from: ObjectColumns, start: number, end: number): void {
    const [row, at] = [this.#count, this.#vertices];
    const [first, last] = [from.ringStart[start] ?? 0, from.ringStart[end] ?? 0];
    this.#classIndex.set(from.classIndex.subarray(start, end), row);
    this.#probability.set(from.probability.subarray(start, end), row);
    this.#centroid.set(from.centroid.subarray(2 * start, 2 * end), 2 * row);
    this.#areaPx.set(from.areaPx.subarray(start, end), row);
    this.#ring.set(from.ring.subarray(2 * first, 2 * last), 2 * at);
    for (let i = start; i < end; i++) this.#ringStart[row + 1 + i - start] = at + (from.ringStart[i + 1] ?? 0) - first;
    this.#count += end - start;
    this.#vertices += last - first;
    if (from.extras) for (let i = start; i < end; i++) this.#extrasNow().addRow(row + i - start, from.extras, i);
  }

  /** The rows so far, as views of the builder's arrays: lent, never to be transferred. */
  view(): ObjectColumns {
    const n = this.#count;
    return {
      kind: this.kind,
      count: n,
      classes: this.#classes,
      classIndex: this.#classIndex.subarray(0, n),
      probability: this.#probability.subarray(0, n),
      centroid: this.#centroid.subarray(0, 2 * n),
      areaPx: this.#areaPx.subarray(0, n),
      ringStart: this.#ringStart.subarray(0, n + 1),
      ring: this.#ring.subarray(0, 2 * this.#vertices),
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

  #next(classIndex: number, probability: number, x: number, y: number, areaPx: number, vertices: number): number {
    const row = this.#count++;
    const at = this.#vertices;
    this.#vertices += vertices;
    this.#classIndex = holding(this.#classIndex, row + 1, (n) => new Uint8Array(n));
    this.#probability = holding(this.#probability, row + 1, (n) => new Float32Array(n));
    this.#centroid = holding(this.#centroid, 2 * row + 2, (n) => new Float64Array(n));
    this.#areaPx = holding(this.#areaPx, row + 1, (n) => new Float32Array(n));
    this.#ringStart = holding(this.#ringStart, row + 2, (n) => new Uint32Array(n));
    this.#ring =
      this.#ring instanceof Int16Array
        ? holding(this.#ring, 2 * this.#vertices, (n) => new Int16Array(n))
        : holding(this.#ring, 2 * this.#vertices, (n) => new Float32Array(n));
    this.#classIndex[row] = classIndex;
    this.#probability[row] = probability;
    this.#centroid[2 * row] = x;
    this.#centroid[2 * row + 1] = y;
    this.#areaPx[row] = areaPx;
    this.#ringStart[row + 1] = this.#vertices;
    return at;
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
