import { expect, test } from 'vitest';
import { emptyColumns, type ObjectColumns } from '#objects/columns.ts';
import { ObjectStore } from '#objects/store.ts';
import { countSeams, noSeamCounts, outlineMeets, type SeamSources, seamStrips } from './count-seams.ts';

const core = (col: number, row: number, side = 100) => ({ x: col * side, y: row * side, width: side, height: side });

/** Squares of half side r around the points, Float32 rings. */
function squares(kind: 'glands' | 'nuclei', at: readonly (readonly [number, number])[], r: number): ObjectColumns {
  const empty = emptyColumns(kind, [{ name: 'A', color: '#ffffff' }]);
  const unit = empty.ringUnit;
  const shape = [-r, -r, r, -r, r, r, -r, r].map((v) => v / unit);
  const ring = at.flatMap(() => shape);
  return {
    ...empty,
    count: at.length,
    classIndex: new Uint8Array(at.length),
    probability: new Float32Array(at.length),
    centroid: Float64Array.from(at.flat()),
    areaPx: new Float32Array(at.length).fill(4 * r * r),
    ringStart: Uint32Array.from({ length: at.length + 1 }, (_, i) => 4 * i),
    ring: kind === 'nuclei' ? Int16Array.from(ring) : Float32Array.from(ring),
  };
}

const stored = (columns: ObjectColumns): ObjectStore => {
  const store = new ObjectStore(columns.kind, columns.classes);
  store.append(columns);
  return store;
};

function counted(sources: SeamSources, cores: readonly ReturnType<typeof core>[]) {
  const counts = noSeamCounts();
  for (const _ of countSeams(sources, cores, counts));
  return counts;
}

test('only sides that two patches share are seams', () => {
  expect(seamStrips([core(0, 0)])).toEqual([[]]);
  const [left, right, far] = seamStrips([core(0, 0), core(1, 0), core(3, 0)]);
  expect(left).toEqual([{ x: 99, y: 0, width: 2, height: 100 }]);
  expect(right).toEqual(left);
  expect(far).toEqual([]);
  const corner = seamStrips([core(0, 0), core(1, 1)]); // they meet in one point
  expect(corner).toEqual([[], []]);
});

test('patches of different heights share what they have in common', () => {
  const [tall] = seamStrips([
    core(0, 0),
    { x: 100, y: 20, width: 50, height: 30 },
    { x: 100, y: 50, width: 50, height: 50 },
  ]);
  expect(tall).toEqual([
    { x: 99, y: 20, width: 2, height: 30 },
    { x: 99, y: 50, width: 2, height: 50 },
  ]);
});

test('objects on a seam count on both sides and once in all; others do not', () => {
  const cores = [core(0, 0), core(1, 0), core(0, 1), core(1, 1)];
  const nuclei = stored(
    squares(
      'nuclei',
      [
        [50, 50], // inside
        [98, 50], // over the upright seam
        [92.5, 20], // ends half a pixel before it
        [91, 20], // ends two pixels before it
        [100, 100], // over all four
        [2, 50], // at the outer edge, which is no seam
      ],
      7,
    ),
  );
  const counts = counted({ nuclei }, cores);
  expect(counts.touching).toEqual([3, 3, 1, 1]);
  expect(counts.byKind).toEqual({ nuclei: 3, glands: 0, lumina: 0 });
});

test('a ring around a seam that no side of it meets does not touch it; kinds add up', () => {
  const cores = [core(0, 0), core(1, 0)];
  const glands = stored(squares('glands', [[100, 50]], 80)); // encloses the whole seam, and leaves the patches above and below
  expect(counted({ glands }, cores).byKind.glands).toBe(0);
  const low = stored(squares('glands', [[100, 50]], 30));
  const nuclei = stored(squares('nuclei', [[100, 50]], 4));
  expect(counted({ glands: low, nuclei }, cores)).toEqual({
    touching: [2, 2],
    byKind: { nuclei: 1, glands: 1, lumina: 0 },
  });
});

test('outlines against every point they hold: 400 random triangles, seed 7', () => {
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const rect = { x: 40, y: 0, width: 2, height: 60 };
  let met = 0;
  let between = 0; // a side may cut a corner between two steps of the walk
  for (let i = 0; i < 400; i++) {
    const points = Array.from({ length: 3 }, () => [random() * 100 - 10, random() * 100 - 20] as const);
    const columns = {
      ...squares('glands', [[0, 0]], 1),
      ringStart: Uint32Array.of(0, 3),
      ring: Float32Array.from(points.flat()),
    };
    const rings = Array.from(columns.ring);
    const walked = [0, 1, 2].some((v) => {
      const w = (v + 1) % 3;
      return Array.from({ length: 4001 }, (_, k) => k / 4000).some((t) => {
        const x = (rings[2 * v] ?? 0) * (1 - t) + (rings[2 * w] ?? 0) * t;
        const y = (rings[2 * v + 1] ?? 0) * (1 - t) + (rings[2 * w + 1] ?? 0) * t;
        return x >= 40 && x <= 42 && y >= 0 && y <= 60;
      });
    });
    if (walked) met++;
    if (walked) expect(outlineMeets(columns, 0, rect), `triangle ${i}`).toBe(true);
    else if (outlineMeets(columns, 0, rect)) between++;
  }
  expect(met).toBeGreaterThan(100);
  expect(met).toBeLessThan(390);
  expect(between).toBeLessThan(4);
});
