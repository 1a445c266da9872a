// The calls of the storage worker, answered by a store of logs: in that worker, or right here where there is only memory.
import type { LogStore } from './log-store.ts';
import type { StorageCalls } from './storage-calls.ts';

type Plain = { [K in keyof StorageCalls]: (input: StorageCalls[K]['in']) => Promise<StorageCalls[K]['out']> };

export const handlersOf = (store: () => Promise<LogStore>): Plain => ({
  probe: async () => void (await store()),
  list: async () => (await store()).list(),
  beginnings: async () => (await store()).beginnings(),
  create: async (input) => (await store()).create(input),
  open: async (input) => (await store()).open(input),
  append: async ({ name, record }) => (await store()).append(name, record),
  read: async ({ name, from }) => (await store()).read(name, from),
  mustFit: async ({ name, neededBytes }) => void (await (await store()).mustFit(name, neededBytes)),
  note: async ({ name }) => (await store()).note(name),
  setNote: async ({ name, note }) => void (await (await store()).setNote(name, note)),
  close: async (input) => void (await (await store()).close(input)),
  remove: async ({ name }) => void (await (await store()).remove(name)),
});
