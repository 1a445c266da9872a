// Files as they should not be: a sentence with the place, the good features all the same, and never more than that.
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { bytesOf, geojsonOf, read, SLIDE } from '../testing/geojson-files.ts';
import { random } from '../testing/random.ts';
import { objectsOf, pulling } from './geojson-read.ts';

const square = (x: number, y: number, side = 20): number[][] => [
  [x, y],
  [x + side, y],
  [x + side, y + side],
  [x, y + side],
  [x, y],
];
const feature = (geometry: unknown, properties: unknown = {}) => ({ type: 'Feature', geometry, properties });
const polygon = (...rings: unknown[]) => feature({ type: 'Polygon', coordinates: rings });
const collection = (...features: unknown[]) => bytesOf({ type: 'FeatureCollection', features });
const good = polygon(square(100, 100));

describe('a feature that cannot be taken says why, the others come', () => {
  const ring = Array.from({ length: 1_000_000 }, (_, k) => [
    5000 + 900 * Math.cos(k / 159154),
    5000 + 900 * Math.sin(k / 159154),
  ]);
  test.each<[string, unknown, RegExp]>([
    [
      'crossing itself',
      polygon([
        [0, 0],
        [10, 10],
        [10, 0],
        [0, 10],
        [0, 0],
      ]),
      /crosses itself at x 5, y 5/,
    ],
    ['a million corners', polygon(ring), /1,000,000 corners, more than 200,000: simplify/],
    [
      'null for a number',
      polygon([
        [0, 0],
        [null, 10],
        [10, 0],
        [0, 0],
      ]),
      /corner 2 is not a number/,
    ],
    [
      'text for a number',
      polygon([
        [0, 0],
        ['10', 10],
        [10, 0],
        [0, 0],
      ]),
      /corner 2 is not a number/,
    ],
    [
      'two corners',
      polygon([
        [0, 0],
        [10, 10],
        [0, 0],
      ]),
      /fewer than three corners/,
    ],
    [
      'no area',
      polygon([
        [0, 0],
        [10, 10],
        [20, 20],
        [0, 0],
      ]),
      /encloses nothing/,
    ],
    [
      'outside',
      polygon(square(95_000, 10)),
      /outside of the slide \(x 95000 to 95020.*90000 × 70000 px\): coordinates must be pixels/,
    ],
    ['degrees', polygon(square(12.5, 48.1, 0.01)), /0.01 px across.*not degrees/],
    ['negative degrees', polygon(square(-122.3, 37.8, 0.01)), /outside of the slide/],
    ['no geometry', feature(null), /no geometry/],
    ['another geometry', feature({ type: 'Circle', coordinates: [1, 2] }), /a Circle, which Eosin does not read/],
    ['prototype for a type', feature({ type: 'constructor', coordinates: [1, 2] }), /a constructor, which/],
    ['nested otherwise', feature({ type: 'Polygon', coordinates: square(0, 0) }), /not nested as those of a Polygon/],
    ['nothing', feature({ type: 'Polygon', coordinates: [] }), /empty/],
    [
      'a geometry alone',
      { type: 'Polygon', coordinates: [square(0, 0)] },
      /^its type is Polygon, not Feature: a geometry/,
    ],
    [
      'TopoJSON',
      { type: 'Topology', objects: {}, arcs: [] },
      /^its type is "Topology", not Feature: Eosin reads GeoJSON/,
    ],
    ['a collection without a list', { type: 'FeatureCollection', features: {} }, /^it is a FeatureCollection without/],
    ['no feature', { hello: 1 }, /^it has no type, so it is no Feature/],
    ['a long name', feature(good.geometry, { name: 'x'.repeat(20_000) }), /name is longer than 10,000/],
    [
      'a nucleus like a slide',
      feature({ type: 'Polygon', coordinates: [square(0, 0, 30_000)] }, { name: 'nucleus' }),
      /called a nucleus and reaches 15000 px/,
    ],
  ])('%s', async (_, bad, why) => {
    const { imported, refused } = await read(collection(good, bad, good));
    expect(imported).toBe(2);
    expect(refused).toEqual([{ feature: 1, why: expect.stringMatching(why) }]);
  });

  test('a ring of zigzags is refused in a moment, not checked for hours', async () => {
    const zigzag = Array.from({ length: 150_000 }, (_, k) => [k % 2 ? 60_000 : 10, 100 + k / 10]);
    const before = process.cpuUsage();
    const { refused } = await read(collection(polygon([...zigzag, zigzag[0]]), good));
    expect(refused[0]?.why).toMatch(/lies over itself|crosses itself/);
    const { user } = process.cpuUsage(before); // µs of processors, which a busy machine does not stretch
    expect(user).toBeLessThan(20e6); // seconds; hours by pairs
  });
});

