import { describe, expect, test } from 'vitest';
import { createTracer } from '#analysis/postprocess/contour.ts';
import { nucleiColumns } from '#analysis/postprocess/nuclei-columns.ts';
import { Numbers } from '#analysis/postprocess/runs.ts';
import { ColumnsBuilder } from '../builder.ts';
import type { ObjectColumns } from '../columns.ts';
import { random } from '../testing/random.ts';
import { createHulls } from './hull.ts';
import { type ShapeName, type Shapes, shapesOf } from './shape.ts';
import { goldenBytes, goldenOutlines, goldens } from './testing/goldens.ts';

const unscaled = { x: 1, y: 1 };

/** The golden masks as instances of a patch, through post-processing: one row a label, on pixels of 0.5 × 0.25 level-0 px. */
function asPostprocessed(): ObjectColumns {
  const { side, shapes } = goldens();
  const [bytes, stride] = [goldenBytes('labels'), side + 2];
  const labels = new Int32Array((side + 2) * stride + 1);
  const segments = { from: new Numbers(), to: new Numbers(), label: new Numbers() };
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const label = bytes[y * side + x] ?? 0;
      const at = (y + 1) * stride + x + 1;
      labels[at] = label;
      if (label === 0) continue;
      if (labels[at - 1] !== label) {
        segments.from.push(at);
        segments.to.push(at + 1);
        segments.label.push(label);
      } else segments.to.at[segments.to.length - 1] = at + 1;
    }
  const values = new Int32Array(labels.length);
  const instances = {
    width: side,
    height: side,
    stride,
    first: stride + 1,
    labels,
    values,
    count: shapes.length,
    segments,
  };
  const core = { x: 0, y: 0, width: side, height: side };
  const at = { x: 0, y: 0, pxX: 0.5, pxY: 0.25, mpp: 1, size: side, margin: 0, slide: core, core, col: 0, row: 0 };
  const classes = [{ name: 'Shape', color: '#ffffff' }];
  return nucleiColumns(instances, undefined, at, core, classes, { minAreaUm2: 0, minProbability: 0 });
}

function outlineOf(...ring: number[]): ObjectColumns {
  const builder = new ColumnsBuilder('glands', [{ name: 'Shape', color: '#ffffff' }]);
  builder.add({ classIndex: 0, probability: 1, x: ring[0] ?? 0, y: ring[1] ?? 0, areaPx: 1, ring });
  return builder.copy();
}

const first = (shapes: Shapes): Record<ShapeName, number> => ({
  perimeter: shapes.perimeter[0] ?? Number.NaN,
  circularity: shapes.circularity[0] ?? Number.NaN,
  major_axis: shapes.major_axis[0] ?? Number.NaN,
  minor_axis: shapes.minor_axis[0] ?? Number.NaN,
  eccentricity: shapes.eccentricity[0] ?? Number.NaN,
  orientation: shapes.orientation[0] ?? Number.NaN,
  solidity: shapes.solidity[0] ?? Number.NaN,
  feret: shapes.feret[0] ?? Number.NaN,
});

describe('beside scikit-image (masks; ours are outlines through the midpoints of their edges)', () => {
  const { shapes } = goldens();
  const ours = shapesOf(goldenOutlines(createTracer(), 0), unscaled);
  const simplified = shapesOf(goldenOutlines(createTracer(), 0.35), unscaled); // as post-processing keeps them
  const off = (of: Shapes, name: Exclude<ShapeName, 'circularity'>): number[] =>
    shapes.map((shape, row) => (of[name][row] ?? Number.NaN) - shape[name]);

  test('axes agree within 0.5 %, simplified within 0.6 %: a corner cut here is a corner filled there', () => {
    for (const [of, limit] of [
      [ours, 0.005],
      [simplified, 0.006],
    ] as const) {
      for (const name of ['major_axis', 'minor_axis'] as const) {
        for (const [row, by] of off(of, name).entries())
          expect(Math.abs(by)).toBeLessThan(limit * (shapes[row]?.[name] ?? 0));
      }
      for (const by of off(of, 'eccentricity')) expect(Math.abs(by)).toBeLessThan(0.007);
    }
  });

  test('orientation agrees within half a degree where a shape is clearly longer than wide', () => {
    const apart = off(ours, 'orientation').map((by) => Math.min(Math.abs(by), 180 - Math.abs(by)));
    for (const [row, by] of apart.entries()) if ((shapes[row]?.eccentricity ?? 0) > 0.4) expect(by).toBeLessThan(0.5);
  });

  test('a perimeter is the length of the outline as drawn: 8 (√2 − 1) / π times Crofton’s estimate, less once simplified', () => {
    const longer = (8 / Math.PI) * (Math.SQRT2 - 1);
    for (const [row, { perimeter }] of shapes.entries()) {
      expect((ours.perimeter[row] ?? 0) / perimeter).toBeCloseTo(longer, 4);
      expect((simplified.perimeter[row] ?? 0) / perimeter).toBeLessThan(longer + 1e-4);
      expect((simplified.perimeter[row] ?? 0) / perimeter).toBeGreaterThan(1.02);
    }
  });

  test('area as post-processing counts it is that of regionprops, object by object', () => {
    const found = asPostprocessed();
    expect(shapes).toHaveLength(36);
    expect(Array.from(found.areaPx)).toEqual(shapes.map(({ area }) => area * 0.5 * 0.25));
  });

  test('the area within an outline is that of its pixels less half a one, wherever it turns; simplified within 2 %', () => {
    const within = (of: Shapes, row: number): number =>
      ((of.circularity[row] ?? 0) * (of.perimeter[row] ?? 0) ** 2) / (4 * Math.PI);
    for (const [row, { area }] of shapes.entries()) {
      expect(within(ours, row) / (area - 0.5)).toBeCloseTo(1, 5);
      expect(Math.abs(within(simplified, row) / area - 1)).toBeLessThan(0.02);
    }
  });

  test('solidity is at most 0.03 larger, a diameter at most 0.8 px smaller: their hull holds whole pixels, corners and all', () => {
    for (const by of off(ours, 'solidity')) {
      expect(by).toBeGreaterThanOrEqual(0);
      expect(by).toBeLessThan(0.03);
    }
    for (const by of off(ours, 'feret')) {
      expect(by).toBeLessThan(1e-4);
      expect(by).toBeGreaterThan(-0.8);
    }
  });
});

