/** Keeps the values that were used last, within a budget in bytes. A value larger than the whole budget is not kept. */
export class ByteBudget<K, V> {
  readonly budgetBytes: number;
  readonly #sizeOf: (value: V) => number;
  readonly #kept = new Map<K, V>(); // least recently used first
  #usedBytes = 0;

  constructor(budgetBytes: number, sizeOf: (value: V) => number) {
    this.budgetBytes = budgetBytes;
    this.#sizeOf = sizeOf;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get(key: K): V | undefined {
    const value = this.#kept.get(key);
    if (value === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, value);
    return value;
  }

  set(key: K, value: V): void {
    this.delete(key);
    const size = this.#sizeOf(value);
    if (size > this.budgetBytes) return;
    this.#kept.set(key, value);
    this.#usedBytes += size;
    for (const [oldest] of this.#kept) {
      if (this.#usedBytes <= this.budgetBytes) break;
      this.delete(oldest);
    }
  }

  delete(key: K): void {
    const value = this.#kept.get(key);
    if (value === undefined) return;
    this.#kept.delete(key);
    this.#usedBytes -= this.#sizeOf(value);
  }

  deleteWhere(test: (key: K) => boolean): void {
    for (const key of [...this.#kept.keys()]) if (test(key)) this.delete(key);
  }
}
