// All objects of one kind that a slide holds now. Grows by batches; no JavaScript object per nucleus.
import { contains, type Rect } from '#units/rect.ts';
import { ColumnsBuilder } from './builder.ts';
import type { ObjectClass, ObjectColumns, ObjectKind } from './columns.ts';
import { distanceToRing, isInside } from './outline.ts';
import { PlaceIndex } from './place-index.ts';

/**
 * Objects that are removed are only marked at first; the rows move together when somebody next looks. So a run that
 * replaces what lies under its patches costs no more a patch than what lies there.
 */
export class ObjectStore {
  readonly kind: ObjectKind;
  #builder: ColumnsBuilder; //                      with rows that are marked
  #isGone = new Uint8Array(0); //                   [as many of the builder's rows as were there at the last mark]
  #gone = 0; //                                     rows marked
  #columns: ObjectColumns | undefined; //           undefined while marks or new rows wait
  #index = new PlaceIndex(); //                     of entries: rows that were ever appended, until it is built anew
  #rowOf: Int32Array<ArrayBuffer> | undefined; //   entry → row of the builder, or -1; undefined while they are the same
  #entries = 0;
  #version = 0;
  readonly #listeners = new Set<() => void>();

  constructor(kind: ObjectKind, classes: readonly ObjectClass[] = []) {
    this.kind = kind;
    this.#builder = new ColumnsBuilder(kind, classes);
  }

  /**
   * A snapshot: it stays as it is while the store goes on. Its arrays are views of the store's own: never transfer
   * them (`rowsOf` gives a copy that may go).
   */
  get columns(): ObjectColumns {
    if (this.#gone > 0) this.#compact();
    this.#columns ??= this.#builder.view();
    return this.#columns;
  }

  /** Counts up with every change. */
  get version(): number {
    return this.#version;
  }

  /** Adds a batch (copied). A class that the store does not know by name is added to its classes. */
  append(batch: ObjectColumns): void {
    if (batch.count === 0) return;
    const from = this.#builder.count;
    this.#builder.addRows(batch);
    this.#indexFrom(from);
    this.#changed();
  }

  /**
   * Removes the objects whose centroid lies in the rectangle, where `isMeant` (level-0 px) says so. Returns how many went.
   */
  removeWhere(rect: Rect, isMeant: (x: number, y: number) => boolean = () => true): number {
    const { count, centroid } = this.#builder.view();
    let went = 0;
    for (const row of this.#rowsMeeting(rect)) {
      const [x, y] = [centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0];
      if (!contains(rect, x, y) || !isMeant(x, y)) continue;
      if (this.#isGone.length < count) this.#isGone = longer(this.#isGone, count);
      this.#isGone[row] = 1;
      went++;
    }
    this.#gone += went;
    if (went > 0) this.#changed();
    return went;
  }

  /** The store then holds exactly this batch (copied). */
  replace(batch: ObjectColumns): void {
    this.#builder = new ColumnsBuilder(this.kind, batch.classes, batch.count);
    this.#builder.addRows(batch);
    this.#isGone = new Uint8Array(0);
    this.#gone = 0;
    this.#indexAnew();
    this.#changed();
  }

  /** Rows whose bounding box meets the rectangle, ascending. */
  query(rect: Rect): Uint32Array<ArrayBuffer> {
    if (this.#gone > 0) this.#compact();
    return this.#rowsMeeting(rect);
  }

  /**
   * The object under a point: the smallest whose outline encloses it; else the one whose outline is nearest, at most
   * `tolerancePx` level-0 px away.
   */
  pick(x: number, y: number, tolerancePx: number): number | undefined {
    const { columns } = this;
    const side = 2 * tolerancePx;
    const rows = this.query({ x: x - tolerancePx, y: y - tolerancePx, width: side, height: side });
    let best: number | undefined;
    let smallest = Number.POSITIVE_INFINITY;
    for (const row of rows) {
      const area = columns.areaPx[row] ?? 0;
      if (area >= smallest || !isInside(columns, row, { x, y })) continue;
      best = row;
      smallest = area;
    }
    if (best !== undefined) return best;
    let nearest = tolerancePx;
    for (const row of rows) {
      const distance = distanceToRing(columns, row, { x, y });
      if (distance > nearest) continue;
      best = row;
      nearest = distance;
    }
    return best;
  }

  /** Calls after every change; the result ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Rows of the builder that are not marked. */
  #rowsMeeting(rect: Rect): Uint32Array<ArrayBuffer> {
    const rows = this.#index.query(rect);
    let kept = 0;
    for (const entry of rows) {
      const row = this.#rowOf ? (this.#rowOf[entry] ?? -1) : entry;
      if (row >= 0 && this.#isGone[row] !== 1) rows[kept++] = row;
    }
    return rows.subarray(0, kept);
  }

  #compact(): void {
    const before = this.#builder.view();
    const isGone = longer(this.#isGone, before.count);
    this.#builder = ColumnsBuilder.without(before, isGone);
    this.#isGone = new Uint8Array(0);
    this.#gone = 0;
    if (this.#entries > 2 * this.#builder.count) {
      this.#indexAnew();
      return;
    }
    const moved = new Int32Array(before.count).fill(-1);
    for (let row = 0, to = 0; row < before.count; row++) if (isGone[row] === 0) moved[row] = to++;
    const rowOf = this.#rowOf;
    this.#rowOf = rowOf ? rowOf.subarray(0, this.#entries).map((row) => (row < 0 ? -1 : (moved[row] ?? -1))) : moved;
  }

  #indexAnew(): void {
    this.#index = new PlaceIndex();
    this.#rowOf = undefined;
    this.#entries = 0;
    this.#indexFrom(0);
  }

  /** A box holds the centroid too, whatever the outline. */
  #indexFrom(first: number): void {
    const { count, centroid, ring, ringStart, ringUnit } = this.#builder.view();
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
      const cx = centroid[2 * i] ?? 0;
      const cy = centroid[2 * i + 1] ?? 0;
      this.#index.append(cx + x0 * ringUnit, cy + y0 * ringUnit, cx + x1 * ringUnit, cy + y1 * ringUnit);
      const entry = this.#entries++;
      if (!this.#rowOf) continue;
      if (entry >= this.#rowOf.length) {
        const grown = new Int32Array(2 * entry + 16);
        grown.set(this.#rowOf);
        this.#rowOf = grown;
      }
      this.#rowOf[entry] = i;
    }
  }

  #changed(): void {
    this.#columns = undefined;
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}

/** With zeros behind; itself where it is long enough. */
function longer(marks: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  if (marks.length >= length) return marks;
  const grown = new Uint8Array(Math.max(length, 2 * marks.length));
  grown.set(marks);
  return grown;
}