describe('a file that is broken', () => {
  const two = new TextDecoder().decode(collection(good, good, good)).replaceAll('},{', '},\n{');
  test('in the middle: the place, and what stands before and behind', async () => {
    const broken = two.replace('{"type":"Feature"', '{"type" "Feature"');
    const { imported, refused } = await read(bytesOf(broken));
    expect(imported).toBe(2);
    expect(refused).toEqual([{ feature: 0, why: 'A colon was expected, not """ (line 1, byte 48)' }]);
  });
  test('cut short: what was whole comes', async () => {
    const { imported, refused } = await read(bytesOf(two.slice(0, -40)));
    expect(imported).toBe(2);
    expect(refused[0]).toEqual({
      feature: 2,
      why: expect.stringMatching(/the file ends in the middle.*line 3, byte \d+/),
    });
  });
  test('packed and cut short', async () => {
    const next = random(1); // what does not pack well
    const many = collection(...Array.from({ length: 20_000 }, () => polygon(square(next() * 9e4, next() * 7e4))));
    const packed = gzipSync(many);
    const cut = new Blob([packed.subarray(0, packed.length >> 1)]);
    let last = 0;
    const refused: string[] = [];
    for await (const batch of objectsOf(await pulling(cut), SLIDE, {
      signal: new AbortController().signal,
    })) {
      last = batch.imported;
      refused.push(...batch.refused.map(({ why }) => why));
    }
    expect(last).toBeGreaterThan(1000);
    expect(refused.join()).toMatch(/cannot be read, or unpacked, from here on/);
  });
  test.each([
    ['', 'it is empty'],
    ['<html></html>', 'it is XML or a web page, not GeoJSON'],
    [JSON.stringify('[]'), 'it is a text in quotes, not GeoJSON itself'],
    ['[]', 'it holds no features'],
    ['{"type":"FeatureCollection","features":[]}', 'it holds no features'],
  ])('%j is a sentence', async (text, seen) => {
    await expect(read(bytesOf(text))).rejects.toThrow(`The GeoJSON file: ${seen}. Export it again`);
  });
  test('brackets without end', async () => {
    const deep = `[{"type":"Feature","geometry":{"type":"Polygon","coordinates":${'['.repeat(100_000)}`;
    const { imported, refused } = await read(bytesOf(deep));
    expect([imported, refused[0]?.why]).toEqual([0, expect.stringMatching(/nested too deeply \(line 1, byte \d+\)/)]);
    const other = await read(bytesOf(`[${JSON.stringify(good)},{"a":${'{"a":'.repeat(100_000)}`));
    expect([other.imported, other.refused[0]?.why]).toEqual([1, expect.stringMatching(/more than 64 brackets/)]);
  });
});

test('markup and prototype keys are names like others, and reach nobody else', async () => {
  const text = `[{"type":"Feature","__proto__":{"polluted":1},"geometry":{"type":"Polygon","coordinates":[${JSON.stringify(square(0, 0))}]},
    "properties":{"__proto__":{"polluted":1},"name":"<img src=x onerror=alert(1)>","classification":{"name":"constructor"},"measurements":{"__proto__":1,"toString":2}}}]`;
  const { objects } = await read(bytesOf(text));
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
  expect(objects[0]?.classes[0]?.name).toBe('constructor');
  expect(objects[0]?.extras?.notes.get(0)?.name).toBe('<img src=x onerror=alert(1)>');
  expect(objects[0]?.extras?.names).toEqual(['__proto__', 'toString']);
  expect((await read(geojsonOf(objects, SLIDE.mpp))).objects).toEqual(objects);
});

