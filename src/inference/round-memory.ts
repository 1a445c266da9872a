// Memory that goes round between threads: what is made and collected anew for each patch, some 20 MB, keeps the garbage
// collectors of all of them busy, and whoever writes it first waits for fresh pages, four times as long as for the writing.

const REST_MS = 2000; // without work: what is kept for the next patch goes. A run has one on its way all the time

/** Shared where that is allowed. Else it moves, and comes back with what was made of it: as another object, over the same bytes. */
export class RoundMemory {
  #idle: ArrayBufferLike[] = [];
  readonly #mostIdle: number;
  readonly #shared: boolean;
  #away = 0;
  #working = 0;
  #resting: ReturnType<typeof setTimeout> | undefined;
  #rests = true;

  /** @param mostIdle buffers that are kept while nobody has them */
  constructor(mostIdle: number, shared: boolean) {
    this.#mostIdle = mostIdle;
    this.#shared = shared;
  }

  /** Bytes that are kept for whoever comes next. */
  get idleBytes(): number {
    return this.#idle.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** Until it is disposed, and a while longer, memory is kept for the next patch. */
  working(): Disposable {
    this.#working++;
    this.#rests = false;
    clearTimeout(this.#resting);
    return {
      [Symbol.dispose]: () => {
        if (--this.#working > 0) return;
        this.#resting = setTimeout(() => {
          this.#rests = true;
          this.#idle = [];
        }, REST_MS);
      },
    };
  }

  /** At least so large; what it holds is of before. */
  take(bytes: number): ArrayBufferLike {
    this.#away++;
    const at = this.#idle.findIndex(({ byteLength }) => byteLength >= bytes);
    if (at < 0) return this.#shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
    return this.#idle.splice(at, 1)[0] ?? new ArrayBuffer(bytes);
  }

  /** What is not given back is lost, no more; what was never taken here is not kept, nor what has moved on. */
  giveBack(memory: ArrayBufferLike): void {
    if (this.#away === 0 || memory.byteLength === 0) return;
    this.#away--;
    if (this.#rests) return;
    this.#idle.push(memory);
    if (this.#idle.length <= this.#mostIdle) return;
    this.#idle.sort((a, b) => b.byteLength - a.byteLength).pop();
  }
}

/** Memory can be shared: the page is isolated. */
export const canShare = (): boolean => globalThis.crossOriginIsolated;
