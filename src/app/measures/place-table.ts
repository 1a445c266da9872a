// Which row an object has, by where it lies and how large it is: both to the bit.
import { turn } from '#channel/turn.ts';
import type { ObjectColumns } from '#objects/columns.ts';

const TURN_ROWS = 50_000; // some milliseconds

/** Open addressing over typed arrays: no object per nucleus. */
export class PlaceTable {
  readonly #columns: ObjectColumns;
  readonly #slots: Uint32Array; // row + 1; 0: free
  readonly #mask: number;

  private constructor(columns: ObjectColumns) {
    this.#columns = columns;
    const size = 2 ** Math.ceil(Math.log2(2 * columns.count + 2));
    this.#slots = new Uint32Array(size);
    this.#mask = size - 1;
  }

  /** In turns that let others work. @param columns lent: a snapshot */
  static async of(columns: ObjectColumns): Promise<PlaceTable> {
    const table = new PlaceTable(columns);
    for (let row = 0; row < columns.count; row++) {
      if (row % TURN_ROWS === TURN_ROWS - 1) await turn();
      const { centroid, areaPx } = columns;
      let slot = table.#slot(centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0, areaPx[row] ?? 0);
      while (table.#slots[slot] !== 0) slot = (slot + 1) & table.#mask;
      table.#slots[slot] = row + 1;
    }
    return table;
  }

  /** Of several at one place the first. @param areaPx as a float32 holds it */
  row(x: number, y: number, areaPx: number): number | undefined {
    const { centroid, areaPx: areas } = this.#columns;
    for (let slot = this.#slot(x, y, areaPx); ; slot = (slot + 1) & this.#mask) {
      const row = (this.#slots[slot] ?? 0) - 1;
      if (row < 0) return undefined;
      if (centroid[2 * row] === x && centroid[2 * row + 1] === y && areas[row] === areaPx) return row;
    }
  }

  #slot(x: number, y: number, areaPx: number): number {
    const mixed = Math.imul((x * 1024) | 0, 0x9e3779b1) ^ Math.imul((y * 1024) | 0, 0x85ebca6b) ^ ((areaPx * 64) | 0);
    return (mixed ^ (mixed >>> 15)) & this.#mask;
  }
}
