// Which row has its box about a point, without a string or an object a row: a million points are looked up in a moment.
const EIGHTHS = 8; // of a level-0 px: to these, points are the same

export class RowPlaces {
  readonly #mask: number;
  readonly #x: Int32Array; //   [slots] eighths
  readonly #y: Int32Array;
  readonly #row: Int32Array; // -1: empty

  /** @param boxes [rows × 4] x, y, width, height, level-0 px; of several with one centre the first counts */
  constructor(boxes: Float32Array) {
    const rows = boxes.length / 4;
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, 2 * rows)));
    this.#mask = slots - 1;
    [this.#x, this.#y, this.#row] = [new Int32Array(slots), new Int32Array(slots), new Int32Array(slots).fill(-1)];
    for (let row = 0, at = 0; row < rows; row++, at += 4) {
      const ex = eighths((boxes[at] ?? 0) + (boxes[at + 2] ?? 0) / 2);
      const ey = eighths((boxes[at + 1] ?? 0) + (boxes[at + 3] ?? 0) / 2);
      const slot = this.#slotOf(ex, ey);
      if (this.#row[slot] !== -1) continue;
      this.#x[slot] = ex;
      this.#y[slot] = ey;
      this.#row[slot] = row;
    }
  }

  /** Undefined where no box has its centre there. */
  rowAt(x: number, y: number): number | undefined {
    const row = this.#row[this.#slotOf(eighths(x), eighths(y))] ?? -1;
    return row < 0 ? undefined : row;
  }

  /** Where the point is, or where it would go. */
  #slotOf(ex: number, ey: number): number {
    let slot = (Math.imul(ex, 0x9e3779b1) ^ Math.imul(ey, 0x85ebca6b)) >>> 7;
    for (slot &= this.#mask; this.#row[slot] !== -1; slot = (slot + 1) & this.#mask)
      if (this.#x[slot] === ex && this.#y[slot] === ey) break;
    return slot;
  }
}

const eighths = (at: number): number => Math.round(EIGHTHS * at);
