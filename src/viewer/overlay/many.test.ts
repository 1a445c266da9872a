// Rasters, groups and copies of many objects against what a plain loop says of each.
import { describe, expect, test } from 'vitest';
import { ColumnsBuilder } from '#objects/builder.ts';
import { emptyColumns, ringsOf } from '#objects/columns.ts';
import { ObjectStore } from '#objects/store.ts';
import { type Frame, toScreen } from '../frame.ts';
import type { LayerStyle } from '../viewer-api.ts';
import { countedLevel, placesOf } from './density.ts';
import { colouredDiscs, Discs } from './discs.ts';
import { farRows } from './far.ts';
import { groupsOf, HIDDEN, paletteOf } from './groups.ts';
import { goOn, lookAround, lookFor, nearRows, serves } from './near.ts';

const classes = [
  { name: 'Epithelial', color: '#ff7a1a' },
  { name: 'Inflammatory', color: '#1fa2ff' },
];
const style: LayerStyle = { shown: true, opacity: 1, fill: false, stroke: true, classShown: [] };

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Squares of random size, some classes, on a slide of 4,000 px. */
function madeStore(count: number, seed = 1): ObjectStore {
  const random = seeded(seed);
  const builder = new ColumnsBuilder('nuclei', classes);
  for (let i = 0; i < count; i++) {
    const [x, y, half] = [4000 * random(), 4000 * random(), 4 + 12 * random()];
    builder.add({
      classIndex: random() < 0.5 ? 0 : 1,
      probability: random(),
      x,
      y,
      areaPx: 4 * half * half,
      ring: [x - half, y - half, x + half, y - half, x + half, y + half, x - half, y + half],
    });
  }
  const store = new ObjectStore('nuclei');
  store.append(builder.view());
  return store;
}

/** To the end, a step at a time. */
function finished<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const end = goOn(steps, 0);
    if (end) return end.done;
  }
}

const frame: Frame = { centre: { x: 2000, y: 2000 }, zoom: 0.2, rotation: 30, width: 640, height: 480 };

