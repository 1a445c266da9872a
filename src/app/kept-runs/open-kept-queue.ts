// The queue in IndexedDB, which alone keeps file handles. Each slide is a tab's: a lock that the browser lets go of when
// the tab ends tells whose are left over.
import type { Waits } from '#channel/waits.ts';
import type { HeldFile } from '../runs/run-source.ts';
import type { DeviceChoice } from '../stores/settings-store.ts';
import type { KeptQueue, QueuedSlide } from './kept-queue.ts';

const DATABASE = 'eosin.queue';
const VERSION = 1;
const SLIDES = 'slides';
const TAB_LOCK = 'eosin.tab.';
const TAKING = 'eosin.queue'; // the lock under which one tab at a time looks for what is left over

/** Undefined where the browser keeps none: a private window, a setting, a page that is not served securely. */
export async function openKeptQueue({ signal }: Waits, database = DATABASE): Promise<KeptQueue | undefined> {
  if (!('locks' in navigator) || !('indexedDB' in globalThis)) return undefined;
  try {
    const open = indexedDB.open(database, VERSION);
    open.onupgradeneeded = () => open.result.createObjectStore(SLIDES, { keyPath: 'run' });
    const opened = await answerOf(open);
    opened.onversionchange = () => opened.close(); // another version of Eosin wants to change it
    const tab = crypto.randomUUID();
    const leave = await held(TAB_LOCK + tab);
    signal.throwIfAborted();
    return queueIn(opened, tab, leave);
  } catch (thrown) {
    signal.throwIfAborted();
    console.warn('The queue is not kept:', thrown);
    return undefined;
  }
}

function queueIn(database: IDBDatabase, tab: string, leave: () => void): KeptQueue {
  const writing = async (write: (slides: IDBObjectStore) => void): Promise<void> => {
    const transaction = database.transaction(SLIDES, 'readwrite');
    write(transaction.objectStore(SLIDES));
    await committed(transaction);
  };
  return {
    keep: (queued, { signal }) => {
      signal.throwIfAborted();
      return writing((slides) => {
        for (const slide of queued) slides.put({ ...slide, tab });
      });
    },
    forget: (runs, { signal }) => {
      signal.throwIfAborted();
      return writing((slides) => {
        for (const run of runs) slides.delete(run);
      });
    },
    takeOver: ({ signal }) =>
      navigator.locks.request(TAKING, { signal }, async () => {
        const { held: locks = [] } = await navigator.locks.query();
        const alive = new Set(locks.map(({ name = '' }) => name));
        const transaction = database.transaction(SLIDES, 'readwrite');
        const slides = transaction.objectStore(SLIDES);
        const left: QueuedSlide[] = [];
        for (const kept of await answerOf<unknown[]>(slides.getAll())) {
          if (alive.has(TAB_LOCK + textOf(kept, 'tab'))) continue;
          const slide = slideFrom(kept);
          if (slide) left.push(slide);
          if (slide) slides.put({ ...slide, tab });
          else slides.delete(textOf(kept, 'run'));
        }
        await committed(transaction);
        return left.sort((a, b) => a.created - b.created);
      }),
    [Symbol.dispose]: () => {
      database.close();
      leave();
    },
  };
}

/** What cannot be read is undefined: another version of Eosin wrote it, and nothing of it can be begun. */
function slideFrom(kept: unknown): QueuedSlide | undefined {
  const [run, slide, model] = [textOf(kept, 'run'), textOf(kept, 'slide'), textOf(kept, 'model')];
  const device = DEVICES.find((one) => one === field(kept, 'device'));
  const created = field(kept, 'created');
  const source = sourceFrom(field(kept, 'source'));
  if (run === '' || slide === '' || model === '' || !device || typeof created !== 'number' || !source) return undefined;
  const together = textOf(kept, 'together') || undefined;
  const views = field(kept, 'views') === 4 ? 4 : 1;
  return { run, created, slide, source, model, device, views, together };
}

const DEVICES: readonly DeviceChoice[] = ['auto', 'webgpu', 'wasm'];

function sourceFrom(kept: unknown): QueuedSlide['source'] | undefined {
  if (typeof kept === 'string') return kept;
  const [handle, folder] = [field(kept, 'handle'), field(kept, 'folder')];
  if (handle instanceof FileSystemFileHandle) {
    const heldFile: HeldFile = { handle, folder: folder instanceof FileSystemDirectoryHandle ? folder : undefined };
    return heldFile;
  }
  const [name, bytes, modified] = [textOf(kept, 'name'), field(kept, 'bytes'), field(kept, 'modified')];
  return name !== '' && typeof bytes === 'number' && typeof modified === 'number'
    ? { name, bytes, modified }
    : undefined;
}

const field = (of: unknown, key: string): unknown =>
  typeof of === 'object' && of !== null ? Reflect.get(of, key) : undefined;

/** '' where it is no text. */
function textOf(of: unknown, key: string): string {
  const value = field(of, key);
  return typeof value === 'string' ? value : '';
}

const answerOf = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const committed = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

/** A lock as a value: held until the call, or until the tab ends. */
const held = (name: string): Promise<() => void> =>
  new Promise((resolve, reject) => {
    navigator.locks.request(name, () => new Promise<void>((release) => resolve(release))).catch(reject);
  });
