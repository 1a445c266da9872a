import { describe, expect, test } from 'vitest';
import { ringOf } from './polygons.ts';
import { areaIn, areaPx, asRect, boundsOf, isIn, meets, type Region } from './region.ts';
import { boundsOfJson, regionFromJson, regionToJson } from './region-json.ts';

const rect = { x: 100, y: 200, width: 300, height: 400 };
const mask = { x0: 100, y0: 200, cellPx: 100, cols: 3, rows: 4, mask: new Uint8Array(12).fill(1) };
const drawn = { pieces: [{ does: 'add', ring: ringOf(rect) } as const] };
const slide = { x: 0, y: 0, width: 350, height: 1000 };

describe.each<[string, Region]>([
  ['a rectangle', rect],
  ['the same, drawn', drawn],
  ['the same, as a mask', mask],
])('%s', (_, region) => {
  test('is the same part of the slide', () => {
    expect(boundsOf(region)).toEqual(rect);
    expect(areaPx(region, slide)).toBe(250 * 400);
    expect(areaIn(region, { x: 380, y: 0, width: 50, height: 210 })).toBeCloseTo(200, 9);
    for (const [x, y, is] of [
      [100, 200, true],
      [399.9, 599.9, true],
      [400, 300, false],
      [99.9, 300, false],
    ] as const) {
      expect(isIn(region, x, y)).toBe(is);
    }
    expect(meets(region, { x: 0, y: 0, width: 101, height: 201 })).toBe(true);
    expect(meets(region, { x: 400, y: 200, width: 50, height: 50 })).toBe(false);
  });

  test('goes through JSON and is the same', () => {
    const json: unknown = JSON.parse(JSON.stringify(regionToJson(region)));
    expect(regionFromJson(json)).toEqual(region);
    expect(boundsOfJson(json)).toEqual(rect);
  });
});

test('only a plain rectangle has a ring of cores around it', () => {
  expect([asRect(rect), asRect(drawn), asRect(mask)]).toEqual([rect, undefined, undefined]);
});

test('a mask of a whole slide is short as JSON, and comes back bit by bit', () => {
  const cells = Uint8Array.from({ length: 1023 * 769 }, (_, at) =>
    Number(Math.hypot((at % 1023) - 500, at / 1023 - 400) < 300),
  );
  const whole = { x0: 0, y0: 0, cellPx: 32.5, cols: 1023, rows: 769, mask: cells };
  const json = regionToJson(whole);
  expect(JSON.stringify(json).length).toBeLessThan(10_000);
  const back = regionFromJson(json);
  expect('mask' in back && { ...back, mask: undefined }).toEqual({ ...whole, mask: undefined });
  expect('mask' in back && Buffer.compare(back.mask, cells)).toBe(0); // value by value is slow
});

test.each([
  ['nothing', null],
  ['a text', 'rectangle'],
  ['no known type', { type: 'circle', x: 0, y: 0, r: 1 }],
  ['a rectangle without height', { type: 'rectangle', x: 0, y: 0, width: 1 }],
  ['a rectangle turned inside out', { type: 'rectangle', x: 0, y: 0, width: -1, height: 1 }],
  ['a ring of two points', { type: 'polygons', pieces: [{ does: 'add', ring: [0, 0, 1, 1] }] }],
  ['a ring with a hole in its numbers', { type: 'polygons', pieces: [{ does: 'add', ring: [0, 0, 1, null, 1, 1] }] }],
  ['a piece that does something else', { type: 'polygons', pieces: [{ does: 'keep', ring: [0, 0, 1, 0, 1, 1] }] }],
  ['more cells than memory', { ...regionToJson(mask), cols: 1e9, rows: 1e9 }],
  ['too few cells', { ...regionToJson(mask), rows: 40 }],
  ['too many cells', { ...regionToJson(mask), rows: 1 }],
  ['cells that are no base64', { ...regionToJson(mask), cells: '§§' }],
])('%s is no region, and is told so', (_, json) => {
  expect(() => regionFromJson(json)).toThrowError('The region');
});

test('what is no region has no bounds, and that ends no list of runs', () => {
  for (const json of [null, 'rectangle', { type: 'circle' }, { type: 'mask', x0: 1 }])
    expect(boundsOfJson(json)).toBeUndefined();
});
