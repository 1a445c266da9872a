// Which colour each object takes: its class's, or its measure's step; and which are not drawn. Pure.
import type { ObjectClass } from '#objects/columns.ts';
import type { LayerStyle } from '../viewer-api.ts';
import { stepOf, stepsOf } from './colormaps.ts';
import { GONE } from './far.ts';

/** Values of a measure for the very rows that are painted. */
export interface Tint {
  readonly values: Float32Array<ArrayBuffer>; // [n]; NaN: not known
  readonly low: number; //                       of the first step
  readonly high: number; //                      of the last one
  readonly hasMean: boolean; //                  see ColourBy
}

/** Of a row that is not drawn. */
export const HIDDEN = 255;
/** What has no value: grey is on no map of ours. */
export const NOT_KNOWN = '#9b9b9b';

interface Rows {
  readonly count: number;
  readonly classIndex: Uint8Array; //    [n]
  readonly probability: Float32Array; // [n]
}

/** [n] into the palette of `paletteOf`; HIDDEN for a hidden class, a probability below the threshold, a removed row. */
export function groupsOf(rows: Rows, style: LayerStyle, tint: Tint | undefined): Uint8Array<ArrayBuffer> {
  const groups = new Uint8Array(rows.count);
  const { classShown, threshold = 0 } = style;
  const shown = Uint8Array.from({ length: 256 }, (_, index) =>
    index === GONE || classShown[index] === false ? HIDDEN : index,
  );
  const { count, classIndex, probability } = rows;
  for (let i = 0; i < count; i++) {
    const own = shown[classIndex[i] ?? 0] ?? HIDDEN;
    groups[i] = own | (HIDDEN * Number((probability[i] ?? 0) < threshold)); // no branch: a processor could not foresee it
  }
  if (!tint) return groups;
  const range = [tint.low, tint.high] as const;
  for (let i = 0; i < count; i++) {
    if (groups[i] === HIDDEN) continue;
    const value = tint.values[i] ?? Number.NaN;
    groups[i] = Number.isNaN(value) ? 10 : stepOf(value, range);
  }
  return groups;
}

/** Colours by group. */
export function paletteOf(
  classes: readonly ObjectClass[],
  style: LayerStyle,
  tint: Tint | undefined,
): readonly string[] {
  if (tint) return [...stepsOf(style.colormap ?? 'viridis'), NOT_KNOWN];
  return classes.map(({ color }, index) => style.colours?.[index] ?? color);
}
