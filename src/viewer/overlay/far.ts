// All objects of a kind without their outlines: what densities and discs are painted from. 17 bytes an object. Pure.
import type { ObjectSource } from '../viewer-api.ts';

/** Row i is row i of the store's columns. Moves by transfer. */
export interface FarRows {
  readonly count: number;
  readonly classIndex: Uint8Array<ArrayBuffer>; //    [n]; GONE for a row that was removed
  readonly probability: Float32Array<ArrayBuffer>; // [n]
  readonly centroid: Float32Array<ArrayBuffer>; //    [n × 2] level-0 px: exact to a sixty-fourth at 200,000
  readonly areaPx: Float32Array<ArrayBuffer>; //      [n] level-0 px²
}

export const GONE = 255; // of classIndex

export const buffersOfFar = (far: FarRows): ArrayBuffer[] => [
  far.classIndex.buffer,
  far.probability.buffer,
  far.centroid.buffer,
  far.areaPx.buffer,
];

export function farRows({ columns, isGone }: Pick<ObjectSource, 'columns' | 'isGone'>): FarRows {
  const classIndex = columns.classIndex.slice();
  if (isGone) for (let i = 0; i < columns.count; i++) if (isGone[i] === 1) classIndex[i] = GONE;
  return {
    count: columns.count,
    classIndex,
    probability: columns.probability.slice(),
    centroid: new Float32Array(columns.centroid),
    areaPx: columns.areaPx.slice(),
  };
}
