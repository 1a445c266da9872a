// The most similar rows of a set, at once: the console promises an answer without waiting, and the learn worker is asked
// across a thread. Brute force in plain TypeScript over unit vectors, made once a set.
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
    const order = Uint32Array.from(similarity, (_, i) => i).filter((i) => i !== row);
    order.sort((a, b) => (similarity[b] ?? 0) - (similarity[a] ?? 0) || a - b);
    return Array.from(order.subarray(0, Math.max(0, k)), (i) => ({ row: i, similarity: similarity[i] ?? 0 }));
  }
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
