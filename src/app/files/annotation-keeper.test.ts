// Annotations are there again when their slide is opened next, less what was taken away: to the bit, a change at a time, and those
// that an earlier Eosin kept as text, too.
import { expect, test } from 'vitest';
import { measuredOf } from '#objects/extras.ts';
import { memoryStorage } from '#storage/open-storage.ts';
import type { Storage } from '#storage/storage.ts';
import { SlideLog } from '../slide-log.ts';
import { stubSlide } from '../testing/stub-slide.ts';
import { fileWindow } from './testing/file-window.ts';
import { asks, fileOf, hash, leftMidway, reopened, slowDisk, squares } from './testing/kept-files.ts';

type Window = ReturnType<typeof fileWindow>;

const calm = { signal: new AbortController().signal };
const countIn = ({ found }: Window): number => found.store('annotations').counts.count;
const noticeOf = ({ stores }: Window) => stores.window.getState().notice;

/** Clicks a row, and takes it away. */
function takeAway({ stores, found, desk }: Window, row: number): void {
  const { centroid } = found.store('annotations').columns;
  const at = { x: centroid[2 * row] ?? 0, y: centroid[2 * row + 1] ?? 0 };
  const what = { className: 'Tumor', color: '#c80000', probability: 1, areaPx: 36, name: undefined, measured: [] };
  stores.selection.setState({ selected: { kind: 'annotations', row, at, ...what }, brushed: undefined });
  desk.removeAnnotation();
}

/** What is on the disk of it. */
async function recordsIn(storage: Storage, append: readonly Uint8Array<ArrayBuffer>[] = []): Promise<Uint8Array[]> {
  const log = new SlideLog(
    async () => storage,
    { kind: 'annotations', what: 'annotations' },
    (why) => expect.fail(why),
  );
  const records: Uint8Array[] = [];
  await log.open(stubSlide('a1b2'), async (open) => {
    for await (const record of open.records(calm)) records.push(record);
    for (const record of append) await open.append(record, calm);
  });
  log.forget();
  await new Promise((resolve) => setTimeout(resolve)); // it is let go of
  return records;
}

async function closed({ desk, storage }: Window): Promise<Uint8Array[]> {
  await desk.written();
  desk.leave();
  await new Promise((resolve) => setTimeout(resolve));
  return recordsIn(storage);
}

test('with holes, measurements and notes, from two files, less what was taken away, with what was brought back', async () => {
  const here = fileWindow();
  await here.desk.importGeoJSON(await fileOf(squares('annotations', 9000), squares('glands', 5)), calm);
  await here.desk.importGeoJSON(await fileOf(squares('annotations', 100, 5)), calm);
  takeAway(here, 8999);
  takeAway(here, 3);
  here.desk.bringBack();
  expect(countIn(here)).toBe(9099);
  const next = await reopened(here, here.storage);
  expect(await hash(next)).toBe(await hash(here));
  expect(measuredOf(next.found.store('annotations').columns.extras, 9098)).toEqual([['Nucleus: Area µm^2', 3.5]]);
  expect(noticeOf(next)?.text).toBe('5 glands of The file, as you brought them.');
  // and a third time, out of the same log, where the second changed it
  takeAway(next, 0);
  const third = await reopened(next, here.storage);
  expect(await hash(third)).toBe(await hash(next));
  expect(countIn(third)).toBe(9098);
});

test('a change is written alone, whatever there is beside it', async () => {
  const here = fileWindow();
  await here.desk.importGeoJSON(await fileOf(squares('annotations', 900)), calm);
  const before = await closed(here);
  const next = fileWindow('a1b2', here.storage);
  await next.desk.lookUp();
  takeAway(next, 700);
  next.desk.bringBack();
  const after = await closed(next);
  expect(before.every((record, k) => Buffer.compare(record, after[k] ?? new Uint8Array()) === 0)).toBe(true);
  const written = after.slice(before.length).reduce((sum, { length }) => sum + length, 0);
  expect(written).toBeGreaterThan(0);
  expect(written).toBeLessThan(1000);
});

test('of two with the same centre both go, and both come back', async () => {
  const here = fileWindow();
  here.found.bring(squares('annotations', 4));
  here.found.bring(squares('annotations', 1));
  const before = countIn(here);
  takeAway(here, 0);
  expect(countIn(here)).toBe(before - 2);
  here.desk.bringBack();
  expect(countIn(here)).toBe(before);
});

