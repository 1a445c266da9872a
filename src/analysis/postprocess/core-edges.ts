// Where the seeds of a core meet its seams.
import type { CoreMap, SeedRuns } from './core-map.ts';

/** A core whose seeds have the ids from `firstId` on. */
export interface Numbered {
  readonly map: CoreMap;
  readonly firstId: number;
}

/** Spans along a seam in order, with the seed's id. */
export type Edge = readonly { readonly from: number; readonly to: number; readonly id: number }[];

/** The left (`from` 0) or right (`to` side) edge of a core. */
export function sideOf({ map: { seeds }, firstId }: Numbered, end: 'from' | 'to', at: number): Edge {
  return edge(
    seeds,
    firstId,
    (run) => seeds[end][run] === at,
    (run) => {
      const row = seeds.row[run] ?? 0;
      return { from: row, to: row + 1 };
    },
  );
}

/** The first or last row of a core. */
export const rowOf = ({ map: { seeds }, firstId }: Numbered, row: number): Edge =>
  edge(
    seeds,
    firstId,
    (run) => seeds.row[run] === row,
    (run) => ({ from: seeds.from[run] ?? 0, to: seeds.to[run] ?? 0 }),
  );

function edge(
  seeds: SeedRuns,
  firstId: number,
  isThere: (run: number) => boolean,
  spanOf: (run: number) => { from: number; to: number },
): Edge {
  const found: { from: number; to: number; id: number }[] = [];
  for (let k = 0, run = 0; k < seeds.end.length; k++) {
    for (const end = seeds.end[k] ?? 0; run < end; run++) {
      if (isThere(run)) found.push({ ...spanOf(run), id: firstId + k });
    }
  }
  return found.sort((a, b) => a.from - b.from);
}
