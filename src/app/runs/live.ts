// Live: what is in view is analysed as the view moves. Whatever else is asked for goes first; then it goes on.
import type { InView } from '#analysis/patch-queue.ts';
import type { Viewer } from '#viewer/viewer-api.ts';
import type { RunJob } from './run-job.ts';

export interface LiveNeeds {
  /** A run that follows the view until it is stopped; undefined while there is no slide to follow. */
  readonly start: () => RunJob | undefined;
  /** Whether nothing else works or waits. */
  readonly isIdle: () => boolean;
  readonly tell: (on: boolean) => void;
  readonly failed: (reason: unknown) => void;
}

export class Live {
  readonly #needs: LiveNeeds;
  #on = false;
  #job: RunJob | undefined;

  constructor(needs: LiveNeeds) {
    this.#needs = needs;
  }

  switch(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    this.#needs.tell(on);
    if (!on) this.#job?.stop('cancelled');
    this.look();
  }

  /** Something waits: it goes first. */
  giveWay(): void {
    this.#job?.stop('paused');
  }

  isLive(job: RunJob | undefined): boolean {
    return job !== undefined && job === this.#job;
  }

  /** Goes on where nothing else does. Call whenever that may have changed. */
  look(): void {
    if (!this.#on || this.#job || !this.#needs.isIdle()) return;
    const job = this.#needs.start();
    if (!job) return;
    this.#job = job;
    job.result.catch((reason: unknown) => {
      if (job.stopped || job.dropped) return;
      this.switch(false);
      this.#needs.failed(reason);
    });
    void job.over.then(() => {
      this.#job = undefined;
      this.look();
    });
  }
}

/** The viewer's view as a run follows it. */
export const viewOf = (viewer: Pick<Viewer, 'visibleRect' | 'on'>): InView => ({
  rect: () => viewer.visibleRect(),
  changed: ({ signal }) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      const leave = viewer.on('view', () => {
        leave();
        signal.removeEventListener('abort', abort);
        resolve();
      });
      const abort = (): void => {
        leave();
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
    }),
});

export const liveAlone = (model: string, along: number): string =>
  `Live analyses with ${model} alone. The ${along === 1 ? 'other model' : `${along} other models`} chosen beside it ${along === 1 ? 'goes' : 'go'} with Analyse.`;
