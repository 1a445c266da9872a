// How long is waited for a server that says nothing.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';

/** Nothing came: to ask in another way would take as long again. */
export class Silent extends EosinError {}

/** Aborts with the caller's signal, and by itself once nothing has come for a while. */
export class Patience implements Waits, Disposable {
  readonly #controller = new AbortController();
  readonly #around: AbortSignal;
  readonly #url: string;
  readonly #ms: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, ms: number, { signal }: Waits) {
    this.#url = url;
    this.#ms = ms;
    this.#around = signal;
    if (signal.aborted) this.#controller.abort(signal.reason);
    signal.addEventListener('abort', this.#onAbort);
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something came. */
  heard(): void {
    clearTimeout(this.#timer);
    const reason = `the server sent nothing for ${this.#ms / 1000} s`;
    this.#timer = setTimeout(() => {
      this.#controller.abort(new Silent({ tag: 'Unreachable', url: this.#url, reason }));
    }, this.#ms);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#around.removeEventListener('abort', this.#onAbort);
  }

  readonly #onAbort = (): void => this.#controller.abort(this.#around.reason);
}
