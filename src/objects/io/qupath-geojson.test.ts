// Files as QuPath's writers make them, of several versions: classes, measurements and shapes come, and what has no place is told.
import { describe, expect, test } from 'vitest';
import type { ObjectColumns } from '../columns.ts';
import { measuredOf } from '../extras.ts';
import { bytesOf, geojsonOf, read, SLIDE } from '../testing/geojson-files.ts';
import {
  collectionText,
  ellipse,
  featureText,
  geometry,
  inPlane,
  listText,
  type QuPathObject,
  type QuPathVersion,
} from '../testing/qupath-text.ts';

const square = (x: number, y: number, side: number): [number, number][] => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
  [x, y],
];

const VERSIONS: readonly QuPathVersion[] = ['0.2', '0.3', '0.4', '0.6'];

const CELL: QuPathObject = {
  type: 'cell',
  geometry: geometry.polygon(square(100.25, 100.5, 40)),
  nucleus: geometry.polygon(square(110.25, 110.5, 16)),
  classes: ['Tumor', 'Positive'],
  classColor: [250, 62, 62],
  measurements: {
    'Nucleus: Area µm^2': 16.0,
    'Nucleus: Hematoxylin OD mean': 0.41237,
    'Cell: Eosin OD std dev': Number.NaN,
    'Detection probability': 0.875,
  },
};
const REGION: QuPathObject = {
  type: 'annotation',
  geometry: geometry.polygon(square(1000, 1000, 900), square(1200, 1200, 100).reverse()),
  name: 'Invasive front',
  classes: ['Region*'],
  classColor: [0, 0, 180],
  isLocked: true,
  measurements: { 'Num Detections': 1234, 'Num Tumor: Positive': 12 },
  metadata: { ANNOTATION_DESCRIPTION: 'seen twice' },
};
const PLAIN: readonly QuPathObject[] = [
  CELL,
  REGION,
  { type: 'detection', geometry: geometry.polygon(square(300, 300, 12)), name: 'nucleus', classes: ['Immune cells'] },
  { type: 'tile', geometry: geometry.polygon(square(400, 400, 100)), measurements: { 'Tile: Mean': -0.5 } },
  { type: 'tmaCore', geometry: geometry.polygon(square(5000, 5000, 800)), name: 'A-1' },
  {
    type: 'annotation',
    geometry: geometry.multiPolygon([square(10, 10, 20)], [square(50, 50, 20)]),
    classes: ['Stroma'],
  },
  {
    type: 'annotation',
    geometry: geometry.points([
      [7.5, 8],
      [9, 10.25],
    ]),
    classes: ['Mitosis'],
  },
  { type: 'annotation', geometry: geometry.point([70, 80]), classes: ['Mitosis'] },
  {
    type: 'annotation',
    geometry: geometry.line([
      [20, 20],
      [60.5, 20],
      [60, 80],
    ]),
    name: 'Depth',
  },
];

const classesOf = (columns: ObjectColumns | undefined): string[] =>
  Array.from(columns?.classIndex ?? [], (index) => columns?.classes[index]?.name ?? '');

