// The value of a map at any point, by an index over its patches. Pure.
import type { GridPatch, ValueGrid } from './grid.ts';

/** One channel of a map. */
export interface MapChannel {
  readonly grid: ValueGrid;
  readonly channel: number;
}

/** One value a box as a map of one channel: boxes [n × 4] x, y, width, height, values [n]. Level-0 px. */
export function gridOfBoxes(name: string, boxes: Float32Array, values: Float32Array): ValueGrid {
  const patches = Array.from(values, (value, i): GridPatch => {
    const [x = 0, y = 0, cellWidth = 0, cellHeight = 0] = boxes.subarray(4 * i, 4 * i + 4);
    return { x, y, cellWidth, cellHeight, cols: 1, rows: 1, values: Float32Array.of(value) };
  });
  return { name, channels: [{ name, color: '#808080' }], patches };
}

/** The value of the cell that a point lies in; NaN where the map has none. Of patches that overlap the first one says it. */
export type Sampled = (x: number, y: number) => number;

export function sampled({ grid, channel }: MapChannel): Sampled {
  const { patches } = grid;
  let side = 1; // of a square of the index: no patch lies in more than four
  for (const { cols, rows, cellWidth, cellHeight } of patches)
    side = Math.max(side, cols * cellWidth, rows * cellHeight);
  const squares = new Map<string, GridPatch[]>();
  for (const patch of patches) {
    const { x, y, cols, rows, cellWidth, cellHeight } = patch;
    for (let col = Math.floor(x / side); col <= Math.floor((x + cols * cellWidth) / side); col++)
      for (let row = Math.floor(y / side); row <= Math.floor((y + rows * cellHeight) / side); row++) {
        const key = `${col},${row}`;
        const held = squares.get(key);
        if (held) held.push(patch);
        else squares.set(key, [patch]);
      }
  }
  return (x, y) => {
    for (const patch of squares.get(`${Math.floor(x / side)},${Math.floor(y / side)}`) ?? []) {
      const col = Math.floor((x - patch.x) / patch.cellWidth);
      const row = Math.floor((y - patch.y) / patch.cellHeight);
      if (col < 0 || row < 0 || col >= patch.cols || row >= patch.rows) continue;
      return patch.values[(channel * patch.rows + row) * patch.cols + col] ?? Number.NaN;
    }
    return Number.NaN;
  };
}
