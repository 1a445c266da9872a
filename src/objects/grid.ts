import type { Point } from '#units/rect.ts';
import type { ObjectClass } from './columns.ts';

/** Values of one patch's cells. Frame: level-0 px; cells may be fractional in size. NaN where there is no tissue. */
export interface GridPatch {
  readonly x: number; //          level-0 px of the first cell's top left corner
  readonly y: number;
  readonly cellWidth: number; //  level-0 px
  readonly cellHeight: number;
  readonly cols: number;
  readonly rows: number;
  readonly values: Float32Array<ArrayBuffer>; // [channels × rows × cols], channel-major
}

/** A map of values over the slide: tissue classes (one channel a class) or attention (one channel). */
export interface ValueGrid {
  readonly name: string;
  readonly channels: readonly ObjectClass[];
  readonly patches: readonly GridPatch[];
}

/** The same cells of the same classes, by whatever name. */
export const isSameGrid = (a: ValueGrid | undefined, b: ValueGrid | undefined): boolean =>
  a?.patches === b?.patches && a?.channels === b?.channels;

/** The values of the cell that a point lies in, one a channel; undefined where the map has none. @param at level-0 px */
export function valuesAt({ channels, patches }: ValueGrid, { x, y }: Point): number[] | undefined {
  for (const { x: left, y: top, cellWidth, cellHeight, cols, rows, values } of patches) {
    const col = Math.floor((x - left) / cellWidth);
    const row = Math.floor((y - top) / cellHeight);
    if (col < 0 || row < 0 || col >= cols || row >= rows) continue;
    return channels.map((_, channel) => values[(channel * rows + row) * cols + col] ?? Number.NaN);
  }
  return undefined;
}
