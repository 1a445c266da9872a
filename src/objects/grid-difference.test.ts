import { expect, test } from 'vitest';
import { flatOf, flatOfBoxes, flatValueAt, gridOfFlat } from './flat-map.ts';
import type { GridPatch, ValueGrid } from './grid.ts';
import { differenceOf } from './grid-difference.ts';
import { sampled } from './grid-sample.ts';
import { random as seeded } from './testing/random.ts';

const nan = Number.NaN;
const grid = (patches: readonly GridPatch[], channels = 1): ValueGrid => ({
  name: 'Tissue',
  channels: Array.from({ length: channels }, (_, k) => ({ name: `class ${k}`, color: '#111111' })),
  patches,
});
const cells = { x: 10.5, y: 3.25, cellWidth: 8.125, cellHeight: 8.125, cols: 2, rows: 2 };
const numbers = ({ map }: ReturnType<typeof differenceOf>): number[] => [...map.values];

test('two classes of one map: here less there, NaN where there is no tissue', () => {
  const map = grid([{ ...cells, values: Float32Array.of(0.75, 0.5, nan, 0, 0.25, 0.5, nan, 1) }], 2);
  const made = differenceOf(flatOf(map, 0), flatOf(map, 1), 'values');
  expect(numbers(made)).toEqual([0.5, 0, nan, -1]);
  expect(made.most).toBe(1);
  const of = gridOfFlat(made.map, 'Difference', 'a less b');
  expect(of.channels.map(({ name }) => name)).toEqual(['a less b']);
  expect(of.patches).toMatchObject([{ ...cells, values: Float32Array.of(0.5, 0, nan, -1) }]); // on the same fractional places
});

test('a map that lacks a value of either is NaN there, wherever its patches end', () => {
  const here = grid([{ ...cells, values: Float32Array.of(1, 1, 1, nan) }]);
  const there = grid([{ ...cells, cols: 1, rows: 2, values: Float32Array.of(0.25, nan) }]);
  expect(numbers(differenceOf(flatOf(here, 0), flatOf(there, 0), 'values'))).toEqual([0.75, nan, nan, nan]);
});

test('maps of two cuts are compared on the finer one, whichever side it is on', () => {
  const fine = grid([{ ...cells, x: 0, y: 0, cellWidth: 5, cellHeight: 5, values: Float32Array.of(1, 0.5, 0.5, 0) }]);
  const coarse = flatOfBoxes(Float32Array.of(0, 0, 7, 10, 7, 0, 3, 10), Float32Array.of(0.25, 0.75));
  const [a, b] = [flatOf(fine, 0), coarse];
  // centres at 2.5 and 7.5: the first column lies in the first box, the second in the second
  expect(numbers(differenceOf(a, b, 'values'))).toEqual([0.75, -0.25, 0.25, -0.75]);
  expect(numbers(differenceOf(b, a, 'values'))).toEqual([-0.75, 0.25, -0.25, 0.75]);
});

test('ranks do not know how far values lie apart; equal values share a rank', () => {
  const here = grid([{ ...cells, values: Float32Array.of(0.1, 0.2, 0.2, 0.9) }]);
  const there = grid([{ ...cells, values: Float32Array.of(1, 20, 20, 3000) }]);
  expect(numbers(differenceOf(flatOf(here, 0), flatOf(there, 0), 'ranks'))).toEqual([0, 0, 0, 0]);
  const turned = grid([{ ...cells, values: Float32Array.of(4, 3, 2, 1) }]);
  const apart = differenceOf(flatOf(here, 0), flatOf(turned, 0), 'ranks');
  expect(numbers(apart)).toEqual([-1, expect.closeTo(0.5 - 2 / 3), expect.closeTo(0.5 - 1 / 3), 1]);
});

test('a point is looked up as a search through all patches would find it', () => {
  const random = seeded(11);
  const patches = Array.from({ length: 60 }, (_, k): GridPatch => {
    const [cols, rows] = [1 + Math.floor(random() * 4), 1 + Math.floor(random() * 4)];
    const [x, y] = [40.3 * (k % 8) - 60, 40.3 * Math.floor(k / 8) - 60];
    return {
      x,
      y,
      cellWidth: 10.05,
      cellHeight: 10.05,
      cols,
      rows,
      values: Float32Array.from({ length: cols * rows }, random),
    };
  });
  const flat = flatOf(grid(patches), 0);
  const at = sampled(flat);
  for (let n = 0; n < 2000; n++) {
    const [x, y] = [random() * 400 - 80, random() * 400 - 80];
    const own = patches.find(
      (of) => x >= of.x && y >= of.y && x < of.x + of.cols * 10.05 && y < of.y + of.rows * 10.05,
    );
    const cell = own && Math.floor((y - own.y) / 10.05) * own.cols + Math.floor((x - own.x) / 10.05);
    const value = own && cell !== undefined ? own.values[cell] : nan;
    expect(at(x, y)).toBe(value);
    expect(flatValueAt(flat, { x, y })).toBe(value);
  }
});
