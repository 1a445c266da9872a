import { expect, test } from 'vitest';
import { ColumnsBuilder } from './builder.ts';
import { type ObjectColumns, type ObjectKind, ringsOf } from './columns.ts';
import { ObjectStore } from './store.ts';

// A click finds what a look at every outline finds: among objects that overlap, lie in one another, have holes or are gone.

const SIDE = 1200; // level-0 px

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A star around a point: its corners are some way of `radius` from it. */
function star(random: () => number, x: number, y: number, radius: number): number[] {
  const corners = 5 + Math.floor(12 * random());
  const from = 6 * random();
  return Array.from({ length: corners }, (_, k) => {
    const [angle, far] = [from + (2 * Math.PI * k) / corners, radius * (0.5 + 0.5 * random())];
    return [x + far * Math.cos(angle), y + far * Math.sin(angle)];
  }).flat();
}

function madeStore(kind: ObjectKind, count: number, random: () => number): ObjectStore {
  const builder = new ColumnsBuilder(kind, [{ name: 'A', color: '#ff0000' }]);
  for (let i = 0; i < count; i++) {
    const [x, y] = [SIDE * random(), SIDE * random()];
    const radius = random() < 0.05 ? 300 * random() : 6 + 20 * random();
    const hole = kind !== 'nuclei' && random() < 0.5 ? [Float64Array.from(star(random, x, y, 0.4 * radius))] : [];
    const areaPx = (1 + random()) * radius * radius; // no two the same
    builder.add({ classIndex: 0, probability: 1, x, y, areaPx, ring: star(random, x, y, radius), holes: hole });
  }
  const store = new ObjectStore(kind);
  store.append(builder.view());
  store.removeWhere({ x: 0, y: 0, width: SIDE / 2, height: SIDE / 3 }, () => random() < 0.5);
  return store;
}

interface Side {
  readonly ax: number;
  readonly ay: number;
  readonly bx: number;
  readonly by: number;
}

const sidesOf = (ring: Float64Array): Side[] =>
  Array.from({ length: ring.length / 2 }, (_, v) => {
    const before = (v === 0 ? ring.length / 2 : v) - 1;
    const at = (k: number): number => ring[k] ?? Number.NaN;
    return { ax: at(2 * before), ay: at(2 * before + 1), bx: at(2 * v), by: at(2 * v + 1) };
  });

/** The winding number, where the code under test counts crossings: for rings that do not cross themselves the same. */
function isAround(sides: readonly Side[], x: number, y: number): boolean {
  let turned = 0;
  for (const { ax, ay, bx, by } of sides) {
    const [ux, uy, wx, wy] = [ax - x, ay - y, bx - x, by - y];
    turned += Math.atan2(ux * wy - uy * wx, ux * wx + uy * wy);
  }
  return Math.abs(turned) > Math.PI;
}

const away = ({ ax, ay, bx, by }: Side, x: number, y: number): number => {
  const [dx, dy] = [bx - ax, by - ay];
  const t = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
};

type Outlines = readonly { readonly outer: readonly Side[]; readonly holes: readonly (readonly Side[])[] }[];

const outlinesOf = (columns: ObjectColumns): Outlines =>
  Array.from({ length: columns.count }, (_, row) => {
    const [outer = [], ...holes] = ringsOf(columns, row).map(sidesOf);
    return { outer, holes };
  });

/** Rows that a click may find: one, but where outlines are equally near. */
function bruteForce(
  { columns, isGone }: Pick<ObjectStore['live'], 'columns' | 'isGone'>,
  outlines: Outlines,
  x: number,
  y: number,
  tolerancePx: number,
): number[] {
  let [best, smallest] = [-1, Infinity];
  let [near, nearest]: [number[], number] = [[], tolerancePx];
  for (const [row, { outer, holes }] of outlines.entries()) {
    if (isGone?.[row] === 1) continue;
    if (isAround(outer, x, y) && !holes.some((hole) => isAround(hole, x, y))) {
      const area = columns.areaPx[row] ?? 0;
      if (area < smallest) [best, smallest] = [row, area];
    }
    const distance = Math.min(...outer.map((side) => away(side, x, y)));
    if (distance < nearest - 1e-6) [near, nearest] = [[row], distance];
    else if (distance <= nearest + 1e-6) near = [...near, row];
  }
  return best >= 0 ? [best] : near;
}

test.each([
  ['nuclei', 1],
  ['nuclei', 2],
  ['annotations', 3],
  ['glands', 4],
] as const)('a click on %s finds what brute force finds, seed %i', (kind, seed) => {
  const random = seeded(seed);
  const { live } = madeStore(kind, 500, random);
  const outlines = outlinesOf(live.columns);
  let [inside, near, none] = [0, 0, 0];
  for (let k = 0; k < 600; k++) {
    const [x, y] = [1.1 * SIDE * random() - 60, 1.1 * SIDE * random() - 60];
    const tolerancePx = [0, 4, 16][k % 3] ?? 0;
    const expected = bruteForce(live, outlines, x, y, tolerancePx);
    const found = live.pick(x, y, tolerancePx);
    if (expected.length === 0) {
      expect(found).toBeUndefined();
      none++;
    } else {
      expect(expected, `at ${x}, ${y} within ${tolerancePx} px`).toContain(found);
      if (isAround(outlines[found ?? -1]?.outer ?? [], x, y)) inside++;
      else near++;
    }
  }
  expect(Math.min(inside, near, none)).toBeGreaterThan(20); // all three were tried
});
