// The stains of slides on this browser's disk.
import { once } from '../once.ts';
import { openShelf } from '../slide-log.ts';
import { notify } from '../stores/window-store.ts';
import type { Stores } from '../stores.ts';
import { StainLog } from './stain-log.ts';

export const openStainLog = ({ window }: Pick<Stores, 'window'>): StainLog =>
  new StainLog(
    once(() => openShelf('measures')),
    (why) =>
      notify(window, {
        text: `${why} Stain vectors and what is measured with them are not kept.`,
        tone: 'warn',
        ofSlide: true,
      }),
  );
