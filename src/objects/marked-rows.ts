// Rows of objects that grow at the end and are removed by a mark, with an index of where they lie.
import { contains, type Rect } from '#units/rect.ts';
import { ColumnsBuilder } from './builder.ts';
import type { ObjectClass, ObjectColumns, ObjectKind } from './columns.ts';
import { PlaceIndex } from './place-index.ts';

export class MarkedRows {
  readonly #builder: ColumnsBuilder;
  readonly #index = new PlaceIndex();
  #isGone = new Uint8Array(0); // [rows or fewer] 1 where marked; rows behind it are not
  #gone = 0;
  #byClass: number[] = []; //     rows without a mark
  #columns: ObjectColumns | undefined;

  constructor(kind: ObjectKind, classes: readonly ObjectClass[], rows?: number, vertices?: number) {
    this.#builder = new ColumnsBuilder(kind, classes, rows, vertices);
  }

  /** All rows, marked or not. A snapshot: rows are only written behind it. */
  get columns(): ObjectColumns {
    this.#columns ??= this.#builder.view();
    return this.#columns;
  }

  /** [as many as columns.count] 1 where a row is marked. Undefined while none is. */
  get isGone(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#gone === 0) return undefined;
    this.#markRoom();
    return this.#isGone.subarray(0, this.#builder.count);
  }

  get count(): number {
    return this.#builder.count;
  }

  get gone(): number {
    return this.#gone;
  }

  get bytes(): number {
    return this.#builder.bytes + this.#index.bytes;
  }

  /** Nothing is added for now. */
  rest(): void {
    this.#builder.rest();
    this.#index.rest();
  }

  /** Rows without a mark, by class. */
  get byClass(): readonly number[] {
    return this.#builder.classes.map((_, index) => this.#byClass[index] ?? 0);
  }

  append(batch: ObjectColumns): void {
    const from = this.#builder.count;
    this.#builder.addRows(batch);
    this.#appended(from);
  }

  /** Rows `start` up to `end` of rows of the same kind whose classes begin with the ones here. */
  appendBlock(from: ObjectColumns, start: number, end: number): void {
    const first = this.#builder.count;
    this.#builder.addBlock(from, start, end);
    this.#appended(first);
  }

  mark(row: number): void {
    this.#markRoom();
    this.#isGone[row] = 1;
    this.#gone++;
    const of = this.columns.classIndex[row] ?? 0;
    this.#byClass[of] = (this.#byClass[of] ?? 0) - 1;
  }

  /** Rows without a mark whose centroid lies in the rectangle. */
  within(rect: Rect): number[] {
    const { centroid } = this.columns;
    return Array.from(this.query(rect)).filter((row) =>
      contains(rect, centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0),
    );
  }

  /** Rows without a mark whose bounding box meets the rectangle, ascending. */
  query(rect: Rect): Uint32Array<ArrayBuffer> {
    const rows = this.#index.query(rect);
    return this.#gone === 0 ? rows : unmarked(rows, this.#isGone);
  }

  /** The longer side of a row's bounding box, level-0 px. */
  longest(row: number): number {
    return this.#index.longest(row);
  }

  #markRoom(): void {
    const { count } = this.#builder;
    if (this.#isGone.length >= count) return;
    const before = this.#isGone;
    this.#isGone = new Uint8Array(Math.max(count, 2 * before.length));
    this.#isGone.set(before);
  }

  /** Rows from `first` on are new. A box holds the centroid too, whatever the outline. */
  #appended(first: number): void {
    this.#columns = undefined;
    const { count, centroid, classIndex, ring, ringStart, ringUnit } = this.columns;
    for (let i = first; i < count; i++) {
      let [x0, y0, x1, y1] = [0, 0, 0, 0];
      const end = ringStart[i + 1] ?? 0;
      for (let v = ringStart[i] ?? 0; v < end; v++) {
        const x = ring[2 * v] ?? 0;
        const y = ring[2 * v + 1] ?? 0;
        if (x < x0) x0 = x;
        if (x > x1) x1 = x;
        if (y < y0) y0 = y;
        if (y > y1) y1 = y;
      }
      const [cx, cy] = [centroid[2 * i] ?? 0, centroid[2 * i + 1] ?? 0];
      this.#index.append(cx + x0 * ringUnit, cy + y0 * ringUnit, cx + x1 * ringUnit, cy + y1 * ringUnit);
      const of = classIndex[i] ?? 0;
      this.#byClass[of] = (this.#byClass[of] ?? 0) + 1;
    }
  }
}

/**
 * Those that have no mark, in the same memory: a view asks for a hundred thousand, and a function called for each takes longer
 * than finding them. @param marks by row, 1: marked
 */
export function unmarked<B extends ArrayBufferLike>(rows: Uint32Array<B>, marks: Uint8Array): Uint32Array<B> {
  let kept = 0;
  for (const row of rows) if (marks[row] !== 1) rows[kept++] = row;
  return rows.subarray(0, kept);
}
