import { expect, test, vi } from 'vitest';
import { valuesAt } from '#objects/grid.ts';
import { edgesOf } from './tissue-scale.ts';

const patch = (x: number, values: number[]) => ({
  x,
  y: 10.5,
  cellWidth: 2.5,
  cellHeight: 2.5,
  cols: 10,
  rows: 5,
  values: Float32Array.from(values),
});
const skewed = Array.from({ length: 50 }, (_, i) => (i / 50) ** 4);
const grid = {
  name: 'Tissue classes',
  channels: [
    { name: 'A', color: '#000000' },
    { name: 'B', color: '#ffffff' },
  ],
  patches: [
    patch(0, [...skewed.map(() => 0.5), ...skewed]),
    patch(25, [...skewed.map(() => 0.5), ...skewed.map((value, i) => (i < 10 ? Number.NaN : value))]),
  ],
};

test('a rank has a tenth of the cells in each step, whatever their values, and cells without tissue have none', () => {
  const edges = edgesOf(grid, 1, 'rank') ?? [];
  const values = grid.patches.flatMap(({ values: of }) => [...of.subarray(50)]).filter((value) => !Number.isNaN(value));
  expect(edges).toHaveLength(11);
  for (let step = 0; step < 10; step++) {
    const [from = 0, to = 0] = edges.slice(step, step + 2);
    const inside = values.filter((value) => value >= from && (step === 9 || value < to));
    expect(inside.length).toBeGreaterThanOrEqual(7);
    expect(inside.length).toBeLessThanOrEqual(11); // of 90
  }
});

test('half a million cells are not sorted: that held up the page for a fifth of a second', () => {
  const sorts = vi.spyOn(Float32Array.prototype, 'sort');
  const values = Float32Array.from({ length: 9 * 500_000 }, (_, k) => ((k * 7919) % 1_000_003) / 1_000_003);
  const channels = Array.from({ length: 9 }, (_, k) => ({ name: k === 3 ? 'Glass' : `${k}`, color: '#000000' }));
  const patches = [{ ...patch(0, []), cols: 1000, rows: 500, values }];
  const steps = edgesOf({ name: 'T', channels, patches }, 0, 'rank') ?? [];
  expect(sorts).not.toHaveBeenCalled();
  sorts.mockRestore();
  const onTissue = values.slice(0, 500_000).filter((_, cell) => {
    const here = Array.from({ length: 9 }, (_, k) => values[k * 500_000 + cell] ?? 0);
    return (here[3] ?? 0) < Math.max(...here);
  });
  const sorted = onTissue.sort();
  expect(steps).toEqual(Array.from({ length: 11 }, (_, k) => sorted[Math.round((k / 10) * (sorted.length - 1))]));
});

test('percentiles leave the outliers to the last steps; a map without values has no steps', () => {
  const edges = edgesOf(grid, 1, 'percentiles') ?? [];
  expect(edges[0]).toBeLessThan(0.001);
  expect(edges[10]).toBeCloseTo(0.96 ** 4, 1);
  expect((edges[5] ?? 0) - (edges[4] ?? 0)).toBeCloseTo((edges[1] ?? 0) - (edges[0] ?? 0), 6);
  expect(edgesOf({ ...grid, patches: [] }, 1, 'rank')).toBeUndefined();
});

test("the value under a point is its own cell's", () => {
  expect(valuesAt(grid, { x: 2.4, y: 10.6 })).toEqual([0.5, 0]);
  expect(valuesAt(grid, { x: 24.9, y: 22.9 })?.[1]).toBeCloseTo(skewed[49] ?? 0, 6);
  expect(valuesAt(grid, { x: 25.1, y: 10.6 })?.[1]).toBeNaN();
  expect(valuesAt(grid, { x: 51, y: 11 })).toBeUndefined();
});

test('cells that are glass take no part, unless glass is looked at, or there is nothing else', () => {
  const channels = ['A', 'Glass'].map((name) => ({ name, color: '#000000' }));
  const cells = { x: 0, y: 0, cellWidth: 1, cellHeight: 1, cols: 4, rows: 1 };
  const some = {
    name: 'T',
    channels,
    patches: [{ ...cells, values: Float32Array.of(0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25) }],
  };
  expect(edgesOf(some, 0, 'rank')?.[0]).toBe(0.75); // a tie with glass is glass
  expect(edgesOf(some, 1, 'rank')?.[0]).toBe(0.25);
  const none = { name: 'T', channels, patches: [{ ...cells, values: Float32Array.of(0, 0.25, 0, 0, 1, 0.75, 1, 1) }] };
  expect(edgesOf(none, 0, 'rank')?.[10]).toBe(0.25);
});
