// Files that are good but written oddly: other encodings, space, collections within collections, gaps in the list.
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { turn } from '#channel/turn.ts';
import { bytesOf, geojsonOf, read, SLIDE } from '../testing/geojson-files.ts';
import { objectsOf, pulling } from './geojson-read.ts';
import type { Pull } from './text-bytes.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const square = (x: number, side = 9): number[][][] => [
  [
    [x, 0],
    [x + side, 0],
    [x + side, side],
    [x, side],
    [x, 0],
  ],
];
const polygon = (x: number) => ({ type: 'Polygon', coordinates: square(x) });
const feature = (geometry: unknown, properties: unknown = {}): string =>
  JSON.stringify({ type: 'Feature', geometry, properties });
const named = (x: number, name: string): string => feature(polygon(x), { name, measurements: { 'Area µm^2': x } });

const why = ({ refused }: { refused: readonly { why: string }[] }): string[] => refused.map((one) => one.why);

async function readPull(pull: Pull) {
  let [imported, pieces] = [0, 0];
  const refused: { feature: number; why: string }[] = [];
  for await (const batch of objectsOf(pull, SLIDE, { signal: new AbortController().signal })) {
    imported = batch.imported;
    pieces++;
    refused.push(...batch.refused);
  }
  return { imported, refused, pieces };
}

describe('encodings', () => {
  const text = `[${named(0, 'Ünder 😀')},\r\n${named(20, 'Rand')}]`;
  const utf16 = (of: string, isBig: boolean): Bytes => {
    const bytes = new Uint8Array(Buffer.from(of, 'utf16le'));
    if (isBig) Buffer.from(bytes.buffer).swap16();
    return bytes;
  };
  const utf32 = (of: string, isBig: boolean): Bytes => {
    const codes = Array.from(of, (letter) => letter.codePointAt(0) ?? 0);
    const bytes = new Uint8Array(4 * codes.length);
    for (const [k, code] of codes.entries()) new DataView(bytes.buffer).setUint32(4 * k, code, !isBig);
    return bytes;
  };
  test.each<[string, Bytes]>([
    ['UTF-32, little end first, with a mark', utf32(`\ufeff${text}`, false)],
    ['UTF-32, little end first', utf32(text, false)],
    ['UTF-32, big end first, with a mark', utf32(`\ufeff${text}`, true)],
    ['UTF-32, big end first', utf32(text, true)],
    ['UTF-16, little end first, with a mark', utf16(`\ufeff${text}`, false)],
    ['UTF-16, little end first', utf16(text, false)],
    ['UTF-16, big end first, with a mark', utf16(`\ufeff${text}`, true)],
    ['UTF-16, big end first', utf16(text, true)],
    ['UTF-8 with a mark and CR LF', bytesOf(`\ufeff${text}\r\n`)],
  ])('%s', async (_, bytes) => {
    for (const piece of [1, 3, 1 << 20]) expect(await read(bytes, SLIDE, piece)).toEqual(await read(bytesOf(text)));
  });

  test('Windows-1252, as QuPath wrote it on Windows: letters come right, and it is told once', async () => {
    const latin = new Uint8Array(Buffer.from(`[${named(0, 'Übergang')},${named(20, 'Übergang')}]`, 'latin1'));
    const { objects, imported, refused } = await read(latin);
    expect(imported).toBe(2);
    expect(objects[0]?.extras?.notes.get(1)?.name).toBe('Übergang');
    expect(objects[0]?.extras?.names).toEqual(['Area µm^2']);
    expect(refused).toEqual([
      { feature: 0, why: 'a text of it is not UTF-8, and is read as Windows-1252; so it is with 1 more', partly: true },
    ]);
  });

  test.each<[string, Bytes, string]>([
    ['a ZIP', Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0), 'it is a ZIP archive'],
    ['UTF-32 that is cut short', Uint8Array.of(0xff, 0xfe, 0, 0, 65, 0, 0), 'it is no JSON'],
    ['UTF-32 beyond Unicode', Uint8Array.of(0, 0, 0xfe, 0xff, 0x7f, 0xff, 0xff, 0xff), 'it is no JSON'],
    ['UTF-16 that is no JSON', new Uint8Array(Buffer.from('Dear colleague', 'utf16le')), 'it is no JSON'],
    ['gzip within gzip', gzipSync(gzipSync('[]')), 'it is packed by gzip twice'],
    ['Zstandard', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 4, 0x58), 'it is packed by Zstandard'],
  ])('%s is a sentence', async (_, bytes, seen) => {
    await expect(readPull(await pulling(new Blob([bytes])))).rejects.toThrow(`The GeoJSON file: ${seen}. Export`);
  });
});

