// Slides in a browser tab: the browser's image decoders, and a small pool of workers for what it cannot decode.
import type { Waits } from '#channel/waits.ts';
import { spawned } from '#channel/worker-set.ts';
import { decodeInBrowser } from './browser-decode.ts';
import { DecodePool } from './decode-pool.ts';
import { headersInBrowser } from './header-memory.ts';
import { type OpenOptions, openSlide, type SlideSource } from './open.ts';
import type { Slide } from './slide.ts';
import { TileCache } from './tile-cache.ts';

export interface SlideOpener extends Disposable {
  /** The encoded tiles of all slides opened here. */
  readonly tiles: TileCache;
  /** See openSlide. */
  open(from: SlideSource, options: Waits & Pick<OpenOptions, 'onEarlyPicture' | 'chosen'>): Promise<Slide>;
}

/** One per tab. Disposing stops the workers; slides opened here can then no longer be read. */
export function openerInTab(options: { cacheBytes?: number } = {}): SlideOpener {
  const tiles = new TileCache(options.cacheBytes);
  const pool = new DecodePool(spawnDecoder, Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1)));
  const decoders = {
    image: pool.goingFirst(decodeInBrowser),
    block: pool.block,
    range: pool.range,
    jpeg2000: pool.jpeg2000,
    jpeg2000Range: pool.jpeg2000Range,
    soundness: pool.soundness,
  };
  const headers = headersInBrowser();
  return {
    tiles,
    async open(from, options) {
      pool.begin();
      return openSlide(from, { ...options, decoders, tiles, headers });
    },
    [Symbol.dispose]: () => pool[Symbol.dispose](),
  };
}

const spawnDecoder = () =>
  spawned(new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module', name: 'eosin decode' }));
