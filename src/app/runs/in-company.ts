// The models of one run beside the one that is shown: each settles by itself, and they are stopped together.
import type { RunResult } from '../console.d.ts';
import type { RunHeader } from '../kept-runs/kept-runs.ts';
import type { RunJob } from './run-job.ts';

/** What a driver asks of the job that it drives, and tells it. */
export type Driven = Pick<RunJob, 'id' | 'isLive' | 'waits' | 'stopped' | 'dropped' | 'resolve' | 'reject'>;

/** One that is not shown. It stops as the job does that it came with. */
export class InCompany implements Driven {
  readonly isLive = false;
  readonly id: string;
  readonly model: RunHeader['model'];
  readonly over: Promise<void>; // whatever became of it: the list of runs says why
  readonly #job: RunJob;
  #settle: () => void = () => undefined;

  constructor(job: RunJob, { id, model }: RunHeader) {
    [this.#job, this.id, this.model] = [job, id, model];
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get waits(): Driven['waits'] {
    return this.#job.waits;
  }

  get stopped(): Driven['stopped'] {
    return this.#job.stopped;
  }

  get dropped(): Driven['dropped'] {
    return this.#job.dropped;
  }

  resolve(): void {
    this.#settle();
  }

  reject(): void {
    this.#settle();
  }
}

/** The one that is shown: its job is settled once those beside it are over too. Its result names the models of all. */
export function leading(job: RunJob, company: readonly InCompany[]): Driven {
  const all = Promise.all(company.map(({ over }) => over));
  const models = company.map(({ model }) => model);
  return {
    id: job.id,
    isLive: job.isLive,
    get waits() {
      return job.waits;
    },
    get stopped() {
      return job.stopped;
    },
    get dropped() {
      return job.dropped;
    },
    resolve: (result: RunResult) =>
      void all.then(() => job.resolve({ ...result, models: [...result.models, ...models] })),
    reject: (reason) => void all.then(() => job.reject(reason)),
  };
}
