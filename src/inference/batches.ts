// Joins jobs that wait for the same queue: when one comes to its turn, others like it go along in the same run.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { SerialQueue } from './serial-queue.ts';

export interface BatchOptions<Job, Result> {
  /** Jobs in one run; 1 for none joined. */
  most(job: Job): number;
  /** True where two jobs may share a run. */
  alike(a: Job, b: Job): boolean;
  /** One result a job, in their order. */
  run(jobs: readonly Job[]): Promise<readonly Result[]>;
}

interface Entry<Job, Result> {
  readonly job: Job;
  readonly signal: AbortSignal;
  result?: Promise<Result>;
}

/**
 * A run takes `most` jobs or one, never a number between: a GPU compiles its kernels for shapes, and only these two were
 * tried. A job that is aborted before its run began is not in it; one aborted later is computed for nobody.
 */
export class Batches<Job, Result> {
  readonly #queue: SerialQueue;
  readonly #options: BatchOptions<Job, Result>;
  readonly #waiting: Entry<Job, Result>[] = []; // in the order added

  constructor(queue: SerialQueue, options: BatchOptions<Job, Result>) {
    this.#queue = queue;
    this.#options = options;
  }

  /** Rejects with the run's failure, which is that of all jobs in it, or with the signal's reason. */
  async add(job: Job, { signal }: Waits): Promise<Result> {
    const entry: Entry<Job, Result> = { job, signal };
    this.#waiting.push(entry);
    try {
      return await this.#queue.add(() => entry.result ?? this.#start(entry), { signal });
    } finally {
      const at = this.#waiting.indexOf(entry);
      if (at >= 0) this.#waiting.splice(at, 1);
    }
  }

  #start(first: Entry<Job, Result>): Promise<Result> {
    const { most, alike, run } = this.#options;
    const size = most(first.job);
    const others = this.#waiting.filter(
      (entry) => entry !== first && !entry.result && !entry.signal.aborted && alike(first.job, entry.job),
    );
    const taken = others.length + 1 >= size ? [first, ...others.slice(0, size - 1)] : [first];
    const all = run(taken.map(({ job }) => job));
    const resultOf = async (k: number): Promise<Result> => {
      const result = (await all)[k];
      if (result === undefined) throw new EosinError({ tag: 'Unexpected', reason: 'A run gave too few results.' });
      return result;
    };
    for (const [k, entry] of taken.entries()) {
      entry.result = resultOf(k);
      entry.result.catch(() => undefined); // told when its own turn comes, if anybody still waits
    }
    return resultOf(0);
  }
}
