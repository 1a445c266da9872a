// Which gland each nucleus or lumen lies in, and what that says of the glands.
import type { ObjectColumns } from '../columns.ts';
import { isInside } from '../outline.ts';
import type { Pausing } from './pausing.ts';

export const NOWHERE = -1;

const CELL_PX = 512; //        level-0 px, of the grid that finds the points near a gland
const MOST_CELLS = 2 ** 22; // of the grid; larger cells beyond
const GLANDS_AT_ONCE = 64;

/**
 * For each point the row of the gland that encloses it, the smallest of several; NOWHERE where there is none. Borrows all.
 * @param points x, y pairs, level-0 px: centroids of nuclei or lumina
 */
export function* glandsAround(points: Float64Array, glands: ObjectColumns): Pausing<Int32Array<ArrayBuffer>> {
  const inGland = new Int32Array(points.length / 2).fill(NOWHERE);
  const cells = new PointCells(points);
  yield;
  for (let gland = 0; gland < glands.count; gland++) {
    const [x0, y0, x1, y1] = boxOf(glands, gland);
    cells.within(x0, y0, x1, y1, (point, x, y) => {
      const other = inGland[point] ?? NOWHERE;
      if (other !== NOWHERE && (glands.areaPx[other] ?? 0) <= (glands.areaPx[gland] ?? 0)) return;
      if (isInside(glands, gland, { x, y })) inGland[point] = gland;
    });
    if (gland % GLANDS_AT_ONCE === GLANDS_AT_ONCE - 1) yield;
  }
  return inGland;
}

/**
 * How many points each area encloses; where areas overlap a point counts in each of them. Borrows all.
 * @param points x, y pairs, level-0 px @returns [areas.count]
 */
export function* countsIn(points: Float64Array, areas: ObjectColumns): Pausing<Float32Array<ArrayBuffer>> {
  const counts = new Float32Array(areas.count);
  const cells = new PointCells(points);
  yield;
  for (let area = 0; area < areas.count; area++) {
    const [x0, y0, x1, y1] = boxOf(areas, area);
    let count = 0;
    cells.within(x0, y0, x1, y1, (_, x, y) => {
      if (isInside(areas, area, { x, y })) count++;
    });
    counts[area] = count;
    if (area % GLANDS_AT_ONCE === GLANDS_AT_ONCE - 1) yield;
  }
  return counts;
}

/** How many members each gland has. @param inGland of glandsAround */
export function membersOf(inGland: Int32Array, glands: number): Float32Array<ArrayBuffer> {
  const members = new Float32Array(glands);
  for (const gland of inGland) if (gland !== NOWHERE) members[gland] = (members[gland] ?? 0) + 1;
  return members;
}

/** Of each gland the share that its lumina take, 0 to 1. @param inGland of the lumina */
export function lumenShares(
  inGland: Int32Array,
  lumina: ObjectColumns,
  glands: ObjectColumns,
): Float32Array<ArrayBuffer> {
  const sums = new Float64Array(glands.count);
  for (let lumen = 0; lumen < lumina.count; lumen++) {
    const gland = inGland[lumen] ?? NOWHERE;
    if (gland !== NOWHERE) sums[gland] = (sums[gland] ?? 0) + (lumina.areaPx[lumen] ?? 0);
  }
  return Float32Array.from(sums, (sum, gland) => Math.min(1, sum / (glands.areaPx[gland] ?? Number.NaN)));
}

/** x0, y0, x1, y1, level-0 px. */
function boxOf({ centroid, ring, ringStart, ringUnit }: ObjectColumns, row: number): [number, number, number, number] {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  const end = ringStart[row + 1] ?? 0;
  for (let v = ringStart[row] ?? 0; v < end; v++) {
    const [x, y] = [ring[2 * v] ?? 0, ring[2 * v + 1] ?? 0];
    x0 = Math.min(x0, x);
    x1 = Math.max(x1, x);
    y0 = Math.min(y0, y);
    y1 = Math.max(y1, y);
  }
  const [cx, cy] = [centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0];
  return [cx + x0 * ringUnit, cy + y0 * ringUnit, cx + x1 * ringUnit, cy + y1 * ringUnit];
}

/** Points by the cell of a grid that they lie in: one sort by counting. */
class PointCells {
  readonly #points: Float64Array;
  readonly #order: Uint32Array; // points, cell by cell
  readonly #start: Uint32Array; // [cells + 1] into `order`
  readonly #x0: number;
  readonly #y0: number;
  readonly #side: number; //       level-0 px
  readonly #cols: number;
  readonly #rows: number;

  constructor(points: Float64Array) {
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let k = 0; k < points.length; k += 2) {
      const [x, y] = [points[k] ?? 0, points[k + 1] ?? 0];
      x0 = Math.min(x0, x);
      x1 = Math.max(x1, x);
      y0 = Math.min(y0, y);
      y1 = Math.max(y1, y);
    }
    const [width, height] = points.length > 0 ? [x1 - x0, y1 - y0] : [0, 0];
    this.#points = points;
    this.#x0 = points.length > 0 ? x0 : 0;
    this.#y0 = points.length > 0 ? y0 : 0;
    this.#side = Math.max(CELL_PX, Math.sqrt((width * height) / MOST_CELLS), width / 2048, height / 2048);
    this.#cols = Math.floor(width / this.#side) + 1;
    this.#rows = Math.floor(height / this.#side) + 1;
    const count = points.length / 2;
    const start = new Uint32Array(this.#cols * this.#rows + 1);
    for (let k = 0; k < count; k++) {
      const cell = this.#cellOf(k);
      start[cell + 1] = (start[cell + 1] ?? 0) + 1;
    }
    for (let cell = 1; cell < start.length; cell++) start[cell] = (start[cell] ?? 0) + (start[cell - 1] ?? 0);
    const next = start.slice();
    const order = new Uint32Array(count);
    for (let k = 0; k < count; k++) {
      const cell = this.#cellOf(k);
      const at = next[cell] ?? 0;
      order[at] = k;
      next[cell] = at + 1;
    }
    this.#order = order;
    this.#start = start;
  }

  #cellOf(k: number): number {
    const col = Math.floor(((this.#points[2 * k] ?? 0) - this.#x0) / this.#side);
    const row = Math.floor(((this.#points[2 * k + 1] ?? 0) - this.#y0) / this.#side);
    return row * this.#cols + col;
  }

  /** Every point in a box, edges included. */
  within(x0: number, y0: number, x1: number, y1: number, tell: (point: number, x: number, y: number) => void): void {
    const cell = (at: number, origin: number, most: number): number =>
      Math.min(most - 1, Math.max(0, Math.floor((at - origin) / this.#side)));
    const [firstCol, lastCol] = [cell(x0, this.#x0, this.#cols), cell(x1, this.#x0, this.#cols)];
    const [firstRow, lastRow] = [cell(y0, this.#y0, this.#rows), cell(y1, this.#y0, this.#rows)];
    for (let row = firstRow; row <= lastRow; row++) {
      const end = this.#start[row * this.#cols + lastCol + 1] ?? 0;
      for (let k = this.#start[row * this.#cols + firstCol] ?? 0; k < end; k++) {
        const point = this.#order[k] ?? 0;
        const [x, y] = [this.#points[2 * point] ?? 0, this.#points[2 * point + 1] ?? 0];
        if (x >= x0 && x <= x1 && y >= y0 && y <= y1) tell(point, x, y);
      }
    }
  }
}
