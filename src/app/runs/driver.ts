// Drives what is prepared to its end, or to where it is stopped, and keeps note of it.

import { LEFT_EARLY } from '#analysis/events.ts';
import type { InStep } from '#analysis/in-step.ts';
import type { InView } from '#analysis/patch-queue.ts';
import { unhurried } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import type { LoadedModel } from '#inference/model.ts';
import type { Beside } from '../attention/attention-work.ts';
import type { FailedPatch as KeptFailure, OpenRun } from '../kept-runs/kept-runs.ts';
import type { RunParts } from '../run-parts.ts';
import type { Progress, RegionChoice } from '../stores/run-store.ts';
import type { Stores } from '../stores.ts';
import type { Driven } from './in-company.ts';
import type { Place } from './places.ts';
import type { Prepared } from './preparing.ts';
import { Run } from './run.ts';
import type { RunJob } from './run-job.ts';
import type { RunList } from './run-list.ts';
import { keptFailure } from './run-record.ts';
import type { RunScreen } from './run-screen.ts';
import type { RunTold } from './runs-api.ts';
import type { Telling } from './whole-progress.ts';

export interface Driving {
  readonly job: Driven;
  readonly prepared: Prepared;
  readonly place: Place;
  readonly choice: RegionChoice;
  readonly screen: RunScreen;
  readonly inView?: InView | undefined; // live
  readonly beside?: Beside | undefined;
  readonly step: InStep | undefined; // with the other models of the run
  readonly parts: RunParts;
  readonly stores: Stores;
  readonly list: RunList;
  readonly tell: (told: RunTold) => void;
  readonly telling: Telling; //             into the run bar
  /** Of the run that is shown alone; of the others the list of runs tells. */
  readonly tellDevice?: ((model: LoadedModel) => void) | undefined;
  /** Another run waits: this one holds it up no longer than it must. */
  readonly isAwaited: () => boolean;
}

const UNKNOWN = Number.POSITIVE_INFINITY; // seconds a patch: on a processor, slow until measured

/** Settles the job as soon as the run is over or stopped; what is then written down is waited for. */
export async function drive(driving: Driving): Promise<void> {
  const { job, prepared, place, choice, screen, inView, beside, step, parts, stores, list, tell, telling, tellDevice } =
    driving;
  const isShown = tellDevice !== undefined;
  const { open, model, coming, region, device } = prepared;
  const { id } = job;
  const { views } = open.header;
  const left = new AbortController();
  const waits = { signal: left.signal };
  const notes = new Notes(open);
  /** A GPU that was lost on the way hands over to another device. */
  const tellNow = (): void => {
    const loaded = coming ? coming.loaded : model;
    if (loaded) tellDevice?.(loaded);
  };
  const speedKey = `${model.manifest.id} on ${device}`;
  const speed = stores.settings.getState().speeds[speedKey];
  screen.begin(model.manifest);
  const analysing = parts.analyse(
    {
      slide: beside?.slide ?? place.slide,
      mpp: place.mpp,
      region,
      model,
      ready: coming?.ready,
      postprocess: parts.postprocess,
      journal: open.journal,
      windowPx: open.header.window,
      views,
      viewCentre: () => screen.viewCentre(),
      viewRect: () => screen.viewRect(),
      inView,
      slowPatchSeconds: !isShown
        ? undefined
        : speed
          ? views / speed
          : model.report.device === 'wasm'
            ? UNKNOWN
            : undefined,
    },
    waits,
  );
  const analysed = step?.join(analysing, waits) ?? analysing;
  const events = beside?.events(analysed, waits) ?? analysed;
  const run = new Run({
    id,
    choice,
    isLive: job.isLive,
    slideBehind: place.isOnScreen ? undefined : place.slide.name,
    mpp: place.mpp,
    model,
    isLoading: coming !== undefined,
    region,
    events,
    beside,
    screen,
    tell: {
      progress: (told) => {
        tellNow();
        tell(told);
        list.update(id, { done: told.done, total: told.total });
      },
      shown: (progress) => telling.shown(progress),
      failed: ({ core, why }, attempts) => notes.failed(keptFailure(core, why, attempts, prepared.corePx)),
      speed: (patchesPerSecond) =>
        !step && // of one that shares the device it says nothing
        stores.settings.setState(({ speeds }) => ({ speeds: { ...speeds, [speedKey]: patchesPerSecond * views } })),
    },
  });
  const isSeen = (): boolean => isShown && place.isOnScreen && (!job.dropped || job.dropped.byAsker);
  const over = (end: 'ended' | 'stopped'): void => {
    tellNow();
    telling.over();
    const isStopped = end === 'stopped';
    const state = isStopped
      ? (job.stopped ?? (job.dropped?.byAsker ? 'cancelled' : 'interrupted'))
      : run.failure
        ? 'interrupted'
        : 'done';
    list.update(id, { state, failed: run.failed, problem: run.failure, shown: isSeen() });
    notes.end(state === 'interrupted' ? 'running' : state);
    settle(job, run, isStopped);
  };
  list.update(id, { state: 'running', problem: undefined, failed: [], shown: isShown && place.isOnScreen });
  try {
    const isWanted = (): boolean => isSeen() && !driving.isAwaited();
    if ((await run.drive(job.waits, { stopped: () => over('stopped'), isWanted })) === 'ended') over('ended');
  } finally {
    left.abort(new DOMException('The run was left.', 'AbortError'));
    events.return(LEFT_EARLY).catch(() => undefined); // what it was aborted with
    await notes.written();
  }
}

function settle(job: Driven, run: Run, isStopped: boolean): void {
  if (isStopped && job.dropped) job.reject(job.dropped.reason);
  else if (run.failure) job.reject(new EosinError(run.failure));
  else job.resolve(run.result());
}

/** Before the first patch: the model is loaded, the tissue looked for. */
export const starting = (
  { id, isLive }: Pick<RunJob, 'id' | 'isLive'>,
  region: RegionChoice,
  slideBehind: string | undefined,
): Progress => ({
  run: id,
  isLive,
  slideBehind,
  region,
  phase: 'loading',
  waiting: undefined,
  loadedBytes: 0,
  totalBytes: undefined,
  done: 0,
  total: 0,
  failed: 0,
  patchesPerSecond: 0,
  secondsLeft: undefined,
  since: performance.now(),
  areaMm2: undefined,
  plannedPx: 0,
  embedded: 0,
  toEmbed: 0,
  around: 0,
  models: [],
});

/** The run's note, rewritten as it goes on: one write at a time, the latest wins. A disk that refuses ends no run. */
class Notes {
  readonly #open: OpenRun;
  readonly #failed: KeptFailure[] = [];
  #state: OpenRun['note']['state'] = 'running';
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #wanted = false;

  constructor(open: OpenRun) {
    this.#open = open;
    this.#write();
  }

  failed(patch: KeptFailure): void {
    this.#failed.push(patch);
    this.#write();
  }

  end(state: OpenRun['note']['state']): void {
    this.#state = state;
    this.#write();
  }

  written(): Promise<void> {
    return this.#writing;
  }

  #write(): void {
    this.#wanted = true;
    if (!this.#isWriting) this.#writing = this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#wanted) {
      this.#wanted = false;
      const note = { state: this.#state, failed: [...this.#failed] };
      try {
        await this.#open.setNote(note, unhurried());
      } catch (thrown) {
        console.warn('The note of a run was not written:', failureOf(thrown));
      }
    }
    this.#isWriting = false;
  }
}