test('what an earlier Eosin kept as text comes back, and what is brought now beside it', async () => {
  const storage = memoryStorage();
  const text = async (at: number): Promise<Uint8Array<ArrayBuffer>> => {
    const from = fileWindow();
    from.found.bring(squares('annotations', 300, at));
    const file = await from.desk.exportGeoJSON(['annotations'], false, calm);
    return Uint8Array.of(1, ...new Uint8Array(await file.arrayBuffer()));
  };
  const removed = Uint8Array.of(2, ...new TextEncoder().encode('[19.25,9.5]')); // the second, and 5 px beside it none
  await recordsIn(storage, [await text(0), await text(5), removed]);
  const here = fileWindow('a1b2', storage);
  await here.desk.lookUp();
  expect(countIn(here)).toBe(599);
  expect(measuredOf(here.found.store('annotations').columns.extras, 2)).toEqual([['Nucleus: Area µm^2', 3.5]]);
  await here.desk.importGeoJSON(await fileOf(squares('annotations', 700, 2.5)), calm);
  const next = await reopened(here, storage);
  expect(countIn(next)).toBe(1299);
  expect(await hash(next)).toBe(await hash(here));
});

test('those that come back are put onto the slide at once, however many records they are', async () => {
  const here = fileWindow();
  await here.desk.importGeoJSON(await fileOf(squares('annotations', 9000), squares('annotations', 9000, 5)), calm);
  await closed(here);
  const next = fileWindow('a1b2', here.storage);
  let told = 0;
  next.stores.objects.subscribe(({ annotations }, before) => void (annotations !== before.annotations && told++));
  await next.desk.lookUp();
  expect(countIn(next)).toBe(18_000);
  expect(told).toBe(1);
});

test('many are written behind: the browser asks before the tab is left, and then all are on the disk', async () => {
  const slow = slowDisk(memoryStorage(), 'annotations');
  const { disk, cut, rest } = slow;
  const here = fileWindow('a1b2', disk);
  const many = Array.from({ length: 6 }, (_, k) => squares('annotations', 9000, k));
  const file = new File([await fileOf(...many)], 'cells.geojson.gz');
  expect(await here.desk.importGeoJSON(file, calm)).toMatchObject({ imported: 54_000, isBehind: true });

  // Whoever leaves all the same finds none of it rather than a part, and is told so, once.
  const next = await leftMidway(here, slow);
  expect(countIn(next)).toBe(0);
  expect(noticeOf(next)).toMatchObject({
    text: 'cells.geojson.gz was not kept whole: the tab was left, or the disk was full, while it was written. Bring it again.',
    tone: 'warn',
  });
  const third = await reopened(next, cut);
  expect(noticeOf(third)).toBeUndefined();

  rest();
  await here.desk.written();
  await expect.poll(() => asks(here)).toBe(false);
  expect(countIn(await reopened(here, disk))).toBe(54_000);
});

test('annotations and objects of different files, neither kept whole, are told in one notice', async () => {
  const storage = memoryStorage();
  let kind = 'annotations';
  const full: Storage = {
    ...storage,
    async create(name, header, waits) {
      const log = await storage.create(name, header, waits);
      let left = 1;
      return Object.assign(Object.create(log), {
        name,
        header: log.header,
        append: (record: Uint8Array<ArrayBuffer>, during: typeof calm) =>
          name.startsWith(kind) && --left < 0
            ? Promise.reject(new DOMException('full', 'QuotaExceededError'))
            : log.append(record, during),
        records: (during: typeof calm) => log.records(during),
        [Symbol.dispose]: () => log[Symbol.dispose](),
      });
    },
  };
  const here = fileWindow('a1b2', full);
  await here.desk.importGeoJSON(new File([await fileOf(squares('annotations', 90))], 'one.geojson.gz'), calm);
  expect(noticeOf(here)?.text).toContain('Annotations are not kept: export them before you close the slide.');
  kind = 'brought';
  await here.desk.importGeoJSON(new File([await fileOf(squares('glands', 90))], 'two.geojson.gz'), calm);
  const next = await reopened(here, storage);
  expect(noticeOf(next)?.text).toMatch(/^one\.geojson\.gz, two\.geojson\.gz were not kept whole/);
});
