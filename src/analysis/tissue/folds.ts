// Folds: where the tissue lies double. By Beer and Lambert's law the same tissue twice has twice the optical density in
// every channel, so a fold is darker and more saturated and keeps its hue, and the same tissue lies on both of its sides.
// Tissue that is dark by itself (lymphocytes, epidermis) takes up more haematoxylin: its red density grows far more than the
// others; or it lies between two kinds. Darker and more saturated as the sign of a fold: Kothari et al., J Pathol Inform
// 2013, 4:22.
import { labelComponents } from '../postprocess/components.ts';
import { type CellColours, DENSITY } from './colours.ts';
import { type CellMask, smoothed } from './morphology.ts';

const LEAST_UM = 6; //         side of a cell: finer ones show nuclei, and of an unknown size folds are not looked for
const AROUND = 32; //          cells on each side that a cell is compared with: ± 0.25 mm at 8 µm a cell
const DARKER = 1.4; //         times the mean density of the tissue around
const LEAST_CELLS = 60;
const LEAST_SLENDER = 8; //    perimeter² / (4 × area): the length of a strip in widths, about 5 for a disc of cells
const WIDEST = 24; //          cells across
const LEAST_CROSSED = 0.5; //  of the lines across it have tissue on both sides
const ASIDE = [2, 3, 4] as const; // cells from its edge that count as its side
const TWICE = 1.45; //         times its sides, at least, in every channel
const SAME_HUE = 1.35; //      the largest of these three factors over the smallest, at most
const SAME_SIDES = 1.35; //    the denser of its sides over the paler, at most

/** @param tissue [rows × cols] what counts as tissue; @returns [rows × cols] 1 is a fold */
export function foldsOf({ rgb, cellUm, cols, rows }: CellColours, tissue: Uint8Array): CellMask {
  if (cellUm === undefined || cellUm < LEAST_UM) return new Uint8Array(cols * rows);
  const density = new Float32Array(cols * rows);
  for (let i = 0; i < density.length; i++) {
    if (tissue[i] === 1) density[i] = densityOf(rgb, i, 0) + densityOf(rgb, i, 1) + densityOf(rgb, i, 2);
  }
  const [sum, count] = [integralOf(density, cols, rows), integralOf(tissue, cols, rows)];
  const dark = new Uint8Array(cols * rows);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++, i++) {
      if (tissue[i] !== 1) continue;
      const mean = boxSum(sum, cols, rows, col, row, AROUND) / boxSum(count, cols, rows, col, row, AROUND);
      dark[i] = Number((density[i] ?? 0) >= DARKER * mean);
    }
  }
  const calm = smoothed(dark, cols, rows);
  const { labels, areas, count: found } = labelComponents(calm, cols, rows);
  const kept = new Uint8Array(found + 1);
  const plain = tissue.map((cell, i) => (dark[i] === 1 ? 0 : cell));
  const crossings = new Crossings(rgb, labels, plain, found);
  for (let row = 0; row < rows; row++) crossings.line(0, row * cols, 1, cols);
  for (let col = 0; col < cols; col++) crossings.line(1, col, cols, rows);
  const lengths = edgesOf(labels, cols, rows, found);
  for (let label = 1; label <= found; label++) {
    const area = areas[label] ?? 0;
    const isStrip = area >= LEAST_CELLS && (lengths[label] ?? 0) ** 2 / (4 * area) >= LEAST_SLENDER;
    kept[label] = Number(isStrip && isTwice(crossings.of(label)));
  }
  return Uint8Array.from(labels, (label) => kept[label] ?? 0);
}

const densityOf = (rgb: Uint8Array, cell: number, channel: number): number =>
  DENSITY[rgb[3 * cell + channel] ?? 255] ?? 0;

/** One line across a piece: how dense it and its two sides are, by channel. */
interface Crossing {
  readonly within: readonly number[];
  readonly sides: readonly [readonly number[], readonly number[]];
}

/** Whether each channel's density is about twice that of the tissue on both sides, which is the same tissue. */
function isTwice(crossings: readonly (Crossing | undefined)[]): boolean {
  const whole = crossings.filter((crossing) => crossing !== undefined);
  if (whole.length === 0 || whole.length < LEAST_CROSSED * crossings.length) return false;
  const sums = whole.map(({ sides: [a, b] }) => [sumOf(a), sumOf(b)] as const);
  if (median(sums.map(([a, b]) => Math.max(a, b) / Math.max(0.01, Math.min(a, b)))) > SAME_SIDES) return false;
  const factors = [0, 1, 2].map((channel) =>
    median(
      whole.map(({ within, sides: [a, b] }) => {
        const beside = ((a[channel] ?? 0) + (b[channel] ?? 0)) / 2;
        return (within[channel] ?? 0) / Math.max(0.01, beside);
      }),
    ),
  );
  const least = Math.min(...factors);
  return least >= TWICE && Math.max(...factors) <= SAME_HUE * least;
}

