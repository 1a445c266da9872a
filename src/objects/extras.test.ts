import { expect, test } from 'vitest';
import { ColumnsBuilder, rowsOf } from './builder.ts';
import { type ObjectColumns, ringsOf } from './columns.ts';
import { measuredOf } from './extras.ts';
import { ObjectStore } from './store.ts';
import { random } from './testing/random.ts';

const square = (x: number, y: number, side: number): number[] => [
  ...[x - side, y - side, x + side, y - side],
  ...[x + side, y + side, x - side, y + side],
];
const around = (ring: readonly number[]): number[] => [
  ...ring.slice(0, 2),
  ...ring.slice(6),
  ...ring.slice(4, 6),
  ...ring.slice(2, 4),
];

/** What a row says, however it is kept. */
const told = (columns: ObjectColumns, row: number) => ({
  rings: ringsOf(columns, row).map((ring) => [...ring]),
  measured: measuredOf(columns.extras, row),
  note: columns.extras?.notes.get(row),
});

function made(count: number, seed: number): ObjectColumns {
  const next = random(seed);
  const builder = new ColumnsBuilder('annotations', [{ name: 'Tumour', color: '#c80000' }]);
  for (let i = 0; i < count; i++) {
    const [x, y] = [Math.round(next() * 1000), Math.round(next() * 1000)];
    const holes = Array.from({ length: Math.floor(next() * 3) }, (_, k) => around(square(x + 5 * k, y, 2)));
    const measured = Array.from({ length: Math.floor(next() * 3) }, (_, k) => [`m${k}`, next()] as const);
    const note = next() < 0.5 ? { name: `A ${i}` } : undefined;
    builder.add({ classIndex: 0, probability: 1, x, y, areaPx: 400, ring: square(x, y, 10), holes, measured, note });
  }
  return builder.copy();
}

test('no object has any until one brings some', () => {
  const builder = new ColumnsBuilder('nuclei', []);
  builder.add({ classIndex: 0, probability: 1, x: 0, y: 0, areaPx: 1, ring: square(0, 0, 1) });
  expect(builder.copy().extras).toBeUndefined();
});

test.each([1, 2, 3])('they stay with their object through copies, appends and removals, seed %i', (seed) => {
  const all = made(200, seed);
  const wanted = new Map(
    Array.from({ length: 200 }, (_, i) => [`${all.centroid[2 * i]},${all.centroid[2 * i + 1]}`, told(all, i)]),
  );
  const store = new ObjectStore('annotations');
  store.append(rowsOf(all, [...Array(100).keys()]));
  store.append(
    rowsOf(
      all,
      Array.from({ length: 100 }, (_, k) => 199 - k),
    ),
  );
  store.removeWhere({ x: 200, y: 200, width: 400, height: 500 });
  const { columns } = store;
  expect(columns.count).toBeLessThan(180);
  for (let i = 0; i < columns.count; i++)
    expect(told(columns, i)).toEqual(wanted.get(`${columns.centroid[2 * i]},${columns.centroid[2 * i + 1]}`));
});

test('a hole is not inside', () => {
  const store = new ObjectStore('annotations', [{ name: 'a', color: '#000000' }]);
  const builder = new ColumnsBuilder('annotations', [{ name: 'a', color: '#000000' }]);
  builder.add({
    classIndex: 0,
    probability: 1,
    x: 0,
    y: 0,
    areaPx: 1,
    ring: square(0, 0, 10),
    holes: [around(square(5, 0, 2))],
  });
  store.append(builder.view());
  expect([store.pick(-5, 0, 0), store.pick(5, 0, 0)]).toEqual([0, undefined]);
});
