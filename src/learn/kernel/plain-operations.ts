// The kernel's operations in plain TypeScript, sums in double precision: what the WebAssembly is held against.
import { BETA1, BETA2, EPSILON, type Operations, PANEL } from './operations.ts';

export function plainOperations(memory: WebAssembly.Memory): Operations {
  const floats = (): Float32Array => new Float32Array(memory.buffer);
  const each = (x: number, n: number, f: (value: number, index: number, all: Float32Array) => number): void => {
    const all = floats();
    for (let i = 0; i < n; i++) all[x / 4 + i] = f(all[x / 4 + i] ?? 0, i, all);
  };
  const withY =
    (f: (x: number, y: number) => number) =>
    (x: number, y: number, n: number): void =>
      each(x, n, (value, i, all) => f(value, all[y / 4 + i] ?? 0));
  return {
    pack(b, down, across, k, width, panel) {
      const all = floats();
      for (let row = 0; row < k; row++)
        for (let j = 0; j < PANEL; j++)
          all[panel / 4 + row * PANEL + j] = j < width ? (all[(b + row * down + j * across) / 4] ?? 0) : 0;
    },
    multiply(a, down, across, panel, c, cDown, m, k, width) {
      const all = floats();
      for (let i = 0; i < m; i++)
        for (let j = 0; j < width; j++) {
          let sum = 0;
          for (let p = 0; p < k; p++)
            sum += (all[(a + i * down + p * across) / 4] ?? 0) * (all[panel / 4 + p * PANEL + j] ?? 0);
          const at = (c + i * cDown) / 4 + j;
          all[at] = (all[at] ?? 0) + sum;
        }
    },
    dots(query, rows, n, d, out) {
      each(out, n, (_, row, all) => {
        let sum = 0;
        for (let j = 0; j < d; j++) sum += (all[query / 4 + j] ?? 0) * (all[rows / 4 + row * d + j] ?? 0);
        return sum;
      });
    },
    addRow: (x, bias, rows, cols) => each(x, rows * cols, (value, i, all) => value + (all[bias / 4 + (i % cols)] ?? 0)),
    columnSums(out, x, rows, cols) {
      each(out, cols, (value, col, all) => {
        let sum = value;
        for (let row = 0; row < rows; row++) sum += all[x / 4 + row * cols + col] ?? 0;
        return sum;
      });
    },
    addScaled: (y, x, n, factor) => each(y, n, (value, i, all) => value + factor * (all[x / 4 + i] ?? 0)),
    times: withY((x, y) => x * y),
    relu: (x, n) => each(x, n, (value) => Math.max(value, 0)),
    tanh: (x, n) => each(x, n, Math.tanh),
    sigmoid: (x, n) => each(x, n, (value) => 1 / (1 + Math.exp(-value))),
    reluBack: withY((gradient, y) => (y > 0 ? gradient : 0)),
    tanhBack: withY((gradient, y) => gradient * (1 - y * y)),
    sigmoidBack: withY((gradient, y) => gradient * y * (1 - y)),
    adam(p, g, m, v, n, rate, unbias, keep) {
      each(p, n, (value, i, all) => {
        const [gradient, mi, vi] = [all[g / 4 + i] ?? 0, m / 4 + i, v / 4 + i];
        const mean = BETA1 * (all[mi] ?? 0) + (1 - BETA1) * gradient;
        const square = BETA2 * (all[vi] ?? 0) + (1 - BETA2) * gradient * gradient;
        all[mi] = mean;
        all[vi] = square;
        return value * keep - (rate * mean) / (Math.sqrt(square) * unbias + EPSILON);
      });
    },
  };
}
