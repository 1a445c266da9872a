// Objects as a map: how many centroids lie in each cell of a grid anchored at the slide's origin, and what a measure of theirs
// comes to on the mean. By tiles of cells, for a slide is mostly glass. Pure.
import type { LegendStep } from '../viewer-api.ts';
import { stepsOf } from './colormaps.ts';
import type { FarRows } from './far.ts';
import { HIDDEN } from './groups.ts';

export const CELLS = 256; // of a tile's side

/** Of a cell, what must have been looked at to count for those around it: with less it may hold objects that a file brought. */
const LEAST_SHARE = 0.1;
/** Of a cell, what a density of its own takes: over less, a few objects would make the brightest cells of the map. */
const OWN_SHARE = 0.5;

/**
 * How much of each cell lies in any of some parts, 0 to 1.
 * @param tile places of its cells, in tiles @param parts [n × 4] x, y, width, height, level-0 px, disjoint
 * @returns [CELLS × CELLS], row-major
 */
export function sharesInside(
  tile: Pick<DensityTile, 'col' | 'row'>,
  cellPx: number,
  parts: Float32Array,
): Float32Array<ArrayBuffer> {
  const shares = new Float32Array(CELLS * CELLS);
  eachWithin(tile, cellPx, parts, (cell, _x, _y, width, height) => {
    shares[cell] = (shares[cell] ?? 0) + width * height;
  });
  return shares;
}

/** What of cells lies inside. */
export interface Fragments {
  readonly cells: Uint32Array; //  [n] of which cell
  readonly boxes: Float32Array; // [n × 4] x, y, width, height, in cells from the tile's corner
}

/** Of the cells that lie inside in part, those parts, where there is anything in them; and which cells are meant. */
export function fragmentsOf(
  tile: Pick<DensityTile, 'col' | 'row' | 'counts'>,
  cellPx: number,
  parts: Float32Array,
  shares: Float32Array,
): Fragments {
  const cells: number[] = [];
  const boxes: number[] = [];
  eachWithin(tile, cellPx, parts, (cell, x, y, width, height) => {
    if (tile.counts[cell] === 0 || !isCut(shares[cell] ?? 0)) return;
    cells.push(cell);
    boxes.push(x, y, width, height);
  });
  return { cells: Uint32Array.from(cells), boxes: Float32Array.from(boxes) };
}

const ROUNDED = 1e-3; // of a cell: what sums of shares may be off by

/** Whether a cell lies inside in part. */
export const isCut = (share: number): boolean => share > 0 && share < 1 - ROUNDED;

/** Tells of each cell of a tile and each part that lies in it, in cells from the tile's corner. */
function eachWithin(
  { col, row }: Pick<DensityTile, 'col' | 'row'>,
  cellPx: number,
  parts: Float32Array,
  tell: (cell: number, x: number, y: number, width: number, height: number) => void,
): void {
  for (let k = 0; k < parts.length; k += 4) {
    const [x0, y0] = [(parts[k] ?? 0) / cellPx - col * CELLS, (parts[k + 1] ?? 0) / cellPx - row * CELLS];
    const [x1, y1] = [x0 + (parts[k + 2] ?? 0) / cellPx, y0 + (parts[k + 3] ?? 0) / cellPx];
    for (let y = Math.max(0, Math.floor(y0)); y < Math.min(CELLS, y1); y++) {
      const top = Math.max(y0, y);
      const height = Math.min(y1, y + 1) - top;
      for (let x = Math.max(0, Math.floor(x0)); x < Math.min(CELLS, x1); x++) {
        const left = Math.max(x0, x);
        tell(y * CELLS + x, left, top, Math.min(x1, x + 1) - left, height);
      }
    }
  }
}

/**
 * Objects that each cell would hold if all of it lay inside: its count over its share. With less than half inside it has the
 * density of the smallest block around it (2 × 2 cells, 4 × 4, ...) whose parts come to half a cell; with nothing inside it is
 * taken whole: a file brought what it holds.
 * @param counts [CELLS × CELLS] @param shares as `sharesInside` gives them @returns [CELLS × CELLS]
 */
export function densitiesOf(counts: Uint32Array, shares: Float32Array): Float32Array<ArrayBuffer> {
  const densities = new Float32Array(counts); // most cells are empty; `from` with a function takes eight times as long
  for (let cell = 0; cell < counts.length; cell++) {
    const count = counts[cell] ?? 0;
    const share = shares[cell] ?? 0;
    if (count === 0 || share === 0) continue;
    densities[cell] = share < OWN_SHARE ? densityAround(counts, shares, cell) : count / share;
  }
  return densities;
}

