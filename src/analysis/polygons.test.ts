import { describe, expect, test } from 'vitest';
import type { Rect } from '#units/rect.ts';
import { contains } from '#units/rect.ts';
import {
  isInPolygons,
  type Piece,
  type Polygons,
  polygonsAreaIn,
  polygonsMeet,
  polygonsPartsIn,
  rectOfRing,
  ringOf,
} from './polygons.ts';

const add = (...ring: number[]): Piece => ({ does: 'add', ring: Float64Array.from(ring) });
const subtract = (...ring: number[]): Piece => ({ does: 'subtract', ring: Float64Array.from(ring) });
const square = (x: number, y: number, side: number): number[] => [...ringOf({ x, y, width: side, height: side })];
const everywhere: Rect = { x: -1e4, y: -1e4, width: 2e4, height: 2e4 };
const areaOf = (...pieces: Piece[]): number => polygonsAreaIn({ pieces }, everywhere);

describe('areas are exact', () => {
  test.each<[string, number, Piece[]]>([
    ['a triangle', 50, [add(0, 0, 10, 0, 0, 10)]],
    ['the other way round', 50, [add(0, 0, 0, 10, 10, 0)]],
    ['a square with a hole', 84, [add(...square(0, 0, 10)), subtract(...square(3, 3, 4))]],
    ['an island in the hole', 88, [add(...square(0, 0, 10)), subtract(...square(3, 3, 4)), add(...square(4, 4, 2))]],
    ['what is taken away first takes nothing', 100, [subtract(...square(3, 3, 4)), add(...square(0, 0, 10))]],
    ['two squares that share a part', 175, [add(...square(0, 0, 10)), add(...square(5, 5, 10))]],
    ['two squares that share an edge', 200, [add(...square(0, 0, 10)), add(...square(10, 0, 10))]],
    ['the same square twice', 100, [add(...square(0, 0, 10)), add(...square(0, 0, 10))]],
    ['a bow that crosses itself', 50, [add(0, 0, 10, 10, 10, 0, 0, 10)]],
    ['two triangles that touch in a point', 50, [add(0, 0, 5, 5, 0, 10, 10, 10, 5, 5, 10, 0)]],
    ['a lasso wound twice', 100, [add(...square(0, 0, 10), ...square(0, 0, 10))]],
    ['a slit of no width', 100, [add(0, 0, 5, 0, 5, 8, 5, 0, 10, 0, 10, 10, 0, 10)]],
    ['a star, whose middle is in', 5 * 50 + 100, [add(...squareStar())]],
    ['nothing but what is taken away', 0, [subtract(...square(0, 0, 10))]],
    ['a line', 0, [add(0, 0, 10, 10, 5, 5)]],
    ['no piece', 0, []],
  ])('%s', (_, area, pieces) => {
    expect(areaOf(...pieces)).toBeCloseTo(area, 9);
  });

  test('tiles of any size add up to the whole', () => {
    const polygons: Polygons = {
      pieces: [add(...blob(60, 3)), subtract(...blob(30, 5)), add(...square(-10, -70, 33))],
    };
    const whole = polygonsAreaIn(polygons, everywhere);
    for (const side of [7, 13.7, 64]) {
      let sum = 0;
      for (let x = -140; x < 140; x += side) {
        for (let y = -140; y < 140; y += side) sum += polygonsAreaIn(polygons, { x, y, width: side, height: side });
      }
      expect(sum).toBeCloseTo(whole, 6);
    }
  });
});

test('area, membership and meeting agree with points in many random shapes (seed 11)', () => {
  const random = seeded(11);
  for (let round = 0; round < 60; round++) {
    const pieces = Array.from({ length: 1 + Math.floor(random() * 4) }, (_, k): Piece => {
      const ring = Float64Array.from({ length: 6 + 2 * Math.floor(random() * 8) }, () => Math.round(random() * 32));
      return { does: k === 0 || random() < 0.6 ? 'add' : 'subtract', ring };
    });
    const part = { x: Math.floor(random() * 20), y: Math.floor(random() * 20), width: 9, height: 7 };
    const steps = 64;
    let points = 0;
    for (let i = 0; i < steps; i++) {
      for (let k = 0; k < steps; k++) {
        const at = [part.x + ((i + 0.5) / steps) * part.width, part.y + ((k + 0.5) / steps) * part.height] as const;
        points += Number(isInPolygons({ pieces }, ...at));
      }
    }
    const area = polygonsAreaIn({ pieces }, part);
    const sampled = (points / steps ** 2) * part.width * part.height;
    expect(Math.abs(area - sampled)).toBeLessThan(63 * 0.03); // edges pass through cells of the sampling
    expect(polygonsMeet({ pieces }, part)).toBe(area > 0);
  }
});

