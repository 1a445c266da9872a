// What the worker that subtracts maps is asked.
import type { FlatMap } from './flat-map.ts';
import type { Difference, DifferenceOf } from './grid-difference.ts';

export interface SubtractAsked {
  readonly here: FlatMap; //  taken over
  readonly there: FlatMap; // taken over
  readonly by: DifferenceOf;
}

export type SubtractCalls = { difference: { in: SubtractAsked; out: Difference } };

/** Of some maps, each once. */
export const buffersOfMaps = (maps: readonly FlatMap[]): ArrayBuffer[] => [
  ...new Set(maps.flatMap(({ heads, values }) => [heads.buffer, values.buffer])),
];
