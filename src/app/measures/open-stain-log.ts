// The stains of slides on this browser's disk.
import { unhurried } from '#channel/waits.ts';
import { openStorage } from '#storage/open-storage.ts';
import { once } from '../once.ts';
import { notify } from '../stores/window-store.ts';
import type { Stores } from '../stores.ts';
import { StainLog } from './stain-log.ts';

export const openStainLog = ({ window }: Pick<Stores, 'window'>): StainLog =>
  new StainLog(
    once(async () => {
      const persist = (): Promise<boolean> => navigator.storage.persist();
      return (await openStorage({ ...unhurried(), shelf: 'measures', persist })).storage;
    }),
    (why) =>
      notify(window, { text: `${why} Stain vectors and what is measured with them are not kept.`, tone: 'warn' }),
  );
