// What the kernel computes, on floats in one flat memory. Two make it: WebAssembly (wasm-operations.ts), and plain
// TypeScript (plain-operations.ts), the oracle. Addresses and strides are bytes, counts are floats or rows.

/** Columns of a packed panel: two vectors. */
export const PANEL = 8;

export interface Operations {
  /** Panel [k × 8] of the first `width` columns of b [k × n], the rest zero. */
  pack(b: number, bDown: number, bAcross: number, k: number, width: number, panel: number): void;
  /** c [m × width] += a [m × k] · panel [k × 8]. `spill`: 128 bytes to use. */
  multiply(
    a: number,
    aDown: number,
    aAcross: number,
    panel: number,
    c: number,
    cDown: number,
    m: number,
    k: number,
    width: number,
    spill: number,
  ): void;
  /** out[i] = Σ query · row i; rows of d floats, one behind the other. */
  dots(query: number, rows: number, n: number, d: number, out: number): void;
  /** Every row += the bias. */
  addRow(x: number, bias: number, rows: number, cols: number): void;
  /** out [cols] += the sum of the rows. */
  columnSums(out: number, x: number, rows: number, cols: number): void;
  // From here on n is a multiple of four.
  /** y += factor · x */
  addScaled(y: number, x: number, n: number, factor: number): void;
  /** x *= y */
  times(x: number, y: number, n: number): void;
  relu(x: number, n: number): void;
  tanh(x: number, n: number): void;
  sigmoid(x: number, n: number): void;
  /** A gradient by y becomes one by what y was made of; y as the forward function left it. */
  reluBack(gradient: number, y: number, n: number): void;
  tanhBack(gradient: number, y: number, n: number): void;
  sigmoidBack(gradient: number, y: number, n: number): void;
  /**
   * One step of AdamW (Loshchilov & Hutter 2019), as PyTorch has it.
   * @param rate of this step, divided by 1 - beta1^t
   * @param unbias 1 / sqrt(1 - beta2^t)
   * @param keep 1 - rate · decay
   */
  adam(p: number, g: number, m: number, v: number, n: number, rate: number, unbias: number, keep: number): void;
}

export const BETA1 = 0.9;
export const BETA2 = 0.999;
export const EPSILON = 1e-8;
