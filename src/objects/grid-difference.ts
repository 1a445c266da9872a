// One map less another, cell by cell. Pure.
import { firstWhere } from './first-where.ts';
import type { GridPatch, ValueGrid } from './grid.ts';
import { type MapChannel, type Sampled, sampled } from './grid-sample.ts';

export type DifferenceOf = 'values' | 'ranks';

export interface Difference {
  readonly grid: ValueGrid; // one channel: here less there, NaN where either has no value
  readonly most: number; //    98th percentile of its absolute values; 0 where no cell has one
  readonly here: MapChannel; // what was subtracted from what: values, or ranks
  readonly there: MapChannel;
}

const MOST = 0.98;

/**
 * On the cells of the map whose cells are smaller, of `here` where they are alike: the other map is looked up at the centre
 * of each. Cells of one cut are subtracted as they are, bit for bit.
 * @param by 'ranks': each value by its place among those of its own map, 0 to 1, equal ones by the middle of their places
 */
export function differenceOf(here: MapChannel, there: MapChannel, by: DifferenceOf, name: string): Difference {
  const [ours, theirs] = by === 'ranks' ? [ranked(here), ranked(there)] : [here, there];
  const isFiner = cellArea(theirs.grid) < cellArea(ours.grid) * (1 - 1e-6);
  const [base, other] = isFiner ? [theirs, ours] : [ours, theirs];
  const sign = isFiner ? -1 : 1;
  const alike = new Map(other.grid.patches.map((patch) => [cutOf(patch), patch]));
  let at: Sampled | undefined; // made for the first patch that is cut otherwise
  const patches = base.grid.patches.map((patch): GridPatch => {
    const { x, y, cols, rows, cellWidth, cellHeight } = patch;
    const cells = cols * rows;
    const own = patch.values.subarray(base.channel * cells, (base.channel + 1) * cells);
    const twin = alike.get(cutOf(patch))?.values.subarray(other.channel * cells, (other.channel + 1) * cells);
    if (!twin) at ??= sampled(other);
    const values = own.map((value, i) => {
      const col = i % cols;
      const seen = twin?.[i] ?? at?.(x + (col + 0.5) * cellWidth, y + ((i - col) / cols + 0.5) * cellHeight);
      return sign * (value - (seen ?? Number.NaN));
    });
    return { ...patch, values };
  });
  const channel = { name, color: '#808080' };
  return {
    grid: { name: 'Difference', channels: [channel], patches },
    most: mostOf(patches),
    here: ours,
    there: theirs,
  };
}

const cutOf = ({ x, y, cols, rows, cellWidth, cellHeight }: GridPatch): string =>
  `${x},${y},${cols},${rows},${cellWidth},${cellHeight}`;

const cellArea = ({ patches: [first] }: ValueGrid): number => (first ? first.cellWidth * first.cellHeight : 0);

/** All values of a channel that are not NaN, ascending. */
function sortedValues({ grid: { patches }, channel }: MapChannel): Float32Array<ArrayBuffer> {
  const all = new Float32Array(patches.reduce((sum, { cols, rows }) => sum + cols * rows, 0));
  let n = 0;
  for (const { cols, rows, values } of patches)
    for (const value of values.subarray(channel * cols * rows, (channel + 1) * cols * rows))
      if (!Number.isNaN(value)) all[n++] = value;
  return all.subarray(0, n).sort();
}

/** One channel: the place of each value, 0 for the least to 1 for the greatest. */
function ranked({ grid, channel }: MapChannel): MapChannel {
  const sorted = sortedValues({ grid, channel });
  const last = Math.max(1, sorted.length - 1);
  const rankOf = (value: number): number => {
    if (Number.isNaN(value)) return value;
    return (firstNotBelow(sorted, value) + firstAbove(sorted, value) - 1) / 2 / last;
  };
  const patches = grid.patches.map((patch) => {
    const cells = patch.cols * patch.rows;
    return { ...patch, values: patch.values.slice(channel * cells, (channel + 1) * cells).map(rankOf) };
  });
  return { grid: { ...grid, channels: grid.channels.slice(channel, channel + 1), patches }, channel: 0 };
}

const firstNotBelow = (sorted: Float32Array, value: number): number => firstWhere(sorted, (one) => one >= value);
const firstAbove = (sorted: Float32Array, value: number): number => firstWhere(sorted, (one) => one > value);

function mostOf(patches: readonly GridPatch[]): number {
  const absolute = patches.map((patch) => ({ ...patch, values: patch.values.map(Math.abs) }));
  const sorted = sortedValues({ grid: { name: '', channels: [], patches: absolute }, channel: 0 });
  return sorted[Math.round(MOST * (sorted.length - 1))] ?? 0;
}
