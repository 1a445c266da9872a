// Stain vectors as somebody chose them, out of JSON.

import { type StainVectors, whatIsWrong } from '#stain/vectors.ts';
import { fieldOf } from '../field-of.ts';

export interface VectorsChosen {
  readonly vectors: StainVectors;
  readonly from: 'published' | 'slide' | 'hand';
}

/** Undefined where they are none, or none that can be told apart. */
export function parseVectors(value: unknown): VectorsChosen | undefined {
  const vectors = fieldOf(value, 'vectors');
  const [haematoxylin, eosin] = [densityOf(vectors, 'haematoxylin'), densityOf(vectors, 'eosin')];
  if (!haematoxylin || !eosin || whatIsWrong({ haematoxylin, eosin }) !== undefined) return undefined;
  const from = fieldOf(value, 'from');
  return { vectors: { haematoxylin, eosin }, from: from === 'published' || from === 'slide' ? from : 'hand' };
}

function densityOf(vectors: unknown, key: string): readonly [number, number, number] | undefined {
  const list = fieldOf(vectors, key);
  const [r, g, b]: unknown[] = Array.isArray(list) ? list : [];
  return typeof r === 'number' && typeof g === 'number' && typeof b === 'number' ? [r, g, b] : undefined;
}
