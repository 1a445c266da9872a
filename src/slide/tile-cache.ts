import type { Waits } from '#channel/waits.ts';
import { alone } from './byte-source.ts';
import { SharedCache } from './shared-cache.ts';

const DEFAULT_BUDGET = 256 * 1024 * 1024; // bytes

/** Encoded tiles, ready to be decoded, for the viewer and for runs alike: those used last, within the budget. */
export class TileCache {
  readonly #cache: SharedCache<string, Uint8Array<ArrayBuffer>>;

  constructor(budgetBytes = DEFAULT_BUDGET) {
    this.#cache = new SharedCache(budgetBytes, (bytes: Uint8Array<ArrayBuffer>) => bytes.byteLength);
  }

  get usedBytes(): number {
    return this.#cache.usedBytes;
  }

  /** The bytes are lent: do not change or transfer them. `key` starts with the source's identity and a slash. */
  get(
    key: string,
    read: (waits: Waits) => Promise<Uint8Array<ArrayBuffer>>,
    waits: Waits,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#cache.get(key, async (during) => alone(await read(during)), waits);
  }

  /** Drops what is kept under keys that start so: for a slide that was closed. */
  forget(prefix: string): void {
    this.#cache.deleteWhere((key) => key.startsWith(prefix));
  }

  /** Drops one tile. */
  forgetTile(key: string): void {
    this.#cache.deleteWhere((kept) => kept === key);
  }
}
