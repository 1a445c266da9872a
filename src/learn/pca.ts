// Principal components of features, for a picture of them: a Gram matrix of features in the kernel, then Lanczos with full
// re-orthogonalisation and Rayleigh–Ritz in double precision (Golub & Van Loan, Matrix Computations, ch. 10).
import { badInput, checkFeatures, type Features } from './features.ts';
import { type Kernel, transposed } from './kernel/kernel.ts';
import { Random } from './random.ts';

export interface Components {
  readonly scores: Float32Array<ArrayBuffer>; //     [rows × count] of every patch
  readonly components: Float64Array<ArrayBuffer>; // [count × cols] unit vectors; the largest entry is positive
  readonly share: Float64Array<ArrayBuffer>; //      [count] of the variance
}

const AT_ONCE = 2_048; // rows in the kernel
const KRYLOV = 96; //     steps: the first few components have settled long before

/** @throws EosinError BadInput where all patches are equal, or there are fewer than two */
export function principalComponents(kernel: Kernel, features: Features, count: number): Components {
  checkFeatures(features);
  const { rows, cols } = features;
  using _ = kernel.scope();
  const mean = meanOf(features);
  const gram = kernel.matrix(cols, cols);
  eachBlock(features, mean, (values, _from, n) => {
    using __ = kernel.scope();
    kernel.addGram(kernel.from(values, n, cols), gram);
  });
  const symmetric = Float64Array.from(kernel.view(gram));
  let total = 0;
  for (let j = 0; j < cols; j++) total += symmetric[j * cols + j] ?? 0;
  const constant = rows * mean.reduce((sum, value) => sum + value * value, 0);
  if (!(total > 1e-12 * constant)) {
    const seen = `all ${rows} patches have the same features`;
    throw badInput('The features', seen, 'Take patches of different places, or another encoder.');
  }
  const { values, vectors } = leading(symmetric, cols, Math.min(count, cols));
  const found = values.length;
  const directions = kernel.from(vectors, found, cols);
  const scores = new Float32Array(rows * found);
  eachBlock(features, mean, (block, from, n) => {
    using __ = kernel.scope();
    const out = kernel.matrix(n, found);
    kernel.product(kernel.from(block, n, cols), transposed(directions), out);
    scores.set(kernel.view(out), from * found);
  });
  return { scores, components: vectors, share: values.map((value) => value / total) };
}

function meanOf({ values, rows, cols }: Features): Float64Array {
  const mean = new Float64Array(cols);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) mean[j] = (mean[j] ?? 0) + (values[i * cols + j] ?? 0) / rows;
  return mean;
}

function eachBlock(
  { values, rows, cols }: Features,
  mean: Float64Array,
  take: (block: Float32Array, from: number, rows: number) => void,
): void {
  for (let from = 0; from < rows; from += AT_ONCE) {
    const n = Math.min(AT_ONCE, rows - from);
    const block = values.slice(from * cols, (from + n) * cols);
    for (let at = 0; at < block.length; at++) block[at] = (block[at] ?? 0) - (mean[at % cols] ?? 0);
    take(block, from, n);
  }
}

interface Eigen {
  readonly values: Float64Array<ArrayBuffer>; //  largest first
  readonly vectors: Float64Array<ArrayBuffer>; // [values × n]
}

/** The largest eigenvalues of a symmetric, positive matrix [n × n]. */
function leading(matrix: Float64Array, n: number, count: number): Eigen {
  const basis: Float64Array[] = [];
  const images: Float64Array[] = [];
  const random = new Random(1);
  let next = Float64Array.from({ length: n }, () => random.normal());
  while (basis.length < Math.min(n, Math.max(KRYLOV, 4 * count))) {
    const unit =
      orthonormal(next, basis) ??
      orthonormal(
        Float64Array.from({ length: n }, () => random.normal()),
        basis,
      );
    if (!unit) break;
    basis.push(unit);
    next = multiplied(matrix, unit);
    images.push(next);
  }
  const m = basis.length;
  const small = new Float64Array(m * m); // Rayleigh–Ritz: the matrix as the basis sees it
  for (const [i, a] of basis.entries()) for (const [j, b] of images.entries()) small[i * m + j] = dot(a, b);
  const ritz = jacobi(small, m);
  const vectors = new Float64Array(count * n);
  for (let k = 0; k < count; k++) {
    const vector = vectors.subarray(k * n, (k + 1) * n);
    for (const [i, unit] of basis.entries())
      for (let j = 0; j < n; j++) vector[j] = (vector[j] ?? 0) + (ritz.vectors[k * m + i] ?? 0) * (unit[j] ?? 0);
    const top = vector.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    const scale = Math.sign(top) / Math.sqrt(dot(vector, vector));
    for (let j = 0; j < n; j++) vector[j] = (vector[j] ?? 0) * scale;
  }
  return { values: ritz.values.slice(0, count), vectors };
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
};

function multiplied(matrix: Float64Array, vector: Float64Array): Float64Array<ArrayBuffer> {
  const n = vector.length;
  return Float64Array.from(vector, (_, i) => dot(matrix.subarray(i * n, (i + 1) * n), vector));
}

/** Twice, since once leaves what rounding put in; undefined where nothing new is left. */
function orthonormal(vector: Float64Array, basis: readonly Float64Array[]): Float64Array | undefined {
  const out = Float64Array.from(vector);
  const before = Math.sqrt(dot(out, out));
  for (let pass = 0; pass < 2; pass++)
    for (const unit of basis) {
      const share = dot(out, unit);
      for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) - share * (unit[i] ?? 0);
    }
  const length = Math.sqrt(dot(out, out));
  return length > 1e-10 * before ? out.map((value) => value / length) : undefined;
}

/** All eigenvalues of a small symmetric matrix by cyclic Jacobi rotations, largest first; vectors as rows. */
function jacobi(matrix: Float64Array, n: number): Eigen {
  const a = Float64Array.from(matrix);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const at = (i: number, j: number): number => a[i * n + j] ?? 0;
  for (let sweep = 0; sweep < 30; sweep++) {
    let [off, on] = [0, 0];
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) i === j ? (on += at(i, j) ** 2) : (off += at(i, j) ** 2);
    if (off <= 1e-28 * on) break;
    for (let p = 0; p < n - 1; p++)
      for (let q = p + 1; q < n; q++) {
        if (at(p, q) === 0) continue;
        const theta = (at(q, q) - at(p, p)) / (2 * at(p, q));
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        turn(a, n, p, q, c, t * c, true);
        turn(a, n, p, q, c, t * c, false);
        turn(v, n, p, q, c, t * c, false);
      }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => at(j, j) - at(i, i));
  const vectors = new Float64Array(n * n);
  for (const [row, i] of order.entries()) vectors.set(v.subarray(i * n, (i + 1) * n), row * n);
  return { values: Float64Array.from(order, (i) => at(i, i)), vectors };
}

/** Turns columns, or rows, p and q into one another. */
function turn(m: Float64Array, n: number, p: number, q: number, c: number, s: number, columns: boolean): void {
  for (let k = 0; k < n; k++) {
    const [i, j] = columns ? [k * n + p, k * n + q] : [p * n + k, q * n + k];
    const [x, y] = [m[i] ?? 0, m[j] ?? 0];
    m[i] = c * x - s * y;
    m[j] = s * x + c * y;
  }
}
