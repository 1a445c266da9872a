// What a file brought is there again when the slide is opened next: all of it, to the bit, or as much as was written whole.
import { expect, test } from 'vitest';
import { measuredOf } from '#objects/extras.ts';
import { memoryStorage } from '#storage/open-storage.ts';
import type { OpenLog, Storage } from '#storage/storage.ts';
import { stubSlide } from '../testing/stub-slide.ts';
import { BroughtKeeper } from './brought-keeper.ts';
import { fileWindow } from './testing/file-window.ts';
import { asks, CLASSES, fileOf, hash, leftMidway, reopened, slowDisk, squares } from './testing/kept-files.ts';

const calm = { signal: new AbortController().signal };
test('nuclei with holes, measurements and notes, glands, and a second file beside the first', async () => {
  const here = fileWindow();
  await here.desk.importGeoJSON(await fileOf(squares('nuclei', 9000), squares('glands', 5)), calm);
  await here.desk.importGeoJSON(await fileOf(squares('nuclei', 100, 5), squares('annotations', 2)), calm);
  expect(here.found.store('nuclei').counts.count).toBe(9100);
  const next = await reopened(here, here.storage);
  expect(await hash(next)).toBe(await hash(here));
  expect(measuredOf(next.found.store('nuclei').columns.extras, 3)).toEqual([['Nucleus: Area µm^2', 3.5]]);
  expect(next.stores.window.getState().notice).toMatchObject({
    text: '9,100 nuclei, 5 glands of 2 files, as you brought them.',
    action: { command: 'brought.remove' },
  });
  // and a third time, out of the same log
  expect(await hash(await reopened(next, here.storage))).toBe(await hash(here));
});

test('a file whose writing was cut off counts for nothing; those around it stand', async () => {
  const storage = memoryStorage();
  let left = Number.POSITIVE_INFINITY;
  const failing: Storage = {
    ...storage,
    async open(name, waits) {
      const log = await storage.open(name, waits);
      return Object.assign(Object.create(log), {
        name,
        header: log.header,
        append: (record: Uint8Array<ArrayBuffer>, during: typeof calm) =>
          --left < 0 ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : log.append(record, during),
        records: (during: typeof calm) => log.records(during),
        [Symbol.dispose]: () => log[Symbol.dispose](),
      });
    },
  };
  const first = fileWindow('a1b2', storage);
  await first.desk.importGeoJSON(await fileOf(squares('nuclei', 10)), calm);
  const second = await reopened(first, failing);
  left = 2; // its beginning, and the first 8,000 rows
  await second.desk.importGeoJSON(await fileOf(squares('nuclei', 9000, 5)), calm);
  expect(second.found.store('nuclei').counts.count).toBe(9010);
  expect(second.stores.window.getState().notice?.text).toContain('Objects of files are not kept: bring them again');
  left = Number.POSITIVE_INFINITY;
  await second.desk.importGeoJSON(await fileOf(squares('glands', 3)), calm);
  const third = await reopened(second, storage);
  expect(third.found.store('nuclei').counts.count).toBe(10);
  expect(third.found.store('glands').counts.count).toBe(3);
});

test('of a slide that is left while it is read nothing is said: neither that it holds objects, nor what was cut off', async () => {
  const storage = memoryStorage();
  const diskWith = (part: (log: OpenLog) => Partial<OpenLog>): Storage => ({
    ...storage,
    open: async (name, waits) => {
      const log = await storage.open(name, waits);
      const own = { name, header: log.header, [Symbol.dispose]: () => log[Symbol.dispose]() };
      const plain: Partial<OpenLog> = {
        append: (record, during) => log.append(record, during),
        records: (during) => log.records(during),
      };
      return Object.assign(Object.create(log), { ...own, ...plain, ...part(log) });
    },
  });
  const visit = async (disk: Storage, names: readonly string[]) => {
    const slide = stubSlide('a1b2');
    const keeper = new BroughtKeeper(
      async () => disk,
      () => undefined,
    );
    const shown: (readonly string[])[] = [];
    leave = () => keeper.forget();
    await keeper.open(slide, async ({ names, cutOff }) => void shown.push(names, cutOff));
    const { isAny } = keeper;
    for (const name of names) keeper.add({ name, objects: [squares('nuclei', 3)], inPlaceOfAll: undefined });
    await keeper.written();
    keeper.forget();
    await new Promise((resolve) => setTimeout(resolve)); // its log is let go of
    return { isAny, shown };
  };
  let leave = (): void => undefined;
  await visit(storage, ['whole']);
  let written = 0;
  const full = diskWith((log) => ({
    append: async (record, during) => {
      if (++written > 1) throw new DOMException('full', 'QuotaExceededError');
      await log.append(record, during);
    },
  }));
  await visit(full, ['cut']);
  for (const upTo of [2, Number.POSITIVE_INFINITY]) {
    const left = diskWith((log) => ({
      async *records(during) {
        let many = 0;
        for await (const record of log.records(during)) {
          if (many++ === upTo) leave();
          yield record;
        }
        leave();
      },
    }));
    expect(await visit(left, [])).toEqual({ isAny: false, shown: [] });
  }
  expect(await visit(storage, [])).toEqual({ isAny: true, shown: [['whole'], ['cut']] });
  expect(await visit(storage, [])).toEqual({ isAny: true, shown: [['whole'], []] });
});

