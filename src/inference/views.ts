// One patch seen four ways, as it is and mirrored, and the maps of what is found averaged: what the network makes of one
// view alone is outvoted. Classes, cells and features are those of the first view: averaged, nucleus types are worse.
import type { PatchManifest } from './manifest.ts';
import type { Flip, PatchIn, PatchOutputs, Views } from './model.ts';

/** Of the views after the first. */
export const flipsOf = (views: Views): readonly Flip[] => (views === 1 ? [] : FLIPS);

const FLIPS: readonly Flip[] = [
  { across: true, down: false },
  { across: false, down: true },
  { across: true, down: true },
];

/** The patch as the network sees it mirrored. What it comes as is lent, and left as it is. */
export function flipped(patch: PatchIn, { across, down }: Flip): PatchIn {
  if ('values' in patch) return { ...patch, values: mirrored(patch.values, patch.size, { across, down }) };
  const before = patch.flip ?? { across: false, down: false };
  return { ...patch, flip: { across: across !== before.across, down: down !== before.down } };
}

/** Square planes one after the other, each mirrored. */
function mirrored(values: Float32Array, side: number, { across, down }: Flip): Float32Array {
  const out = new Float32Array(values.length);
  const rows = values.length / side;
  for (let row = 0; row < rows; row++) {
    const plane = row - (row % side);
    const from = (down ? 2 * plane + side - 1 - row : row) * side;
    const line = out.subarray(row * side, (row + 1) * side);
    line.set(values.subarray(from, from + side));
    if (across) line.reverse();
  }
  return out;
}

/** Of the outputs asked for, those with a map that is averaged. */
export const averagedOf = ({ outputs }: PatchManifest, names: readonly string[]): string[] =>
  outputs.flatMap((output) =>
    names.includes(output.name) && output.kind === 'packed' && output.planes.some(isAveraged) ? [output.name] : [],
  );

const isAveraged = (plane: string): boolean => plane !== 'types';

/** A map, row-major [side × side]. */
interface AveragedMap {
  readonly output: string;
  readonly from: number; // where it begins in the output
  readonly side: number;
  readonly sums: Int32Array; // [side × side]
}

/**
 * The mean of maps, written where the first view's are. Sums of whole numbers, so that it is the same in any order and on
 * any device that gave the same maps.
 */
export class MeanOfViews {
  readonly #maps: readonly AveragedMap[];
  #views = 1;

  /** @param first outputs of the patch as it is; lent until `finish` */
  constructor({ outputs }: PatchManifest, first: PatchOutputs) {
    this.#maps = outputs.flatMap((output) => {
      const data = first[output.name]?.data;
      if (output.kind !== 'packed' || !(data instanceof Int32Array)) return [];
      const length = data.length / output.planes.length;
      return output.planes.flatMap((plane, index) => {
        const from = index * length;
        if (!isAveraged(plane)) return [];
        return { output: output.name, from, side: Math.sqrt(length), sums: data.subarray(from, from + length) };
      });
    });
    for (const { sums } of this.#maps) for (let i = 0; i < sums.length; i++) sums[i] = apart(sums[i] ?? 0);
  }

  /** @param seen outputs of the patch mirrored: those of `averagedOf` */
  add(seen: PatchOutputs, { across, down }: Flip): void {
    this.#views++;
    for (const { output, from, side, sums } of this.#maps) {
      const data = seen[output]?.data;
      if (!(data instanceof Int32Array)) continue;
      const step = across ? -1 : 1;
      for (let row = 0, to = 0; row < side; row++) {
        let at = from + (down ? side - 1 - row : row) * side + (across ? side - 1 : 0);
        for (let col = 0; col < side; col++, to++, at += step) sums[to] = (sums[to] ?? 0) + apart(data[at] ?? 0);
      }
    }
  }

  /** The first view's outputs now hold the mean. */
  finish(): void {
    for (const { sums } of this.#maps)
      for (let i = 0; i < sums.length; i++) sums[i] = together(sums[i] ?? 0, this.#views);
  }
}

const TEN_BITS = 0x3ff; // four values of 8 bits, summed

/** Three values of 8 bits in a packed element, each with room for a sum. */
const apart = (packed: number): number => (packed & 0xff) | ((packed & 0xff00) << 2) | ((packed & 0xff0000) << 4);

/** Three sums as one packed element of means. */
const together = (sums: number, views: number): number =>
  mean(sums & TEN_BITS, views) |
  (mean((sums >> 10) & TEN_BITS, views) << 8) |
  (mean((sums >> 20) & TEN_BITS, views) << 16);

const mean = (sum: number, views: number): number => Math.floor((2 * sum + views) / (2 * views));