describe('one broken feature', () => {
  const lines = (...features: string[]): Bytes =>
    bytesOf(`{"type":"FeatureCollection","features":[\n${features.join(',\n')}\n]}\n`);
  const broken = named(20, 'b').replace('"type":"Feature"', '"type" "Feature"');
  test('of a file with one on each line: all others come', async () => {
    const { imported, refused } = await read(lines(named(0, 'a'), broken, named(40, 'c'), named(60, 'd')));
    expect([imported, refused]).toEqual([
      3,
      [{ feature: 1, why: expect.stringMatching(/^A colon was expected, not """ \(line 3, byte \d+\)$/) }],
    ]);
  });
  test('of a file that Eosin wrote: all others come', async () => {
    const { objects } = await read(lines(...Array.from({ length: 50 }, (_, k) => named(20 * k, 'x'))));
    const file = new TextDecoder().decode(geojsonOf(objects, SLIDE.mpp)).split('\n');
    file[30] = file[30]?.replace(':', ';') ?? '';
    expect(await read(bytesOf(file.join('\n')))).toMatchObject({ imported: 49, refused: [{ feature: 29 }] });
  });
  test.each<[string, string, number]>([
    ['null', 'null', 2],
    ['a number', '3', 2],
    ['a text', '"a"', 2],
    ['an empty list', '[]', 2],
    ['an empty object', '{}', 2],
    ['nothing', '', 2],
  ])('%s in the list is told, the others come', async (_, odd, count) => {
    const { imported, refused } = await read(lines(named(0, 'a'), odd, named(40, 'c')));
    expect([imported, refused.length, refused[0]?.feature]).toEqual([count, 1, 1]);
  });
  test.each<[string, string]>([
    ['a bracket is missing', named(20, 'b').replace(']]]', ']]')],
    ['the last brace is missing', named(20, 'b').slice(0, -1)],
    ['a brace is one too many', named(20, 'b').replace('"name"', '},"name"')],
    ['a quote is missing', named(20, 'b').replace('"b"', '"b')],
    ['the comma behind it is missing', `${named(20, 'b')} {`],
    ['half of it is missing', named(20, 'b').slice(0, 90)],
  ])('%s: all others come', async (_, bad) => {
    for (const of of [lines, (...all: string[]) => bytesOf(all.join('\n'))]) {
      const file = of(named(0, 'a'), bad, ...Array.from({ length: 900 }, (_, k) => named(40 + k, 'c')));
      const { imported, refused } = await read(file, SLIDE, 4000);
      expect(imported).toBeGreaterThan(899);
      expect(imported + refused.filter(({ partly }) => !partly).length).toBeGreaterThan(900);
      for (const { why } of refused)
        expect(why).toMatch(/\(line \d+, byte \d+\)(, and what stands up to the next feature was left out)?$/);
    }
  });
  test('thousands that are broken so are read in one go', async () => {
    const bad = named(20, 'b').slice(0, -1);
    const file = lines(...Array.from({ length: 20_000 }, (_, k) => (k % 2 === 0 ? bad : named(k / 4, 'a'))));
    expect((await read(file)).imported).toBeGreaterThan(9000);
  });
  test('what cannot be told apart any more is told', async () => {
    const { imported, refused } = await read(bytesOf(`[${named(0, 'a')} "and so on", 3, 4]`));
    expect([imported, refused]).toEqual([
      1,
      [
        {
          feature: 1,
          why: expect.stringMatching(
            /^A comma or the end of the list was expected, not """ \(line 1, byte \d+\), and nothing behind it could be read$/,
          ),
        },
      ],
    ]);
  });
});

