// The main thread's half of the storage worker. A worker that dies, or does not answer, is replaced behind what is open:
// the logs are opened anew, cut back to what was answered for, and what waited is sent again.
import { type Channel, openChannel } from '#channel/channel.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { type Spawned, spawned } from '#channel/worker-set.ts';
import { EosinError, type Failure, failureOf } from '#errors/failure.ts';
import { LogStore } from './log-store.ts';
import { memoryDisk } from './memory-disk.ts';
import { RemoteLog } from './remote-log.ts';
import type { Room, Shelf, Storage } from './storage.ts';
import type { StorageCalls, StorageLink } from './storage-calls.ts';
import { handlersOf } from './store-handlers.ts';

const LABEL = 'Storage';
const ANSWER_SECONDS = 60; // a disk that takes longer for one write is not one to wait for

export type OpenedStorage =
  | { readonly storage: Storage; readonly whyNot: undefined }
  | { readonly storage: undefined; readonly whyNot: string };

export interface OpenStorageOptions extends Waits {
  readonly shelf: Shelf;
  /** Asks the browser to keep what is stored here even when the disk gets full; called before the first log is made. */
  readonly persist: () => Promise<boolean>;
  readonly spawn?: () => Spawned;
  readonly answerSeconds?: number;
}

/**
 * What the browser keeps between visits; or why it keeps nothing: a private window, a setting, a page without HTTPS.
 * @throws the signal's reason
 */
export async function openStorage({
  signal,
  shelf,
  persist,
  spawn = () => spawnWorker(shelf),
  answerSeconds = ANSWER_SECONDS,
}: OpenStorageOptions): Promise<OpenedStorage> {
  if (!('storage' in navigator) || !('getDirectory' in navigator.storage) || !('locks' in navigator))
    return { storage: undefined, whyNot: 'this browser gives the page no files of its own' };
  const link = new WorkerLink(spawn, answerSeconds);
  try {
    await link.call('probe', undefined, { signal });
  } catch (thrown) {
    link[Symbol.dispose]();
    signal.throwIfAborted();
    return { storage: undefined, whyNot: failureSeen(failureOf(thrown)) };
  }
  let isFirst = true;
  return {
    whyNot: undefined,
    storage: storageOver(link, {
      kind: 'disk',
      room: roomOfBrowser,
      beforeFirst: () => {
        if (isFirst) persist().catch(() => false); // not waited for: some browsers ask the user
        isFirst = false;
      },
    }),
  };
}

/** The same for as long as the tab lives. */
export function memoryStorage(): Storage {
  const store = Promise.resolve(new LogStore(memoryDisk()));
  const handlers = handlersOf(() => store);
  const link = {
    life: 0,
    call: async <K extends keyof StorageCalls>(call: K, input: StorageCalls[K]['in'], { signal }: Waits) => {
      signal.throwIfAborted();
      return handlers[call](input);
    },
    [Symbol.dispose]: () => undefined,
  };
  const room = async (waits: Waits): Promise<Room> => {
    const logs = await link.call('list', undefined, waits);
    return { freeBytes: undefined, usedBytes: logs.reduce((sum, { bytes }) => sum + bytes, 0), persisted: false };
  };
  return storageOver(link, { kind: 'memory', room, beforeFirst: () => undefined });
}

interface Place {
  readonly kind: Storage['kind'];
  readonly room: Storage['room'];
  readonly beforeFirst: () => void;
}

function storageOver(link: StorageLink & Disposable, { kind, room, beforeFirst }: Place): Storage {
  let openings = 0;
  return {
    kind,
    room,
    list: (waits) => link.call('list', undefined, waits),
    beginnings: (waits) => link.call('beginnings', undefined, waits),
    async create(name, header, { neededBytes, signal }) {
      beforeFirst();
      const by = ++openings;
      const opening = link.call('create', { name, by, header, neededBytes }, { signal });
      return new RemoteLog(link, { name, by }, await unlessLeft(link, { name, by, discard: true }, opening));
    },
    async open(name, waits) {
      const by = ++openings;
      const opening = link.call('open', { name, by, keep: undefined }, waits);
      return new RemoteLog(link, { name, by }, await unlessLeft(link, { name, by, discard: false }, opening));
    },
    remove: async (name, waits) => void (await link.call('remove', { name }, waits)),
    [Symbol.dispose]: () => link[Symbol.dispose](),
  };
}

/** What was opened for somebody who has left is closed again, what was made for them removed. */
async function unlessLeft<T>(link: StorageLink, undo: StorageCalls['close']['in'], opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (thrown) {
    if (!(thrown instanceof EosinError)) link.call('close', undo, unhurried()).catch(() => undefined);
    throw thrown;
  }
}

async function roomOfBrowser({ signal }: Waits): Promise<Room> {
  const [{ quota, usage = 0 }, persisted] = await Promise.all([
    navigator.storage.estimate(),
    navigator.storage.persisted(),
  ]);
  signal.throwIfAborted();
  const freeBytes = quota === undefined ? undefined : Math.max(0, quota - usage);
  return { freeBytes, usedBytes: usage, persisted };
}

const spawnWorker = (shelf: Shelf): Spawned =>
  spawned(new Worker(new URL('./storage.worker.ts', import.meta.url), { type: 'module', name: shelf }));

const failureSeen = (failure: Failure): string =>
  failure.tag === 'Unexpected' ? `the browser refused it: ${failure.reason}` : 'the storage worker did not start';

/** One worker at a time, started when called. */
class WorkerLink implements StorageLink, Disposable {
  readonly #spawn: () => Spawned;
  readonly #answerSeconds: number;
  #running: { readonly worker: Spawned; readonly channel: Channel<StorageCalls> } | undefined;
  #life = 0;
  #isDisposed = false;

  constructor(spawn: () => Spawned, answerSeconds: number) {
    this.#spawn = spawn;
    this.#answerSeconds = answerSeconds;
  }

  get life(): number {
    return this.#life;
  }

  async call<K extends keyof StorageCalls>(call: K, input: StorageCalls[K]['in'], { signal }: Waits) {
    if (this.#isDisposed) throw new EosinError({ tag: 'UseAfterDispose', label: LABEL });
    const running = (this.#running ??= this.#start());
    const late = setTimeout(
      () => this.#end(running, { tag: 'TimedOut', label: LABEL, seconds: this.#answerSeconds }),
      this.#answerSeconds * 1000,
    );
    try {
      return await running.channel.call(call, input, { signal }); // copied, not moved: it may have to be sent again
    } finally {
      clearTimeout(late);
    }
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    if (this.#running) this.#end(this.#running, { tag: 'UseAfterDispose', label: LABEL });
  }

  #start() {
    const worker = this.#spawn();
    const running = { worker, channel: openChannel<StorageCalls>(worker.port) };
    worker.onError((message) =>
      this.#end(running, { tag: 'WorkerDied', label: LABEL, reason: message || 'it could not be started' }),
    );
    return running;
  }

  #end(running: { readonly worker: Spawned; readonly channel: Channel<StorageCalls> }, failure: Failure): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    this.#life++;
    running.worker.terminate();
    running.channel.close(failure);
  }
}
