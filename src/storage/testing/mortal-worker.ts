// A storage worker in this thread, on a disk that outlives it: it can be made to die at any call, or never to answer.
import { serve } from '#channel/channel.ts';
import type { Spawned } from '#channel/worker-set.ts';
import type { Disk } from '../disk.ts';
import { LogStore } from '../log-store.ts';
import type { StorageCalls } from '../storage-calls.ts';
import { handlersOf } from '../store-handlers.ts';

export type Fate = 'answers' | 'dies before' | 'dies after' | 'hangs';

export interface MortalWorkers {
  spawn(): Spawned;
  readonly spawned: () => number;
  /** Ends those that live. */
  end(): void;
}

/** @param fate of each call, by its name */
export function mortalWorkers(disk: () => Disk, fate: (call: string) => Fate): MortalWorkers {
  let spawned = 0;
  const living = new Set<() => void>();
  return {
    spawned: () => spawned,
    end: () => {
      for (const end of living) end();
    },
    spawn() {
      spawned++;
      const { port1, port2 } = new MessageChannel();
      port1.start();
      port2.start();
      const tellers: ((message: string) => void)[] = [];
      const locks: (() => void)[] = [];
      let isAlive = true;
      const end = (): void => {
        isAlive = false;
        living.delete(end);
        port1.close();
        port2.close();
        for (const release of locks.splice(0)) release();
      };
      living.add(end);
      const die = (): Promise<never> => {
        end();
        queueMicrotask(() => {
          for (const tell of tellers) tell('made to die');
        });
        return new Promise(() => undefined);
      };
      const own = disk();
      const store = new LogStore({
        ...own,
        // What is dead writes no more, although in this thread it goes on.
        open: async (name, options) => {
          const file = await own.open(name, options);
          if (!file) return undefined;
          return {
            ...file,
            write: (bytes, at) => (isAlive ? file.write(bytes, at) : bytes.length),
            truncate: (size) => (isAlive ? file.truncate(size) : undefined),
          };
        },
        setNote: async (name, note) => (isAlive ? own.setNote(name, note) : undefined),
        remove: async (name) => (isAlive ? own.remove(name) : undefined),
        lock: async (name) => {
          const release = await own.lock(name);
          if (!release) return undefined;
          locks.push(release);
          if (!isAlive) release();
          return release;
        },
      });
      const handlers = handlersOf(async () => store);
      serve<StorageCalls>(port2, mortal(handlers, fate, die));
      return { port: port1, terminate: end, onError: (tell) => void tellers.push(tell) };
    },
  };
}

function mortal(
  handlers: ReturnType<typeof handlersOf>,
  fate: (call: string) => Fate,
  die: () => Promise<never>,
): ReturnType<typeof handlersOf> {
  const through = async <T>(call: string, work: () => Promise<T>): Promise<T> => {
    const now = fate(call);
    if (now === 'hangs') return new Promise(() => undefined);
    if (now === 'dies before') return die();
    const out = await work();
    return now === 'dies after' ? die() : out;
  };
  return {
    probe: (input) => through('probe', () => handlers.probe(input)),
    list: (input) => through('list', () => handlers.list(input)),
    beginnings: (input) => through('beginnings', () => handlers.beginnings(input)),
    create: (input) => through('create', () => handlers.create(input)),
    open: (input) => through('open', () => handlers.open(input)),
    append: (input) => through('append', () => handlers.append(input)),
    read: (input) => through('read', () => handlers.read(input)),
    mustFit: (input) => through('mustFit', () => handlers.mustFit(input)),
    note: (input) => through('note', () => handlers.note(input)),
    setNote: (input) => through('setNote', () => handlers.setNote(input)),
    close: (input) => through('close', () => handlers.close(input)),
    remove: (input) => through('remove', () => handlers.remove(input)),
  };
}