function densityAround(counts: Uint32Array, shares: Float32Array, cell: number): number {
  const [x, y] = [cell % CELLS, Math.floor(cell / CELLS)];
  let [objects, area] = [0, 0];
  for (let side = 2; side <= CELLS && area < OWN_SHARE; side *= 2) {
    [objects, area] = [0, 0];
    const corner = (y - (y % side)) * CELLS + x - (x % side);
    for (let k = 0; k < side * side; k++) {
      const at = corner + Math.floor(k / side) * CELLS + (k % side);
      if ((shares[at] ?? 0) < LEAST_SHARE) continue;
      objects += counts[at] ?? 0;
      area += shares[at] ?? 0;
    }
  }
  return area > 0 ? objects / area : (counts[cell] ?? 0);
}

/** Of one tile, by cell, row-major. */
export interface DensityTile {
  readonly col: number; // tiles from the slide's origin; its cells begin at col × CELLS
  readonly row: number;
  readonly counts: Uint32Array; // [CELLS × CELLS]
  readonly means: Means | undefined;
}

/** Of a measure, for the objects whose value is known. */
interface Means {
  readonly known: Uint32Array; // [CELLS × CELLS] objects
  readonly sums: Float64Array; // [CELLS × CELLS]
}

/** All objects at one size of cell. Cells are squares on multiples of `cellPx`, so that they stay on the tissue while the view moves. */
export interface DensityLevel {
  readonly cellPx: number; // level-0 px
  readonly tiles: ReadonlyMap<number, DensityTile>; // those with anything in them
  readonly most: number; // the 99th percentile of the counts of cells with anything in them, 10 at least
}

/** The smallest power of two of level-0 px that is at least 8 screen px wide. */
export const cellFor = (zoom: number): number => 2 ** Math.ceil(Math.log2(8 / zoom));

/** Objects scattered far off the slide would ask for more than memory has: cells are then larger, and the legend says so. */
const MOST_TILES = 64;

const FAR_OFF = 2 ** 20; // keeps the keys of tiles before the origin apart
const keyOf = (col: number, row: number): number => (row + FAR_OFF) * 2 * FAR_OFF + (col + FAR_OFF);

function newTile(tiles: Map<number, DensityTile>, col: number, row: number, hasMeans: boolean): DensityTile {
  const n = CELLS * CELLS;
  const means = hasMeans ? { known: new Uint32Array(n), sums: new Float64Array(n) } : undefined;
  const tile: DensityTile = { col, row, counts: new Uint32Array(n), means };
  tiles.set(keyOf(col, row), tile);
  return tile;
}

/** Which cell each object lies in, at one size of cell: found once, counted as often as what is shown changes. */
export interface Places {
  readonly cellPx: number; // level-0 px
  readonly tiles: readonly Pick<DensityTile, 'col' | 'row'>[]; // MOST_TILES at most
  readonly at: Uint32Array; // [n] of all tiles' cells, one tile behind the other, each row-major
}

type Centroids = Pick<FarRows, 'count'> & { readonly centroid: ArrayLike<number> };

const ALL_CELLS = CELLS * CELLS;

export function placesOf(rows: Centroids, cellPx: number): Places {
  const { centroid, count } = rows;
  const at = new Uint32Array(count);
  const tiles: Pick<DensityTile, 'col' | 'row'>[] = [];
  const known = new Map<number, number>();
  let [number, col, row] = [-1, 0, 0]; // the tile of the object before
  for (let i = 0; i < count; i++) {
    const cellCol = Math.floor((centroid[2 * i] ?? 0) / cellPx);
    const cellRow = Math.floor((centroid[2 * i + 1] ?? 0) / cellPx);
    const tileCol = Math.floor(cellCol / CELLS);
    const tileRow = Math.floor(cellRow / CELLS);
    if (number < 0 || tileCol !== col || tileRow !== row) {
      col = tileCol;
      row = tileRow;
      number = known.get(keyOf(col, row)) ?? tiles.push({ col, row }) - 1;
      known.set(keyOf(col, row), number);
      if (tiles.length > MOST_TILES) return placesOf(rows, 2 * cellPx);
    }
    at[i] = number * ALL_CELLS + (cellRow - row * CELLS) * CELLS + cellCol - col * CELLS;
  }
  return { cellPx, tiles, at };
}

/**
 * @param groups [n], HIDDEN: not counted
 * @param values [n] of the measure, NaN where not known; undefined: objects are only counted
 */
