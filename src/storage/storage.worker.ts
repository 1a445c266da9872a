import { moved, type Port, serve } from '#channel/channel.ts';
import { LogStore } from './log-store.ts';
import { opfsDisk } from './opfs-disk.ts';
import { SHELVES } from './storage.ts';
import type { StorageCalls } from './storage-calls.ts';
import { handlersOf } from './store-handlers.ts';

declare const self: Port & { readonly name: string };

const shelf = SHELVES.find((one) => one === self.name) ?? 'runs';
const store = opfsDisk(shelf).then((disk) => new LogStore(disk));
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
