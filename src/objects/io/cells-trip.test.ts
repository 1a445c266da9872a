// Cells of another program, whose classes are no kind of Eosin's, are annotations here: read, written, read again and written once
// more they are the same file, byte for byte. A million of them: `npm run bench -- files`.
import { expect, test } from 'vitest';
import { ObjectStore } from '../store.ts';
import { geojsonOf, read, SLIDE } from '../testing/geojson-files.ts';
import { random } from '../testing/random.ts';

const CELLS = 100_000;
const CORNERS = 6;
const CLASSES = [
  { name: 'Tumor', color: '#c80000' },
  { name: 'Stroma', color: '#96c896' },
  { name: 'Immune cells', color: '#a05aa0' },
  { name: 'Necrosis', color: '#323232' },
  { name: 'Other', color: '#ffc800' },
];

/** As QuPath writes detections, with finer decimals than are kept here. */
function cells(): Uint8Array<ArrayBuffer> {
  const next = random(11);
  const classOf = CLASSES.map(({ name, color }) => {
    const rgb = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
    return JSON.stringify({ name, color: rgb });
  });
  const features = Array.from({ length: CELLS }, (_, i) => {
    const [x, y] = [500 + next() * 89_000, 500 + next() * 69_000];
    const ring = Array.from({ length: CORNERS }, (_, k) => {
      const angle = (2 * Math.PI * k) / CORNERS;
      return `[${x + 16 * Math.cos(angle)},${y + 11 * Math.sin(angle)}]`;
    });
    const measured = i % 10 === 0 ? `,"measurements":{"Nucleus: Area µm^2":${30 + next()}}` : '';
    return `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[${ring.join()},${ring[0]}]]},"properties":{"objectType":"detection","classification":${classOf[i % 5]}${measured}}}`;
  });
  return new TextEncoder().encode(`{"type":"FeatureCollection","features":[${features.join()}]}`);
}

async function taken(bytes: Uint8Array<ArrayBuffer>): Promise<ObjectStore> {
  const { objects, imported } = await read(bytes, SLIDE);
  const store = new ObjectStore('annotations');
  for (const columns of objects) store.append(columns);
  expect([imported, objects.map(({ kind }) => kind)]).toEqual([CELLS, ['annotations']]);
  return store;
}

test('a hundred thousand cells of five classes go out and come in: same count, classes and colours, and then the same file', async () => {
  const first = await taken(cells());
  expect(first.counts.byClass).toEqual(CLASSES.map(() => CELLS / 5));
  expect(first.classes).toEqual(CLASSES);
  const out = geojsonOf([first.columns], SLIDE.mpp);
  const second = await taken(out);
  expect(second.counts).toEqual(first.counts);
  const again = geojsonOf([second.columns], SLIDE.mpp);
  expect(Buffer.compare(out, again)).toBe(0);
});