test('NaN and Infinity, as Python writes them, refuse their feature alone', async () => {
  const text = `[${JSON.stringify(good)},${JSON.stringify(good).replace('100,', 'NaN,')},${JSON.stringify(good).replace('100,', '-Infinity,')}]`;
  const { imported, refused } = await read(bytesOf(text));
  expect([imported, refused.map(({ why }) => why)]).toEqual([
    1,
    ['corner 1 is not a number', 'corner 1 is not a number'],
  ]);
});

test('a file that names another frame of coordinates is taken as pixels, and that is told', async () => {
  const text = (crs: unknown, ...features: unknown[]) =>
    bytesOf({ type: 'FeatureCollection', name: 'x', crs, features });
  const named = { type: 'name', properties: { name: 'EPSG:3857' } };
  const { imported, refused } = await read(text(named, good, good));
  expect(imported).toBe(2);
  expect(refused).toEqual([
    { feature: 0, why: expect.stringMatching(/coordinates are of EPSG:3857: .* taken as pixels/), partly: true },
  ]);
  expect((await read(text({ type: 'link' }, good))).refused[0]?.why).toContain('of another frame');
  expect((await read(text(null, good))).refused).toEqual([]);
  const { refused: why } = await read(text(named, polygon(square(12.5, 48.1, 0.01))));
  expect(why).toEqual([{ feature: 0, why: expect.stringContaining('not degrees or millimetres') }]);
});

test('a key that stands twice has its last value, as for JSON.parse', async () => {
  const at = (x: number) => `"geometry":${JSON.stringify({ type: 'Polygon', coordinates: [square(x, 10)] })}`;
  const properties = (name: string, measurements: string) =>
    `"properties":{"name":"x","name":"${name}","measurements":{"a":1},"measurements":${measurements}}`;
  const { objects, refused } = await read(
    bytesOf(
      `[{"type":"Other","type":"Feature",${at(10)},${at(500)},${properties('before', '{}')},${properties('last', '{"a":1,"a":2}')}}]`,
    ),
  );
  expect(refused).toEqual([]);
  const [annotations] = objects;
  expect(annotations?.centroid[0]).toBeCloseTo(510);
  expect(annotations?.extras?.notes.get(0)?.name).toBe('last');
});

