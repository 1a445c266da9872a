// One channel of a map in two arrays: what goes to a worker and back without an object a patch. Pure.
import type { Point } from '#units/rect.ts';
import type { GridPatch, ValueGrid } from './grid.ts';

export interface FlatMap {
  readonly heads: Float64Array<ArrayBuffer>; //  [patches × 6] x, y, width and height of a cell, columns, rows; level-0 px
  readonly values: Float32Array<ArrayBuffer>; // patch by patch, [rows × columns]
}

export const HEAD = 6; // numbers of a patch

/** Where patches lie and how they are cut, as FlatMap has it. */
export function headsOf(patches: readonly GridPatch[]): Float64Array<ArrayBuffer> {
  const heads = new Float64Array(HEAD * patches.length);
  let at = 0;
  for (const { x, y, cellWidth, cellHeight, cols, rows } of patches) {
    heads.set([x, y, cellWidth, cellHeight, cols, rows], at);
    at += HEAD;
  }
  return heads;
}

/** A copy of one channel. */
export function flatOf({ patches }: ValueGrid, channel: number): FlatMap {
  const values = new Float32Array(patches.reduce((sum, { cols, rows }) => sum + cols * rows, 0));
  let at = 0;
  for (const { cols, rows, values: of } of patches) {
    const cells = cols * rows;
    values.set(of.subarray(channel * cells, (channel + 1) * cells), at);
    at += cells;
  }
  return { heads: headsOf(patches), values };
}

/** One value a box: boxes [n × 4] x, y, width, height, level-0 px. The values are taken over. */
export function flatOfBoxes(boxes: Float32Array, values: Float32Array<ArrayBuffer>): FlatMap {
  const heads = new Float64Array(HEAD * values.length).fill(1);
  for (let k = 0; k < values.length; k++)
    for (let part = 0; part < 4; part++) heads[HEAD * k + part] = boxes[4 * k + part] ?? 0;
  return { heads, values };
}

/** A patch of a flat map, and where its values begin. */
export interface FlatPatch extends Omit<GridPatch, 'values'> {
  readonly from: number;
}

export function* patchesIn({ heads }: FlatMap): Generator<FlatPatch> {
  let from = 0;
  for (let at = 0; at < heads.length; at += HEAD) {
    const part = (k: number): number => heads[at + k] ?? 0;
    const [cols, rows] = [part(4), part(5)];
    yield { x: part(0), y: part(1), cellWidth: part(2), cellHeight: part(3), cols, rows, from };
    from += cols * rows;
  }
}

/** As the map of one channel that others know; its values stay where they are. */
export function gridOfFlat(flat: FlatMap, name: string, channel: string): ValueGrid {
  const patches = Array.from(
    patchesIn(flat),
    ({ x, y, cellWidth, cellHeight, cols, rows, from }): GridPatch => ({
      ...{ x, y, cellWidth, cellHeight, cols, rows },
      values: flat.values.subarray(from, from + cols * rows),
    }),
  );
  return { name, channels: [{ name: channel, color: '#808080' }], patches };
}

/** The value of the cell that a point lies in; NaN where the map has none. Of patches that overlap the first one says it. */
export function flatValueAt({ heads, values }: FlatMap, { x, y }: Point): number {
  let from = 0;
  for (let at = 0; at < heads.length; at += HEAD) {
    const [cols, rows] = [heads[at + 4] ?? 0, heads[at + 5] ?? 0];
    const col = Math.floor((x - (heads[at] ?? 0)) / (heads[at + 2] ?? 1));
    const row = Math.floor((y - (heads[at + 1] ?? 0)) / (heads[at + 3] ?? 1));
    if (col >= 0 && row >= 0 && col < cols && row < rows) return values[from + row * cols + col] ?? Number.NaN;
    from += cols * rows;
  }
  return Number.NaN;
}