test('strips hold what lies in a rectangle, once, to within a strip of the outline; their area is that of the pieces (seed 5)', () => {
  const random = seeded(5);
  const polygons: Polygons = {
    pieces: [add(...blob(400, 3)), subtract(...blob(150, 5)), add(...square(-20, -20, 60))],
  };
  const part = { x: -300, y: -350, width: 500, height: 603 };
  const strips = polygonsPartsIn(polygons, part);
  const area = strips.reduce((sum, { width, height }) => sum + width * height, 0);
  expect(Math.abs(area / polygonsAreaIn(polygons, part) - 1)).toBeLessThan(2e-3);
  for (let k = 0; k < 3000; k++) {
    const [x, y] = [part.x + random() * part.width, part.y + random() * part.height];
    const held = strips.filter((strip) => contains(strip, x, y)).length;
    const around = [-8, -4, 0, 4, 8].flatMap((by) => [
      isInPolygons(polygons, x, y + by),
      isInPolygons(polygons, x + by, y),
    ]);
    if (around.every((is) => is === around[0])) expect(held).toBe(+(around[0] ?? false));
    else expect(held).toBeLessThan(2);
  }
  expect(polygonsPartsIn(polygons, { x: 2000, y: 0, width: 9, height: 9 })).toEqual([]);
});

test('half open like a rectangle: neighbours share no point', () => {
  const [left, next] = [{ pieces: [add(...square(0, 0, 10))] }, { pieces: [add(...square(10, 0, 10))] }];
  for (const y of [0, 3, 9.999]) {
    expect([isInPolygons(left, 10, y), isInPolygons(next, 10, y)]).toEqual([false, true]);
    expect(isInPolygons(left, 0, y)).toBe(true);
  }
  expect(isInPolygons(left, 5, 10)).toBe(false);
});

test('a corner that only touches does not meet', () => {
  const polygons = { pieces: [add(0, 0, 10, 0, 0, 10)] };
  expect(polygonsMeet(polygons, { x: 5, y: 5, width: 5, height: 5 })).toBe(false);
  expect(polygonsMeet(polygons, { x: 4.9, y: 4.9, width: 5, height: 5 })).toBe(true);
  expect(polygonsMeet(polygons, { x: 20, y: 20, width: 5, height: 5 })).toBe(false);
});

test('an upright rectangle is known again', () => {
  const rect = { x: 3, y: 4, width: 5, height: 6 };
  expect(rectOfRing(ringOf(rect))).toEqual(rect);
  expect(rectOfRing(Float64Array.of(0, 0, 10, 10, 10, 0, 0, 10))).toBeUndefined();
  expect(rectOfRing(Float64Array.of(0, 0, 10, 1, 10, 10, 0, 10))).toBeUndefined();
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** A wavy closed line around the origin. */
function blob(radius: number, waves: number): number[] {
  return Array.from({ length: 90 }, (_, k) => {
    const turn = (k / 90) * 2 * Math.PI;
    const r = radius * (1 + 0.4 * Math.sin(waves * turn));
    return [r * Math.cos(turn), r * Math.sin(turn)];
  }).flat();
}

/** A pentagram drawn in one line: its points are wound once, its middle twice. Scaled so that its area is 350. */
function squareStar(): number[] {
  const star = Array.from({ length: 5 }, (_, k) => {
    const turn = (k * 4 * Math.PI) / 5;
    return [Math.sin(turn), -Math.cos(turn)];
  }).flat();
  const inner = Math.cos((2 * Math.PI) / 5) / Math.cos(Math.PI / 5); // radius of the inner pentagon's corners
  const area = 5 * Math.sin(Math.PI / 5) * inner;
  return star.map((v) => v * Math.sqrt(350 / area));
}
