// Steps of a colour map that follow the values of a map. Loaded when they are first asked for.
import type { ValueGrid } from '#objects/grid.ts';
import type { TissueScale } from './stores/layers-store.ts';

const PERCENTILES = [0.02, 0.98] as const; // beyond them lie outliers

/**
 * Where ten steps begin and the last one ends, of the values of one channel. Undefined where the map has no values.
 * Values between two steps of a rank that are all alike fall in the higher one.
 */
export function edgesOf(
  { patches }: ValueGrid,
  channel: number,
  scale: Exclude<TissueScale, 'values'>,
): readonly number[] | undefined {
  const parts = patches.map(({ cols, rows, values }) =>
    values.subarray(channel * cols * rows, (channel + 1) * cols * rows),
  );
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let n = 0;
  for (const part of parts) for (const value of part) if (!Number.isNaN(value)) all[n++] = value;
  if (n === 0) return undefined;
  const sorted = all.subarray(0, n).sort();
  const at = (share: number): number => sorted[Math.round(share * (n - 1))] ?? 0;
  if (scale === 'rank') return Array.from({ length: 11 }, (_, step) => at(step / 10));
  const [low, high] = [at(PERCENTILES[0]), at(PERCENTILES[1])];
  return Array.from({ length: 11 }, (_, step) => low + ((high - low) * step) / 10);
}
