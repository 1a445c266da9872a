// One map less another, cell by cell. Pure.
import { firstWhere } from './first-where.ts';
import { type FlatMap, type FlatPatch, HEAD, patchesIn } from './flat-map.ts';
import { type Sampled, sampled } from './grid-sample.ts';
import { nthValues } from './nth-values.ts';

export type DifferenceOf = 'values' | 'ranks';

export interface Difference {
  readonly map: FlatMap; //   here less there, NaN where either has no value
  readonly most: number; //   98th percentile of its absolute values; 0 where no cell has one
  readonly here: FlatMap; //  what was subtracted from what: values, or ranks
  readonly there: FlatMap;
}

const MOST = 0.98;

/**
 * On the cells of the map whose cells are smaller, of `here` where they are alike: the other map is looked up at the centre
 * of each. Cells of one cut are subtracted as they are, bit for bit.
 * @param by 'ranks': each value by its place among those of its own map, 0 to 1, equal ones by the middle of their places
 */
export function differenceOf(here: FlatMap, there: FlatMap, by: DifferenceOf): Difference {
  const [ours, theirs] = by === 'ranks' ? [ranked(here), ranked(there)] : [here, there];
  const isFiner = cellArea(theirs) < cellArea(ours) * (1 - 1e-6);
  const [base, other] = isFiner ? [theirs, ours] : [ours, theirs];
  const sign = isFiner ? -1 : 1;
  const alike = new Map(Array.from(patchesIn(other), (patch) => [cutOf(patch), patch.from]));
  const values = new Float32Array(base.values.length);
  let at: Sampled | undefined; // made for the first patch that is cut otherwise
  for (const patch of patchesIn(base)) {
    const { x, y, cols, rows, cellWidth, cellHeight, from } = patch;
    const twin = alike.get(cutOf(patch));
    if (twin === undefined) at ??= sampled(other);
    for (let row = 0, i = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++, i++) {
        const own = base.values[from + i] ?? Number.NaN;
        const seen =
          twin === undefined ? at?.(x + (col + 0.5) * cellWidth, y + (row + 0.5) * cellHeight) : other.values[twin + i];
        values[from + i] = sign * (own - (seen ?? Number.NaN));
      }
    }
  }
  return { map: { heads: base.heads, values }, most: mostOf(values), here: ours, there: theirs };
}

const cutOf = ({ x, y, cols, rows, cellWidth, cellHeight }: FlatPatch): string =>
  `${x},${y},${cols},${rows},${cellWidth},${cellHeight}`;

const cellArea = ({ heads }: FlatMap): number => (heads.length < HEAD ? 0 : (heads[2] ?? 0) * (heads[3] ?? 0));

/** All that are not NaN, ascending. */
const sortedValues = (values: Float32Array): Float32Array => values.filter((value) => !Number.isNaN(value)).sort();

/** The place of each value, 0 for the least to 1 for the greatest. */
function ranked({ heads, values }: FlatMap): FlatMap {
  const sorted = sortedValues(values);
  const last = Math.max(1, sorted.length - 1);
  const rankOf = (value: number): number => {
    if (Number.isNaN(value)) return value;
    return (firstNotBelow(sorted, value) + firstAbove(sorted, value) - 1) / 2 / last;
  };
  return { heads, values: values.map(rankOf) };
}

const firstNotBelow = (sorted: Float32Array, value: number): number => firstWhere(sorted, (one) => one >= value);
const firstAbove = (sorted: Float32Array, value: number): number => firstWhere(sorted, (one) => one > value);

function mostOf(values: Float32Array<ArrayBuffer>): number {
  const all = values.filter((value) => !Number.isNaN(value)).map(Math.abs);
  return all.length === 0 ? 0 : (nthValues(all, [Math.round(MOST * (all.length - 1))])[0] ?? 0);
}
