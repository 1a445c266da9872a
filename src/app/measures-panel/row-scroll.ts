// Where the rows of a very long list stand while it is scrolled. Pure.

/** Browsers make no taller element (17.9 million px in Firefox): a list of more rows than fit in here scrolls several at a step. */
export const MOST_PX = 8e6;
const HEAD = 24; // px, the line of heads stays

export class RowScroll {
  readonly shown: number; //          rows in sight
  readonly roomPx: number; //         height of what scrolls
  readonly #fit: number;
  readonly #last: number; //          the last row that can be the first in sight
  readonly #scrollPx: number; //      the way from the first to the last row

  /** @param rowPx height of a row @param heightPx of what is seen, with the line of heads */
  constructor(rows: number, rowPx: number, heightPx: number) {
    this.#fit = Math.max(1, Math.floor((heightPx - HEAD) / rowPx));
    this.shown = Math.min(this.#fit, rows);
    this.roomPx = Math.max(heightPx, Math.min(MOST_PX, rows * rowPx + HEAD));
    this.#last = Math.max(0, rows - this.#fit);
    this.#scrollPx = Math.max(1, this.roomPx - heightPx);
  }

  /** The first row in sight. */
  firstAt(topPx: number): number {
    return this.#within(Math.round((topPx / this.#scrollPx) * this.#last));
  }

  /** Where to scroll to so that a row is in sight, by as little as is needed; undefined where it is. */
  topFor(row: number, topPx: number): number | undefined {
    const now = this.firstAt(topPx);
    if (this.#last === 0 || (row >= now && row < now + this.#fit)) return undefined;
    return (this.#within(row < now ? row : row - this.#fit + 1) / this.#last) * this.#scrollPx;
  }

  #within(row: number): number {
    return Math.min(this.#last, Math.max(0, row));
  }
}