describe.each(VERSIONS)('QuPath %s', (version) => {
  test.each([
    ['a collection', collectionText],
    ['a bare list', listText],
  ] as const)('%s: all of it comes', async (_, text) => {
    const { objects, imported, refused } = await read(bytesOf(text(PLAIN, version)));
    expect(imported).toBe(PLAIN.length);
    expect(refused).toEqual([
      // the outline of the cell, the tile and the core; the nuclei are detections when they go out
      { feature: 0, why: expect.stringMatching(/an annotation here; so it is with 2 more$/), partly: true },
    ]);
    const [nuclei, annotations] = ['nuclei', 'annotations'].map((kind) => objects.find((of) => of.kind === kind));
    expect(classesOf(nuclei)).toEqual(['Tumor: Positive', 'Immune cells']);
    expect(nuclei?.classes[0]?.color).toBe('#fa3e3e');
    expect(nuclei?.probability[0]).toBe(0.875);
    expect(nuclei && measuredOf(nuclei.extras, 0)).toEqual([
      ['Nucleus: Area µm^2', 16],
      ['Nucleus: Hematoxylin OD mean', 0.41237],
      ['Cell: Eosin OD std dev', Number.NaN],
    ]);
    expect(classesOf(annotations)).toEqual([
      'Tumor: Positive',
      'Region*',
      'Unclassified',
      'Unclassified',
      'Stroma',
      'Stroma',
      ...Array(3).fill('Mitosis'),
      'Unclassified',
    ]);
    expect(annotations?.extras?.notes.get(1)).toEqual({
      name: 'Invasive front',
      isLocked: true,
      metadata: { ANNOTATION_DESCRIPTION: 'seen twice' },
    });
    expect(annotations?.areaPx[1]).toBe(900 * 900 - 100 * 100);
    expect(annotations && measuredOf(annotations.extras, 1)).toEqual([
      ['Num Detections', 1234],
      ['Num Tumor: Positive', 12],
    ]);
    expect([6, 7, 8, 9].map((row) => annotations?.extras?.notes.get(row)?.shape)).toEqual([
      'point',
      'point',
      'point',
      'line',
    ]);
    // Out again and in again: the same.
    expect((await read(geojsonOf(objects, SLIDE.mpp))).objects).toEqual(objects);
  });

  test('what has no place here is told, with where', async () => {
    const { imported, refused } = await read(
      bytesOf(
        collectionText(
          [
            REGION,
            { type: 'annotation', geometry: ellipse(geometry.polygon(square(10, 10, 30))) },
            { type: 'annotation', geometry: inPlane(geometry.polygon(square(60, 60, 30)), 3, 0) },
            { type: 'annotation', geometry: inPlane(geometry.polygon(square(160, 60, 30)), 0, 2) },
            { type: 'tmaCore', geometry: geometry.polygon(square(5000, 5000, 800)), name: 'A-2', isMissing: true },
            { ...REGION, geometry: geometry.polygon(square(3000, 1000, 9)), color: [1, 2, 3] },
            { type: 'annotation', geometry: '"type":"CircularString","coordinates":[]' },
          ],
          version,
        ),
      ),
    );
    expect(imported).toBe(6);
    expect(refused.map(({ feature, why, partly = false }) => [feature, partly, why])).toEqual([
      [6, false, expect.stringContaining('CircularString, which Eosin does not read')],
      [1, true, expect.stringContaining('ellipse')],
      [2, true, expect.stringMatching(/another plane.*; so it is with 1 more$/)],
      [4, true, expect.stringContaining('a core for QuPath, and an annotation here')],
      [4, true, expect.stringContaining('missing')],
      [5, true, expect.stringContaining('colour of its own')],
    ]);
  });

  test('objects within objects come too, and those that cannot say which they are in', async () => {
    const cross = geometry.polygon([
      [0, 0],
      [9, 9],
      [9, 0],
      [0, 9],
      [0, 0],
    ]);
    const { objects, imported, refused } = await read(
      bytesOf(
        collectionText(
          [
            {
              ...REGION,
              children: [CELL, { ...CELL, nucleus: undefined, geometry: cross }, { ...REGION, children: [CELL] }],
            },
          ],
          version,
        ),
      ),
    );
    expect(imported).toBe(4);
    expect(objects.find(({ kind }) => kind === 'nuclei')?.count).toBe(2);
    expect(refused).toEqual([
      { feature: 0, why: expect.stringMatching(/^an object within it: its outline crosses itself/) },
      { feature: 0, why: expect.stringContaining('an annotation here'), partly: true },
    ]);
  });
});

test('measurements that are no numbers, and metadata that are no texts, are told', async () => {
  const feature = (properties: string) =>
    `{"type":"Feature","geometry":{${geometry.polygon(square(10, 10, 20))}},"properties":{${properties}}}`;
  const { objects, refused } = await read(
    bytesOf(
      `[${feature('"measurements":{"a":null,"b":"NaN","c":"Infinity","d":"12.5","e":-Infinity}')},${feature(
        '"measurements":{"a":1,"b":"many","c":[1]},"metadata":{"n":3,"t":true,"o":{"x":1}}',
      )}]`,
    ),
  );
  const [annotations] = objects;
  expect(annotations && measuredOf(annotations.extras, 0)).toEqual([
    ['a', Number.NaN],
    ['b', Number.NaN],
    ['c', Number.POSITIVE_INFINITY],
    ['d', 12.5],
    ['e', Number.NEGATIVE_INFINITY],
  ]);
  expect(annotations?.extras?.notes.get(1)?.metadata).toEqual({ n: '3', t: 'true' });
  expect(refused.map(({ feature, why, partly }) => [feature, why.split(' ').slice(0, 4).join(' '), partly])).toEqual([
    [1, 'a measurement that is', true],
    [1, 'an entry of its', true],
  ]);
});

