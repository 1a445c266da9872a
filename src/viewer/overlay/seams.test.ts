import { expect, test } from 'vitest';
import { gridForm, gridLines } from './seams.ts';

const core = (col: number, row: number, side = 512) => ({ x: col * side, y: row * side, width: side, height: side });

test('each line of the grid is drawn once, as long as it goes', () => {
  const cores = [core(0, 0), core(1, 0), core(0, 1), core(1, 1)];
  const lines = gridLines(cores);
  expect(lines).toHaveLength(6); // three level, three upright
  expect(lines).toContainEqual({ x0: 0, y0: 512, x1: 1024, y1: 512 });
  expect(lines).toContainEqual({ x0: 512, y0: 0, x1: 512, y1: 1024 });
});

test('a gap in the grid stays a gap, and the order of cores says nothing', () => {
  const cores = [core(2, 0), core(0, 0)];
  const top = gridLines(cores).filter(({ y0, y1 }) => y0 === 0 && y1 === 0);
  expect(top).toEqual([
    { x0: 0, y0: 0, x1: 512, y1: 0 },
    { x0: 1024, y0: 0, x1: 1536, y1: 0 },
  ]);
  expect(gridLines([...cores].reverse())).toHaveLength(gridLines(cores).length);
  expect(gridLines([])).toEqual([]);
});

test('a hundred thousand patches are a few hundred lines', () => {
  const cores = Array.from({ length: 100_000 }, (_, i) => core(i % 400, Math.floor(i / 400)));
  expect(gridLines(cores)).toHaveLength(401 + 251);
});

test('zoomed out, first the numbers go, then the lines', () => {
  const grid = { cores: [core(0, 0)], touching: [] };
  const at = (zoom: number) => gridForm(grid, { centre: { x: 0, y: 0 }, zoom, rotation: 0, width: 800, height: 600 });
  expect([0.2, 0.05, 0.01].map(at)).toEqual(['numbers', 'lines', 'hidden']);
  expect(
    gridForm({ cores: [], touching: [] }, { centre: { x: 0, y: 0 }, zoom: 1, rotation: 0, width: 8, height: 6 }),
  ).toBe('hidden');
});