test('collections of geometries, in one another: each part is an object; what cannot be taken is told', async () => {
  const collection = (...geometries: unknown[]) => ({ type: 'GeometryCollection', geometries });
  const inner = collection({ type: 'Point', coordinates: [5, 5] }, polygon(40));
  const bad = { type: 'Polygon', coordinates: [] };
  const { objects, imported, refused } = await read(
    bytesOf(
      `[${feature(collection(polygon(0), inner), { name: 'Both' })},${feature(collection(polygon(90), bad))},${feature(collection(bad))},${feature(collection())}]`,
    ),
  );
  expect(imported).toBe(2);
  expect(objects[0]?.count).toBe(4);
  expect([0, 1, 2].map((row) => objects[0]?.extras?.notes.get(row)?.name)).toEqual(['Both', 'Both', 'Both']);
  expect(refused).toEqual([
    {
      feature: 1,
      why: '1 of the 2 geometries of its collection could not be taken: its geometry is empty',
      partly: true,
    },
    { feature: 2, why: 'its geometry is empty' },
    { feature: 3, why: 'its geometry is empty' },
  ]);
  const deep = `${'{"type":"GeometryCollection","geometries":['.repeat(30)}${']}'.repeat(30)}`;
  expect(why(await read(bytesOf(`[{"type":"Feature","geometry":${deep}},${named(0, 'a')}]`)))).toEqual([
    expect.stringMatching(/nested too deeply \(line 1, byte \d+\)/),
  ]);
});

test('two hundred megabytes of space, before, between and behind: read in little memory', async () => {
  const space = new Uint8Array(1 << 20).fill(32);
  const MEGABYTES = 50; // in each of four places
  const parts = [bytesOf(`[${named(0, 'a')}`), bytesOf(`,`), bytesOf(`${named(20, 'b')}]`)];
  const before = process.memoryUsage().arrayBuffers;
  let [part, spaces, largest] = [0, 0, 0];
  const { imported, refused } = await readPull(async () => {
    if (spaces < MEGABYTES) {
      if (++spaces % 25 === 0) largest = Math.max(largest, process.memoryUsage().arrayBuffers);
      return space;
    }
    spaces = 0;
    return parts[part++] ?? (part === 4 ? space : undefined);
  });
  expect([imported, refused]).toEqual([2, []]);
  expect(largest - before).toBeLessThan(100 * 2 ** 20); // the file has 200
});

test('space without end within a feature, or before any, is a sentence; whoever stops need not wait for it', async () => {
  const space = new Uint8Array(4 << 20).fill(10);
  const endless = (head: string): Pull => {
    let isBegun = false;
    return async () => {
      await turn(); // as a stream does
      if (isBegun) return space;
      isBegun = true;
      return bytesOf(head);
    };
  };
  const within = await readPull(endless(`[${named(0, 'a')},{"type":`));
  expect([within.imported, within.refused]).toEqual([
    1,
    [{ feature: 1, why: expect.stringMatching(/^a feature is larger than 256 MB .*nothing behind it could be read$/) }],
  ]);
  await expect(readPull(endless('{"type":'))).rejects.toThrow('no feature begins in its first 256 MB');
  const left = new AbortController();
  const stopped = new DOMException('Stopped.', 'AbortError');
  const reading = (async () => {
    for await (const _batch of objectsOf(endless('['), SLIDE, left)) expect(_batch.imported).toBe(0);
  })();
  setTimeout(() => left.abort(stopped));
  await expect(reading).rejects.toBe(stopped);
});

