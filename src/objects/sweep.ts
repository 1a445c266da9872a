// Moves the rows that are not marked to new ones, a few at a time, while rows are appended and marked all along.
import { MarkedRows } from './marked-rows.ts';

const NOWHERE = -1;

export class Sweep {
  readonly #from: MarkedRows;
  readonly #to: MarkedRows;
  #next = 0; //                  row to look at next
  #movedTo: Int32Array<ArrayBuffer>; // [rows, or fewer] row → its new one, NOWHERE where it was marked

  constructor(from: MarkedRows) {
    const { kind, classes, count, ring } = from.columns;
    this.#from = from;
    const kept = (count - from.gone) / Math.max(1, count);
    const vertices = Math.ceil((kept * ring.length) / 2);
    this.#to = new MarkedRows(kind, classes, count - from.gone, vertices);
    this.#movedTo = new Int32Array(count);
  }

  /** Looks at the next `rows` of them. Returns the new rows once all have moved. */
  step(rows: number): MarkedRows | undefined {
    const { columns, isGone } = this.#from;
    const end = Math.min(columns.count, this.#next + rows);
    this.#movedToRoom(end);
    while (this.#next < end) {
      const start = this.#next;
      const gone = isGone?.[start] ?? 0;
      while (this.#next < end && (isGone?.[this.#next] ?? 0) === gone) this.#next++;
      if (gone === 1) {
        this.#movedTo.fill(NOWHERE, start, this.#next);
        continue;
      }
      const to = this.#to.count;
      this.#to.appendBlock(columns, start, this.#next);
      for (let row = start; row < this.#next; row++) this.#movedTo[row] = to + row - start;
    }
    return end === columns.count ? this.#to : undefined;
  }

  /** A row was marked just now. */
  marked(row: number): void {
    if (row >= this.#next) return;
    const to = this.#movedTo[row] ?? NOWHERE;
    if (to !== NOWHERE) this.#to.mark(to);
  }

  #movedToRoom(rows: number): void {
    if (this.#movedTo.length >= rows) return;
    const grown = new Int32Array(Math.max(rows, 2 * this.#movedTo.length));
    grown.set(this.#movedTo);
    this.#movedTo = grown;
  }
}
