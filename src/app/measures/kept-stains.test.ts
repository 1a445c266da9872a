// Stain vectors and what was measured with them are there again with their slide, whatever rows its objects have then.
import { expect, test } from 'vitest';
import { measureWork } from '#analysis/measuring/measure-work.ts';
import { ColumnsBuilder, rowsOf } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { STAIN_NAMES } from '#objects/measures/stain-sums.ts';
import { random } from '#objects/testing/random.ts';
import { memoryStorage } from '#storage/open-storage.ts';
import type { Storage } from '#storage/storage.ts';
import { fileWindow } from '../files/testing/file-window.ts';
import { stubViewer } from '../testing/stub-viewer.ts';
import { MeasureSession } from './measure-session.ts';
import { PlaceTable } from './place-table.ts';
import { StainLog } from './stain-log.ts';

const VECTORS = { haematoxylin: [0.7, 0.6, 0.3], eosin: [0.1, 0.9, 0.2] } as const;
const OTHERS = { haematoxylin: [0.6, 0.7, 0.3], eosin: [0.1, 0.9, 0.2] } as const;
const COUNT = 30_000;

function nuclei(count: number): ObjectColumns {
  const next = random(3);
  const builder = new ColumnsBuilder('nuclei', [{ name: 'A', color: '#ff0000' }]);
  for (let i = 0; i < count; i++) {
    const [x, y, r] = [next() * 1e5, next() * 1e5, 1 + next()];
    builder.add({ classIndex: 0, probability: 1, x, y, areaPx: r, ring: [x - r, y, x, y - r, x + r, y, x, y + r] });
  }
  return builder.copy();
}

const stainsOf = ({ count }: ObjectColumns) =>
  new Map(STAIN_NAMES.map((name, k) => [name, Float32Array.from({ length: count }, (_, i) => k + i / 7)]));

function opened(storage: Storage) {
  const told: string[] = [];
  const one = fileWindow('a1b2', storage);
  const unasked = (): never => {
    throw new Error('the slide is not looked at');
  };
  const log = new StainLog(
    async () => storage,
    (why) => told.push(why),
  );
  const needs = { ...one, viewer: stubViewer(), regions: { tissue: unasked } };
  const session = new MeasureSession(needs, measureWork, log);
  one.found.subscribe(() => session.changed());
  const closed = async (): Promise<void> => {
    await log.written();
    session.forget();
    await log.written();
    await new Promise((resolve) => setTimeout(resolve)); // its log is let go of
  };
  const measured = () => log.measured({ columns: one.found.store('nuclei').columns, scale: { x: 0.25, y: 0.25 } });
  return { ...one, session, log, measured, told, closed };
}

test('of the same objects in another order, and of some of them; not of one more', async () => {
  const storage = memoryStorage();
  const first = opened(storage);
  const columns = nuclei(COUNT);
  first.found.bring(columns);
  await first.session.ready();
  first.session.setVectors(VECTORS, 'slide');
  const stains = stainsOf(columns);
  first.session.takeStains('nuclei', stains);
  await first.closed();

  const second = opened(storage);
  await second.session.ready();
  expect(second.session.state.getState()).toMatchObject({ vectors: VECTORS, vectorsFrom: 'slide' });
  const rows = Array.from({ length: 20_000 }, (_, k) => COUNT - 1 - k);
  second.found.bring(rowsOf(columns, rows)); // told a moment later
  const wanted: ReadonlyMap<string, Float32Array> = stains;
  await expect.poll(() => second.session.book.stains('nuclei')?.get('eosin_mean')?.length).toBe(rows.length);
  for (const [name, column] of second.session.book.stains('nuclei') ?? [])
    expect(column).toEqual(Float32Array.from(rows, (row) => wanted.get(name)?.[row] ?? 0));
  await second.closed();

  const third = opened(storage);
  third.found.bring(columns);
  third.found.bring(rowsOf({ ...columns, areaPx: columns.areaPx.map((area) => area + 1) }, [0]));
  await third.session.ready();
  expect(third.log.has('nuclei')).toBe(true);
  expect(await third.measured()).toBeUndefined();
  third.session.setVectors(OTHERS);
  await third.closed();

  const fourth = opened(storage);
  fourth.found.bring(columns);
  await fourth.session.ready();
  expect(fourth.session.state.getState()).toMatchObject({ vectors: OTHERS, vectorsFrom: 'hand' });
  expect(fourth.log.has('nuclei')).toBe(false); // those were of the vectors before
  expect(fourth.told).toEqual([]);
});

test('a full disk is told, and all stays on screen', async () => {
  const full: Storage = {
    ...memoryStorage(),
    create: () => Promise.reject(new DOMException('no room', 'QuotaExceededError')),
  };
  const one = opened(full);
  const columns = nuclei(10);
  one.found.bring(columns);
  await one.session.ready();
  one.session.setVectors(VECTORS);
  one.session.takeStains('nuclei', stainsOf(columns));
  await one.closed();
  expect(one.told.length).toBeGreaterThan(0);
});

test('a row is found by its place, among many at nearly the same', async () => {
  const columns = nuclei(5000);
  const crowded = { ...columns, centroid: columns.centroid.map((value) => Math.floor(value / 2e3)) };
  const table = await PlaceTable.of(crowded);
  for (let row = 0; row < crowded.count; row++) {
    const [x = 0, y = 0] = crowded.centroid.subarray(2 * row, 2 * row + 2);
    expect(table.row(x, y, crowded.areaPx[row] ?? 0)).toBe(row);
  }
  expect(table.row(0.5, 0, 1)).toBeUndefined();
});
