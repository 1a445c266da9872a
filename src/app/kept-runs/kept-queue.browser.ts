// In the real IndexedDB, with real handles and locks.
import { afterEach, expect, test } from 'vitest';
import { isHeld } from '../runs/run-source.ts';
import { isPlain, type KeptQueue, type QueuedSlide } from './kept-queue.ts';
import { openKeptQueue } from './open-kept-queue.ts';

const DATABASE = 'eosin.queue of a test';
const { signal } = new AbortController();
const waits = { signal };

const gone = (): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(DATABASE);
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });
afterEach(gone);

/** Another tab, as far as the queue can tell. */
async function tab(): Promise<KeptQueue> {
  const queue = await openKeptQueue(waits, DATABASE);
  if (!queue) throw new Error('no queue');
  return queue;
}

const queued = (run: string, source: QueuedSlide['source'], created = 1, together?: string): QueuedSlide => ({
  run,
  created,
  slide: `${run}.svs`,
  source,
  model: 'm',
  device: 'wasm',
  views: 4,
  together,
});

test('slides of a tab that is gone are found by the next one, and by no other', async () => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('picked', { create: true });
  const handle = await folder.getFileHandle('b.svs', { create: true });
  const first = await tab();
  const plain = { name: 'c.svs', bytes: 5, modified: 9 };
  const asked = [
    queued('b', { handle, folder }, 2),
    queued('a', 'https://slides.test/a.svs', 1, 'z'),
    queued('c', plain, 3),
    queued('d', 'phantom:4', 4),
  ];
  await first.keep(asked, waits);
  await first.forget(['d', 'never there'], waits);

  using second = await tab();
  expect(await second.takeOver(waits)).toEqual([]); // their tab lives
  expect(await first.takeOver(waits)).toEqual([]); // it knows of its own
  first[Symbol.dispose]();

  using third = await tab();
  const found = await Promise.all([second.takeOver(waits), third.takeOver(waits)]);
  const left = found.flat();
  expect(found.map(({ length }) => length).sort()).toEqual([0, 3]);
  expect(left.map(({ run }) => run)).toEqual(['a', 'b', 'c']);
  expect(left.map(({ together }) => together)).toEqual(['z', undefined, undefined]);
  const [a, b, c] = left.map(({ source }) => source);
  expect(a).toBe('https://slides.test/a.svs');
  if (!b || isPlain(b) || !isHeld(b)) throw new Error('the handle was not kept');
  expect((await b.handle.getFile()).name).toBe('b.svs');
  expect(b.folder).toBeInstanceOf(FileSystemDirectoryHandle);
  expect(c).toEqual(plain);
  await root.removeEntry('picked', { recursive: true });
});

test('what is no slide of the queue is dropped', async () => {
  const first = await tab();
  await first.keep(
    [queued('a', 'phantom:1'), queued('', 'phantom:2'), queued('b', { name: '', bytes: 1, modified: 1 })],
    waits,
  );
  first[Symbol.dispose]();
  using second = await tab();
  expect((await second.takeOver(waits)).map(({ run }) => run)).toEqual(['a']);
});