test('a session stands in the place of what was brought, with its map and its area', async () => {
  const from = fileWindow();
  const values = Float32Array.of(0.25, Number.NaN, 0.75, 1);
  const patch = { x: 0, y: 0, cellWidth: 8, cellHeight: 8, cols: 2, rows: 1, values };
  from.found.startAnew({ name: 'Tissue classes', channels: CLASSES, patches: [patch] }, ['nuclei', 'glands']);
  from.found.area.add({ x: 0, y: 0, width: 500, height: 400 }, (part) => 0.5 * part.width * part.height);
  from.found.bring(squares('nuclei', 300));
  const session = await from.desk.exportSession(calm);
  const here = fileWindow();
  await here.desk.importGeoJSON(await fileOf(squares('lumina', 7)), calm);
  await here.desk.openSession(session, calm);
  await here.desk.importGeoJSON(await fileOf(squares('glands', 4)), calm);
  const next = await reopened(here, here.storage);
  expect(await hash(next)).toBe(await hash(here));
  expect(next.found.area.areaPx).toBe(100_000);
  expect(next.found.tissueGrid()?.channels).toEqual(CLASSES);
  expect([next.found.has('glands'), next.found.has('lumina')]).toEqual([true, false]);
});

test('where a run has been before they came back, its findings stand', async () => {
  const here = fileWindow();
  await here.desk.importGeoJSON(await fileOf(squares('nuclei', 900)), calm);
  await here.desk.written();
  here.desk.leave();
  await new Promise((resolve) => setTimeout(resolve));
  const next = fileWindow('a1b2', here.storage);
  next.found.area.add({ x: 0, y: 0, width: 100, height: 1000 }, (part) => part.width * part.height);
  await next.desk.lookUp();
  const { centroid, count } = next.found.store('nuclei').columns;
  expect(count).toBe(800); // ten of ninety columns lie in what the run has finished
  expect(Math.min(...centroid.filter((_, k) => k % 2 === 0))).toBeGreaterThan(99);
});

test('taken away they do not come back, unless that is undone', async () => {
  const here = fileWindow();
  here.found.bring(squares('nuclei', 50, 3)); // of a run
  const ofRun = await hash(here);
  await here.desk.importGeoJSON(await fileOf(squares('nuclei', 500), squares('glands', 5)), calm);
  const both = await hash(here);
  await here.desk.takeAwayBrought();
  expect(await hash(here)).toBe(ofRun);
  expect(here.stores.window.getState().notice?.text).toBe('500 nuclei, 5 glands of files were taken away.');
  const without = await reopened(here, here.storage);
  expect(without.found.store('nuclei').counts.count).toBe(0);

  const again = fileWindow('c3d4');
  again.found.bring(squares('nuclei', 50, 3));
  await again.desk.importGeoJSON(await fileOf(squares('nuclei', 500), squares('glands', 5)), calm);
  await again.desk.takeAwayBrought();
  await again.desk.bringBackBrought();
  expect(await hash(again)).toBe(both);
});

test('a large file is written behind: the browser asks before the tab is left, until all is on the disk', async () => {
  const slow = slowDisk(memoryStorage());
  const { disk, cut, rest } = slow;
  const here = fileWindow('a1b2', disk);
  const many = Array.from({ length: 6 }, (_, k) => squares('nuclei', 9000, k));
  const file = new File([await fileOf(...many)], 'large.geojson.gz');
  expect(asks(here)).toBe(false);
  expect(await here.desk.importGeoJSON(file, calm)).toMatchObject({ imported: 54_000, isBehind: true });

  // Whoever leaves all the same finds none of it rather than a part, and is told so, once.
  const next = await leftMidway(here, slow);
  expect(next.found.store('nuclei').counts.count).toBe(0);
  expect(next.stores.window.getState().notice).toMatchObject({
    text: 'large.geojson.gz was not kept whole: the tab was left, or the disk was full, while it was written. Bring it again.',
    tone: 'warn',
  });
  await next.desk.importGeoJSON(await fileOf(squares('nuclei', 90)), calm);
  const third = await reopened(next, cut);
  expect(third.stores.window.getState().notice?.text).toBe('90 nuclei of The file, as you brought them.');

  rest();
  await here.desk.written();
  await expect.poll(() => asks(here)).toBe(false);
});

test('a small one is on the disk when it is told of', async () => {
  const here = fileWindow();
  expect(await here.desk.importGeoJSON(await fileOf(squares('nuclei', 90)), calm)).toMatchObject({ isBehind: false });
  await expect.poll(() => asks(here)).toBe(false);
  expect((await reopened(here, here.storage)).found.store('nuclei').counts.count).toBe(90);
});
