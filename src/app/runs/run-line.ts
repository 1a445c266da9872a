// The line of runs: one computes, the others wait in the order asked; how one is stopped, wherever it stands.
import { unhurried, type Waits } from '#channel/waits.ts';
import type { RunResult } from '../console.d.ts';
import { badRun, restate } from './preparing.ts';
import { RunJob, type Stopped } from './run-job.ts';
import type { RunKeeping } from './run-keeping.ts';
import type { RunList } from './run-list.ts';
import { nothingYet, type Prepare, type RunWork } from './run-work.ts';
import { Turns } from './turns.ts';

export interface LineNeeds {
  readonly list: RunList;
  readonly keeping: RunKeeping;
  readonly work: Pick<RunWork, 'through'>;
  /** Another one computes or waits. */
  readonly changed: (line: RunLine) => void;
  /** One is over, with all that is tidied up behind it. */
  readonly over: (ids: readonly string[]) => void;
  /** One ended, or left the line: what kept note of its wait may forget it. */
  readonly left: (ids: readonly string[]) => Promise<void>;
  /** The one that follows the view is stopped. */
  readonly liveStopped: () => void;
}

export interface Queued {
  readonly id: string;
  readonly others?: readonly string[]; // those that run together with it
  readonly onScreen: boolean;
  readonly isLive?: boolean;
  readonly prepare: Prepare;
}

export class RunLine {
  readonly #needs: LineNeeds;
  readonly #turns: Turns<RunJob>;
  readonly #results = new Map<string, RunResult>();

  constructor(needs: LineNeeds) {
    this.#needs = needs;
    this.#turns = new Turns(() => needs.changed(this));
  }

  get current(): RunJob | undefined {
    return this.#turns.current;
  }

  get waiting(): readonly RunJob[] {
    return this.#turns.waiting;
  }

  get isIdle(): boolean {
    return this.current === undefined && this.waiting.length === 0;
  }

  jobOf(id: string): RunJob | undefined {
    return [this.current, ...this.waiting].find((job) => job?.ids.includes(id));
  }

  add({ id, others, onScreen, isLive = false, prepare }: Queued, { signal }: Waits): RunJob {
    const { list, keeping, work, over } = this.#needs;
    const job: RunJob = new RunJob({
      id,
      ...(others && { others }),
      onScreen,
      isLive,
      signal,
      work: async () => {
        await keeping.unread();
        await work.through(job, prepare);
      },
    });
    for (const one of job.ids) list.update(one, { state: 'queued', problem: undefined, isLeft: false });
    const leave = (): void => this.leave(job, signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    job.result
      .then((result) => this.#results.set(id, result))
      .catch(() => undefined) // told to whoever asked
      .finally(() => signal.removeEventListener('abort', leave));
    void job.over.then(() => over(job.ids));
    this.#turns.add(job);
    return job;
  }

  /** Out of the line, where it still waits. */
  leave(job: RunJob, reason: unknown): void {
    if (!this.#turns.leave(job)) return;
    const { list } = this.#needs;
    for (const id of job.ids) {
      if (list.get(id).keeper) list.update(id, { state: 'cancelled' });
      else list.remove(id);
    }
    job.reject(reason);
  }

  /** The run named; else the one that computes, or the last that waits. */
  async stop(run: string | undefined, how: Stopped): Promise<RunResult> {
    const { list, left, liveStopped } = this.#needs;
    const job = run === undefined ? (this.current ?? this.waiting.at(-1)) : this.jobOf(run);
    if (!job || job.isSettled) {
      await job?.over;
      return this.#restate(run ?? job?.id, how);
    }
    if (job.isLive) liveStopped();
    if (this.#turns.leave(job)) {
      for (const id of job.ids) list.update(id, { state: how });
      job.resolve(this.#results.get(job.id) ?? nothingYet(job.id, list.get(job.id)));
      void left(job.ids);
    } else job.stop(how);
    return job.result;
  }

  /** Its result is asked for no more. */
  forget(id: string): void {
    this.#results.delete(id);
  }

  /** One that does not go on already: paused becomes cancelled, and nothing else changes. */
  async #restate(run: string | undefined, how: Stopped): Promise<RunResult> {
    const { list, keeping, left } = this.#needs;
    const entry = run === undefined ? list.latest(({ state }) => state === 'paused') : list.get(run);
    if (!entry) throw badRun('none goes on', 'Analyse a region first.');
    const { id, keeper, state } = entry;
    if (how === 'cancelled' && (state === 'paused' || state === 'interrupted')) {
      list.update(id, { state: how, isLeft: false });
      if (keeper) await keeping.read(() => restate(keeper, id, how, unhurried()));
      list.update(id, { state: how }); // a look at the disk meanwhile saw the note of before
      await left([id]);
    }
    return this.#results.get(id) ?? nothingYet(id, entry);
  }
}
