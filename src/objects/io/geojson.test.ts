import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { mpp } from '#units/units.ts';
import { ColumnsBuilder } from '../builder.ts';
import { type ObjectColumns, type ObjectKind, ringOf } from '../columns.ts';
import { random } from '../testing/random.ts';
import { exportGeoJSON, geojsonText } from './geojson.ts';

const classes = [
  { name: 'Epithelial', color: '#ff7a1a' },
  { name: 'Quo"ted </script>', color: '#010203' },
];

function polygons(kind: ObjectKind, count: number, seed: number): ObjectColumns {
  const next = random(seed);
  const builder = new ColumnsBuilder(kind, classes);
  for (let i = 0; i < count; i++) {
    const [x, y] = [next() * 90_000, next() * 70_000];
    const ring = Array.from({ length: 8 }, (_, k) => [x + 20 * Math.cos(k * 0.78), y + 20 * Math.sin(k * 0.78)]).flat();
    builder.add({ classIndex: i % 2, probability: next(), x, y, areaPx: 1200, ring });
  }
  return builder.copy();
}

interface Feature {
  type: string;
  id: string;
  geometry: { type: string; coordinates: [number, number][][] };
  properties: Record<string, unknown> & { measurements: Record<string, number> };
}
const calm = new AbortController().signal;
const at = { x: mpp(0.25), y: mpp(0.5) };
const options = { mpp: at, signal: calm };
const read = async (blob: Blob): Promise<Feature[]> => JSON.parse(await blob.text()).features;

test('features are what QuPath reads', async () => {
  const nuclei = polygons('nuclei', 3, 1);
  const features = await read(await exportGeoJSON([nuclei, polygons('lumina', 1, 2)], options));
  expect(features.map(({ properties }) => properties.name)).toEqual(['nucleus', 'nucleus', 'nucleus', 'lumen']);
  const [first, second] = features;
  expect(first?.properties).toEqual({
    objectType: 'detection',
    name: 'nucleus',
    classification: { name: 'Epithelial', color: [255, 122, 26] },
    measurements: { 'Area µm^2': 150, Probability: expect.closeTo(nuclei.probability[0] ?? 0, 4) },
  });
  expect(second?.properties.classification).toEqual({ name: 'Quo"ted </script>', color: [1, 2, 3] });
  for (const { type, geometry, id } of features) {
    expect([type, geometry.type, geometry.coordinates.length]).toEqual(['Feature', 'Polygon', 1]);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test('rings are closed, in level-0 pixels, with two decimals at most', async () => {
  const nuclei = polygons('nuclei', 50, 3);
  const features = await read(await exportGeoJSON([nuclei], options));
  for (const [i, { geometry }] of features.entries()) {
    const [ring = []] = geometry.coordinates;
    expect(ring.at(-1)).toEqual(ring[0]);
    const kept = ringOf(nuclei, i);
    expect(ring.length).toBe(kept.length / 2 + 1);
    for (const [k, [x, y]] of ring.slice(0, -1).entries()) {
      expect(Math.abs(x - (kept[2 * k] ?? 0))).toBeLessThan(0.0051);
      expect(Math.abs(y - (kept[2 * k + 1] ?? 0))).toBeLessThan(0.0051);
      for (const value of [x, y]) expect(String(value)).toMatch(/^-?\d+(\.\d{1,2})?$/);
    }
  }
});

test('an uncalibrated slide gets areas in pixels', async () => {
  const [feature] = await read(await exportGeoJSON([polygons('glands', 1, 1)], { mpp: undefined, signal: calm }));
  expect(feature?.properties.measurements['Area px^2']).toBe(1200);
});

test('annotations are annotations, nothing is an empty collection', async () => {
  const [feature] = await read(await exportGeoJSON([polygons('annotations', 1, 1)], options));
  expect([feature?.properties.objectType, feature?.properties.name]).toEqual(['annotation', undefined]);
  expect(await read(await exportGeoJSON([], options))).toEqual([]);
});

test('ids depend on the content, not on the order', async () => {
  const [a, b] = [polygons('nuclei', 3000, 1), polygons('nuclei', 3000, 2)];
  const ids = async (batches: ObjectColumns[]): Promise<string[]> =>
    (await read(await exportGeoJSON(batches, options))).map(({ id }) => id);
  const one = await ids([a, b]);
  expect(new Set(one).size).toBe(6000);
  expect((await ids([b, a])).sort()).toEqual(one.sort());
});

test('gzip holds the same text', async () => {
  const nuclei = polygons('nuclei', 1000, 4);
  const [plain, zipped] = [
    await exportGeoJSON([nuclei], options),
    await exportGeoJSON([nuclei], { ...options, gzip: true }),
  ];
  expect(gunzipSync(Buffer.from(await zipped.arrayBuffer())).toString()).toBe(await plain.text());
  expect(zipped.size).toBeLessThan(plain.size / 2);
});

test('it comes in pieces, and stops when aborted', async () => {
  const stop = new AbortController();
  const pieces = geojsonText([polygons('nuclei', 5000, 5)], { mpp: at, signal: stop.signal });
  let longest = 0;
  for (let k = 0; k < 4; k++) longest = Math.max(longest, (await pieces.next()).value?.length ?? 0);
  expect(longest).toBeLessThan(500_000);
  stop.abort(new Error('enough'));
  await expect(pieces.next()).rejects.toThrow('enough');
});
