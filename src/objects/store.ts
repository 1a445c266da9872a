// All objects of one kind that a slide holds now. Grows by batches; no JavaScript object per nucleus.
import type { Point, Rect } from '#units/rect.ts';
import type { ObjectClass, ObjectColumns, ObjectKind } from './columns.ts';
import { MarkedRows } from './marked-rows.ts';
import { pickFrom } from './pick.ts';
import { Sweep } from './sweep.ts';

/** Objects while they change: looking costs nothing, and rows that were removed are still among the columns. */
export interface LiveObjects {
  readonly columns: ObjectColumns;
  /** [columns.count] 1 where a row was removed; undefined where none was. Who walks all rows skips those. */
  readonly isGone: Uint8Array<ArrayBuffer> | undefined;
  readonly version: number;
  /** Rows of these columns whose bounding box meets the rectangle, ascending; none that was removed. */
  query(rect: Rect): Uint32Array<ArrayBuffer>;
  /** The longer side of a row's bounding box, level-0 px. */
  longest(row: number): number;
  /** The smallest object around the point, else the nearest at most `tolerancePx` away: its row of these columns. */
  pick(x: number, y: number, tolerancePx: number): number | undefined;
}

export interface ObjectCounts {
  readonly count: number;
  readonly classes: readonly ObjectClass[];
  readonly byClass: readonly number[];
}

const SWEPT_FROM = 16_384; // removed rows, and
const SWEPT_SHARE = 0.25; //  their share of all rows, from which on they are swept out with the next changes
const ROWS_A_CHANGE = 4; //   looked at by a sweep for each row that is added or removed,
const ROWS_BESIDE = 1_024; // and this many beside,
const MOST_ROWS = 4_096; //   no more in all; and as many with each step of a settling

/**
 * Objects that are removed are only marked at first. Marked rows are swept out a few at a time, with each later change or
 * by `settling`, so that a run which replaces a million nuclei never stops the page.
 */
export class ObjectStore {
  readonly kind: ObjectKind;
  #rows: MarkedRows;
  #sweep: Sweep | undefined;
  #version = 0;
  readonly #listeners = new Set<() => void>();
  readonly live: LiveObjects;

  constructor(kind: ObjectKind, classes: readonly ObjectClass[] = []) {
    this.kind = kind;
    this.#rows = new MarkedRows(kind, classes);
    const store = this;
    this.live = {
      get columns() {
        return store.#rows.columns;
      },
      get isGone() {
        return store.#rows.isGone;
      },
      get version() {
        return store.#version;
      },
      query: (rect) => this.#rows.query(rect),
      longest: (row) => this.#rows.longest(row),
      pick: (x, y, tolerancePx) => pickFrom(this.live, x, y, tolerancePx),
    };
  }

  /**
   * A snapshot: it stays as it is while the store goes on. Its arrays are views of the store's own: never transfer
   * them (`rowsOf` gives a copy that may go). Of a million rows where some were removed just now it takes long:
   * `settling` first, or `live`.
   */
  get columns(): ObjectColumns {
    this.#settle();
    return this.#rows.columns;
  }

  get counts(): ObjectCounts {
    const { count, classes } = this.#rows.columns;
    return { count: count - this.#rows.gone, classes, byClass: this.#rows.byClass };
  }

  get classes(): readonly ObjectClass[] {
    return this.#rows.columns.classes;
  }

  /** Counts up with every change. */
  get version(): number {
    return this.#version;
  }

  /** That objects and the index of their places take, but for extras. */
  get bytes(): number {
    return this.#rows.bytes;
  }

  /** Nothing is added for now: lets go of the room made ahead, which is as much again and half as much when it is most. */
  rest(): void {
    this.#rows.rest();
  }

  /** Adds a batch (copied). A class that the store does not know by name is added to its classes. */
  append(batch: ObjectColumns): void {
    if (batch.count === 0) return;
    this.#rows.append(batch);
    this.#sweepOn(batch.count);
    this.#changed();
  }

  /**
   * Removes the objects whose centroid lies in the rectangle, where `isMeant` (level-0 px) says so. Returns how many went.
   */
  removeWhere(rect: Rect, isMeant: (x: number, y: number) => boolean = () => true): number {
    const { centroid } = this.#rows.columns;
    let went = 0;
    for (const row of this.#rows.within(rect)) {
      if (!isMeant(centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0)) continue;
      this.#rows.mark(row);
      this.#sweep?.marked(row);
      went++;
    }
    if (went === 0) return 0;
    this.#sweepOn(went);
    this.#changed();
    return went;
  }

  /** Removes the objects with just this centroid, level-0 px. */
  removeAt({ x, y }: Point): void {
    this.removeWhere({ x: x - 0.5, y: y - 0.5, width: 1, height: 1 }, (cx, cy) => cx === x && cy === y);
  }

  /** The store then holds exactly this batch (copied). */
  replace(batch: ObjectColumns): void {
    this.#sweep = undefined;
    this.#rows = new MarkedRows(this.kind, batch.classes, batch.count, batch.ring.length / 2);
    this.#rows.append(batch);
    this.#changed();
  }

  /** Sweeps out what was removed, a little with each step: whoever iterates decides when to let others work. */
  *settling(): Generator<void, void, undefined> {
    while (this.#rows.gone > 0) {
      this.#sweep ??= new Sweep(this.#rows);
      if (this.#swept(MOST_ROWS)) this.#changed();
      yield;
    }
  }

  /** Rows of `columns` whose bounding box meets the rectangle, ascending. */
  query(rect: Rect): Uint32Array<ArrayBuffer> {
    this.#settle();
    return this.#rows.query(rect);
  }

  /** As `live.pick`: a row of `columns`. */
  pick(x: number, y: number, tolerancePx: number): number | undefined {
    this.#settle();
    return this.live.pick(x, y, tolerancePx);
  }

  /** Calls after every change; the result ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #settle(): void {
    while (this.#rows.gone > 0) {
      this.#sweep ??= new Sweep(this.#rows);
      this.#swept(Number.POSITIVE_INFINITY);
    }
  }

  /** After a change of so many rows. */
  #sweepOn(changed: number): void {
    const { gone, columns } = this.#rows;
    if (!this.#sweep && (gone < SWEPT_FROM || gone < SWEPT_SHARE * columns.count)) return;
    this.#sweep ??= new Sweep(this.#rows);
    this.#swept(Math.min(MOST_ROWS, ROWS_BESIDE + ROWS_A_CHANGE * changed));
  }

  #swept(rows: number): boolean {
    const swept = this.#sweep?.step(rows);
    if (!swept) return false;
    this.#rows = swept;
    this.#sweep = undefined;
    return true;
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}
