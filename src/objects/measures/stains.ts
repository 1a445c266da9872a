// Stains as rooms see them that look at objects and not at colour.
import { densityOf } from '#stain/beer-lambert.ts';
import { estimateStains } from '#stain/macenko.ts';
import { type StainVectors, unmixing } from '#stain/vectors.ts';
import type { ObjectColumns } from '../columns.ts';
import { type PlacedPixels, stainSums } from './stain-sums.ts';

export type { StainVectors } from '#stain/vectors.ts';

export const sumsOfStains = (
  objects: ObjectColumns,
  pixels: PlacedPixels,
  vectors: StainVectors,
): Float64Array<ArrayBuffer> => stainSums(objects, pixels, unmixing(vectors));

/**
 * By Macenko's method over pixels of several pictures.
 * @param rgba [n × 4] each @throws EosinError TooLittleTissue
 */
export function stainsOfPixels(pictures: readonly Uint8ClampedArray[]): StainVectors {
  const pixels = pictures.reduce((sum, { length }) => sum + length / 4, 0);
  const od = new Float32Array(3 * pixels);
  let to = 0;
  for (const rgba of pictures) {
    for (let at = 0; at < rgba.length; at += 4) {
      od[to++] = densityOf(rgba[at] ?? 255);
      od[to++] = densityOf(rgba[at + 1] ?? 255);
      od[to++] = densityOf(rgba[at + 2] ?? 255);
    }
  }
  return estimateStains(od);
}
