// A run that was asked for, from its place in the line to its result.
import type { Waits } from '#channel/waits.ts';
import type { RunResult } from '../console.d.ts';
import type { Job } from './turns.ts';

export type Stopped = 'paused' | 'cancelled';

export interface JobNeeds {
  readonly id: string; //           of the run
  readonly others?: readonly string[]; // ids of those that run together with it
  readonly onScreen: boolean; //    it ends when another slide is opened
  readonly isLive?: boolean; //     it follows the view and never ends by itself
  readonly signal: AbortSignal; //  of who asked
  /** Settles the job as soon as its result is known, and goes on to what is to be tidied up. */
  readonly work: (job: RunJob) => Promise<void>;
}

export class RunJob implements Job {
  readonly id: string;
  readonly ids: readonly string[]; // and of those that run together with it
  readonly onScreen: boolean;
  readonly isLive: boolean;
  readonly result: Promise<RunResult>;
  /** What is to be tidied up behind it is over, too. */
  readonly over: Promise<void>;
  readonly #work: JobNeeds['work'];
  readonly #asked: AbortSignal;
  readonly #stop = new AbortController();
  readonly #drop = new AbortController();
  #settle: { resolve(result: RunResult): void; reject(reason: unknown): void };
  #end: () => void = () => undefined;
  #stopped: Stopped | undefined;
  #isSettled = false;

  constructor({ id, others = [], onScreen, isLive = false, signal, work }: JobNeeds) {
    this.isLive = isLive;
    this.ids = [id, ...others];
    [this.id, this.onScreen, this.#asked, this.#work] = [id, onScreen, signal, work];
    this.#settle = { resolve: () => undefined, reject: () => undefined };
    this.result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.result.catch(() => undefined); // whoever asked may have left
  }

  /** Aborts when the run is to stop, whatever for. */
  get waits(): Waits {
    return { signal: AbortSignal.any([this.#asked, this.#drop.signal, this.#stop.signal]) };
  }

  /** Somebody wanted it to stop: it then has a result all the same. */
  get stopped(): Stopped | undefined {
    return this.#dropReason() === undefined ? this.#stopped : undefined;
  }

  /** Why nobody waits for it any more. */
  get dropped(): { readonly reason: unknown; readonly byAsker: boolean } | undefined {
    return this.#dropReason();
  }

  stop(how: Stopped): void {
    this.#stopped ??= how;
    this.#stop.abort(new DOMException(`The run was ${how}.`, 'AbortError'));
  }

  drop(reason: unknown): void {
    this.#drop.abort(reason);
  }

  /** Its result is known, though what is written down behind it may not be over. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  resolve(result: RunResult): void {
    this.#isSettled = true;
    this.#settle.resolve(result);
  }

  reject(reason: unknown): void {
    this.#isSettled = true;
    this.#settle.reject(reason);
  }

  async run(): Promise<void> {
    try {
      await this.#work(this);
    } catch (thrown) {
      this.reject(thrown);
    } finally {
      this.#end();
    }
  }

  #dropReason(): { reason: unknown; byAsker: boolean } | undefined {
    if (this.#asked.aborted) return { reason: this.#asked.reason, byAsker: true };
    return this.#drop.signal.aborted ? { reason: this.#drop.signal.reason, byAsker: false } : undefined;
  }
}
