// Features of patches as training takes them, and what is said of those it cannot take.
import { EosinError } from '#errors/failure.ts';

/** Row-major; row i is what an encoder's block said of patch i. Borrowed. */
export interface Features {
  readonly values: Float32Array; // [rows × cols]
  readonly rows: number;
  readonly cols: number;
}

export const badInput = (what: string, seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what, seen, todo });

/** @throws EosinError BadInput where the sizes do not fit or a feature is no number */
export function checkFeatures({ values, rows, cols }: Features): void {
  if (rows < 1 || cols < 1) throw badInput('The features', 'there are none', 'Embed a region with tissue first.');
  if (values.length !== rows * cols) {
    const seen = `${values.length} numbers are not ${rows} rows of ${cols}`;
    throw badInput('The features', seen, 'Embed the patches again.');
  }
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    const seen = `patch ${Math.floor(i / cols)} has one that is no number`;
    throw badInput('The features', seen, 'Embed that region again, or choose another encoder.');
  }
}

/** @throws EosinError BadInput where features of another width are given to what was trained */
export function checkWidth(cols: number, expected: number): void {
  if (cols === expected) return;
  const seen = `they are ${cols} wide, and this was trained on ${expected}`;
  throw badInput('The features', seen, 'Use those of the encoder and block it was trained on.');
}

/** Rows in the given order, as features of their own. */
export function taken(
  { values, cols }: Features,
  rows: ArrayLike<number>,
): Features & {
  readonly values: Float32Array<ArrayBuffer>;
} {
  const out = new Float32Array(rows.length * cols);
  for (let i = 0; i < rows.length; i++) {
    const from = (rows[i] ?? 0) * cols;
    out.set(values.subarray(from, from + cols), i * cols);
  }
  return { values: out, rows: rows.length, cols };
}

/** Mean and deviation of every column; a constant column's deviation counts as 1, so it becomes 0 and not noise. */
export interface Scaling {
  readonly mean: Float32Array<ArrayBuffer>;
  readonly deviation: Float32Array<ArrayBuffer>;
}

/** @throws EosinError BadInput where all rows are equal */
export function scalingOf({ values, rows, cols }: Features): Scaling {
  const [sum, square] = [new Float64Array(cols), new Float64Array(cols)];
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) sum[j] = (sum[j] ?? 0) + (values[i * cols + j] ?? 0);
  const mean = sum.map((total) => total / rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < cols; j++) {
      const off = (values[i * cols + j] ?? 0) - (mean[j] ?? 0);
      square[j] = (square[j] ?? 0) + off * off;
    }
  const least = (j: number): number => 1e-6 * Math.max(1e-3, Math.abs(mean[j] ?? 0)); // below: rounding
  const deviation = Float32Array.from(square, (total, j) => {
    const found = Math.sqrt(total / rows);
    return found > least(j) ? found : 0;
  });
  if (rows > 1 && deviation.every((value) => value === 0)) {
    const seen = `all ${rows} patches have the same features`;
    throw badInput('The features', seen, 'Take patches of different places, or another encoder.');
  }
  return { mean: Float32Array.from(mean), deviation: deviation.map((value) => value || 1) };
}

/** In place. */
export function standardise(values: Float32Array, cols: number, { mean, deviation }: Scaling): void {
  for (let at = 0; at < values.length; at += cols)
    for (let j = 0; j < cols; j++) values[at + j] = ((values[at + j] ?? 0) - (mean[j] ?? 0)) / (deviation[j] ?? 1);
}
