// Reads of one file: what waits while others are on their way travels together. Asking costs more than copying: a read of
// a tile takes longer than its decoding, and a read of a hundred neighbours hardly more.
import { onAbort } from '#channel/on-abort.ts';
import type { Waits } from '#channel/waits.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Exactly these bytes. */
export type ReadBytes = (offset: number, length: number) => Promise<Bytes>;

const AT_ONCE = 2; //            reads on their way
const MOST_HOLE = 64 * 1024; //  bytes between two pieces that are read along and thrown away
const FIRST_BYTES = 256 * 1024; // that travel together while nothing else does: they are decoded while the next are read
const MOST_BYTES = 2048 * 1024; //  and beside another read

interface Asked {
  readonly offset: number;
  readonly end: number;
  readonly signal: AbortSignal;
  resolve(bytes: Bytes): void;
  reject(reason: unknown): void;
}

export class GatheredReads {
  readonly #readBytes: ReadBytes;
  #waiting: Asked[] = []; // in the order of asking
  #flying = 0;

  constructor(readBytes: ReadBytes) {
    this.#readBytes = readBytes;
  }

  /**
   * The bytes are lent: what travelled together shares a buffer. Rejects at once with the signal's reason; what is given up
   * before it is sent is not read.
   */
  read(offset: number, length: number, { signal }: Waits): Promise<Bytes> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise<Bytes>((resolve, reject) => {
      const leave = onAbort(signal, () => reject(signal.reason));
      const asked: Asked = {
        offset,
        end: offset + length,
        signal,
        resolve(bytes) {
          leave();
          resolve(bytes);
        },
        reject(reason) {
          leave();
          reject(reason);
        },
      };
      if (this.#waiting.push(asked) === 1) queueMicrotask(() => this.#send()); // with what is asked for in the same turn
    });
  }

  #send(): void {
    while (this.#flying < AT_ONCE && this.#waiting.length > 0) {
      this.#waiting = this.#waiting.filter(({ signal }) => !signal.aborted);
      const [first] = this.#waiting;
      if (first) void this.#fly(this.#withNeighbours(first));
    }
  }

  /** Takes them out of those that wait. */
  #withNeighbours(one: Asked): readonly Asked[] {
    if (this.#waiting.length === 1) return this.#waiting.splice(0);
    const sorted = [...this.#waiting].sort((a, b) => a.offset - b.offset);
    let first = sorted.indexOf(one);
    let last = first;
    let { offset, end } = one;
    const most = this.#flying === 0 ? FIRST_BYTES : MOST_BYTES;
    const fits = (next: Asked | undefined): next is Asked =>
      next !== undefined &&
      next.offset - end <= MOST_HOLE &&
      offset - next.end <= MOST_HOLE &&
      Math.max(end, next.end) - Math.min(offset, next.offset) <= most;
    for (const step of [1, -1]) {
      for (let next = sorted[step > 0 ? last + 1 : first - 1]; fits(next); ) {
        offset = Math.min(offset, next.offset);
        end = Math.max(end, next.end);
        if (step > 0) last++;
        else first--;
        next = sorted[step > 0 ? last + 1 : first - 1];
      }
    }
    const together = sorted.slice(first, last + 1);
    const taken = new Set(together);
    this.#waiting = this.#waiting.filter((each) => !taken.has(each));
    return together;
  }

  async #fly(together: readonly Asked[]): Promise<void> {
    const from = together.reduce((least, { offset }) => Math.min(least, offset), Number.POSITIVE_INFINITY);
    const to = together.reduce((most, { end }) => Math.max(most, end), 0);
    this.#flying++;
    try {
      const bytes = await this.#readBytes(from, to - from);
      for (const { offset, end, resolve } of together) resolve(bytes.subarray(offset - from, end - from));
    } catch (thrown) {
      for (const { reject } of together) reject(thrown);
    } finally {
      this.#flying--;
      this.#send();
    }
  }
}
