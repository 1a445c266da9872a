// All objects of one kind that a slide holds now. Grows by batches; no JavaScript object per nucleus.
import { contains, type Rect } from '#units/rect.ts';
import { ColumnsBuilder } from './builder.ts';
import { emptyColumns, type ObjectClass, type ObjectColumns, type ObjectKind } from './columns.ts';
import { distanceToRing, isInsideRing } from './outline.ts';
import { PlaceIndex } from './place-index.ts';

export class ObjectStore {
  readonly kind: ObjectKind;
  #builder: ColumnsBuilder;
  #columns: ObjectColumns;
  #index = new PlaceIndex();
  #version = 0;
  readonly #listeners = new Set<() => void>();

  constructor(kind: ObjectKind, classes: readonly ObjectClass[] = []) {
    this.kind = kind;
    this.#builder = new ColumnsBuilder(kind, classes);
    this.#columns = emptyColumns(kind, classes);
  }

  /**
   * A snapshot: it stays as it is while the store goes on. Its arrays are views of the store's own: never transfer
   * them (`rowsOf` gives a copy that may go).
   */
  get columns(): ObjectColumns {
    return this.#columns;
  }

  /** Counts up with every change. */
  get version(): number {
    return this.#version;
  }

  /** Adds a batch (copied). A class that the store does not know by name is added to its classes. */
  append(batch: ObjectColumns): void {
    if (batch.count === 0) return;
    const from = this.#columns.count;
    this.#builder.addRows(batch);
    this.#indexFrom(from);
    this.#changed();
  }

  /** Removes the objects whose centroid lies in the rectangle. Returns how many went. */
  removeWhere(rect: Rect): number {
    const { count, centroid } = this.#columns;
    const kept = new Uint32Array(count);
    let n = 0;
    for (let i = 0; i < count; i++) {
      if (!contains(rect, centroid[2 * i] ?? 0, centroid[2 * i + 1] ?? 0)) kept[n++] = i;
    }
    if (n < count) this.#rebuild(this.#columns, kept.subarray(0, n));
    return count - n;
  }

  /** The store then holds exactly this batch (copied). */
  replace(batch: ObjectColumns): void {
    this.#rebuild(batch, undefined);
  }

  /** Rows whose bounding box meets the rectangle, ascending. */
  query(rect: Rect): Uint32Array<ArrayBuffer> {
    return this.#index.query(rect);
  }

  /**
   * The object under a point: the smallest whose outline encloses it; else the one whose outline is nearest, at most
   * `tolerancePx` level-0 px away.
   */
  pick(x: number, y: number, tolerancePx: number): number | undefined {
    const columns = this.#columns;
    const side = 2 * tolerancePx;
    const rows = this.query({ x: x - tolerancePx, y: y - tolerancePx, width: side, height: side });
    let best: number | undefined;
    let smallest = Number.POSITIVE_INFINITY;
    for (const row of rows) {
      const area = columns.areaPx[row] ?? 0;
      if (area >= smallest || !isInsideRing(columns, row, { x, y })) continue;
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

  #rebuild(from: ObjectColumns, rows: Uint32Array | undefined): void {
    this.#builder = new ColumnsBuilder(this.kind, from.classes, rows?.length ?? from.count);
    this.#builder.addRows(from, rows);
    this.#index = new PlaceIndex();
    this.#indexFrom(0);
    this.#changed();
  }

  #indexFrom(first: number): void {
    this.#columns = this.#builder.view();
    const { count, centroid, ring, ringStart, ringUnit } = this.#columns;
    for (let i = first; i < count; i++) {
      let [x0, y0, x1, y1] = [
        Number.POSITIVE_INFINITY,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      ];
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
    }
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}