export function countedLevel(
  { cellPx, tiles: places, at }: Places,
  groups: Uint8Array,
  values?: Float32Array | undefined,
): DensityLevel {
  const counts = new Uint32Array(places.length * ALL_CELLS);
  for (let i = 0; i < at.length; i++) {
    const cell = at[i] ?? 0;
    counts[cell] = (counts[cell] ?? 0) + Number(groups[i] !== HIDDEN); // no branch: a processor could not foresee it
  }
  const means = values && meansOf(at, groups, values, counts.length);
  const tiles = new Map<number, DensityTile>();
  for (const [number, { col, row }] of places.entries()) {
    const [from, to] = [number * ALL_CELLS, (number + 1) * ALL_CELLS];
    const own = counts.subarray(from, to);
    if (own.every((seen) => seen === 0)) continue;
    const ownMeans = means && { known: means.known.subarray(from, to), sums: means.sums.subarray(from, to) };
    tiles.set(keyOf(col, row), { col, row, counts: own, means: ownMeans });
  }
  return { cellPx, tiles, most: mostOf(tiles) };
}

function meansOf(at: Uint32Array, groups: Uint8Array, values: Float32Array, cells: number): Means {
  const means = { known: new Uint32Array(cells), sums: new Float64Array(cells) };
  for (let i = 0; i < at.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (groups[i] === HIDDEN || Number.isNaN(value)) continue;
    const cell = at[i] ?? 0;
    means.known[cell] = (means.known[cell] ?? 0) + 1;
    means.sums[cell] = (means.sums[cell] ?? 0) + value;
  }
  return means;
}

/** The level with cells twice as large: what counting anew would give, without a look at the objects. */
export function halvedLevel({ cellPx, tiles: finer }: DensityLevel): DensityLevel {
  const tiles = new Map<number, DensityTile>();
  for (const from of finer.values()) {
    const [col, row] = [Math.floor(from.col / 2), Math.floor(from.row / 2)];
    const to = tiles.get(keyOf(col, row)) ?? newTile(tiles, col, row, from.means !== undefined);
    const corner = ((from.row - 2 * row) * CELLS + (from.col - 2 * col)) * (CELLS / 2);
    for (let k = 0; k < CELLS * CELLS; k++) {
      const seen = from.counts[k] ?? 0;
      if (seen === 0) continue;
      const cell = corner + (Math.floor(k / CELLS) >> 1) * CELLS + ((k % CELLS) >> 1);
      to.counts[cell] = (to.counts[cell] ?? 0) + seen;
      if (!to.means || !from.means) continue;
      to.means.known[cell] = (to.means.known[cell] ?? 0) + (from.means.known[k] ?? 0);
      to.means.sums[cell] = (to.means.sums[cell] ?? 0) + (from.means.sums[k] ?? 0);
    }
  }
  return { cellPx: 2 * cellPx, tiles, most: mostOf(tiles) };
}

const LEAST_MOST = 10;

function mostOf(tiles: ReadonlyMap<number, DensityTile>): number {
  let [cells, highest] = [0, 0];
  for (const { counts } of tiles.values()) {
    for (const seen of counts) {
      if (seen === 0) continue;
      cells++;
      if (seen > highest) highest = seen;
    }
  }
  const cellsWith = new Uint32Array(highest + 1); // by count
  for (const { counts } of tiles.values()) for (const seen of counts) cellsWith[seen] = (cellsWith[seen] ?? 0) + 1;
  let left = Math.floor(0.99 * Math.max(0, cells - 1));
  let percentile = 1;
  while (percentile < highest && left >= (cellsWith[percentile] ?? 0)) left -= cellsWith[percentile++] ?? 0;
  return Math.max(LEAST_MOST, percentile);
}

const ROUND = [1, 1.5, 2, 3, 4, 5, 6, 8];

/** To a round number of its decade, at most half as large again; values below 1 to 1. */
export function roundedUp(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return (ROUND.find((step) => step * decade >= value) ?? 10) * decade;
}

/**
 * Objects of a cell from which on it takes the last step: the level's `most`, rounded up where people read it, per mm² or
 * per cell. @param um2PerPx2 µm² of a level-0 px; undefined while uncalibrated
 */
export function topOf({ cellPx, most }: Pick<DensityLevel, 'cellPx' | 'most'>, um2PerPx2: number | undefined): number {
  const each = perMm2(cellPx, um2PerPx2);
  return roundedUp(most * each) / each;
}

/** Objects per mm² that one object a cell stands for; 1 (per cell) while uncalibrated. */
const perMm2 = (cellPx: number, um2PerPx2: number | undefined): number =>
  um2PerPx2 === undefined ? 1 : 1e6 / (cellPx * cellPx * um2PerPx2);

/** @param um2PerPx2 µm² of a level-0 px */
export const densitySteps = (
  density: Pick<DensityLevel, 'cellPx' | 'most'>,
  um2PerPx2: number | undefined,
): readonly LegendStep[] => {
  const factor = (density.most * perMm2(density.cellPx, um2PerPx2)) / 10;
  return stepsOf('viridis').map((color, step) => ({ color, from: step * factor, to: (step + 1) * factor }));
};
