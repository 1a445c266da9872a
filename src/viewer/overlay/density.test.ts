import { expect, test } from 'vitest';
import { emptyColumns } from '#objects/columns.ts';
import {
  CELLS,
  cellFor,
  countedLevel,
  type DensityLevel,
  densitiesOf,
  densitySteps,
  halvedLevel,
  placesOf,
  topOf,
} from './density.ts';
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
  let added = countedLevel(placesOf(rows, 128), groups, values);
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
    for (const level of [countedLevel(placesOf(rows, cellPx), groups, values), added]) {
      const cells = cellsOf(level);
      expect(level.cellPx).toBe(cellPx);
      expect(cells.size).toBe(expected.size);
      const wrong = [...expected].filter(([name, { count, known, sum }]) => {
        const cell = cells.get(name);
        return cell?.count !== count || cell.known !== known || Math.abs(cell.sum - sum) > 1e-6;
      });
      expect(wrong).toEqual([]);
      expect(level.most).toBe(Math.max(10, percentile));
    }
    added = halvedLevel(added);
  }
});

test('objects scattered far off make cells larger, and none is lost', () => {
  const random = seeded(9);
  const rows = rowsAt([1, 1, 2, 2, ...Array.from({ length: 400 }, () => 1e9 * random())]);
  const level = countedLevel(placesOf(rows, 128), shown(rows));
  expect(level.cellPx).toBeGreaterThan(128);
  expect(level.tiles.size).toBeLessThanOrEqual(64);
  expect(total(level)).toBe(202);
  const one = rowsAt([1, 1, 2, 2, 1e9, 1e9]);
  expect(countedLevel(placesOf(one, 128), shown(one)).cellPx).toBe(128); // one that strayed costs nothing
});

test('steps say what a colour means per mm²', () => {
  const rows = rowsAt([1, 1]);
  const density = countedLevel(placesOf(rows, 128), shown(rows)); // most is 10 a cell
  const [first, , , , , , , , , last] = densitySteps(density, 0.0625); // 0.25 µm px: a cell is 32 × 32 µm
  expect(first?.from).toBe(0);
  expect(last?.to).toBeCloseTo(10 / 0.032 ** 2, 6);
  expect(densitySteps(density, undefined)[9]?.to).toBe(10);
});

test('the last step begins at a number that is round where people read it, at most half above the 99th percentile', () => {
  expect([10, 11, 17, 45, 81].map((most) => topOf({ cellPx: 128, most }, undefined))).toEqual([10, 15, 20, 50, 100]);
  const um2PerPx2 = 0.2524 ** 2;
  for (let most = 10; most < 3000; most = Math.ceil(1.1 * most)) {
    const top = topOf({ cellPx: 128, most }, um2PerPx2);
    const perMm2 = densitySteps({ cellPx: 128, most: top }, um2PerPx2)[9]?.to ?? 0;
    expect(Number(perMm2.toPrecision(2))).toBeCloseTo(perMm2, 6);
    expect(top / most).toBeGreaterThan(0.999_999);
    expect(top / most).toBeLessThan(1.500_001);
  }
});

test('a cell less than half in what was looked at has the density of what is around it, over tenths of a cell too', () => {
  const counts = new Uint32Array(CELLS * CELLS);
  const shares = new Float32Array(CELLS * CELLS);
  const put = (x: number, y: number, count: number, share: number): void => {
    counts[y * CELLS + x] = count;
    shares[y * CELLS + x] = share;
  };
  put(0, 0, 20, 1);
  put(1, 0, 12, 0.6);
  put(0, 1, 8, 0.2); // 40 in a whole cell, if it stood alone
  put(1, 1, 3, 0.05); // too little to count for the others
  put(9, 0, 7, 0); //    of a file
  put(8, 8, 4, 0.2); // by itself in its 2 × 2 and its 4 × 4, and in its 8 × 8
  const seen = densitiesOf(counts, shares);
  const at = (x: number, y: number): number => seen[y * CELLS + x] ?? Number.NaN;
  expect([at(0, 0), at(9, 0)]).toEqual([20, 7]);
  expect(at(1, 0)).toBeCloseTo(20, 5);
  expect(at(0, 1)).toBeCloseTo((20 + 12 + 8) / 1.8, 4);
  expect(at(1, 1)).toBeCloseTo((20 + 12 + 8) / 1.8, 4);
  expect(at(8, 8)).toBeCloseTo((20 + 12 + 8 + 4) / 2, 4);
  expect(at(2, 2)).toBe(0);
});

test('nothing is nothing', () => expect(countedLevel(placesOf(rowsAt([]), 128), new Uint8Array(0)).tiles.size).toBe(0));