describe('gzip', () => {
  const many = (from: number, to: number): string =>
    Array.from({ length: to - from }, (_, k) => named((from + k) * 3.25, `n${from + k}`)).join(',\n');
  const all = `[${many(0, 3000)},\n${many(3000, 6000)}]`;
  test('several members are one file', async () => {
    const middle = all.length >> 1;
    const packed = [gzipSync(all.slice(0, middle)), gzipSync(''), gzipSync(all.slice(middle))];
    expect(await readPull(await pulling(new Blob(packed)))).toMatchObject({ imported: 6000, refused: [] });
  });
  test('cut short, or damaged: what stands before comes, and the place is told', async () => {
    const packed = gzipSync(all);
    const damaged = packed.slice();
    damaged.fill(0x5a, packed.length >> 1, (packed.length >> 1) + 400);
    for (const bytes of [packed.subarray(0, packed.length >> 1), damaged]) {
      const { imported, refused } = await readPull(await pulling(new Blob([new Uint8Array(bytes)])));
      expect(imported).toBeGreaterThan(1000);
      expect(imported).toBeLessThan(6000);
      expect(refused.at(-1)?.why).toMatch(/cannot be read, or unpacked, from here on|expected|ends/);
    }
  });
  test('a bomb of space is read through in little memory, one of a single feature ends in a sentence', async () => {
    const space = gzipSync(Buffer.alloc(260 << 20, ' '), { level: 1 });
    const bomb = new Blob([new Uint8Array(space), new Uint8Array(gzipSync(`[${named(0, 'a')}]`))]);
    expect(await readPull(await pulling(bomb))).toMatchObject({ imported: 1, refused: [] });
  });
});

test('collections within collections: their features are objects, wherever they stand', async () => {
  const collection = (...features: string[]) => `{"type":"FeatureCollection","features":[${features.join()}]}`;
  const inner = collection(named(20, 'Second'), named(40, 'Third'));
  for (const file of [
    collection(named(0, 'First'), inner),
    `[${named(0, 'First')},${collection(inner)}]`,
    collection(collection(named(0, 'First')), inner),
  ]) {
    const { objects, imported, refused } = await read(bytesOf(file));
    expect([imported, refused]).toEqual([3, []]);
    expect([0, 1, 2].map((row) => objects[0]?.extras?.notes.get(row)?.name)).toEqual(['First', 'Second', 'Third']);
  }
});

describe('colours and classes as other programs write them', () => {
  const of = (classification: unknown) => read(bytesOf(feature(polygon(0), { classification })));
  test.each<[string, unknown, string]>([
    ['of the web', { name: 'A', color: '#FF8800' }, '#ff8800'],
    ['of the web, short', { name: 'A', color: '#f80' }, '#ff8800'],
    ['QuPath’s number', { name: 'A', colorRGB: -30720 }, '#ff8800'],
    ['QuPath’s number as a text', { name: 'A', colorRGB: '-30720' }, '#ff8800'],
  ])('%s', async (_, classification, color) => {
    const { objects, refused } = await of(classification);
    expect(objects[0]?.classes).toEqual([{ name: 'A', color }]);
    expect(refused).toEqual([]);
  });

  test.each<[string, unknown]>([
    ['beyond 255', [300, 0, 0]],
    ['of two numbers', [1, 2]],
    ['a name', 'crimson'],
    ['an object', { r: 1, g: 2, b: 3 }],
  ])('a colour that is none is told: %s', async (_, color) => {
    const { imported, refused } = await of({ name: 'A', color });
    const why = 'a colour that is neither [red, green, blue], 0 to 255 each, nor "#rrggbb" is left out';
    expect([imported, refused]).toEqual([1, [{ feature: 0, why, partly: true }]]);
  });

  test('no colour is none, and needs no word; a class may be a number; what is no name is told', async () => {
    expect((await of({ name: 'A', color: null })).refused).toEqual([]);
    expect((await of(7)).objects[0]?.classes[0]?.name).toBe('7');
    expect((await of(null)).refused).toEqual([]);
    expect(why(await of(true))).toEqual(['a property that is no measurement and no metadata is left out']);
    expect((await read(bytesOf(feature(polygon(0), { name: 12 })))).objects[0]?.extras?.notes.get(0)?.name).toBe('12');
  });
});

test('a class without a colour has the one that Eosin draws such objects in: other nuclei are white', async () => {
  const properties = (name: string) => ({ name, classification: { name: 'Other' } });
  const { objects } = await read(
    bytesOf(`[${feature(polygon(0), properties('Nucleus'))},${feature(polygon(20), properties('Fold'))}]`),
  );
  expect(objects.map(({ kind, classes }) => [kind, classes[0]?.color])).toEqual([
    ['nuclei', '#ffffff'],
    ['annotations', '#ffc800'],
  ]);
});
