// The most similar patches, exactly: cosine similarity with every row, which the kernel does for 100,000 × 512 in some
// milliseconds, so that no index is needed (FACTS.md §10).
import { badInput, checkWidth, type Features } from './features.ts';
import { type Kernel, type Matrix, rowsOf, transposed } from './kernel/kernel.ts';
import type { Steps } from './steps.ts';

export interface Nearest {
  readonly rows: Uint32Array<ArrayBuffer>; //        most similar first; equal ones by row
  readonly similarity: Float32Array<ArrayBuffer>; // cosine, -1 to 1; 0 for features that are all zero
}

/** Features that stay in a kernel. Takes memory in its present scope, and lends the features out. */
export class ResidentFeatures {
  readonly #kernel: Kernel;
  readonly #all: Matrix;
  readonly #asked: Matrix;
  readonly #dots: Matrix;
  readonly #inverse: Float32Array; // 1 / |row|

  constructor(kernel: Kernel, { values, rows, cols }: Features) {
    this.#kernel = kernel;
    this.#all = kernel.from(values, rows, cols);
    this.#asked = kernel.matrix(1, cols); // here once: a query in the middle of a training must not move the features
    this.#dots = kernel.matrix(rows, 1);
    this.#inverse = inverseLengths(values, rows, cols);
  }

  /** A view, good until the kernel's next matrix. */
  get features(): Features {
    return { values: this.#kernel.view(this.#all), rows: this.#all.rows, cols: this.#all.cols };
  }

  /**
   * @param query features of one patch, of here or elsewhere
   * @param without rows that are not wanted, the query's own above all
   * @throws EosinError BadInput for a query of another width
   */
  nearest(query: Float32Array, k: number, without: ReadonlySet<number> = new Set()): Nearest {
    checkWidth(query.length, this.#all.cols);
    this.#kernel.view(this.#asked).set(query);
    this.#kernel.dots(this.#asked, this.#all, this.#dots);
    const [factor = 0] = inverseLengths(query, 1, query.length);
    return best(this.#kernel.view(this.#dots), this.#inverse, factor, k, without);
  }

  nearestTo(row: number, k: number): Nearest {
    const { values, rows, cols } = this.features;
    if (!(row >= 0 && row < rows)) throw badInput('The patch', `number ${row} of ${rows}`, 'Choose one of the set.');
    return this.nearest(values.slice(row * cols, (row + 1) * cols), k, new Set([row]));
  }
}

function inverseLengths(values: Float32Array, rows: number, cols: number): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let j = row * cols; j < (row + 1) * cols; j++) sum += (values[j] ?? 0) ** 2;
    return sum > 0 ? 1 / Math.sqrt(sum) : 0;
  });
}

/** The k largest, by insertion: k is small, and few rows get past the smallest of them. */
function best(
  dots: Float32Array,
  inverse: Float32Array,
  factor: number,
  k: number,
  without: ReadonlySet<number>,
): Nearest {
  const rows: number[] = [];
  const similarity: number[] = [];
  for (let row = 0; row < dots.length; row++) {
    const value = Math.fround((dots[row] ?? 0) * (inverse[row] ?? 0) * factor); // or equal ones differ by rounding
    if (rows.length === k && value <= (similarity[k - 1] ?? 0)) continue;
    if (k === 0 || without.has(row)) continue;
    let at = rows.length;
    while (at > 0 && value > (similarity[at - 1] ?? 0)) at--;
    rows.splice(at, 0, row);
    similarity.splice(at, 0, value);
    if (rows.length > k) {
      rows.pop();
      similarity.pop();
    }
  }
  return { rows: Uint32Array.from(rows), similarity: Float32Array.from(similarity) };
}

const AT_ONCE = 256; // queries

/**
 * The k nearest of every row by cosine similarity, never among rows of its own group.
 * @param groups [rows]; undefined: only itself is left out
 * @returns [rows × k] of both, most similar first; fewer where there are no more: filled up with the row itself
 */
export function* allNearest(
  kernel: Kernel,
  { values, rows, cols }: Features,
  k: number,
  groups: Uint32Array | undefined,
): Steps<Nearest> {
  using _ = kernel.scope();
  const unit = kernel.from(values, rows, cols);
  const inverse = inverseLengths(values, rows, cols);
  const ones = new Float32Array(rows).fill(1);
  const view = kernel.view(unit);
  for (let at = 0; at < view.length; at++) view[at] = (view[at] ?? 0) * (inverse[Math.floor(at / cols)] ?? 0);
  const out = { rows: new Uint32Array(rows * k), similarity: new Float32Array(rows * k) };
  for (let from = 0; from < rows; from += AT_ONCE) {
    using __ = kernel.scope();
    const count = Math.min(AT_ONCE, rows - from);
    const similar = kernel.matrix(count, rows);
    kernel.product(rowsOf(unit, from, count), transposed(unit), similar);
    for (let i = 0; i < count; i++) {
      const mine = kernel.view(rowsOf(similar, i, 1));
      if (groups) for (let j = 0; j < rows; j++) if (groups[j] === groups[from + i]) mine[j] = Number.NEGATIVE_INFINITY;
      mine[from + i] = Number.NEGATIVE_INFINITY;
      const found = best(mine, ones, 1, k, new Set());
      for (let n = 0; n < k; n++) {
        const isReal = (found.similarity[n] ?? Number.NEGATIVE_INFINITY) > Number.NEGATIVE_INFINITY;
        out.rows[(from + i) * k + n] = isReal ? (found.rows[n] ?? from + i) : from + i;
        out.similarity[(from + i) * k + n] = isReal ? (found.similarity[n] ?? 1) : 1;
      }
    }
    yield { done: from + count, total: rows };
  }
  return out;
}

/** The class that most of a row's neighbours have; a draw goes to the class of the nearest among them. */
export function voted(
  { rows }: Pick<Nearest, 'rows'>,
  k: number,
  labels: ArrayLike<number>,
  classes: number,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(rows.length / k);
  for (let row = 0; row < out.length; row++) {
    const votes = new Float64Array(classes);
    for (let n = 0; n < k; n++) {
      const neighbour = rows[row * k + n] ?? row;
      if (neighbour === row) continue; // there were fewer
      const label = labels[neighbour] ?? 0;
      votes[label] = (votes[label] ?? 0) + 1 + 1e-3 / (n + 1);
    }
    out[row] = votes.indexOf(Math.max(...votes));
  }
  return out;
}
