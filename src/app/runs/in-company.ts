// The models of one run beside the one that is shown: each settles by itself, and they are stopped together.
import type { RunResult } from '../console.d.ts';
import type { RunHeader } from '../kept-runs/kept-runs.ts';
import type { RunJob } from './run-job.ts';

/** What a driver asks of the job that it drives, and tells it. */
export type Driven = Pick<RunJob, 'id' | 'isLive' | 'waits' | 'stopped' | 'dropped' | 'resolve' | 'reject'>;

/** Of a run that goes on as long as a job does, and ends in its own way. */
const stoppedWith = (job: RunJob, own: Pick<Driven, 'id' | 'isLive' | 'resolve' | 'reject'>): Driven => ({
  ...own,
  get waits() {
    return job.waits;
  },
  get stopped() {
    return job.stopped;
  },
  get dropped() {
    return job.dropped;
  },
});

/** One that is not shown. */
export interface Companion {
  readonly driven: Driven;
  readonly model: RunHeader['model'];
  readonly over: Promise<void>; // whatever became of it: the list of runs says why
}

/** It stops as the job does that it came with. */
export function inCompany(job: RunJob, { id, model }: RunHeader): Companion {
  let settle = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { model, over, driven: stoppedWith(job, { id, isLive: false, resolve: settle, reject: settle }) };
}

/** The one that is shown: its job is settled once those beside it are over too. Its result names the models of all. */
export function leading(job: RunJob, company: readonly Companion[]): Driven {
  const all = Promise.all(company.map(({ over }) => over));
  const models = company.map(({ model }) => model);
  const { id, isLive } = job;
  return stoppedWith(job, {
    ...{ id, isLive },
    resolve: (result: RunResult) =>
      void all.then(() => job.resolve({ ...result, models: [...result.models, ...models] })),
    reject: (reason) => void all.then(() => job.reject(reason)),
  });
}
