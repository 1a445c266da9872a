// Which rows lie where: a loose hierarchical grid that takes appends. The rows of a cell are linked through one typed
// array, so a million rows cost no object.
import type { Rect } from '#units/rect.ts';
import { Growing } from './growing.ts';

/** What a query finds, until it is handed out: the next one writes over it. */
let rows = new Uint32Array(4096);

function grown(full: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * full.length);
  larger.set(full);
  return larger;
}

const FINEST_PX = 256; //  side of the smallest cell, level-0 px: a few dozen nuclei, so that a million rows are few cells
const LEVELS = 24;
const OFFSET = 2 ** 25; // keeps the keys of negative cells apart
const NONE = -1;

/**
 * A row lies in the cell of its box's centre, on the first level whose cells are at least as large as the box. So a box
 * reaches at most half a cell beyond its own, and a query looks at the cells it meets and one around them.
 */
export class PlaceIndex {
  readonly #levels: (Map<number, number> | undefined)[] = []; // per level: cell → the row put there last
  readonly #before = new Growing((n) => new Int32Array(n), 256); //         [rows] row → the row put in the same cell before it
  readonly #boxes = new Growing((n) => new Float32Array(n), 4 * 256); //    [rows × 4] x0, y0, x1, y1, level-0 px, rounded outward

  get bytes(): number {
    return this.#before.bytes + this.#boxes.bytes;
  }

  /** Nothing is added for now. */
  rest(): void {
    this.#before.rest();
    this.#boxes.rest();
  }

  /** Rows come in order: 0, 1, 2, … */
  append(x0: number, y0: number, x1: number, y1: number): void {
    const row = this.#before.length;
    const boxes = this.#boxes.extend(4);
    boxes[4 * row] = below(x0);
    boxes[4 * row + 1] = below(y0);
    boxes[4 * row + 2] = -below(-x1);
    boxes[4 * row + 3] = -below(-y1);
    const level = levelFor(Math.max(x1 - x0, y1 - y0));
    const cells = this.#levels[level] ?? new Map<number, number>();
    this.#levels[level] = cells;
    const side = FINEST_PX * 2 ** level;
    const key = keyOf(Math.floor((x0 + x1) / 2 / side), Math.floor((y0 + y1) / 2 / side));
    this.#before.extend(1)[row] = cells.get(key) ?? NONE;
    cells.set(key, row);
  }

  /** The longer side of a row's box, level-0 px, rounded up. */
  longest(row: number): number {
    const [boxes, at] = [this.#boxes.array, 4 * row];
    return Math.max((boxes[at + 2] ?? 0) - (boxes[at] ?? 0), (boxes[at + 3] ?? 0) - (boxes[at + 1] ?? 0));
  }

  /** Rows whose box meets the rectangle (touching edges meet; those a sixty-fourth of a px off at 200,000 may), ascending. */
  query(rect: Rect): Uint32Array<ArrayBuffer> {
    const [boxes, before] = [this.#boxes.array, this.#before.array];
    const [left, top, right, bottom] = [rect.x, rect.y, rect.x + rect.width, rect.y + rect.height];
    let found = 0;
    const collect = (last: number): void => {
      for (let row = last; row !== NONE; row = before[row] ?? NONE) {
        const at = 4 * row;
        if ((boxes[at] ?? 0) > right || (boxes[at + 1] ?? 0) > bottom) continue;
        if ((boxes[at + 2] ?? 0) < left || (boxes[at + 3] ?? 0) < top) continue;
        if (found === rows.length) rows = grown(rows);
        rows[found++] = row;
      }
    };
    for (const [level, cells] of this.#levels.entries()) {
      if (!cells) continue;
      const side = FINEST_PX * 2 ** level;
      const [c0, c1] = [Math.floor(left / side) - 1, Math.floor(right / side) + 1];
      const [r0, r1] = [Math.floor(top / side) - 1, Math.floor(bottom / side) + 1];
      if ((c1 - c0 + 1) * (r1 - r0 + 1) > cells.size) {
        for (const last of cells.values()) collect(last);
        continue;
      }
      for (let r = r0; r <= r1; r++) {
        for (let c = c0; c <= c1; c++) collect(cells.get(keyOf(c, r)) ?? NONE);
      }
    }
    return rows.slice(0, found).sort();
  }
}

/** A number of single precision, no more than this one: half the memory of a million boxes. */
function below(value: number): number {
  const near = Math.fround(value);
  return near <= value ? near : Math.fround(value - Math.abs(value) * 2 ** -23);
}

const keyOf = (col: number, row: number): number => (row + OFFSET) * 2 * OFFSET + (col + OFFSET);

function levelFor(extent: number): number {
  let level = 0;
  while (level < LEVELS - 1 && FINEST_PX * 2 ** level < extent) level++;
  return level;
}
