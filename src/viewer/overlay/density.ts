// Objects as density: how many centroids lie in each cell of a grid anchored at the slide's origin. Pure.
import type { ObjectColumns } from '#objects/columns.ts';
import type { LegendStep, ObjectSource } from '../viewer-api.ts';
import { stepsOf } from './colormaps.ts';

/** Counts by cell. Cells are squares on multiples of `cellPx`, so that they stay on the tissue while the view moves. */
export interface Density {
  readonly cellPx: number; // level-0 px
  readonly x: number; //      level-0 px of the first cell's top left corner
  readonly y: number;
  readonly cols: number;
  readonly rows: number;
  readonly counts: Uint32Array; // [rows × cols]
  /** Counts from here on take the last step: the 99th percentile of cells with anything in them, rounded up to 1-2-5. */
  readonly most: number;
}

/** The smallest power of two of level-0 px that is at least 8 screen px wide. */
export const cellFor = (zoom: number): number => 2 ** Math.ceil(Math.log2(8 / zoom));

function roundedUp(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return ([1, 2, 5].find((step) => step * decade >= value) ?? 10) * decade;
}

/** Cells beyond this many are not counted: a guard against objects far off the slide. */
const MOST_CELLS = 4_000_000;

export function densityOf(
  { columns, isGone }: Pick<ObjectSource, 'columns' | 'isGone'>,
  classShown: readonly boolean[],
  cellPx: number,
): Density {
  const rows = shownRows(columns, isGone, classShown);
  const at = (row: number, axis: 0 | 1): number => Math.floor((columns.centroid[2 * row + axis] ?? 0) / cellPx);
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const row of rows) {
    const [col, line] = [at(row, 0), at(row, 1)];
    x0 = Math.min(x0, col);
    x1 = Math.max(x1, col);
    y0 = Math.min(y0, line);
    y1 = Math.max(y1, line);
  }
  const empty = { cellPx, x: 0, y: 0, cols: 0, rows: 0, counts: new Uint32Array(0), most: 10 };
  if (rows.length === 0) return empty;
  const [cols, lines] = [x1 - x0 + 1, y1 - y0 + 1];
  if (cols * lines > MOST_CELLS) return empty;
  const counts = new Uint32Array(cols * lines);
  for (const row of rows) {
    const cell = (at(row, 1) - y0) * cols + (at(row, 0) - x0);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const filled = counts.filter((count) => count > 0).sort();
  const most = Math.max(10, roundedUp(filled[Math.floor(0.99 * (filled.length - 1))] ?? 1));
  return { cellPx, x: x0 * cellPx, y: y0 * cellPx, cols, rows: lines, counts, most };
}

function shownRows(
  columns: ObjectColumns,
  isGone: Uint8Array | undefined,
  classShown: readonly boolean[],
): Uint32Array {
  const rows = new Uint32Array(columns.count);
  let n = 0;
  for (let row = 0; row < columns.count; row++) {
    if (isGone?.[row] !== 1 && classShown[columns.classIndex[row] ?? 0] !== false) rows[n++] = row;
  }
  return rows.subarray(0, n);
}

/** Objects per mm² that one object a cell stands for; 1 (per cell) while uncalibrated. */
export const perMm2 = (cellPx: number, um2PerPx2: number | undefined): number =>
  um2PerPx2 === undefined ? 1 : 1e6 / (cellPx * cellPx * um2PerPx2);

/** @param um2PerPx2 µm² of a level-0 px */
export const densitySteps = (density: Density, um2PerPx2: number | undefined): readonly LegendStep[] => {
  const factor = (density.most * perMm2(density.cellPx, um2PerPx2)) / 10;
  return stepsOf('viridis').map((color, step) => ({ color, from: step * factor, to: (step + 1) * factor }));
};