describe('as QuPath writes it', () => {
  test('a collection, a list, one feature, one behind the other', async () => {
    const line = JSON.stringify(good);
    for (const [text, n] of [
      [`{"type":"FeatureCollection","features":[${line},${line}],"more":{"a":[1]}}`, 2],
      [`\ufeff[${line}]`, 1],
      [line, 1],
      [`${line}\n${line}\n`, 2],
      [`\u001e${line}\n\u001e${line}\n`, 2],
    ] as const) {
      const { imported, refused } = await read(bytesOf(text));
      expect([imported, refused]).toEqual([n, []]);
    }
  });
  test('a cell is its nucleus and an outline; older measurements and colours are read', async () => {
    const cell = {
      type: 'Feature',
      id: 'c5b2',
      geometry: { type: 'Polygon', coordinates: [square(50, 50, 40)] },
      nucleusGeometry: { type: 'Polygon', coordinates: [square(60, 60, 10)] },
      properties: {
        object_type: 'cell',
        classification: { names: ['Tumor', 'Positive'], colorRGB: -3670016 },
        isLocked: false,
        measurements: [
          { name: 'Nucleus: Area', value: 6.25 },
          { name: 'Detection probability', value: 0.75 },
        ],
      },
    };
    const { objects, imported, refused } = await read(collection(cell));
    expect([imported, refused]).toEqual([
      1,
      [{ feature: 0, why: expect.stringContaining('an annotation here'), partly: true }],
    ]);
    const [nuclei, annotations] = objects;
    expect([nuclei?.kind, nuclei?.count, annotations?.kind, annotations?.count]).toEqual([
      'nuclei',
      1,
      'annotations',
      1,
    ]);
    expect(nuclei?.classes).toEqual([{ name: 'Tumor: Positive', color: '#c80000' }]);
    expect([nuclei?.areaPx[0], nuclei?.probability[0], annotations?.areaPx[0]]).toEqual([100, 0.75, 1600]);
    expect([...(nuclei?.extras?.measured.value ?? [])]).toEqual([6.25]);
  });
  test.each([
    ['Nucleus', 'nuclei'],
    ['NUCLEI', 'nuclei'],
    ['glands', 'glands'],
    ['Lumen', 'lumina'],
    ['Nuclear', 'annotations'],
    ['toString', 'annotations'],
  ])('a class %s is of the kind %s', async (name, kind) => {
    const { objects } = await read(collection(feature(good.geometry, { classification: { name } })));
    expect([objects[0]?.kind, objects[0]?.classes[0]?.name]).toEqual([kind, name]);
  });
  test('several polygons are several objects; several points too', async () => {
    const { objects, imported } = await read(
      collection(
        feature({ type: 'MultiPolygon', coordinates: [[square(0, 0)], [square(50, 0), square(55, 5, 5).reverse()]] }),
        feature({
          type: 'MultiPoint',
          coordinates: [
            [5, 5],
            [6, 7],
            [8, 9, 0],
          ],
        }),
        feature({
          type: 'MultiLineString',
          coordinates: [
            [
              [0, 0],
              [9, 9],
            ],
            [
              [1, 1],
              [5, 5],
            ],
          ],
        }),
      ),
    );
    expect([imported, objects[0]?.count]).toEqual([3, 7]);
    expect(objects[0]?.areaPx[1]).toBe(375);
  });
});

test.each([1, 2, 3, 7, 64, 4093])('in pieces of %i bytes it is the same', async (piece) => {
  const file = collection(
    good,
    polygon(square(0, 0, 9), square(2, 2, 3)),
    feature(good.geometry, { name: 'Ünder "quotes" \\ 😀' }),
  );
  expect(await read(file, SLIDE, piece)).toEqual(await read(file));
});

describe('bytes changed at random', () => {
  const file = collection(
    good,
    feature(good.geometry, {
      name: 'a "b"',
      classification: { name: 'Tumor', color: [1, 2, 3] },
      measurements: { a: 1.5, b: 'NaN' },
      metadata: { k: 'v' },
    }),
    polygon(square(0, 0, 9), square(2, 2, 3)),
    feature({
      type: 'LineString',
      coordinates: [
        [0, 0],
        [5, 5],
      ],
    }),
  );
  const CHARACTERS = bytesOf('{}[]",:\\0123456789.-+eENaItfn \n\u0000ÿ');
  test.each([1, 2, 3, 4])('end as objects or as a sentence, seed %i', async (seed) => {
    const next = random(seed);
    const seen = { taken: 0, refused: 0, sentences: 0 };
    for (let round = 0; round < 800; round++) {
      let bytes = file.slice();
      for (let k = 0; k <= next() * 4; k++) {
        const at = Math.floor(next() * bytes.length);
        if (next() < 0.6) bytes[at] = CHARACTERS[Math.floor(next() * CHARACTERS.length)] ?? 0;
        else if (next() < 0.5) bytes = bytes.slice(0, at);
        else bytes.copyWithin(at, Math.floor(next() * bytes.length), Math.floor(next() * bytes.length));
      }
      try {
        const { objects, imported, refused } = await read(bytes, SLIDE, 1 + Math.floor(next() * 300));
        seen.taken += imported;
        seen.refused += refused.length;
        for (const columns of objects)
          expect(columns.centroid.every(Number.isFinite) && columns.ring.every(Number.isFinite)).toBe(true);
        for (const { why } of refused) expect(why.length).toBeGreaterThan(5);
      } catch (thrown) {
        expect(thrown).toMatchObject({ failure: { tag: 'BadInput' } });
        seen.sentences++;
      }
    }
    expect(Math.min(...Object.values(seen)), JSON.stringify(seen)).toBeGreaterThan(0);
  });
});
