import { expect, test } from 'vitest';
import { random } from '../testing/random.ts';
import { histogramOf, niceSteps, summaryOf } from './distribution.ts';
import { ascendingRows } from './order.ts';

test.each([1, 2, 3])('rows by value as a plain stable sort has them (seed %i)', (seed) => {
  const next = random(seed);
  for (const count of [0, 1, 2, 1000, 5000]) {
    const values = Float32Array.from({ length: count }, () => {
      const kind = next();
      if (kind < 0.05) return Number.NaN;
      if (kind < 0.1) return kind < 0.075 ? -0 : 0;
      if (kind < 0.12) return kind < 0.11 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
      return (next() - 0.5) * 10 ** Math.floor(next() * 12 - 6);
    });
    const plain = Array.from(values.keys()).sort((a, b) => {
      const [x = 0, y = 0] = [values[a], values[b]];
      if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
      return x === y ? a - b : x - y;
    });
    expect([...ascendingRows(values)]).toEqual(plain);
  }
});

test('a summary, with what is not known told apart', () => {
  const values = Float32Array.of(4, 1, Number.NaN, 3, 2);
  const summary = summaryOf(values, ascendingRows(values));
  expect(summary).toMatchObject({ known: 4, unknown: 1, mean: 2.5 });
  expect(summary.sd).toBeCloseTo(Math.sqrt(1.25), 12);
  // numpy.quantile([1, 2, 3, 4], [0, .05, .25, .5, .75, .95, 1])
  const numpy = { min: 1, p5: 1.15, p25: 1.75, median: 2.5, p75: 3.25, p95: 3.85, max: 4 };
  for (const [name, value] of Object.entries(numpy))
    expect(Reflect.get(summary.quantiles, name)).toBeCloseTo(value, 12);
  expect(summaryOf(Float32Array.of(Number.NaN), [0])).toMatchObject({ known: 0, mean: Number.NaN });
});

test('a histogram loses nothing: bins and ends hold every known value', () => {
  const values = Float32Array.of(-1, 0, 0.5, 1, 1.5, 2, 7, Number.NaN);
  const { counts, below, above } = histogramOf(values, { low: 0, high: 2, bins: 2 });
  expect([below, ...counts, above]).toEqual([1, 2, 3, 1]);
  expect([...histogramOf(values, { low: 0, high: 2, bins: 4 }, [1, 3, 5]).counts]).toEqual([1, 0, 1, 1]);
});

test.each([
  [0, 60, 6, 0, 10],
  [0.31, 0.97, 6, 0.2, 0.2],
  [-3, 9, 4, -5, 5],
  [100, 100, 4, 100, 1],
])('axis from %f to %f', (low, high, wanted, first, step) => {
  const nice = niceSteps(low, high, wanted);
  expect([nice.first, nice.step].map((n) => Number(n.toFixed(6)))).toEqual([first, step]);
});
