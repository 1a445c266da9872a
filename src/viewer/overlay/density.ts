// Objects as density: how many centroids lie in each cell of a grid anchored at the slide's origin. Pure.
import type { LegendStep } from '../viewer-api.ts';
import { stepsOf } from './colormaps.ts';
import type { FarRows } from './far.ts';
import { HIDDEN } from './groups.ts';

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

/** Objects far off the slide would ask for more cells than memory has: cells are then larger, and the legend says so. */
const MOST_CELLS = 4_000_000;

/** @param groups [n], HIDDEN: not counted */
export function densityOf(rows: FarRows, groups: Uint8Array, cellPx: number): Density {
  const { centroid, count } = rows;
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < count; i++) {
    if (groups[i] === HIDDEN) continue;
    const [x, y] = [centroid[2 * i] ?? 0, centroid[2 * i + 1] ?? 0];
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  const empty = { cellPx, x: 0, y: 0, cols: 0, rows: 0, counts: new Uint32Array(0), most: 10 };
  if (x1 < x0) return empty;
  const [c0, r0] = [Math.floor(x0 / cellPx), Math.floor(y0 / cellPx)];
  const [cols, lines] = [Math.floor(x1 / cellPx) - c0 + 1, Math.floor(y1 / cellPx) - r0 + 1];
  if (cols * lines > MOST_CELLS) return densityOf(rows, groups, 2 * cellPx);
  const counts = new Uint32Array(cols * lines);
  for (let i = 0; i < count; i++) {
    if (groups[i] === HIDDEN) continue;
    const col = Math.floor((centroid[2 * i] ?? 0) / cellPx) - c0;
    const cell = (Math.floor((centroid[2 * i + 1] ?? 0) / cellPx) - r0) * cols + col;
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const filled = counts.filter((seen) => seen > 0).sort();
  const most = Math.max(10, roundedUp(filled[Math.floor(0.99 * (filled.length - 1))] ?? 1));
  return { cellPx, x: c0 * cellPx, y: r0 * cellPx, cols, rows: lines, counts, most };
}

/** Objects per mm² that one object a cell stands for; 1 (per cell) while uncalibrated. */
export const perMm2 = (cellPx: number, um2PerPx2: number | undefined): number =>
  um2PerPx2 === undefined ? 1 : 1e6 / (cellPx * cellPx * um2PerPx2);

/** @param um2PerPx2 µm² of a level-0 px */
export const densitySteps = (
  density: Pick<Density, 'cellPx' | 'most'>,
  um2PerPx2: number | undefined,
): readonly LegendStep[] => {
  const factor = (density.most * perMm2(density.cellPx, um2PerPx2)) / 10;
  return stepsOf('viridis').map((color, step) => ({ color, from: step * factor, to: (step + 1) * factor }));
};
