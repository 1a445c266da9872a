// A core's runs, painted into a window of the mosaic.
import type { Runs, SeedRuns, ValuedRuns } from './core-map.ts';
import type { Crop } from './gland-crop.ts';

/** A core in a crop: what is added to its pixels' places. */
export interface CoreInCrop {
  readonly crop: Crop;
  readonly dx: number;
  readonly dy: number;
}

/** The part of a run that lies in the crop, as indices of its planes; none where `from` is not below `to`. */
function clipped({ crop, dx, dy }: CoreInCrop, runs: Runs, run: number): { from: number; to: number } {
  const y = (runs.row[run] ?? 0) + dy;
  if (y < 0 || y >= crop.height) return { from: 0, to: 0 };
  const row = crop.origin + y * crop.stride;
  return {
    from: row + Math.max(0, (runs.from[run] ?? 0) + dx),
    to: row + Math.min(crop.width, (runs.to[run] ?? 0) + dx),
  };
}

/** Values of runs into a plane of the crop. */
export function paintValues(at: CoreInCrop, runs: ValuedRuns, plane: Uint8Array): void {
  for (let run = 0, values = 0; run < runs.row.length; run++) {
    const pixels = (runs.to[run] ?? 0) - (runs.from[run] ?? 0);
    const { from, to } = clipped(at, runs, run);
    if (from < to) {
      const row = at.crop.origin + ((runs.row[run] ?? 0) + at.dy) * at.crop.stride;
      const skipped = from - row - (runs.from[run] ?? 0) - at.dx;
      plane.set(runs.values.subarray(values + skipped, values + skipped + to - from), from);
    }
    values += pixels;
  }
}

/** One component of seeds into the crop's owners. */
export function paintSeeds(at: CoreInCrop, seeds: SeedRuns, seed: number, owner: number): void {
  const end = seeds.end[seed] ?? 0;
  for (let run = seed === 0 ? 0 : (seeds.end[seed - 1] ?? 0); run < end; run++) {
    const { from, to } = clipped(at, seeds, run);
    if (from < to) at.crop.owner.fill(owner, from, to);
  }
}

/** Does any pixel of the component lie in the crop? */
export function meetsCrop(at: CoreInCrop, seeds: SeedRuns, seed: number): boolean {
  const end = seeds.end[seed] ?? 0;
  for (let run = seed === 0 ? 0 : (seeds.end[seed - 1] ?? 0); run < end; run++) {
    const { from, to } = clipped(at, seeds, run);
    if (from < to) return true;
  }
  return false;
}