describe('many objects', () => {
  const store = madeStore(6000);
  const far = farRows(store);

  test('density counts every object that is shown, at any cell, and none that went', () => {
    const counted = (of: typeof far, groups: Uint8Array, cellPx: number): number => {
      let sum = 0;
      for (const { counts } of countedLevel(placesOf(of, cellPx), groups).tiles.values())
        for (const seen of counts) sum += seen;
      return sum;
    };
    const total = (threshold: number, classShown: readonly boolean[], cellPx: number): number => {
      const groups = groupsOf(far, { ...style, threshold, classShown }, undefined);
      return counted(far, groups, cellPx);
    };
    const { columns } = store;
    for (const cellPx of [16, 128, 1024]) {
      expect(total(0, [], cellPx)).toBe(6000);
      const expected = [...columns.probability].filter((p, i) => p >= Math.fround(0.4) && columns.classIndex[i] === 1);
      expect(total(Math.fround(0.4), [false, true], cellPx)).toBe(expected.length);
    }
    const gone = new Uint8Array(6000);
    gone[7] = gone[5999] = 1;
    const left = farRows({ columns, isGone: gone });
    expect(counted(left, groupsOf(left, style, undefined), 64)).toBe(5998);
  });

  test('discs cover the pixels whose centres they hold, turned as the view is', () => {
    for (const rotation of [0, 90, 133.3]) {
      const turned = { ...frame, rotation, flipped: rotation === 90 };
      const groups = groupsOf(far, style, undefined);
      const raster = new Discs(far, turned, 1.5, 0.5).raster(groups);
      const expected = new Uint8Array(raster.width * raster.height).fill(HIDDEN);
      for (let i = 0; i < far.count; i++) {
        const at = toScreen(turned, far.centroid[2 * i] ?? 0, far.centroid[2 * i + 1] ?? 0);
        const [x, y] = [1.5 * at.x, 1.5 * at.y];
        const radius = Math.max(0.5, Math.sqrt((far.areaPx[i] ?? 0) / Math.PI) * turned.zoom * 1.5);
        for (let row = Math.floor(y - radius) - 1; row <= y + radius + 1; row++) {
          for (let col = Math.floor(x - radius) - 1; col <= x + radius + 1; col++) {
            if (row < 0 || col < 0 || row >= raster.height || col >= raster.width) continue;
            const own = Math.floor(x) === col && Math.floor(y) === row;
            const far2 = (col + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2;
            if (own || far2 <= radius * radius) expected[row * raster.width + col] = groups[i] ?? HIDDEN;
          }
        }
      }
      let differ = 0;
      for (let k = 0; k < expected.length; k++) {
        const held = (raster.cover[k] ?? 0) >= 128 ? raster.groups[k] : HIDDEN;
        if (expected[k] !== held) differ++;
      }
      expect(differ / expected.length).toBeLessThan(1e-4); // centres on the very rim, by rounding
    }
  });

  test('a palette colours a raster without painting it anew', () => {
    const raster = { width: 3, height: 1, groups: Uint8Array.of(1, HIDDEN, 1), cover: Uint8Array.of(255, 0, 40) };
    const [first, none, rim] = [
      [0x1f, 0xa2, 0xff, 255],
      [0, 0, 0, 0],
      [0x1f, 0xa2, 0xff, 40],
    ] as const;
    expect([...colouredDiscs(raster, ['#ff7a1a', '#1fa2ff'])]).toEqual([...first, ...none, ...rim]);
  });

  test('a measure colours by its steps, what has none is grey, and a class may have another colour', () => {
    const rows = { count: 4, classIndex: Uint8Array.of(0, 0, 1, 0), probability: Float32Array.of(1, 1, 1, 0.2) };
    const tint = { values: Float32Array.of(0, 99, Number.NaN, 50), low: 0, high: 100, hasMean: true };
    expect([...groupsOf(rows, { ...style, threshold: 0.5 }, tint)]).toEqual([0, 9, 10, HIDDEN]);
    expect(paletteOf(classes, style, tint)).toHaveLength(11);
    expect(paletteOf(classes, { ...style, colours: [undefined, '#123456'] }, undefined)).toEqual([
      '#ff7a1a',
      '#123456',
    ]);
  });

  test('the rows around a view are copied whole, with their holes', () => {
    const look = finished(lookAround(lookFor(store.live, frame, 160)));
    const near = finished(nearRows(look));
    expect([...near.rows]).toEqual([...store.query(look.rect)]);
    for (let k = 0; k < near.count; k++) {
      const ring = ringsOf(store.columns, near.rows[k] ?? 0)[0] ?? new Float64Array();
      const [from = 0, to = 0] = near.firstVertex.subarray(near.firstRing[k], (near.firstRing[k] ?? 0) + 2);
      expect(to - from).toBe(ring.length / 2);
      for (let v = from; v < to; v++) {
        expect((near.xy[2 * v] ?? 0) + look.rect.x).toBeCloseTo(ring[2 * (v - from)] ?? 0, 3);
        expect((near.xy[2 * v + 1] ?? 0) + look.rect.y).toBeCloseTo(ring[2 * (v - from) + 1] ?? 0, 3);
      }
    }
    expect(serves(look, store.live, { ...frame, centre: { x: 2010, y: 2000 } })).toBe(true);
    expect(serves(look, store.live, { ...frame, centre: { x: 9000, y: 2000 } })).toBe(false);
  });
});

test('holes go along, and vertices that the screen cannot show are left out', () => {
  const builder = new ColumnsBuilder('annotations', classes);
  const ring = Float64Array.from({ length: 2000 }, (_, k) => {
    const angle = (Math.PI * (k >> 1)) / 500;
    return 500 + 100 * (k % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
  const hole = [480, 480, 480, 520, 520, 520];
  builder.add({ classIndex: 0, probability: 1, x: 500, y: 500, areaPx: 31_000, ring, holes: [hole] });
  const columns = builder.view();
  const look = {
    source: { columns, version: 1, query: () => Uint32Array.of(0), longest: () => 200 },
    columns,
    version: 1,
    rect: { x: 300, y: 300, width: 400, height: 400 },
    zoom: 0.1,
    rows: Uint32Array.of(0),
  };
  const { firstRing, firstVertex, xy } = finished(nearRows(look));
  expect([...firstRing]).toEqual([0, 2]);
  expect(firstVertex[1]).toBeLessThan(75); // 62 CSS px around: a px apart
  expect(firstVertex[1]).toBeGreaterThan(50);
  expect([...xy.subarray(2 * (firstVertex[1] ?? 0))]).toEqual([180, 180, 180, 220, 220, 220]);
});

test('no objects are no rows', () => {
  const columns = emptyColumns('nuclei', []);
  expect(farRows({ columns }).count).toBe(0);
});