/** Lines across every piece, along rows or along columns, whichever are the shorter; undefined where a side is no tissue. */
class Crossings {
  readonly #of: (Crossing | undefined)[][][]; // [along rows, along columns] by piece
  readonly #length: readonly [Float64Array, Float64Array]; // of all lines, cells

  constructor(
    readonly rgb: Uint8Array,
    readonly labels: Int32Array,
    readonly plain: Uint8Array, // tissue that is not dark
    count: number,
  ) {
    this.#of = [0, 1].map(() => Array.from({ length: count + 1 }, () => []));
    this.#length = [new Float64Array(count + 1), new Float64Array(count + 1)];
  }

  /** Cells `from`, `from + step`, ... of one row or column. */
  line(direction: 0 | 1, from: number, step: number, length: number): void {
    for (let k = 0; k < length; k++) {
      const label = this.labels[from + k * step] ?? 0;
      if (label === 0) continue;
      const first = k;
      while (k < length && this.labels[from + k * step] === label) k++;
      this.#of[direction]?.[label]?.push(this.#crossing(from, step, length, first, k));
      const lengths = this.#length[direction];
      lengths[label] = (lengths[label] ?? 0) + k - first;
    }
  }

  #crossing(from: number, step: number, length: number, first: number, end: number): Crossing | undefined {
    if (end - first > WIDEST) return undefined;
    const before = ASIDE.map((aside) => first - aside);
    const after = ASIDE.map((aside) => end - 1 + aside);
    const isPlain = (k: number): boolean => k >= 0 && k < length && this.plain[from + k * step] === 1;
    if (![...before, ...after].every(isPlain)) return undefined;
    const middle = Math.floor((first + end - 1) / 2);
    const mean = (places: readonly number[]): number[] =>
      [0, 1, 2].map((channel) => {
        const sum = places.reduce((all, k) => all + densityOf(this.rgb, from + k * step, channel), 0);
        return sum / places.length;
      });
    return { within: mean([middle, Math.ceil((first + end - 1) / 2)]), sides: [mean(before), mean(after)] };
  }

  of(label: number): readonly (Crossing | undefined)[] {
    const mean = (direction: 0 | 1): number =>
      (this.#length[direction][label] ?? 0) / (this.#of[direction]?.[label]?.length ?? 1);
    return this.#of[mean(0) <= mean(1) ? 0 : 1]?.[label] ?? [];
  }
}

const sumOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Of each piece, how many sides of its cells are its edge. */
function edgesOf(labels: Int32Array, cols: number, rows: number, count: number): Int32Array {
  const edges = new Int32Array(count + 1);
  for (let row = 0, i = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++, i++) {
      const label = labels[i] ?? 0;
      if (label === 0) continue;
      const same =
        Number(col > 0 && labels[i - 1] === label) +
        Number(col + 1 < cols && labels[i + 1] === label) +
        Number(row > 0 && labels[i - cols] === label) +
        Number(row + 1 < rows && labels[i + cols] === label);
      edges[label] = (edges[label] ?? 0) + 4 - same;
    }
  }
  return edges;
}

/** [(rows + 1) × (cols + 1)] sums of all cells above and to the left. */
function integralOf(values: ArrayLike<number>, cols: number, rows: number): Float64Array {
  const sums = new Float64Array((rows + 1) * (cols + 1));
  for (let row = 0; row < rows; row++) {
    let across = 0;
    for (let col = 0; col < cols; col++) {
      across += values[row * cols + col] ?? 0;
      sums[(row + 1) * (cols + 1) + col + 1] = (sums[row * (cols + 1) + col + 1] ?? 0) + across;
    }
  }
  return sums;
}

function boxSum(sums: Float64Array, cols: number, rows: number, col: number, row: number, reach: number): number {
  const [left, right] = [Math.max(0, col - reach), Math.min(cols, col + reach + 1)];
  const [top, bottom] = [Math.max(0, row - reach) * (cols + 1), Math.min(rows, row + reach + 1) * (cols + 1)];
  return (sums[bottom + right] ?? 0) - (sums[top + right] ?? 0) - (sums[bottom + left] ?? 0) + (sums[top + left] ?? 0);
}
