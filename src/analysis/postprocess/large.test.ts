import { describe, expect, test } from 'vitest';
import type { ObjectColumns } from '#objects/columns.ts';
import { random } from '#objects/testing/random.ts';
import { rasterise } from '../evaluate/rasterise.ts';
import { bytesOf, type CoreMap, coreMapOf } from './core-map.ts';
import type { PatchFrame } from './frame.ts';
import { LargeObjects, type MosaicSetup } from './large.ts';

const GLANDS = { foreground: 128, seed: 128, minSeedUm2: 12, growUm: 3, minAreaUm2: 20 };
const LUMINA = { foreground: 128, minAreaUm2: 4 };
const SETTINGS = { um: 1, glands: GLANDS, lumina: LUMINA };

const cells = (side: number): { col: number; row: number }[] =>
  Array.from({ length: side * side }, (_, i) => ({ col: i % side, row: Math.floor(i / side) }));

const setup = (side: number, cores: MosaicSetup['cores']): MosaicSetup => ({
  side,
  pxX: 1,
  pxY: 1,
  ...SETTINGS,
  glandClasses: [{ name: 'Gland', color: '#ffee1f' }],
  lumenClasses: [{ name: 'Lumen', color: '#1a2bff' }],
  cores,
});

/** Two packed maps of smoothed noise: glands of all shapes, many of them touching. */
function noise(next: () => number, size: number): { glands: Int32Array; lumina: Int32Array } {
  const smooth = (times: number): Float64Array => {
    let values = Float64Array.from({ length: size * size }, next);
    for (let t = 0; t < times; t++) {
      const before = values;
      values = before.map(
        (v, i) =>
          (v + (before[i - 1] ?? v) + (before[i + 1] ?? v) + (before[i - size] ?? v) + (before[i + size] ?? v)) / 5,
      );
    }
    return values;
  };
  const pack = (inner: Float64Array, contour: Float64Array, gain: number): Int32Array =>
    Int32Array.from(inner, (v, i) => {
      const a = Math.min(255, Math.max(0, Math.round(128 + (v - 0.5) * gain)));
      const b = Math.min(255 - a, Math.max(0, Math.round(60 + ((contour[i] ?? 0) - 0.5) * gain)));
      return 256 * a + 65536 * b;
    });
  return { glands: pack(smooth(8), smooth(4), 1800), lumina: pack(smooth(4), smooth(4), 900) };
}

function mapAt(
  of: { glands: Int32Array; lumina: Int32Array },
  size: number,
  side: number,
  col: number,
  row: number,
): CoreMap {
  const cut = (from: Int32Array): Int32Array<ArrayBuffer> =>
    Int32Array.from(
      { length: side * side },
      (_, i) => from[(row * side + Math.floor(i / side)) * size + col * side + (i % side)] ?? 0,
    );
  const core = { x: 0, y: 0, width: side, height: side };
  const frame: PatchFrame = { x: 0, y: 0, pxX: 1, pxY: 1, mpp: 1, size: side, margin: 0, slide: core, core, col, row };
  return coreMapOf({ glands: cut(of.glands), lumina: cut(of.lumina), side }, frame, 1, SETTINGS);
}

const shuffled = <T>(next: () => number, items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

describe('a mosaic of many cores', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('equals one core over the same maps, whatever the order, seed %i', (seed) => {
    const next = random(seed);
    const size = 96;
    const maps = noise(next, size);
    const whole = new LargeObjects(setup(size, cells(1)));
    whole.add(0, 0, mapAt(maps, size, size, 0, 0));
    const expected = whole.collect(true);
    expect(expected.glands.count).toBeGreaterThan(3);
    expect(expected.lumina.count).toBeGreaterThan(0);
    for (const side of [12, 32]) {
      const cores = cells(size / side);
      const mosaic = new LargeObjects(setup(side, cores));
      for (const { col, row } of shuffled(next, cores)) {
        mosaic.add(col, row, mapAt(maps, size, side, col, row));
        if (next() < 0.3) mosaic.collect(false);
      }
      expect(mosaic.collect(true)).toEqual(expected);
    }
  });

  test('a core that never comes is background, for its neighbours too', () => {
    const next = random(11);
    const [size, side] = [96, 32];
    const maps = noise(next, size);
    const blank = { glands: maps.glands.slice(), lumina: maps.lumina.slice() };
    for (let y = 32; y < 64; y++)
      for (const map of [blank.glands, blank.lumina]) map.fill(0, y * size + 32, y * size + 64);
    const whole = new LargeObjects(setup(size, cells(1)));
    whole.add(0, 0, mapAt(blank, size, size, 0, 0));
    const mosaic = new LargeObjects(setup(side, cells(3)));
    for (const { col, row } of cells(3)) {
      if (col === 1 && row === 1) mosaic.skip(col, row);
      else mosaic.add(col, row, mapAt(maps, size, side, col, row));
    }
    expect(mosaic.collect(false)).toEqual(whole.collect(true));
  });

  test('maps are given back where everything around is finished', () => {
    const next = random(12);
    const [size, side] = [192, 24];
    const maps = noise(next, size);
    const mosaic = new LargeObjects(setup(side, cells(8)));
    let most = 0;
    for (const { col, row } of cells(8)) {
      mosaic.add(col, row, mapAt(maps, size, side, col, row));
      mosaic.collect(false);
      most = Math.max(most, mosaic.held);
    }
    expect(most).toBeLessThan(64);
    mosaic.collect(true);
    expect(mosaic.held).toBe(0);
  });
});

