import { describe, expect, test } from 'vitest';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import type { GridStyle } from '../viewer-api.ts';
import { luminanceOf, rgbOf, stepOf } from './colormaps.ts';
import { colouring, legendOf } from './grid-cells.ts';
import { edgesOf } from './run-edges.ts';

describe('run edges', () => {
  const length = (rects: Parameters<typeof edgesOf>[0]): number =>
    edgesOf(rects).reduce((sum, { x0, y0, x1, y1 }) => sum + Math.abs(x1 - x0) + Math.abs(y1 - y0), 0);
  const at = (x: number, y: number, side = 10) => ({ x, y, width: side, height: side });

  test('one patch has its four sides', () => expect(edgesOf([at(0, 0)])).toHaveLength(4));
  test('two that touch are one box, its long sides in one piece', () => {
    const edges = edgesOf([at(0, 0), at(10, 0)]);
    expect(edges).toHaveLength(4);
    expect(edges).toContainEqual({ x0: 0, y0: 0, x1: 20, y1: 0 });
    expect(edges.some((edge) => edge.x0 === 10 && edge.x1 === 10)).toBe(false);
  });
  test('a hole has an edge', () => {
    const ring = [0, 1, 2].flatMap((col) => [0, 1, 2].map((row) => at(col * 10, row * 10)));
    expect(length(ring)).toBe(120);
    expect(length(ring.filter(({ x, y }) => x !== 10 || y !== 10))).toBe(160);
  });
  test('sides of different lengths cancel only where they touch', () => {
    expect(length([at(0, 0), { x: 10, y: 0, width: 5, height: 4 }])).toBe(2 * (15 + 10));
  });
  test('corners that touch stay apart', () => expect(length([at(0, 0), at(10, 10)])).toBe(80));
});

describe('grid cells', () => {
  const patch: GridPatch = {
    x: 0,
    y: 0,
    cellWidth: 32.5,
    cellHeight: 32.5,
    cols: 2,
    rows: 2,
    values: new Float32Array([0.9, 0.2, Number.NaN, 0.5, 0.1, 0.8, Number.NaN, 0.5]),
  };
  const grid: ValueGrid = {
    name: 'Tissue',
    channels: [
      { name: 'Tumour', color: '#ff7a1a' },
      { name: 'Stroma', color: '#8cf2b4' },
    ],
    patches: [patch],
  };
  const style: GridStyle = { shown: true, opacity: 0.42, threshold: 0, channel: 'argmax', colormap: 'classes' };
  const cells = (over: Partial<GridStyle>): (readonly number[])[] => {
    const rgba = new Uint8Array(colouring(grid, { ...style, ...over })(patch).buffer);
    return [0, 1, 2, 3].map((i) => [...rgba.subarray(4 * i, 4 * i + 4)]);
  };
  const tumour = [255, 122, 26, 255];
  const stroma = [140, 242, 180, 255];
  const clear = [0, 0, 0, 0];

  test('the strongest class, the first where equal, nothing where there is no tissue', () =>
    expect(cells({})).toEqual([tumour, stroma, clear, tumour]));
  test('the threshold leaves weak cells out', () =>
    expect(cells({ threshold: 0.85 })).toEqual([tumour, clear, clear, clear]));
  test('a hidden class is left out, not replaced', () =>
    expect(cells({ classShown: [false, true] })).toEqual([clear, stroma, clear, clear]));
  test('one channel in ten steps over its range', () => {
    const [first, second] = cells({ channel: 0, colormap: 'viridis', range: [0.2, 0.9] });
    expect(first).toEqual([...rgbOf('#fde725'), 255]);
    expect(second).toEqual([...rgbOf('#440154'), 255]);
  });
  test('steps may be uneven: a colour is that of the step a value lies in, and the legend says where it ends', () => {
    const edges = [0, 0.05, 0.1, 0.15, 0.2, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9];
    const over = { channel: 0, colormap: 'viridis', edges, scale: 'rank' } as const;
    expect(cells(over).map((cell) => cell.slice(0, 3))).toEqual([
      [0xfd, 0xe7, 0x25], // 0.9, the last
      [0x26, 0x82, 0x8e], // 0.2 in single precision, just above the edge: the fifth
      [0, 0, 0], // NaN
      [0x1f, 0x9e, 0x89], // 0.5, the sixth
    ]);
    const legend = legendOf(grid, { ...style, ...over }, false);
    expect(legend.name).toBe('Tissue: Tumour, rank');
    expect(legend.entries[4]).toMatchObject({ from: 0.2, to: 0.5 });
  });

  test('the legend has the shown classes, or the ten steps with their values', () => {
    expect(legendOf(grid, { ...style, classShown: [true, false] }, true).entries).toEqual([
      { color: '#ff7a1a', label: 'Tumour' },
    ]);
    const { entries } = legendOf(grid, { ...style, channel: 1, colormap: 'grey', range: [0, 2] }, false);
    expect(entries).toHaveLength(10);
    expect(entries[9]).toMatchObject({ from: 1.8, to: 2, label: '1.8 to 2' });
  });
});

test('steps and colours', () => {
  expect([-1, 0, 0.0999, 0.1, 0.95, 1, 7].map((value) => stepOf(value, [0, 1]))).toEqual([0, 0, 0, 1, 9, 9, 9]);
  expect(rgbOf('#1a2bff')).toEqual([26, 43, 255]);
  expect(rgbOf('blue')).toEqual([0, 0, 0]);
  expect(luminanceOf('#ffffff')).toBeCloseTo(1, 6);
  expect(luminanceOf('#1a2bff')).toBeLessThan(0.1); // the lumen's blue takes a white casing
  expect(luminanceOf('#1fa2ff')).toBeGreaterThan(0.2);
});
