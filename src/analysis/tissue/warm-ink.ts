// Pen marks in red and brown. Eosin, blood and DAB come near to such inks by colour, but none is as even: ink is a film out
// of focus, tissue is grained.
import { type CellColours, DENSITY } from './colours.ts';
import { type CellMask, reachedFrom, smoothed, withoutSpecks } from './morphology.ts';

// Optical densities (base 10) of a cell's mean colour, as shares of green's. Eosin absorbs blue 0.11 times as much as green
// (Ruifrok and Johnston, 2001), scanned tissue and blood up to 0.8 times; red inks let red alone through. Brown inks absorb
// blue more than green, as DAB does.
const RED = { leastGreen: 0.5, leastBlue: 0.85, mostRed: 0.45 } as const;
const DEEP_RED = { leastGreen: 0.9, leastBlue: 0.7, mostRed: 0.35 } as const; // denser than a section is
const BROWN = { leastGreen: 0.35, leastBlue: 1.05, mostRed: 0.8 } as const;
const MOST_GRAIN = 0.08; //   standard deviation over mean of the density of the cells around. Tissue as dense: 0.22 as a rule
const AROUND = 2; //          cells on each side
const FINE_UM = 4; //         a cell; where the slide does not say how large its pixels are
const FINE_PX = 16; //        it may be a picture: level-0 px
const LEAST_CELLS = 60; //    about 0.06 × 0.06 mm at 8 µm a cell. 1,575 pictures of tissue without ink had two at most
// Where ink lies over tissue there is more density than on glass, not less, and more of tissue's colour in it.
const JOINED = { density: 0.75, blueToGreen: 0.6 } as const; // of the ink's own on glass, at least

/**
 * [rows × cols] 1 is ink. What is even and as red or brown as ink cannot be told from it. None in a picture with finer cells,
 * where tissue is as even, and no pen fits in.
 */
export function warmInkOf({ rgb, cols, rows, cellPx, cellUm }: CellColours): CellMask {
  const warm = new Uint8Array(cols * rows);
  const density = new Float32Array(cols * rows);
  for (let i = 0; i < warm.length; i++) {
    const [r, g, b] = densitiesAt(rgb, i);
    density[i] = r + g + b;
    warm[i] = Number(isOf(RED, r, g, b) || isOf(DEEP_RED, r, g, b) || isOf(BROWN, r, g, b));
  }
  const none = new Uint8Array(cols * rows);
  const isFine = cellUm === undefined ? cellPx < FINE_PX : cellUm < FINE_UM;
  if (isFine || !warm.includes(1)) return none;
  const grain = grainOf(density, cols, rows);
  const even = warm.map((cell, i) => Number(cell === 1 && (grain[i] ?? 1) <= MOST_GRAIN));
  const seeds = withoutSpecks(smoothed(even, cols, rows), cols, rows, LEAST_CELLS);
  let [count, green, blue] = [0, 0, 0];
  for (const [i, seed] of seeds.entries()) {
    if (seed === 0) continue;
    const [, g, b] = densitiesAt(rgb, i);
    count++;
    green += g;
    blue += b;
  }
  if (count === 0) return none;
  const joined = warm.map((_, i) => {
    const [, g, b] = densitiesAt(rgb, i);
    const isDense = g >= (JOINED.density * green) / count && b >= (JOINED.density * blue) / count;
    return Number(isDense && b * green >= JOINED.blueToGreen * blue * g);
  });
  return reachedFrom(seeds, joined, cols, rows);
}

const isOf = (ink: typeof RED | typeof DEEP_RED | typeof BROWN, r: number, g: number, b: number): boolean =>
  g >= ink.leastGreen && b >= ink.leastBlue * g && r <= ink.mostRed * g;

const densitiesAt = (rgb: Uint8Array, i: number): [r: number, g: number, b: number] => [
  DENSITY[rgb[3 * i] ?? 255] ?? 0,
  DENSITY[rgb[3 * i + 1] ?? 255] ?? 0,
  DENSITY[rgb[3 * i + 2] ?? 255] ?? 0,
];

/** [rows × cols] standard deviation over mean in the square around each cell, cut at the edges. */
function grainOf(density: Float32Array, cols: number, rows: number): Float32Array {
  const wide = cols + 1;
  const sums = new Float64Array(wide * (rows + 1)); //    of all cells above and to the left
  const squares = new Float64Array(wide * (rows + 1));
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      const value = density[row * cols + col] ?? 0;
      const at = (row + 1) * wide + col + 1;
      for (const [table, add] of [
        [sums, value],
        [squares, value * value],
      ] as const)
        table[at] = add + (table[at - 1] ?? 0) + (table[at - wide] ?? 0) - (table[at - wide - 1] ?? 0);
    }
  }
  const grain = new Float32Array(cols * rows);
  for (let row = 0; row < rows; row++) {
    const [top, end] = [Math.max(0, row - AROUND) * wide, Math.min(rows, row + AROUND + 1) * wide];
    for (let col = 0; col < cols; col++) {
      const [from, to] = [Math.max(0, col - AROUND), Math.min(cols, col + AROUND + 1)];
      const cells = ((end - top) / wide) * (to - from);
      const over = (table: Float64Array): number =>
        ((table[end + to] ?? 0) - (table[end + from] ?? 0) - (table[top + to] ?? 0) + (table[top + from] ?? 0)) / cells;
      const mean = over(sums);
      grain[row * cols + col] = Math.sqrt(Math.max(0, over(squares) - mean * mean)) / Math.max(mean, 1e-6);
    }
  }
  return grain;
}