test('a property that no column holds is told once; the root of a hierarchy is no object, and none that is refused', async () => {
  const feature = (properties: string) =>
    `{"type":"Feature","id":"PathAnnotationObject","geometry":{${geometry.polygon(square(10, 10, 20))}},"properties":{${properties}}}`;
  const root = '{"type":"Feature","geometry":null,"properties":{"object_type":"root"}}';
  const known = feature('"objectType":"annotation","isLocked":true');
  const { imported, refused } = await read(
    bytesOf(`[${root},${known},${feature('"instance_id":3')},${feature('"confidence":0.5,"attributes":{"a":1}')}]`),
  );
  expect(imported).toBe(3);
  expect(refused).toEqual([
    { feature: 2, why: expect.stringMatching(/^a property .* left out; .* 1 more$/), partly: true },
  ]);
});

test.each([
  ['0.2, by its id', '"id":"PathRootObject"', ''],
  ['0.3', '"id":"x"', '"object_type":"root"'],
  ['an alias', '"id":"x"', '"type":"root"'],
])('the root of a hierarchy is told from an object without a place: %s', async (_, id, properties) => {
  const text = `[{"type":"Feature",${id},"geometry":null,"properties":{${properties}}},${featureText(REGION, '0.3')}]`;
  expect(await read(bytesOf(text))).toMatchObject({ imported: 1, refused: [] });
  const nowhere = `[{"type":"Feature","geometry":null,"properties":{}},${featureText(REGION, '0.3')}]`;
  expect((await read(bytesOf(nowhere))).refused).toEqual([{ feature: 0, why: 'it has no geometry' }]);
});

test('a cell: its nucleus where QuPath or others put it, none, one in parts, one that is no polygon; flags that are texts', async () => {
  const outline = geometry.polygon(square(100, 100, 40));
  const cell = (nucleus: string, properties = '') =>
    `{"type":"Feature","id":"PathCellObject","geometry":{${outline}},${nucleus}"properties":{"isLocked":"true"${properties}}}`;
  const round = geometry.polygon(square(110, 110, 9));
  const parts = geometry.multiPolygon([square(110, 110, 9)], [square(125, 125, 9)]);
  const nuclei = async (text: string) => {
    const { objects, refused } = await read(bytesOf(`[${text}]`));
    const of = (kind: string) => objects.find((batch) => batch.kind === kind)?.count ?? 0;
    expect(objects.find(({ kind }) => kind === 'annotations')?.extras?.notes.get(0)).toEqual({ isLocked: true });
    return [of('nuclei'), of('annotations'), refused.map(({ why }) => why.split(' ').slice(0, 4).join(' '))];
  };
  const told = 'it is a detection,';
  expect(await nuclei(cell(`"nucleusGeometry":{${round}},`))).toEqual([1, 1, [told]]);
  expect(await nuclei(cell('', `,"nucleusGeometry":{${round}}`))).toEqual([1, 1, [told]]);
  expect(await nuclei(cell('"nucleusGeometry":null,'))).toEqual([0, 1, [told]]);
  expect(await nuclei(cell(`"nucleusGeometry":{${parts}},`))).toEqual([2, 1, [told]]);
  expect(await nuclei(cell(`"nucleusGeometry":{${geometry.point([112, 112])}},`))).toEqual([
    ...[0, 1],
    ['the nucleus of its', told],
  ]);
});

test('what another program calls a type is a property like others', async () => {
  const feature = (properties: string) =>
    `{"type":"Feature","geometry":{${geometry.polygon(square(10, 10, 20))}},"properties":{${properties}}}`;
  expect((await read(bytesOf(`[${feature('"type":"annotation"')}]`))).refused).toEqual([]);
  expect((await read(bytesOf(`[${feature('"type":"Tumour"')}]`))).refused).toEqual([
    { feature: 0, why: expect.stringContaining('a property'), partly: true },
  ]);
});

test('objects nested without end are broken, not a stack that overflows', async () => {
  const deep = `${'{"type":"Feature","properties":{"childObjects":['.repeat(5000)}${']}}'.repeat(5000)}`;
  const { refused } = await read(
    bytesOf(`[{"type":"Feature","geometry":{${geometry.polygon(square(1, 1, 9))}}},${deep}]`),
  );
  expect(refused[0]?.why).toMatch(/brackets within brackets|objects within objects/);
});

