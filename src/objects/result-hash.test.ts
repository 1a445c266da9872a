import { expect, test } from 'vitest';
import { ColumnsBuilder, rowsOf } from './builder.ts';
import type { ObjectColumns, ObjectKind } from './columns.ts';
import type { GridPatch } from './grid.ts';
import { type Hashed, resultHash } from './result-hash.ts';
import { random } from './testing/random.ts';

const waits = { signal: new AbortController().signal };
const hash = (of: Hashed): Promise<string> => resultHash(of, waits);

function objects(kind: ObjectKind, count: number, seed: number, names = ['Epithelial', 'Other']): ObjectColumns {
  const next = random(seed);
  const builder = new ColumnsBuilder(
    kind,
    names.map((name) => ({ name, color: '#123456' })),
  );
  for (let i = 0; i < count; i++) {
    const [x, y] = [Math.round(next() * 40) * 25, Math.round(next() * 40) * 25]; // many share a centroid, or a row
    const ring = Array.from({ length: 8 + 2 * Math.floor(next() * 3) }, (_, k) => (k % 2 ? y : x) + next() * 20 - 10);
    builder.add({ classIndex: i % 2, probability: next(), x, y, areaPx: Math.round(next() * 2), ring });
  }
  return builder.copy();
}

const cells = (x: number, value: number): GridPatch => ({
  x,
  y: 0,
  cellWidth: 64,
  cellHeight: 64,
  cols: 2,
  rows: 1,
  values: Float32Array.of(value, Number.NaN, 1 - value, Number.NaN),
});

const nuclei = objects('nuclei', 3000, 1);
const glands = objects('glands', 300, 2);
const tissue = [cells(0, 0.25), cells(128, 0.75), cells(256, 0.5)];
const found: Hashed = { objects: [nuclei, glands], tissue };

test('is 64 hex digits, and the same for the same', async () => {
  const once = await hash(found);
  expect(once).toMatch(/^[0-9a-f]{64}$/);
  expect(await hash(structuredClone(found))).toBe(once);
});

test.each([1, 2, 3])('the order of rows, kinds and patches does not matter, seed %i', async (seed) => {
  const next = random(seed);
  const shuffled = (columns: ObjectColumns): ObjectColumns => {
    const keys = Float64Array.from({ length: columns.count }, next);
    return rowsOf(
      columns,
      Uint32Array.from(keys.keys()).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0)),
    );
  };
  const other = { objects: [shuffled(glands), shuffled(nuclei)], tissue: tissue.toReversed() };
  expect(await hash(other)).toBe(await hash(found));
});

test('the numbers of classes do not matter, their names do', async () => {
  const swapped = { ...nuclei, classes: nuclei.classes.toReversed(), classIndex: nuclei.classIndex.map((c) => 1 - c) };
  expect(await hash({ ...found, objects: [swapped, glands] })).toBe(await hash(found));
  const renamed = { ...nuclei, classes: [{ name: 'Lymphocyte', color: '#123456' }, ...nuclei.classes.slice(1)] };
  expect(await hash({ ...found, objects: [renamed, glands] })).not.toBe(await hash(found));
});

test.each<[string, (of: Hashed) => Hashed]>([
  ['an object fewer', (of) => ({ ...of, objects: [rowsOf(nuclei, [...Array(2999).keys()]), glands] })],
  ['no glands', (of) => ({ ...of, objects: [nuclei] })],
  ['glands that are lumina', (of) => ({ ...of, objects: [nuclei, { ...glands, kind: 'lumina' }] })],
  [
    'another probability',
    (of) => ({ ...of, objects: [{ ...nuclei, probability: nuclei.probability.map(() => 0.5) }] }),
  ],
  ['a vertex an eighth of a pixel away', (of) => ({ ...of, objects: [{ ...nuclei, ring: nudged(nuclei) }, glands] })],
  ['another place', (of) => ({ ...of, objects: [{ ...nuclei, centroid: nuclei.centroid.map((v) => v + 1) }, glands] })],
  ['another cell', (of) => ({ ...of, tissue: [cells(0, 0.3), ...of.tissue.slice(1)] })],
  ['a cell that was not analysed', (of) => ({ ...of, tissue: [cells(0, Number.NaN), ...of.tissue.slice(1)] })],
  ['no tissue', (of) => ({ ...of, tissue: [] })],
])('%s gives another', async (_, change) => {
  expect(await hash(change(found))).not.toBe(await hash(found));
});

function nudged({ ring }: ObjectColumns): Int16Array<ArrayBuffer> {
  const moved = Int16Array.from(ring);
  moved[17] = (moved[17] ?? 0) + 1;
  return moved;
}

test('an empty kind is none', async () => {
  expect(await hash({ objects: [objects('lumina', 0, 1), nuclei], tissue: [] })).toBe(
    await hash({ objects: [nuclei], tissue: [] }),
  );
});

test('more than one chunk: each of them counts', async () => {
  const many = objects('nuclei', 40_000, 3);
  const last = { ...many, probability: many.probability.map((p, i) => (i === 7 ? (p + 0.5) % 1 : p)) };
  expect(await hash({ objects: [many], tissue: [] })).not.toBe(await hash({ objects: [last], tissue: [] }));
});

test('an abort rejects with its reason', async () => {
  const reason = new Error('enough');
  await expect(resultHash(found, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
