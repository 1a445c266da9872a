// Steps of a colour map that follow the values of a map. Loaded when they are first asked for.
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import { nthValues } from '#objects/nth-values.ts';
import type { TissueScale } from './stores/layers-store.ts';

const PERCENTILES = [0.02, 0.98] as const; // beyond them lie outliers

/**
 * Where ten steps begin and the last one ends, of the values of one channel, over the cells that are tissue: those that the
 * model itself takes for glass would else fill most steps with noise. Undefined where the map has no values.
 * Values between two steps of a rank that are all alike fall in the higher one.
 */
export function edgesOf(
  { channels, patches }: ValueGrid,
  channel: number,
  scale: Exclude<TissueScale, 'values'>,
): readonly number[] | undefined {
  const glass = channels.findIndex(({ name }) => name.toLowerCase() === 'glass');
  const onTissue = glass === channel ? new Float32Array(0) : valuesOf(patches, channel, glass);
  const values = onTissue.length > 0 ? onTissue : valuesOf(patches, channel, -1);
  const n = values.length;
  if (n === 0) return undefined;
  const at = (shares: readonly number[]): number[] =>
    nthValues(
      values,
      shares.map((share) => Math.round(share * (n - 1))),
    );
  if (scale === 'rank') return at(Array.from({ length: 11 }, (_, step) => step / 10));
  const [low = 0, high = 0] = at(PERCENTILES);
  return Array.from({ length: 11 }, (_, step) => low + ((high - low) * step) / 10);
}

/** Of cells that have a value and where another channel than `without` is the highest. */
function valuesOf(patches: readonly GridPatch[], channel: number, without: number): Float32Array<ArrayBuffer> {
  const all = new Float32Array(patches.reduce((sum, { cols, rows }) => sum + cols * rows, 0));
  let n = 0;
  for (const { cols, rows, values } of patches) {
    const cells = cols * rows;
    for (let cell = 0; cell < cells; cell++) {
      const value = values[channel * cells + cell] ?? Number.NaN;
      if (Number.isNaN(value) || isHighest(values, cells, cell, without)) continue;
      all[n++] = value;
    }
  }
  return all.subarray(0, n);
}

function isHighest(values: Float32Array, cells: number, cell: number, channel: number): boolean {
  const mine = values[channel * cells + cell];
  if (mine === undefined) return false;
  for (let at = cell; at < values.length; at += cells) if ((values[at] ?? 0) > mine) return false;
  return true;
}
