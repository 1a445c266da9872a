// One inference worker from its start to its end. A run cannot be interrupted and a broken runtime does not recover,
// so the worker is what is thrown away: on a failure, on silence, and when cancelled work does not end by itself.
import { openChannel, type Port } from '#channel/channel.ts';
import { describe, EosinError, type Failure, failureOf, isAbort } from '#errors/failure.ts';
import type { InferenceCalls } from './protocol.ts';

/** A worker as far as it is needed here. */
export interface InferenceWorker extends Port {
  terminate(): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
}

export interface Patience {
  readonly loadSeconds: number; //    silence while a model loads, before the worker counts as stuck: shaders compile
  readonly runSeconds: number; //     the same while patches run
  readonly cancelSeconds: number; //  cancelled work that still computes, before its worker is replaced
}

const LABEL = 'The inference worker';

// Answers that leave the worker as good as it was. After any other failure it is not trusted to go on.
const HARMLESS: readonly Failure['tag'][] = ['BadInput', 'ModelInvalid', 'NoGpu', 'UseAfterDispose'];

// Failures that say nothing of the work that waits: whoever waited may ask again as it is.
const OF_THE_WORKER: readonly Failure['tag'][] = ['DeviceLost', 'TimedOut', 'WorkerDied', 'UseAfterDispose'];

type Work = Exclude<keyof InferenceCalls, 'settle' | 'lost'>;

const RUNS: readonly Work[] = ['run', 'runRows', 'release'];

export class Realm {
  /** How many there were before it. */
  readonly number: number;
  readonly #worker: InferenceWorker;
  readonly #channel;
  readonly #patience: Patience;
  readonly #never = new AbortController().signal;
  #ended: Failure | undefined;
  readonly #waiting: { readonly work: Work; readonly views: number }[] = [];
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #settling: Promise<void> | undefined;
  #overtaken = false;
  #asked = 0; // ms, when the work that computes now had its turn
  #runMs: number | undefined; // of the last run that was answered

  constructor(worker: InferenceWorker, patience: Patience, number = 0) {
    this.number = number;
    this.#worker = worker;
    this.#patience = patience;
    this.#channel = openChannel<InferenceCalls>(worker);
    worker.addEventListener('error', ({ message }) => {
      this.end({ tag: 'WorkerDied', label: LABEL, reason: message || 'it could not be started' });
    });
    this.#channel.call('lost', undefined, { signal: this.#never }).then(
      ({ reason }) => this.end({ tag: 'DeviceLost', label: 'The GPU', reason }),
      () => undefined, // the realm ended before its device did
    );
  }

  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** True where it ended over work that was cancelled and went on computing: it was busy, not wrong. */
  get overtaken(): boolean {
    return this.#overtaken;
  }

  /**
   * Resolves at once, or when work that was cancelled is over or its worker gone.
   * @param successorMs what a new worker takes to start: where the cancelled work goes on for longer, or is expected to,
   *   this one ends, since waiting for it would be the later start
   */
  async settled(successorMs = Infinity): Promise<void> {
    if (!this.#settling || successorMs === Infinity) return this.#settling;
    const left = (this.#runMs ?? 0) - (performance.now() - this.#asked);
    let late: ReturnType<typeof setTimeout> | undefined;
    if (left > successorMs) this.#overtake(0);
    else late = setTimeout(() => this.#overtake(successorMs / 1000), successorMs);
    await this.#settling;
    clearTimeout(late);
  }

  /**
   * Rejects with the signal's reason at once; with TimedOut, WorkerDied, DeviceLost where the worker ended over it, or over
   * other work beside it.
   * @param options.views of a run, one after the other: its silence lasts so many times as long
   */
  async call<W extends Work>(
    work: W,
    input: InferenceCalls[W]['in'],
    {
      signal,
      transfer = [],
      views = 1,
    }: { signal: AbortSignal; transfer?: Transferable[]; views?: number | undefined },
  ): Promise<InferenceCalls[W]['out']> {
    if (this.#ended) throw new EosinError(this.#ended);
    if (this.#waiting.length === 0) this.#asked = performance.now();
    const waiting = { work, views };
    this.#waiting.push(waiting);
    this.#watch();
    try {
      const found = await this.#channel.call(work, input, { signal, transfer });
      const now = performance.now();
      if (work === 'run') this.#runMs = now - this.#asked;
      this.#asked = now;
      return found;
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (!isAbort(thrown) && !signal.aborted && !HARMLESS.includes(failure.tag)) this.end(failure);
      throw thrown;
    } finally {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      this.#watch();
      if (signal.aborted && this.#waiting.length === 0) this.#settling ??= this.#settle();
    }
  }

  /** Everything that waits rejects with this failure, or with WorkerDied where it concerns one piece of work alone. */
  end(failure: Failure): void {
    if (this.#ended) return;
    const told = OF_THE_WORKER.includes(failure.tag) ? failure : diedOver(failure);
    this.#ended = told;
    clearTimeout(this.#watchdog);
    this.#worker.terminate();
    this.#channel.close(told);
  }

  #overtake(seconds: number): void {
    if (this.#ended) return;
    this.#overtaken = true;
    this.end({ tag: 'TimedOut', label: LABEL, seconds });
  }

  /** Each question and each answer starts the watch anew; callers keep few patches in flight, so that it does bark. */
  #watch(): void {
    clearTimeout(this.#watchdog);
    if (this.#waiting.length === 0 || this.#ended) return;
    const { loadSeconds, runSeconds } = this.#patience;
    const loads = this.#waiting.some(({ work }) => !RUNS.includes(work));
    const seconds = loads ? loadSeconds : runSeconds * Math.max(...this.#waiting.map(({ views }) => views));
    this.#watchdog = setTimeout(() => this.end({ tag: 'TimedOut', label: LABEL, seconds }), seconds * 1000);
  }

  async #settle(): Promise<void> {
    if (this.#ended) return;
    const seconds = this.#patience.cancelSeconds;
    const late = setTimeout(() => this.#overtake(seconds), seconds * 1000);
    try {
      await this.#channel.call('settle', undefined, { signal: this.#never });
    } catch (thrown) {
      if (!this.#ended) throw thrown;
    } finally {
      clearTimeout(late);
      this.#settling = undefined;
    }
  }
}

const diedOver = (failure: Failure): Failure => ({
  tag: 'WorkerDied',
  label: LABEL,
  reason: `other work in it failed (${describe(failure)})`,
});
