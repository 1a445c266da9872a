// Fat cells: Voronoi cells of a jittered grid, empty but for a thin membrane.
import { Field } from './anatomy.ts';
import type { FieldGrid } from './field-grid.ts';
import { hash } from './random.ts';

const FAT_GRID_UM = 64;

const siteX = (seed: number, i: number, j: number): number =>
  (i + 0.14 + (0.72 * (hash(seed, i, j, 95) & 0xffff)) / 65_536) * FAT_GRID_UM;
const siteY = (seed: number, i: number, j: number): number =>
  (j + 0.14 + (0.72 * (hash(seed, i, j, 95) >>> 16)) / 65_536) * FAT_GRID_UM;

/** The fat cells of a window: sites and whether each is one (its middle lies in fat). */
export class FatCells {
  readonly #i0: number;
  readonly #j0: number;
  readonly #columns: number;
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #fat: Uint8Array;
  /** Set by `locate`: distance to the membrane in µm, whether the cell is fat, and across which angle it lies. */
  away = 0;
  fat = false;
  normalX = 0;
  normalY = 0;

  constructor(seed: number, grid: FieldGrid, x: number, y: number, width: number, height: number) {
    this.#i0 = Math.floor(x / FAT_GRID_UM) - 2;
    this.#j0 = Math.floor(y / FAT_GRID_UM) - 2;
    this.#columns = Math.floor((x + width) / FAT_GRID_UM) + 3 - this.#i0;
    const rows = Math.floor((y + height) / FAT_GRID_UM) + 3 - this.#j0;
    const n = this.#columns * rows;
    this.#x = new Float64Array(n);
    this.#y = new Float64Array(n);
    this.#fat = new Uint8Array(n);
    for (let s = 0; s < n; s++) {
      const i = this.#i0 + (s % this.#columns);
      const j = this.#j0 + Math.floor(s / this.#columns);
      const sx = siteX(seed, i, j);
      const sy = siteY(seed, i, j);
      this.#x[s] = sx;
      this.#y[s] = sy;
      this.#fat[s] = grid.at(Field.fat, sx, sy) > 0.5 && grid.at(Field.tissue, sx, sy) > 20 ? 1 : 0;
    }
  }

  locate(x: number, y: number): void {
    const i = Math.floor(x / FAT_GRID_UM) - this.#i0;
    const j = Math.floor(y / FAT_GRID_UM) - this.#j0;
    let first = Infinity;
    let second = Infinity;
    let a = 0;
    let b = 0;
    for (let q = j - 1; q <= j + 1; q++) {
      for (let p = i - 1; p <= i + 1; p++) {
        const s = q * this.#columns + p;
        const dx = (this.#x[s] ?? 0) - x;
        const dy = (this.#y[s] ?? 0) - y;
        const d = dx * dx + dy * dy;
        if (d < first) {
          second = first;
          b = a;
          first = d;
          a = s;
        } else if (d < second) {
          second = d;
          b = s;
        }
      }
    }
    const nx = (this.#x[b] ?? 0) - (this.#x[a] ?? 0);
    const ny = (this.#y[b] ?? 0) - (this.#y[a] ?? 0);
    const apart = Math.hypot(nx, ny);
    this.away = (second - first) / (2 * apart);
    this.fat = this.#fat[a] === 1;
    this.normalX = nx / apart;
    this.normalY = ny / apart;
  }
}

/** Distance of a point to its fat cell's membrane and the membrane's direction; undefined where the cell is no fat cell. */
export function adipocyteEdge(
  seed: number,
  grid: FieldGrid,
  x: number,
  y: number,
): { away: number; angle: number } | undefined {
  const cells = new FatCells(seed, grid, x, y, 0, 0);
  cells.locate(x, y);
  if (!cells.fat) return undefined;
  return { away: cells.away, angle: Math.atan2(cells.normalX, -cells.normalY) };
}
