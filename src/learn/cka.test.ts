import { describe, expect, test } from 'vitest';
import { type CkaPlan, ckaMatrix, PLAIN_CKA } from './cka.ts';
import type { Features } from './features.ts';
import { principalComponents } from './pca.ts';
import { Random } from './random.ts';
import { finished } from './steps.ts';
import { goldenFloats, goldens } from './testing/goldens.ts';
import { testKernel } from './testing/made-up.ts';

const kernel = testKernel();
const DEBIASED: CkaPlan = { ...PLAIN_CKA, debiased: true };
const cka = (sets: readonly Features[], plan = PLAIN_CKA): Float64Array => finished(ckaMatrix(kernel, sets, plan));
const drawn = (rows: number, cols: number, seed: number): Features => {
  const random = new Random(seed);
  return { values: Float32Array.from({ length: rows * cols }, () => random.normal()), rows, cols };
};

function goldenSets(): Features[] {
  const { rows, widths } = goldens().similarity;
  const all = goldenFloats('cka');
  let at = 0;
  return widths.map((cols) => {
    const values = all.slice(at, at + rows * cols);
    at += values.length;
    return { values, rows, cols };
  });
}

describe('CKA', () => {
  test.each([
    ['plain', PLAIN_CKA],
    ['debiased', DEBIASED],
  ] as const)('%s is within 1e-5 of NumPy, which goes by patches', (name, plan) => {
    const expected = goldens().similarity[name].flat();
    const found = cka(goldenSets(), plan);
    for (const [i, value] of expected.entries()) expect(Math.abs(value - (found[i] ?? 9))).toBeLessThan(1e-5);
  });

  test('does not see turns, shifts and scale', () => {
    const a = drawn(200, 2, 1);
    const turned = a.values.map((_, i, all) => {
      const [x, y] = [all[i - (i % 2)] ?? 0, all[i - (i % 2) + 1] ?? 0];
      return 50 + 7 * (i % 2 === 0 ? 0.6 * x - 0.8 * y : 0.8 * x + 0.6 * y);
    });
    expect(cka([a, { ...a, values: turned }])[1]).toBeCloseTo(1, 6);
  });

  test('of noise and noise: plain is fooled by wide features, debiased and minibatches are not', () => {
    const sets = [drawn(400, 300, 1), drawn(400, 300, 2)];
    expect(cka(sets)[1]).toBeGreaterThan(0.3);
    expect(Math.abs(cka(sets, DEBIASED)[1] ?? 9)).toBeLessThan(0.05);
    expect(Math.abs(cka(sets, { ...DEBIASED, batch: 64 })[1] ?? 9)).toBeLessThan(0.1);
  });

  test('minibatches come to what all at once gives', () => {
    const sets = goldenSets();
    const all = cka(sets, DEBIASED);
    const batches = cka(sets, { ...DEBIASED, batch: 100 });
    expect(Math.abs((all[1] ?? 0) - (batches[1] ?? 9))).toBeLessThan(0.03);
    expect(batches).not.toEqual(all);
  });

  test('large numbers do not leave float32', () => {
    const [a, b] = goldenSets();
    if (!a || !b) throw new Error('no sets');
    const huge = { ...a, values: a.values.map((value) => value * 1e15) };
    expect(cka([huge, b])[1]).toBeCloseTo(cka([a, b])[1] ?? 9, 5);
  });

  test('other patches, too few, and features that never change are refused', () => {
    expect(() => cka([drawn(10, 3, 1), drawn(11, 3, 1)])).toThrow('one has 10 patches and another 11');
    expect(() => cka([drawn(3, 3, 1), drawn(3, 3, 1)], DEBIASED)).toThrow('it has 3 patches at a time. It takes 4');
    const flat = { values: new Float32Array(30).fill(0.1), rows: 10, cols: 3 };
    expect(() => cka([drawn(10, 3, 1), flat])).toThrow('set 2 has the same features for every patch');
  });
});

describe('principal components', () => {
  test('are those of NumPy', () => {
    const [set] = goldenSets();
    if (!set) throw new Error('no set');
    const { components, share, scores } = principalComponents(kernel, set, 3);
    const expected = goldens().similarity;
    for (const [k, vector] of expected.components.entries()) {
      const cosine = vector.reduce((sum, value, j) => sum + value * (components[k * set.cols + j] ?? 0), 0);
      expect(Math.abs(cosine)).toBeGreaterThan(1 - 1e-6);
      expect(share[k]).toBeCloseTo(expected.share[k] ?? 9, 6);
    }
    const variance = (k: number): number =>
      scores.reduce((sum, value, i) => sum + (i % 3 === k ? value * value : 0), 0);
    expect(variance(1) / variance(0)).toBeCloseTo((expected.share[1] ?? 9) / (expected.share[0] ?? 1), 5);
  });

  test('wider than Lanczos goes', () => {
    const { values, rows, cols } = drawn(600, 200, 3);
    for (let i = 0; i < rows; i++)
      for (const j of [5, 60]) values[i * cols + j] = 9 * (values[i * cols + j] ?? 0) * (j === 5 ? 1 : 0.6);
    const { components } = principalComponents(kernel, { values, rows, cols }, 2);
    expect(components[5]).toBeGreaterThan(0.99);
    expect(components[cols + 60]).toBeGreaterThan(0.99);
  });

  test('one feature, and none that changes', () => {
    expect(principalComponents(kernel, drawn(20, 1, 1), 3).share).toEqual(Float64Array.of(1));
    const flat = { values: new Float32Array(30).fill(2), rows: 10, cols: 3 };
    expect(() => principalComponents(kernel, flat, 2)).toThrow('all 10 patches have the same features');
  });
});
