// Levels that are padded to whole frames, and by some a frame further: how much of them is picture follows from the sizes of
// their pixels. Philips writes such (openslide/openslide#576).
import type { Dataset } from './dataset.ts';
import { TAG } from './instance.ts';
import type { Parts } from './pictures.ts';

export interface Size {
  readonly width: number; // px
  readonly height: number;
}

/** Of a pixel, mm; NaN where that is not said. */
export function spacingOf(dataset: Dataset): { readonly across: number; readonly down: number } {
  const shared = dataset.items(TAG.sharedGroups)[0];
  const measures = (shared ?? dataset.items(TAG.perFrameGroups)[0])?.items(TAG.pixelMeasures)[0];
  const [down = Number.NaN, across = Number.NaN] = measures?.decimals(TAG.pixelSpacing) ?? [];
  return { across, down };
}

export const wholeSizeOf = ({ first }: Parts): Size => ({ width: first.matrixColumns, height: first.matrixRows });

const MOST_FRAMES = 2; // of padding

/**
 * What of a smaller picture is picture, and no padding; undefined where it is not padded, or nothing says so: pixels of which a
 * whole number lies in one of the largest picture's are believed, where what is left over is what a writer may have padded.
 */
export function unpaddedSize(base: Parts, picture: Parts): Size | undefined {
  const { first } = picture;
  if (first.matrixColumns % first.columns !== 0 || first.matrixRows % first.rows !== 0) return undefined;
  const [whole, part] = [spacingOf(base.first.dataset), spacingOf(first.dataset)];
  const width = sideOf(base.first.matrixColumns, part.across / whole.across);
  const height = sideOf(base.first.matrixRows, part.down / whole.down);
  if (width === undefined || height === undefined) return undefined;
  const [left, below] = [first.matrixColumns - width, first.matrixRows - height];
  const isPadding = left >= 0 && below >= 0 && left < MOST_FRAMES * first.columns && below < MOST_FRAMES * first.rows;
  return isPadding && left + below > 0 ? { width, height } : undefined;
}

/** @returns undefined for one that is no whole number of times smaller */
function sideOf(whole: number, times: number): number | undefined {
  const near = Math.round(times);
  return near > 1 && Math.abs(times / near - 1) < 0.01 ? Math.max(1, Math.floor(whole / near)) : undefined;
}
