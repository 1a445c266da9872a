// Whoever stops in the middle of a file finds the slide as it was; a file that fails in the middle leaves it so, too.
import { expect, test } from 'vitest';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns, ObjectKind } from '#objects/columns.ts';
import { resultHash } from '#objects/result-hash.ts';
import { FileJobs } from '../file-job.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import { createWindowStore } from '../stores/window-store.ts';
import { fileWindow } from './testing/file-window.ts';

const calm = { signal: new AbortController().signal };

function squares(kind: ObjectKind, count: number, classes = 2): ObjectColumns {
  const all = Array.from({ length: classes }, (_, k) => ({ name: `Class ${k}`, color: '#ff0000' }));
  const builder = new ColumnsBuilder(kind, all);
  for (let i = 0; i < count; i++) {
    const [x, y] = [9 + (i % 90) * 10, 9 + Math.floor(i / 90) * 8];
    const ring = [x - 3, y - 3, x + 3, y - 3, x + 3, y + 3, x - 3, y + 3];
    builder.add({ classIndex: i % classes, probability: 1, x, y, areaPx: 36, ring });
  }
  return builder.copy();
}

const hash = ({ found }: ReturnType<typeof fileWindow>): Promise<string> =>
  resultHash({ objects: OBJECT_LAYERS.map((kind) => found.store(kind).columns), tissue: [] }, calm);

/** Left once so many of it are told. */
function leaving(at: number) {
  const left = new AbortController();
  return { signal: left.signal, onProgress: (done: number) => void (done >= at && left.abort()) };
}

async function fileOf(kinds: readonly ObjectKind[], count: number): Promise<Blob> {
  const from = fileWindow();
  for (const kind of kinds) from.found.bring(squares(kind, count));
  return from.desk.exportGeoJSON(kinds, true, calm);
}

test.each([1, 4000, 9000])('GeoJSON left after %i features', async (at) => {
  const file = await fileOf(['nuclei', 'annotations'], 4500);
  const here = fileWindow();
  here.found.bring(squares('nuclei', 10));
  const before = await hash(here);
  await expect(here.desk.importGeoJSON(file, leaving(at))).rejects.toMatchObject({ name: 'AbortError' });
  await here.desk.written();
  expect(await hash(here)).toBe(before);
  expect(here.found.has('annotations')).toBe(false);
  // Nor is anything kept for the next time.
  here.desk.leave();
  const next = fileWindow('a1b2', here.storage);
  await expect.poll(() => next.desk.lookUp().then(() => next.found.store('annotations').columns.count)).toBe(0);
  // The same file comes whole afterwards, what was there once.
  expect(await here.desk.importGeoJSON(file, calm)).toMatchObject({ imported: 9000, already: 10 });
});

test('a session left in the middle', async () => {
  const from = fileWindow();
  from.found.startAnew(undefined, ['nuclei', 'glands']);
  from.found.bring(squares('nuclei', 9000));
  const file = await from.desk.exportSession(calm);
  const here = fileWindow();
  here.found.bring(squares('glands', 10));
  const before = await hash(here);
  const left = new AbortController();
  const opening = here.desk.openSession(file, { signal: left.signal });
  left.abort();
  await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  expect(await hash(here)).toBe(before);
  await here.desk.openSession(file, calm);
  expect(await hash(here)).toBe(await hash(from));
});

test('nothing of a file comes onto the slide that took the place of the one it was for', async () => {
  const file = await fileOf(['annotations'], 9000);
  const reading = fileWindow();
  const whileRead = reading.desk.importGeoJSON(file, { ...calm, onProgress: () => reading.desk.leave() });
  await expect(whileRead).rejects.toMatchObject({ name: 'AbortError' });
  expect(reading.found.has('annotations')).toBe(false);

  const landing = fileWindow();
  landing.found.bring(squares('annotations', 10));
  const bring = landing.found.bring.bind(landing.found);
  let parts = 0;
  landing.found.bring = (objects) => {
    bring(objects);
    parts++;
    landing.desk.leave();
  };
  await expect(landing.desk.importGeoJSON(file, calm)).rejects.toMatchObject({ name: 'AbortError' });
  expect(parts).toBe(1);

  const from = fileWindow();
  from.found.startAnew(undefined, ['nuclei']);
  from.found.bring(squares('nuclei', 900));
  const session = await from.desk.exportSession(calm);
  const other = fileWindow();
  other.found.bring(squares('nuclei', 10));
  const opening = other.desk.openSession(session, calm);
  other.desk.leave();
  await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
  expect(other.found.store('nuclei').columns.count).toBe(10);
});

/** A session of nuclei and a ruler, and a window where something happens as soon as its objects are on the slide. */
async function openingOf(during: (here: ReturnType<typeof fileWindow>) => void) {
  const from = fileWindow();
  from.found.startAnew(undefined, ['nuclei']);
  from.found.bring(squares('nuclei', 900));
  from.viewer.setMarks({ ...from.viewer.marks(), rulers: [{ from: { x: 1, y: 2 }, to: { x: 30, y: 40 } }] });
  const session = await from.desk.exportSession(calm);
  const here = fileWindow();
  const adopt = here.found.adopt.bind(here.found);
  here.found.adopt = (store) => {
    adopt(store);
    during(here);
  };
  here.viewer.setView = async (_, { signal }) => signal.throwIfAborted();
  return { here, session };
}

test('a slide that leaves while a session comes takes the rest of it along: the next one gets no ruler of it', async () => {
  const { here, session } = await openingOf(({ desk }) => desk.leave());
  await expect(here.desk.openSession(session, calm)).rejects.toMatchObject({ name: 'AbortError' });
  expect(here.viewer.marks().rulers).toEqual([]);
});

test('a session whose objects are on the slide comes whole, though it is stopped then', async () => {
  const left = new AbortController();
  const { here, session } = await openingOf(() => left.abort());
  const { shown } = await here.desk.openSession(session, { signal: left.signal });
  expect(shown?.objects).toBe(900);
  expect(here.viewer.marks().rulers).toHaveLength(1);
});

test('a file that would bring one class too many brings nothing', async () => {
  const from = fileWindow();
  from.found.bring(squares('nuclei', 400, 200));
  const file = await from.desk.exportGeoJSON(['nuclei'], false, calm);
  const here = fileWindow();
  const others = squares('nuclei', 200, 200);
  here.found.bring({
    ...others,
    classes: others.classes.map(({ name }) => ({ name: `Other ${name}`, color: '#00ff00' })),
  });
  const before = await hash(here);
  await expect(here.desk.importGeoJSON(file, calm)).rejects.toThrow(/400 classes of nuclei.*at most 255/);
  expect(await hash(here)).toBe(before);
});

test('a job tells how far it is, and can be stopped from the notice', async () => {
  const window = createWindowStore();
  const jobs = new FileJobs(window);
  const going = jobs.run(
    'Reading a.geojson',
    'features',
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  expect(window.getState().notice).toMatchObject({ text: 'Reading a.geojson', action: { command: 'file.stop' } });
  expect(jobs.areAny).toBe(true);
  jobs.stop();
  expect(await going).toBeUndefined();
  expect(jobs.areAny).toBe(false);
  expect(window.getState().notice?.text).toBe('Reading a.geojson was stopped. Nothing of it stays.');
  expect(await jobs.run('Writing b.csv', 'objects', async () => 7)).toBe(7);
  expect(window.getState().notice).toBeUndefined();
  await expect(jobs.run('Writing c.csv', 'objects', () => Promise.reject(new Error('full')))).rejects.toThrow('full');
  expect(window.getState().notice).toBeUndefined();
});
