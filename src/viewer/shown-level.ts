// Which level of a pyramid is shown at which zoom.
import type { Level } from '#slide/slide.ts';

/**
 * The finest level is shown whose pixels are at least this large on screen (device px a level px). Just above one level's
 * step below 1: a zoom that a level meets exactly shows that level, and nothing is enlarged by more than a fifth.
 */
export function minPixelRatioFor(downsamples: readonly number[]): number {
  const steps = downsamples.slice(1).map((downsample, i) => downsample / (downsamples[i] ?? 1));
  const widest = Math.max(2, ...steps);
  return Math.min(0.6, Math.max(0.3, 1.2 / widest));
}

/** @param downsample level-0 px a device px */
export function shownLevel(levels: readonly Level[], downsample: number): number {
  const least = downsample * minPixelRatioFor(levels.map((level) => level.downsample));
  const found = levels.findIndex((level) => level.downsample >= least);
  return found < 0 ? levels.length - 1 : found;
}
