// Work on a file that takes a while: told as it goes, and ended by the person who waits for it.
import type { ToldWaits } from '#objects/io/open-files.ts';
import { notify, type WindowStore } from './stores/window-store.ts';

const TELL_EVERY_MS = 500;

/** Several may go on; stopping ends them all. */
export class FileJobs {
  readonly #window: WindowStore;
  readonly #going = new Set<AbortController>();

  constructor(window: WindowStore) {
    this.#window = window;
  }

  get areAny(): boolean {
    return this.#going.size > 0;
  }

  /**
   * @param doing 'Writing a.geojson'
   * @param nouns of what is counted: 'objects'
   * @returns undefined where it was stopped @throws what the work throws
   */
  async run<T>(doing: string, nouns: string, work: (waits: Required<ToldWaits>) => Promise<T>): Promise<T | undefined> {
    const left = new AbortController();
    this.#going.add(left);
    const stop = { label: 'Stop', command: 'file.stop' };
    notify(this.#window, { text: doing, action: stop });
    const { notice } = this.#window.getState();
    let shown = notice?.id;
    let toldAt = performance.now();
    const onProgress = (done: number): void => {
      if (left.signal.aborted || performance.now() - toldAt < TELL_EVERY_MS) return;
      toldAt = performance.now();
      if (this.#window.getState().notice?.id !== shown) return; // closed, or something else is said there
      notify(this.#window, { text: `${doing}: ${done.toLocaleString('en-US')} ${nouns} so far`, action: stop });
      shown = this.#window.getState().notice?.id;
    };
    try {
      return await work({ signal: left.signal, onProgress });
    } catch (thrown) {
      if (!left.signal.aborted) throw thrown;
      notify(this.#window, { text: `${doing} was stopped. Nothing of it stays.`, seconds: 6 });
      return undefined;
    } finally {
      this.#going.delete(left);
      if (this.#window.getState().notice?.id === shown) this.#window.setState({ notice: undefined });
    }
  }

  stop(): void {
    for (const left of this.#going) left.abort(new DOMException('Stopped by the user.', 'AbortError'));
  }
}
