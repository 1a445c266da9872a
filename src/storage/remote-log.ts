// An open log as the main thread holds it.
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import type { OpenLog } from './storage.ts';
import type { Opened, StorageLink } from './storage-calls.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const TRIES = 3; //            workers that one call may see die
const BUSY_TRIES = 20; //      the lock of a worker that died is let go of a moment later
const BUSY_PAUSE_MS = 100;

export class RemoteLog implements OpenLog {
  readonly name: string;
  readonly header: Bytes;
  readonly kept: number;
  readonly damaged: number;
  readonly #link: StorageLink;
  readonly #by: number;
  #count: number; // records that were answered for
  #life: number; //  of the worker in which the log is open
  #reopening: Promise<void> | undefined;
  #isDisposed = false;

  /** @param by whose it is in the store: see StorageCalls */
  constructor(link: StorageLink, { name, by }: { name: string; by: number }, { header, count, damaged }: Opened) {
    this.#link = link;
    this.#by = by;
    this.name = name;
    this.header = header;
    this.kept = count;
    this.damaged = damaged;
    this.#count = count;
    this.#life = link.life;
  }

  /** Aborted, it may be there or not. */
  async append(record: Bytes, waits: Waits): Promise<void> {
    const count = await this.#surviving(waits, () => this.#link.call('append', { name: this.name, record }, waits));
    this.#count = Math.max(this.#count, count);
  }

  async *records(waits: Waits): AsyncGenerator<Bytes, void, undefined> {
    for (let from = 0; ; ) {
      const { records, count } = await this.#surviving(waits, () =>
        this.#link.call('read', { name: this.name, from }, waits),
      );
      from += records.length;
      for (const record of records) {
        waits.signal.throwIfAborted();
        yield record;
      }
      if (from >= count) return;
    }
  }

  async mustFit(neededBytes: number, waits: Waits): Promise<void> {
    await this.#surviving(waits, () => this.#link.call('mustFit', { name: this.name, neededBytes }, waits));
  }

  note(waits: Waits): Promise<Bytes | undefined> {
    return this.#surviving(waits, () => this.#link.call('note', { name: this.name }, waits));
  }

  async setNote(note: Bytes, waits: Waits): Promise<void> {
    await this.#surviving(waits, () => this.#link.call('setNote', { name: this.name, note }, waits));
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    if (this.#life !== this.#link.life) return; // its worker is gone, and all it held with it
    this.#link.call('close', { name: this.name, by: this.#by, discard: false }, unhurried()).catch(() => undefined);
  }

  /** Does it again in the next worker when one has died of it, or before it. */
  async #surviving<T>(waits: Waits, work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      if (this.#isDisposed) throw new EosinError({ tag: 'UseAfterDispose', label: this.name });
      try {
        if (this.#life !== this.#link.life || this.#reopening !== undefined) await this.#reopened(waits);
        return await work();
      } catch (thrown) {
        const { tag } = failureOf(thrown);
        if ((tag !== 'WorkerDied' && tag !== 'TimedOut') || tries === TRIES) throw thrown;
        this.#life = -1; // none
      }
    }
  }

  async #reopened({ signal }: Waits): Promise<void> {
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = undefined;
    });
    await this.#reopening;
    signal.throwIfAborted();
  }

  async #reopen(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        const asked = { name: this.name, by: this.#by, keep: this.#count };
        const { count } = await this.#link.call('open', asked, unhurried());
        this.#count = count; // fewer where the disk had lost some
        this.#life = this.#link.life;
        return;
      } catch (thrown) {
        if (failureOf(thrown).tag !== 'StorageBusy' || tries === BUSY_TRIES) throw thrown;
        await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS));
      }
    }
  }
}