test('a core keeps what can matter: a small part of its maps, and nothing of what is settled within it', () => {
  const size = 256;
  const glands = new Int32Array(size * size);
  for (let i = 0; i < glands.length; i++) {
    const [x, y] = [i % size, Math.floor(i / size)];
    const r = Math.hypot((x % 64) - 32, (y % 64) - 32); // 16 glands with a ring of contour
    if (r < 26) glands[i] = r < 22 ? 256 * 220 : 65536 * 200;
    if (Math.hypot((x % 64) - 60, (y % 64) - 60) < 1.5) glands[i] = 256 * 220; // crumbs
  }
  const map = mapAt({ glands, lumina: new Int32Array(size * size) }, size, size, 0, 0);
  expect(map.seeds.end.length).toBe(16);
  expect(bytesOf(map)).toBeLessThan((2 * size * size) / 4);
  const mosaic = new LargeObjects(setup(size, cells(1)));
  mosaic.add(0, 0, map);
  expect(mosaic.heldBytes).toBe(bytesOf(map));
  expect(mosaic.collect(false).glands.count).toBe(16);
  expect(mosaic.heldBytes).toBe(0);
});

test('seeds that grew together over more than any gland are counted, and cost no memory', () => {
  const side = 2000;
  const line = (row: Uint16Array<ArrayBuffer>, to: number): CoreMap => {
    const count = row.length;
    const seeds = { row, from: new Uint16Array(count), to: new Uint16Array(count).fill(to) };
    const none = {
      row: new Uint16Array(0),
      from: new Uint16Array(0),
      to: new Uint16Array(0),
      values: new Uint8Array(0),
    };
    return { seeds: { ...seeds, end: Uint32Array.of(count), sum: Uint32Array.of(0) }, rim: none, lumina: none };
  };
  // a line to the right and, from the same corner, one downwards
  const cores = [0, 1, 2, 3].flatMap((k) => [{ col: k, row: 0 }, ...(k > 0 ? [{ col: 0, row: k }] : [])]);
  const mosaic = new LargeObjects(setup(side, cores));
  const down = Uint16Array.from({ length: side }, (_, y) => y);
  for (const { col, row } of cores) {
    const map = row === 0 ? line(Uint16Array.of(0), side) : line(down, 1);
    if (col > 0 || row > 0) mosaic.add(col, row, map);
  }
  const corner = line(down, 1);
  corner.seeds.to[0] = side;
  mosaic.add(0, 0, corner);
  const { glands, tooLarge } = mosaic.collect(true);
  expect([glands.count, tooLarge]).toEqual([0, 1]);
});

test('a gland within the ring of another keeps its own hole', () => {
  const size = 64;
  const glands = new Int32Array(size * size);
  for (let i = 0; i < glands.length; i++) {
    const r = Math.hypot((i % size) - 32, Math.floor(i / size) - 32);
    if ((r > 22 && r < 28) || (r > 5 && r < 10)) glands[i] = 256 * 255;
  }
  const mosaic = new LargeObjects(setup(size, cells(1)));
  mosaic.add(0, 0, mapAt({ glands, lumina: new Int32Array(size * size) }, size, size, 0, 0));
  const { glands: found } = mosaic.collect(true);
  const areas = [...found.areaPx].sort((a, b) => a - b);
  expect(found.count).toBe(2);
  expect(Math.abs((areas[0] ?? 0) / (Math.PI * 100) - 1)).toBeLessThan(0.06); // its hole filled
  expect(Math.abs((areas[1] ?? 0) / (Math.PI * (28 ** 2 - 10 ** 2)) - 1)).toBeLessThan(0.06); // the gap is its own
});

test('a gland is as sure as its pixels are, holes aside; rings lie around them', () => {
  const size = 40;
  const glands = new Int32Array(size * size);
  for (let y = 5; y < 30; y++) for (let x = 8; x < 33; x++) glands[y * size + x] = 256 * 150 + 65536 * 50;
  for (let y = 12; y < 16; y++) for (let x = 12; x < 16; x++) glands[y * size + x] = 0;
  const mosaic = new LargeObjects(setup(size, cells(1)));
  mosaic.add(0, 0, mapAt({ glands, lumina: glands.map((v) => (v === 0 ? 256 * 200 : 0)) }, size, size, 0, 0));
  const { glands: found, lumina } = mosaic.collect(true);
  expect([found.count, found.areaPx[0]]).toEqual([1, 625]);
  expect(found.probability[0]).toBeCloseTo(200 / 255, 6);
  expect([found.centroid[0], found.centroid[1]]).toEqual([20.5, 17.5]);
  expect([lumina.count, lumina.areaPx[0]]).toEqual([1, 16]);
  expect(lumina.probability[0]).toBeCloseTo(200 / 255, 6);
  expect(count(found, size)).toBe(625);
  expect(count(lumina, size)).toBe(16);
});

const count = (columns: ObjectColumns, size: number): number =>
  rasterise(columns, size, size).filter((v) => v > 0).length;
