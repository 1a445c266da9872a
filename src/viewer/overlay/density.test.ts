import { expect, test } from 'vitest';
import { emptyColumns } from '#objects/columns.ts';
import { CELLS, cellFor, countedLevel, type DensityLevel, densitySteps, halvedLevel } from './density.ts';
import { type FarRows, farRows } from './far.ts';
import { groupsOf, HIDDEN } from './groups.ts';

function rowsAt(centroid: readonly number[]): FarRows {
  const count = centroid.length / 2;
  const columns = {
    ...emptyColumns('nuclei', []),
    count,
    centroid: Float64Array.from(centroid),
    classIndex: Uint8Array.from({ length: count }, (_, i) => i % 3),
    probability: new Float32Array(count),
    areaPx: new Float32Array(count),
  };
  return farRows({ columns, isGone: undefined });
}

const shown = (rows: FarRows): Uint8Array =>
  groupsOf(rows, { shown: true, opacity: 1, fill: false, stroke: true, classShown: [] }, undefined);

/** Cells with anything in them: 'column row' of the cell, counted from the slide's origin. */
function cellsOf({ tiles }: DensityLevel): Map<string, { count: number; known: number; sum: number }> {
  const cells = new Map<string, { count: number; known: number; sum: number }>();
  for (const { col, row, counts, means } of tiles.values()) {
    for (const [k, count] of counts.entries()) {
      const name = `${col * CELLS + (k % CELLS)} ${row * CELLS + Math.floor(k / CELLS)}`;
      if (count > 0) cells.set(name, { count, known: means?.known[k] ?? 0, sum: means?.sums[k] ?? 0 });
    }
  }
  return cells;
}

const total = (level: DensityLevel): number => [...cellsOf(level).values()].reduce((sum, { count }) => sum + count, 0);

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('cells are powers of two, at least 8 screen px', () => {
  expect(cellFor(0.0625)).toBe(128);
  expect(cellFor(0.06)).toBe(256);
});

test('cells hold what brute force says, on both sides of tiles and of the origin; cells added up are cells counted', () => {
  const random = seeded(5);
  const n = 8_000;
  const rows = rowsAt(Array.from({ length: 2 * n }, () => 200_000 * random() ** 2 - 3000));
  const values = Float32Array.from({ length: n }, (_, i) => (i % 7 === 0 ? Number.NaN : 50 * random()));
  const groups = shown(rows).map((group, i) => (i % 5 === 0 ? HIDDEN : group));
  let added = countedLevel(rows, groups, 128, values);
  for (let cellPx = 128; cellPx <= 4096; cellPx *= 2) {
    const expected = new Map<string, { count: number; known: number; sum: number }>();
    for (let i = 0; i < n; i++) {
      if (i % 5 === 0) continue;
      const [x, y] = [rows.centroid[2 * i] ?? 0, rows.centroid[2 * i + 1] ?? 0];
      const name = `${Math.floor(x / cellPx)} ${Math.floor(y / cellPx)}`;
      const cell = expected.get(name) ?? { count: 0, known: 0, sum: 0 };
      expected.set(name, cell);
      cell.count++;
      if (i % 7 !== 0) [cell.known, cell.sum] = [cell.known + 1, cell.sum + (values[i] ?? 0)];
    }
    const counts = [...expected.values()].map(({ count }) => count).sort((a, b) => a - b);
    const percentile = counts[Math.floor(0.99 * (counts.length - 1))] ?? 0;
    for (const level of [countedLevel(rows, groups, cellPx, values), added]) {
      const cells = cellsOf(level);
      expect(level.cellPx).toBe(cellPx);
      expect(cells.size).toBe(expected.size);
      const wrong = [...expected].filter(([name, { count, known, sum }]) => {
        const cell = cells.get(name);
        return cell?.count !== count || cell.known !== known || Math.abs(cell.sum - sum) > 1e-6;
      });
      expect(wrong).toEqual([]);
      expect(level.most).toBeGreaterThanOrEqual(Math.max(10, percentile));
      expect(level.most).toBeLessThanOrEqual(Math.max(10, 2.5 * percentile));
    }
    added = halvedLevel(added);
  }
});

test('objects scattered far off make cells larger, and none is lost', () => {
  const random = seeded(9);
  const rows = rowsAt([1, 1, 2, 2, ...Array.from({ length: 400 }, () => 1e9 * random())]);
  const level = countedLevel(rows, shown(rows), 128);
  expect(level.cellPx).toBeGreaterThan(128);
  expect(level.tiles.size).toBeLessThanOrEqual(64);
  expect(total(level)).toBe(202);
  const one = rowsAt([1, 1, 2, 2, 1e9, 1e9]);
  expect(countedLevel(one, shown(one), 128).cellPx).toBe(128); // one that strayed costs nothing
});

test('steps say what a colour means per mm²', () => {
  const rows = rowsAt([1, 1]);
  const density = countedLevel(rows, shown(rows), 128); // most is 10 a cell
  const [first, , , , , , , , , last] = densitySteps(density, 0.0625); // 0.25 µm px: a cell is 32 × 32 µm
  expect(first?.from).toBe(0);
  expect(last?.to).toBeCloseTo(10 / 0.032 ** 2, 6);
  expect(densitySteps(density, undefined)[9]?.to).toBe(10);
});

test('nothing is nothing', () => expect(countedLevel(rowsAt([]), new Uint8Array(0), 128).tiles.size).toBe(0));
