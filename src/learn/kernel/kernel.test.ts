import { describe, expect, test } from 'vitest';
import { Random } from '../random.ts';
import { colsOf, Kernel, type Matrix, rowsOf, transposed } from './kernel.ts';
import { compileKernel } from './wasm-operations.ts';

const limitBytes = 64e6;
const fast = new Kernel({ module: compileKernel(), limitBytes });
const plain = new Kernel({ module: undefined, limitBytes });

/** The same on both kernels, in scopes of their own; the largest difference relative to the largest value. */
function difference(compute: (kernel: Kernel, random: Random) => Matrix): number {
  const [a, b] = [fast, plain].map((kernel) => {
    using _ = kernel.scope();
    const out = compute(kernel, new Random(3));
    return Float32Array.from(kernel.view(out));
  });
  if (!a || !b) return Number.NaN;
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest).toBeGreaterThan(0);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 0))), 0) / largest;
}

const random2 = (kernel: Kernel, random: Random, rows: number, cols: number, size = 1): Matrix =>
  kernel.from(
    Float32Array.from({ length: rows * cols }, () => size * random.normal()),
    rows,
    cols,
  );

/** How large the arguments are, and whether the gradient is looked at: with large ones it vanishes. */
const SIZES = [
  [0.01, false],
  [1, false],
  [30, false],
  [1e4, false],
  [0.01, true],
  [2, true],
] as const;

describe('the WebAssembly does as plain TypeScript does', () => {
  test.each([
    [1, 1, 1],
    [4, 8, 8],
    [5, 9, 3],
    [33, 17, 600],
    [7, 64, 257],
    [131, 5, 3],
  ])('products of %d × %d over %d, both sides as they are and transposed', (m, n, k) => {
    for (const turnA of [false, true])
      for (const turnB of [false, true]) {
        const found = difference((kernel, random) => {
          const a = turnA ? transposed(random2(kernel, random, k, m)) : random2(kernel, random, m, k);
          const b = turnB ? transposed(random2(kernel, random, n, k)) : random2(kernel, random, k, n);
          const c = random2(kernel, random, m, n);
          kernel.product(a, b, c, true);
          return c;
        });
        expect(found).toBeLessThan(3e-6); // float32 sums of 600 terms
      }
  });

  test('a product into a part of a matrix leaves the rest alone', () => {
    for (const kernel of [fast, plain]) {
      using _ = kernel.scope();
      const a = kernel.from([1, 2, 3, 4, 5, 6], 2, 3);
      const whole = kernel.from(new Float32Array(4 * 5).fill(7), 4, 5);
      kernel.product(a, transposed(a), colsOf(rowsOf(whole, 1, 2), 2, 2));
      expect([...kernel.view(whole)]).toEqual(
        [7, 7, 7, 7, 7, [7, 7, 14, 32, 7], [7, 7, 32, 77, 7], 7, 7, 7, 7, 7].flat(),
      );
    }
  });

  test.each([3, 64, 150])('a Gram matrix of %d columns is the whole product', (cols) => {
    using _ = fast.scope();
    const x = random2(fast, new Random(4), 40, cols);
    const [gram, expected] = [fast.matrix(cols, cols), fast.matrix(cols, cols)];
    for (let round = 0; round < 2; round++) {
      fast.addGram(x, gram);
      fast.product(transposed(x), x, expected, true);
    }
    const [a, b] = [gram, expected].map((matrix) => [...fast.view(matrix)]);
    for (const [i, value] of (a ?? []).entries()) expect(value).toBeCloseTo(b?.[i] ?? 9e9, 3);
  });

  test.each([1, 3, 8, 41])('dots, bias and sums of columns, %d wide', (d) => {
    expect(
      difference((kernel, random) => {
        const [query, rows] = [random2(kernel, random, 1, d), random2(kernel, random, 29, d)];
        const out = kernel.matrix(29, 1);
        kernel.dots(query, rows, out);
        return out;
      }),
    ).toBeLessThan(1e-6);
    expect(
      difference((kernel, random) => {
        const x = random2(kernel, random, 29, d);
        kernel.addRow(x, random2(kernel, random, 1, d));
        const out = random2(kernel, random, 1, d);
        kernel.addColumnSums(out, x);
        return out;
      }),
    ).toBeLessThan(1e-6);
  });

  test.each(['relu', 'tanh', 'sigmoid'] as const)('%s and its gradient', (name) => {
    for (const [size, isGradient] of SIZES)
      expect(
        difference((kernel, random) => {
          const x = random2(kernel, random, 9, 11, size);
          kernel[name](x);
          if (!isGradient) return x;
          const gradient = random2(kernel, random, 9, 11);
          kernel[`${name}Back`](gradient, x);
          return gradient;
        }),
      ).toBeLessThan(isGradient || isGradient || size < 1 ? 1e-5 : 5e-7); // differences of 1 and nearly 1: absolute 1e-7
  });

  test('products by element, scaled sums, steps of Adam', () => {
    for (const decay of [0, 0.1])
      expect(
        difference((kernel, random) => {
          const [p, m, v] = [random2(kernel, random, 7, 9), kernel.matrix(7, 9), kernel.matrix(7, 9)];
          for (let t = 1; t <= 20; t++) {
            const gradient = random2(kernel, random, 7, 9);
            kernel.times(gradient, p);
            kernel.addScaled(gradient, p, 0.3);
            kernel.adam(p, gradient, m, v, t, 0.01, decay);
          }
          return p;
        }),
      ).toBeLessThan(1e-5);
  });

  test('what is no number stays none', () => {
    for (const name of ['relu', 'tanh', 'sigmoid'] as const) {
      using _ = fast.scope();
      const x = fast.from([Number.NaN, 0], 1, 2);
      fast[name](x);
      expect(fast.view(x)[0]).toBeNaN();
    }
  });
});

describe('memory', () => {
  test('grows, keeps what it holds, and is used again after a scope', () => {
    const kernel = new Kernel({ module: compileKernel(), limitBytes: 8e6 });
    const kept = kernel.from([1, 2, 3], 1, 3);
    for (let round = 0; round < 20; round++) {
      using _ = kernel.scope();
      const large = kernel.matrix(1_000, 1_000);
      expect(kernel.view(large)[999_999]).toBe(0);
      kernel.view(large).fill(round + 1);
    }
    expect([...kernel.view(kept)]).toEqual([1, 2, 3]);
    expect(kernel.bytes).toBeLessThanOrEqual(8e6);
  });

  test('more than allowed is said, and what was there stays', () => {
    const kernel = new Kernel({ module: compileKernel(), limitBytes: 1e6 });
    const kept = kernel.from([5], 1, 1);
    expect(() => kernel.matrix(1_000, 1_000)).toThrow('needs 5 MB of memory, and may use 1 MB');
    expect(kernel.view(kept)[0]).toBe(5);
  });

  test('sizes that have no product are refused', () => {
    using _ = plain.scope();
    const a = plain.matrix(2, 3);
    expect(() => plain.product(a, a, plain.matrix(2, 3))).toThrow('no product');
  });
});
