// Shared memory that goes round between threads: what is made, moved and collected anew for each patch, some 20 MB, keeps the
// garbage collectors of all of them busy.

/** Memory that is not given back is lost, no more. */
export class SharedRoom {
  readonly #idle: SharedArrayBuffer[] = [];
  readonly #mostIdle: number;

  /** @param mostIdle buffers that are kept while nobody has them */
  constructor(mostIdle: number) {
    this.#mostIdle = mostIdle;
  }

  /** At least so large; what it holds is of before. */
  take(bytes: number): SharedArrayBuffer {
    const at = this.#idle.findIndex(({ byteLength }) => byteLength >= bytes);
    const [memory = new SharedArrayBuffer(bytes)] = at < 0 ? [] : this.#idle.splice(at, 1);
    return memory;
  }

  giveBack(memory: SharedArrayBuffer): void {
    this.#idle.push(memory);
    if (this.#idle.length <= this.#mostIdle) return;
    this.#idle.sort((a, b) => b.byteLength - a.byteLength).pop();
  }
}

/** Memory can be shared: the page is isolated. */
export const canShare = (): boolean => globalThis.crossOriginIsolated;