test('a turned ellipse has its own axes, whatever the pixel size along x and y', () => {
  const [a, b, turn] = [40, 15, 0.6];
  const corners = Array.from({ length: 720 }, (_, k) => {
    const [u, v] = [a * Math.cos((k * Math.PI) / 360), b * Math.sin((k * Math.PI) / 360)];
    return [
      500 + (u * Math.cos(turn) - v * Math.sin(turn)) / 0.5,
      900 + (u * Math.sin(turn) + v * Math.cos(turn)) / 0.25,
    ];
  });
  const found = first(shapesOf(outlineOf(...corners.flat()), { x: 0.5, y: 0.25 }));
  expect(found.major_axis).toBeCloseTo(2 * a, 2);
  expect(found.minor_axis).toBeCloseTo(2 * b, 2);
  expect(found.eccentricity).toBeCloseTo(Math.sqrt(1 - (b / a) ** 2), 4);
  expect(found.orientation).toBeCloseTo((turn * 180) / Math.PI, 2);
  expect(found.feret).toBeCloseTo(2 * a, 2);
  expect(found.solidity).toBeCloseTo(1, 4);
  const h = ((a - b) / (a + b)) ** 2;
  const ramanujan = Math.PI * (a + b) * (1 + (3 * h) / (10 + Math.sqrt(4 - 3 * h)));
  expect(found.perimeter).toBeCloseTo(ramanujan, 1);
  expect(found.circularity).toBeCloseTo((4 * Math.PI * Math.PI * a * b) / ramanujan ** 2, 3);
});

test('upright and level rectangles; either way round', () => {
  const upright = first(shapesOf(outlineOf(0, 0, 4, 0, 4, 10, 0, 10), unscaled));
  expect(upright).toMatchObject({ orientation: 90, perimeter: 28, solidity: 1 });
  expect(upright.major_axis).toBeCloseTo((4 * 10) / Math.sqrt(12), 4);
  expect(first(shapesOf(outlineOf(0, 10, 4, 10, 4, 0, 0, 0), unscaled))).toEqual(upright);
  expect(first(shapesOf(outlineOf(0, 0, 10, 0, 10, 4, 0, 4), unscaled)).orientation).toBe(0);
});

test('an outline without an area has a length, and nothing else is known of it', () => {
  for (const flat of [outlineOf(0, 0, 8, 0, 4, 0), outlineOf(1, 1, 4, 5), outlineOf(3, 3)]) {
    const { perimeter, ...rest } = first(shapesOf(flat, unscaled));
    expect(perimeter).toBeGreaterThanOrEqual(0);
    for (const value of Object.values(rest)) expect(value).toBeNaN();
  }
});

/** Jarvis' march: the next corner is the one that leaves every other point on its left, the farthest of several. */
function wrapped(points: readonly (readonly [number, number])[]): number {
  const start = points.reduce((a, b) => (b[0] < a[0] || (b[0] === a[0] && b[1] < a[1]) ? b : a));
  let [area2, at] = [0, start];
  do {
    const [ax, ay] = at;
    const to = points.reduce((best, p) => {
      const side = (best[0] - ax) * (p[1] - ay) - (best[1] - ay) * (p[0] - ax);
      const isFarther = Math.hypot(p[0] - ax, p[1] - ay) > Math.hypot(best[0] - ax, best[1] - ay);
      return side < 0 || (side === 0 && isFarther) ? p : best;
    });
    area2 += ax * to[1] - to[0] * ay;
    at = to;
  } while (at[0] !== start[0] || at[1] !== start[1]);
  return area2 / 2;
}

test.each([1, 2, 3, 4])('hulls against a march around all points, diameters against every pair (seed %i)', (seed) => {
  const next = random(seed);
  const hulls = createHulls();
  for (let k = 0; k < 100; k++) {
    const count = k < 90 ? 3 + Math.floor(next() * 30) : 200;
    const pairs = Array.from({ length: count }, () => [Math.round(next() * 40), Math.round(next() * 40)] as const);
    const far = Math.max(...pairs.flatMap(([ax, ay]) => pairs.map(([bx, by]) => Math.hypot(bx - ax, by - ay))));
    const hull = hulls(Float64Array.from(pairs.flat()), count);
    expect(hull.feret).toBeCloseTo(far, 9);
    expect(hull.area).toBeCloseTo(wrapped(pairs), 6);
  }
});