/**
 * In the dialect of files that QuPath 0.4 to 0.6 exported, with made-up content: annotations drawn by hand, ellipses, a brush
 * stroke whose union left a sliver (CosciaLab/Qupath_to_LMD, test_geojson_files and inputs_that_dont_work), cells of StarDist
 * without a nucleus, detections without a class (the same, Cellpose_integration), tiles (SBU-BMI/wsinfer, issue 178), and what
 * geopandas makes of them (josenimo/Qupath_to_LMD, demo1_output).
 */
test('files of QuPath as they lie about: printed over lines, and what other programs make of them', async () => {
  const feature = (id: string, geometry: object, properties: object) => ({ type: 'Feature', id, geometry, properties });
  const ring = (...corners: [number, number][]): [number, number][] => [...corners, ...corners.slice(0, 1)];
  const drawn = [
    feature(
      '0b7d6a52-1d2f-4f0e-9d39-6a1a5b3c2d10',
      { type: 'Polygon', coordinates: [ring([919, 285], [846, 528], [773, 285], [846, 42])], isEllipse: true },
      { objectType: 'annotation', name: 'a round one', color: [0, 255, 0] },
    ),
    feature(
      '3c2d1e0f-6a5b-4c3d-8e2f-112233445566',
      {
        type: 'MultiPolygon',
        coordinates: [
          [ring([2073.93, 1358.76], [2163, 1336], [2290, 1134], [2099, 988], [2042, 1119])],
          [ring([2073.93, 1358.76], [2073, 1359], [2074, 1359])],
        ],
      },
      { objectType: 'annotation', name: 'Edge_14.2', classification: { name: 'C20', color: [161, 182, 228] } },
    ),
    feature(
      '7e6d5c4b-3a29-4817-9605-f4e3d2c1b0a9',
      { type: 'Polygon', coordinates: [ring([796.63, 6.21], [820.39, 18.92], [854.14, 1.87], [799.79, 0])] },
      {
        objectType: 'cell',
        classification: { name: 'T cells', color: [255, 0, 255] },
        measurements: { 'Cell: Area': 113.0, 'Cell: CD3 mean': 229.82894736842104, 'Cell: Ki67 min': 0.0 },
      },
    ),
    feature(
      '9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d',
      { type: 'Polygon', coordinates: [ring([7928.31, 19109.35], [7916.17, 19121.49], [7940.45, 19145.78])] },
      { objectType: 'detection' },
    ),
    feature(
      '49069bbb-0000-4343-96fe-15af45c30634',
      { type: 'Polygon', coordinates: [ring([0, 23904], [350, 23904], [350, 24254], [0, 24254])] },
      { objectType: 'tile', isLocked: true, measurements: { prob_tumor: 0.00016804548795334995 } },
    ),
  ];
  const text = JSON.stringify({ type: 'FeatureCollection', features: drawn }, null, 2);
  const { objects, imported, refused } = await read(bytesOf(text.replaceAll('\n', '\r\n')));
  expect(imported).toBe(5);
  expect(refused.map(({ feature, why }) => [feature, why])).toEqual([
    [0, expect.stringContaining('colour of its own')],
    [0, expect.stringContaining('ellipse')],
    [2, expect.stringMatching(/an annotation here; so it is with 2 more$/)],
  ]);
  const [annotations] = objects;
  expect(classesOf(annotations)).toEqual(['Unclassified', 'C20', 'C20', 'T cells', 'Unclassified', 'Unclassified']);
  expect(annotations?.classes.map(({ color }) => color)).toEqual(['#ffffff', '#a1b6e4', '#ff00ff']);
  expect(annotations?.areaPx[2]).toBeCloseTo(0.12, 3);
  expect(annotations && measuredOf(annotations.extras, 3).map(([name]) => name)).toEqual([
    'Cell: Area',
    'Cell: CD3 mean',
    'Cell: Ki67 min',
  ]);
  const panda = drawn.map(({ id, properties, ...rest }) => ({ ...rest, properties: { id, ...properties } }));
  const again = await read(bytesOf({ type: 'FeatureCollection', name: 'tmp_3d09h3x', features: panda }));
  expect(again).toEqual({ objects, imported, refused });
});
