// Centred kernel alignment: how alike two encoders see the same patches, whatever the rotation and scale of their features.
// Linear (Kornblith et al. 2019): |XᵀY|² / (|XᵀX| |YᵀY|), columns centred. Debiased: with the unbiased HSIC (Song et al.
// 2012) in its place, for few patches and wide features. In minibatches (Nguyen et al. 2021): unbiased HSICs summed over them.
// All by Gram matrices of features, [cols × cols]: never patches by patches.
import { badInput, checkFeatures, type Features } from './features.ts';
import { type Kernel, type Matrix, transposed } from './kernel/kernel.ts';
import { Random } from './random.ts';
import type { Steps } from './steps.ts';

export interface CkaPlan {
  readonly debiased: boolean;
  /** Patches of a minibatch, which is debiased always; undefined: all at once. */
  readonly batch: number | undefined;
  readonly seed: number;
}

export const PLAIN_CKA: CkaPlan = { debiased: false, batch: undefined, seed: 1 };

const AT_ONCE = 2_048; // rows in the kernel
const FEWEST = 4; //       the unbiased estimator divides by n - 3

/**
 * @param sets row i of each is the same patch
 * @returns [sets × sets], symmetric, 1 on its diagonal
 * @throws EosinError BadInput for sets of different patches, too few patches, or features that never change
 */
export function* ckaMatrix(kernel: Kernel, sets: readonly Features[], plan: CkaPlan): Steps<Float64Array> {
  const rows = checkSets(sets, plan);
  const n = sets.length;
  const hsic = new Float64Array(n * n);
  const batches = batchesOf(rows, plan);
  const total = (batches.length * n * (n + 1)) / 2;
  let done = 0;
  for (const batch of batches) {
    const centred = sets.map((set) => centredOf(set, batch));
    for (const [i, a] of centred.entries())
      for (const [j, b] of centred.slice(0, i + 1).entries()) {
        const value = hsicOf(kernel, a, b, plan.debiased || plan.batch !== undefined);
        hsic[i * n + j] = (hsic[i * n + j] ?? 0) + value;
        yield { done: ++done, total };
      }
  }
  return normalised(hsic, n);
}

function checkSets(sets: readonly Features[], { debiased, batch }: CkaPlan): number {
  const rows = sets[0]?.rows ?? 0;
  for (const set of sets) {
    checkFeatures(set);
    if (set.rows === rows) continue;
    const seen = `one has ${rows} patches and another ${set.rows}`;
    throw badInput('The sets to compare', seen, 'Embed the same region by each encoder, with one stride.');
  }
  const least = debiased || batch !== undefined ? FEWEST : 2;
  if (Math.min(rows, batch ?? rows) >= least) return rows;
  throw badInput('The comparison', `it has ${Math.min(rows, batch ?? rows)} patches at a time`, `It takes ${least}.`);
}

/** Rows in a seeded order, cut into minibatches; the rest of less than a half joins no batch's mean. */
function batchesOf(rows: number, { batch, seed }: CkaPlan): Uint32Array[] {
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  if (batch === undefined || batch >= rows) return [order];
  new Random(seed).shuffle(order);
  const out: Uint32Array[] = [];
  for (let from = 0; from + Math.max(FEWEST, batch / 2) <= rows; from += batch)
    out.push(order.subarray(from, from + batch));
  return out;
}

interface Centred extends Features {
  readonly order: Uint32Array;
  readonly mean: Float64Array;
  readonly scale: number; //         1 / largest deviation of a value: sums stay within float32
  readonly lengths: Float64Array; // |x|² of each row, centred and scaled
}

function centredOf({ values, rows, cols }: Features, order: Uint32Array): Centred {
  const mean = new Float64Array(cols);
  for (const row of order) for (let j = 0; j < cols; j++) mean[j] = (mean[j] ?? 0) + (values[row * cols + j] ?? 0);
  for (let j = 0; j < cols; j++) mean[j] = (mean[j] ?? 0) / order.length;
  let most = 0;
  const lengths = Float64Array.from(order, (row) => {
    let sum = 0;
    for (let j = 0; j < cols; j++) {
      const off = (values[row * cols + j] ?? 0) - (mean[j] ?? 0);
      most = Math.max(most, Math.abs(off));
      sum += off * off;
    }
    return sum;
  });
  const size = mean.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const scale = most > 1e-9 * size ? 1 / most : 0; // less is the mean's own rounding
  return { values, rows, cols, order, mean, scale, lengths: lengths.map((length) => length * scale * scale) };
}

/** HSIC up to a factor that the sets share: |XᵀY|², or n (n - 3) times the unbiased one. */
function hsicOf(kernel: Kernel, a: Centred, b: Centred, debiased: boolean): number {
  const squares = crossSquares(kernel, a, b);
  if (!debiased) return squares;
  const n = a.order.length;
  let [together, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [a.lengths[i] ?? 0, b.lengths[i] ?? 0];
    together += x * y;
    ofA += x;
    ofB += y;
  }
  // Centred rows sum to nothing, so a Gram matrix without its diagonal has the row sums -|x|².
  return squares - together + (ofA * ofB) / ((n - 1) * (n - 2)) - (2 * together) / (n - 2);
}

/** |XᵀY|² of the centred rows. */
function crossSquares(kernel: Kernel, a: Centred, b: Centred): number {
  using _ = kernel.scope();
  const gram = kernel.matrix(a.cols, b.cols);
  for (let from = 0; from < a.order.length; from += AT_ONCE) {
    using __ = kernel.scope();
    const count = Math.min(AT_ONCE, a.order.length - from);
    const x = load(kernel, a, from, count);
    if (a === b) kernel.addGram(x, gram);
    else kernel.product(transposed(x), load(kernel, b, from, count), gram, true);
  }
  return kernel.view(gram).reduce((sum, value) => sum + value * value, 0);
}

function load(kernel: Kernel, { values, cols, order, mean, scale }: Centred, from: number, count: number): Matrix {
  const matrix = kernel.matrix(count, cols);
  const view = kernel.view(matrix);
  for (let i = 0; i < count; i++) {
    const at = (order[from + i] ?? 0) * cols;
    for (let j = 0; j < cols; j++) view[i * cols + j] = ((values[at + j] ?? 0) - (mean[j] ?? 0)) * scale;
  }
  return matrix;
}

function normalised(hsic: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const own = hsic[i * n + i] ?? 0;
    if (!(own > 0)) {
      const seen = `set ${i + 1} has the same features for every patch`;
      throw badInput('The comparison', seen, 'Take patches of different places, or more of them.');
    }
    for (let j = 0; j <= i; j++) {
      const value = i === j ? 1 : (hsic[i * n + j] ?? 0) / Math.sqrt(own * (hsic[j * n + j] ?? 0));
      out[i * n + j] = value;
      out[j * n + i] = value;
    }
  }
  return out;
}
