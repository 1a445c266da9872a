import { moved, type Port, serve } from '#channel/channel.ts';
import { LogStore } from './log-store.ts';
import { opfsDisk } from './opfs-disk.ts';
import type { StorageCalls } from './storage-calls.ts';
import { handlersOf } from './store-handlers.ts';

declare const self: Port;

const store = opfsDisk().then((disk) => new LogStore(disk));
store.catch(() => undefined); // every call tells it

serve<StorageCalls>(self, {
  ...handlersOf(() => store),
  read: async ({ name, from }) => {
    const out = await (await store).read(name, from);
    return moved(
      out,
      out.records.map(({ buffer }) => buffer),
    );
  },
});
