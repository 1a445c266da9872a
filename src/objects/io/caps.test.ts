// Where a file holds more than can be taken, that is told: what, how many, and nothing else of it is lost.
import { expect, test } from 'vitest';
import { bytesOf, read, SLIDE } from '../testing/geojson-files.ts';
import type { Refused } from './feature-objects.ts';
import { MOST, objectsOf, type ReadBatch } from './geojson-read.ts';
import { imageOfGrid } from './value-image.ts';

/** A triangle in a place of its own. */
function feature(k: number, properties: object): object {
  const [x, y] = [10 + 12 * (k % 5000), 10 + 12 * Math.floor(k / 5000)];
  const corners = [
    [x, y],
    [x + 9, y],
    [x + 9, y + 9],
    [x, y],
  ];
  const geometry = { type: 'Polygon', coordinates: [corners] };
  return { type: 'Feature', geometry, properties: { objectType: 'detection', name: 'Nucleus', ...properties } };
}

const named = (count: number, value: unknown): object =>
  Object.fromEntries(Array.from({ length: count }, (_, k) => [`Of ${k}`, value]));

test('2,001 measurements, or 201 entries of metadata, of one object: it comes without the last', async () => {
  const many = { measurements: named(2001, 1), metadata: named(201, 'text') };
  const { objects, refused } = await read(bytesOf([feature(0, {}), feature(1, many), feature(2, many)]));
  expect(objects.map(({ count, extras }) => [count, extras?.names.length])).toEqual([[3, 2000]]);
  expect(refused).toHaveLength(2);
  for (const of of [
    'a measurement that is no number, or beyond the first 2,000',
    'an entry of its metadata that is no',
  ])
    expect(refused).toContainEqual({
      feature: 1,
      partly: true,
      why: expect.stringMatching(new RegExp(`^${of}.*is left out; so it is with 1 more$`)),
    });
});

test('a 201st class: its objects are refused, each by its number, and the others come', async () => {
  const features = Array.from({ length: 402 }, (_, k) => feature(k, { classification: { name: `Class ${k % 201}` } }));
  const { objects, refused, imported } = await read(bytesOf(features));
  expect([imported, objects[0]?.count, objects[0]?.classes.length]).toEqual([400, 400, 200]);
  const why = 'its class is one more than the 200 that are taken';
  expect(refused).toEqual([
    { feature: 200, why },
    { feature: 401, why },
  ]);
});

test('more names of measurements than can be told apart: the feature that brings them is refused', async () => {
  const features = Array.from({ length: 34 }, (_, k) => {
    const measurements = Object.fromEntries(Array.from({ length: 2000 }, (_, m) => [`${k} ${m}`, m]));
    return feature(k, { measurements });
  });
  const { refused, imported } = await read(bytesOf(features));
  expect(imported).toBe(32);
  expect(refused.map((of) => of.feature)).toEqual([32, 33]);
  expect(refused[0]?.why).toMatch(/more than 65536 names of measurements/);
});

test('of 10,500 refused features 10,000 are told one by one, and then how many more', async () => {
  const twisted = {
    type: 'Polygon',
    coordinates: [
      [
        [0, 0],
        [9, 9],
        [9, 0],
        [0, 9],
        [0, 0],
      ],
    ],
  };
  const bad = { type: 'Feature', geometry: twisted, properties: {} };
  const { refused, imported } = await read(bytesOf([feature(0, {}), ...Array.from({ length: 10_500 }, () => bad)]));
  expect(imported).toBe(1);
  expect(refused).toHaveLength(10_001);
  expect(refused.at(-1)).toEqual({ feature: 10_001, why: '500 more features were refused from here on' });
});

/** A collection without end, made as it is pulled; `pulled` counts its features. */
function endless(geometry: object) {
  const text = `{"type":"Feature","geometry":${JSON.stringify(geometry)},"properties":{"objectType":"annotation"}},`;
  const piece = new TextEncoder().encode(text);
  const stream = { pulled: 0 };
  const pull = async (): Promise<Uint8Array> =>
    stream.pulled++ === 0 ? new TextEncoder().encode(`{"type":"FeatureCollection","features":[${text}`) : piece;
  return { stream, pull };
}

/** Counts, and lets go of each batch. */
async function countedOf(batches: AsyncIterable<ReadBatch>) {
  const seen = { objects: 0, imported: 0, refused: [] as Refused[] };
  for await (const { objects, imported, refused } of batches) {
    for (const { count } of objects) seen.objects += count;
    seen.imported = imported;
    seen.refused.push(...refused);
  }
  return seen;
}

const waits = { signal: new AbortController().signal };
const cut = (objects: string): string =>
  `the file holds more than the ${objects} objects up to here, which is as much as is taken: what follows was not read`;

test('of a file without end as many objects come as are taken, and it is told from where on nothing was read', async () => {
  const points = { type: 'MultiPoint', coordinates: Array.from({ length: 5000 }, (_, k) => [k % 500, k % 70]) };
  const { stream, pull } = endless(points);
  const { objects, imported, refused } = await countedOf(objectsOf(pull, SLIDE, waits, { ...MOST, objects: 50_000 }));
  expect([objects, imported]).toEqual([50_000, 10]);
  expect(refused).toEqual([{ feature: 10, why: cut('50,000') }]);
  expect(stream.pulled).toBeLessThan(100); // of pieces of 75 kB
  expect(MOST).toEqual({ objects: 5_000_000, corners: 200_000_000 }); // what docs/files.md says, and who gives no other
});

test('of a file that holds as many as are taken and no more nothing is said; corners are counted, too', async () => {
  const features = Array.from({ length: 600 }, (_, k) => feature(k, {}));
  const pull = () => {
    const pieces = [bytesOf(features)];
    return async () => pieces.pop();
  };
  const taken = (objects: number, corners: number) => countedOf(objectsOf(pull(), SLIDE, waits, { objects, corners }));
  expect(await taken(600, 1800)).toEqual({ objects: 600, imported: 600, refused: [] });
  for (const all of [await taken(599, 1e6), await taken(1e6, 1797)])
    expect(all).toEqual({ objects: 599, imported: 599, refused: [{ feature: 599, why: cut('599') }] });
});

test('a map of more pixels than an image is given: how many there would be, and what to do', () => {
  const patch = (x: number) => ({ x, y: x, cellWidth: 1, cellHeight: 1, cols: 1, rows: 1, values: Float32Array.of(1) });
  const grid = { name: 'Tissue', channels: [{ name: 'a', color: '#000000' }], patches: [patch(0), patch(19_999)] };
  expect(() => imageOfGrid(grid)).toThrow(/20,000 × 20,000 pixels.*Analyse a smaller region/);
});
