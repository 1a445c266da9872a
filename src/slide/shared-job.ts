import { onAbort } from '#channel/on-abort.ts';
import type { Waits } from '#channel/waits.ts';

/** One running job that several callers wait for. It is aborted only when every one of them has given up. */
export class SharedJob<T> {
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  #waiting = 0;

  constructor(start: (waits: Waits) => Promise<T>) {
    this.#result = Promise.resolve().then(() => start({ signal: this.#controller.signal })); // never before it is known
    this.#result.catch(() => undefined); // every waiter gets the rejection; with none left nobody needs it
  }

  /** True once everybody gave up: a new caller must start a new job. */
  get abandoned(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Rejects with the signal's reason as soon as this caller aborts, whatever the others do. */
  join({ signal }: Waits): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason);
    this.#waiting++;
    return new Promise<T>((resolve, reject) => {
      const leave = onAbort(signal, () => {
        this.#waiting--;
        if (this.#waiting === 0) this.#controller.abort(signal.reason);
        reject(signal.reason);
      });
      this.#result.then(
        (value) => {
          if (!signal.aborted) this.#waiting--;
          leave();
          resolve(value);
        },
        (reason) => {
          if (!signal.aborted) this.#waiting--;
          leave();
          reject(reason);
        },
      );
    });
  }
}
