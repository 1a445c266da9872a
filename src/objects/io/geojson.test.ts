import { expect, test } from 'vitest';
import { mpp } from '#units/units.ts';
import { ColumnsBuilder } from '../builder.ts';
import { type ObjectColumns, type ObjectKind, ringOf } from '../columns.ts';
import { resultHash } from '../result-hash.ts';
import { bytesOf, geojsonOf, read, SLIDE } from '../testing/geojson-files.ts';
import { random } from '../testing/random.ts';

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
    builder.add({ classIndex: i % 2, probability: next(), x, y, areaPx: 1100 + next(), ring });
  }
  return builder.copy();
}

interface Feature {
  type: string;
  id: string;
  geometry: { type: string; coordinates: [number, number][][] };
  properties: Record<string, unknown> & { measurements: Record<string, number> };
}
const at = { x: mpp(0.25), y: mpp(0.5) };
const parsed = (batches: readonly ObjectColumns[], size: typeof at | undefined = at): Feature[] =>
  JSON.parse(new TextDecoder().decode(geojsonOf(batches, size))).features;

test('features are what QuPath reads', () => {
  const nuclei = polygons('nuclei', 3, 1);
  const features = parsed([nuclei, polygons('lumina', 1, 2)]);
  expect(features.map(({ properties }) => properties.name)).toEqual(['nucleus', 'nucleus', 'nucleus', 'lumen']);
  const [first, second] = features;
  expect(first?.properties).toEqual({
    objectType: 'detection',
    name: 'nucleus',
    classification: { name: 'Epithelial', color: [255, 122, 26] },
    measurements: {
      'Area µm^2': expect.closeTo((nuclei.areaPx[0] ?? 0) / 8, 4),
      Probability: expect.closeTo(nuclei.probability[0] ?? 0, 4),
    },
  });
  expect(second?.properties.classification).toEqual({ name: 'Quo"ted </script>', color: [1, 2, 3] });
  for (const { type, geometry, id } of features) {
    expect([type, geometry.type, geometry.coordinates.length]).toEqual(['Feature', 'Polygon', 1]);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test('rings are closed, in level-0 pixels; those of nuclei with two decimals at most', () => {
  const nuclei = polygons('nuclei', 50, 3);
  for (const [i, { geometry }] of parsed([nuclei]).entries()) {
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

test('an uncalibrated slide gets areas in pixels', () => {
  const glands = polygons('glands', 1, 1);
  const text = new TextDecoder().decode(geojsonOf([glands], undefined));
  expect(JSON.parse(text).features[0].properties.measurements['Area px^2']).toBeCloseTo(glands.areaPx[0] ?? 0, 3);
});

test('ids depend on the content, not on the order', () => {
  const [a, b] = [polygons('nuclei', 3000, 1), polygons('nuclei', 3000, 2)];
  const ids = (batches: ObjectColumns[]): string[] => parsed(batches).map(({ id }) => id);
  const one = ids([a, b]);
  expect(new Set(one).size).toBe(6000);
  expect(ids([b, a]).sort()).toEqual(one.sort());
});

test.each([undefined, at])('what is read back is the same, bit for bit', async (size) => {
  const all = [
    polygons('nuclei', 3000, 5),
    polygons('glands', 300, 6),
    polygons('lumina', 30, 7),
    polygons('annotations', 30, 8),
  ];
  const { objects, refused, imported } = await read(geojsonOf(all, size), { ...SLIDE, mpp: size });
  expect([imported, refused]).toEqual([3360, []]);
  for (const [k, columns] of all.entries()) {
    const again = objects[k];
    expect(again?.kind).toBe(columns.kind);
    for (const name of ['classIndex', 'probability', 'centroid', 'areaPx', 'ringStart', 'ring'] as const)
      expect(again?.[name]).toEqual(columns[name]);
    expect(again?.classes).toEqual(columns.classes);
  }
  const { signal } = new AbortController();
  expect(await resultHash({ objects, tissue: [] }, { signal })).toBe(
    await resultHash({ objects: all, tissue: [] }, { signal }),
  );
});

test('holes, notes, measurements, points and lines come back too', async () => {
  const features = [
    {
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [10, 10],
            [90, 10],
            [90, 90],
            [10, 90],
            [10, 10],
          ],
          [
            [30, 30],
            [60.5, 30],
            [30, 60],
            [30, 30],
          ],
        ],
      },
      properties: {
        objectType: 'annotation',
        name: 'The edge',
        isLocked: true,
        classification: { name: 'Tumor', color: [200, 0, 0] },
        measurements: { 'Num detections': 12, Odd: 'NaN' },
        metadata: { seen: 'yes', ['__proto__']: 'own' },
      },
    },
    {
      geometry: { type: 'Point', coordinates: [50.25, 60] },
      properties: { objectType: 'annotation', classification: { name: 'Mitosis' } },
    },
    {
      geometry: {
        type: 'LineString',
        coordinates: [
          [1, 2],
          [30, 40],
          [60, 5.5],
        ],
      },
      properties: { name: 'A ruler' },
    },
  ].map((one) => ({ type: 'Feature', ...one }));
  const first = await read(bytesOf({ type: 'FeatureCollection', features }));
  expect(first.refused).toEqual([]);
  const again = await read(geojsonOf(first.objects, SLIDE.mpp));
  expect(again).toEqual(first);
  const [annotations] = again.objects;
  expect(annotations?.extras?.notes.get(0)).toEqual({
    name: 'The edge',
    isLocked: true,
    metadata: JSON.parse('{"seen":"yes","__proto__":"own"}'),
  });
  const written = JSON.parse(new TextDecoder().decode(geojsonOf(again.objects, SLIDE.mpp)));
  expect(written.features.map((one: Feature) => one.geometry.type)).toEqual(['Polygon', 'Point', 'LineString']);
  expect(written.features[0].geometry.coordinates[1]).toHaveLength(4);
  expect(written.features[1].geometry.coordinates).toEqual([50.25, 60]);
  expect(written.features[2].geometry.coordinates).toEqual([
    [1, 2],
    [30, 40],
    [60, 5.5],
  ]);
  expect(written.features[0].properties.measurements).toMatchObject({ 'Num detections': 12, Odd: 'NaN' });
});
