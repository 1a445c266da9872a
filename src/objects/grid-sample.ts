// The value of a map at any point, by an index over its patches. Pure.
import { type FlatMap, type FlatPatch, patchesIn } from './flat-map.ts';

/** The value of the cell that a point lies in; NaN where the map has none. Of patches that overlap the first one says it. */
export type Sampled = (x: number, y: number) => number;

export function sampled(map: FlatMap): Sampled {
  let side = 1; // of a square of the index: no patch lies in more than four
  for (const { cols, rows, cellWidth, cellHeight } of patchesIn(map))
    side = Math.max(side, cols * cellWidth, rows * cellHeight);
  const squares = new Map<string, FlatPatch[]>();
  for (const patch of patchesIn(map)) {
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
      return map.values[patch.from + row * patch.cols + col] ?? Number.NaN;
    }
    return Number.NaN;
  };
}
