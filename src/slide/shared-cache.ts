import type { Waits } from '#channel/waits.ts';
import { ByteBudget } from './byte-budget.ts';
import { SharedJob } from './shared-job.ts';

/** Values that are made by waiting: kept within a budget, and made once however many ask at the same time. */
export class SharedCache<K, V> {
  readonly #kept: ByteBudget<K, V>;
  readonly #running = new Map<K, SharedJob<V>>();

  /** @param sizeOf bytes a value takes */
  constructor(budgetBytes: number, sizeOf: (value: V) => number) {
    this.#kept = new ByteBudget(budgetBytes, sizeOf);
  }

  get usedBytes(): number {
    return this.#kept.usedBytes;
  }

  /** The value is lent. `make` is aborted only when everybody who waits for this key has given up. */
  async get(key: K, make: (waits: Waits) => Promise<V>, waits: Waits): Promise<V> {
    waits.signal.throwIfAborted();
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const running = this.#running.get(key);
    return (running && !running.abandoned ? running : this.#start(key, make)).join(waits);
  }

  set(key: K, value: V): void {
    this.#kept.set(key, value);
  }

  deleteWhere(test: (key: K) => boolean): void {
    this.#kept.deleteWhere(test);
  }

  #start(key: K, make: (waits: Waits) => Promise<V>): SharedJob<V> {
    const job: SharedJob<V> = new SharedJob(async (waits) => {
      try {
        const value = await make(waits);
        this.#kept.set(key, value);
        return value;
      } finally {
        if (this.#running.get(key) === job) this.#running.delete(key);
      }
    });
    this.#running.set(key, job);
    return job;
  }
}
