// All runs that this tab knows of: those on disk, those in memory, those that wait. Told to the store as plain lines.
import { boundsOfJson } from '#analysis/region-json.ts';
import type { Failure } from '#errors/failure.ts';
import { EosinError } from '#errors/failure.ts';
import type { Views } from '#inference/model.ts';
import type { Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import { NextBeat } from '../beat.ts';
import type { KeptRun, KeptRuns } from '../kept-runs/kept-runs.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import { count, plural } from '../words.ts';
import { restOfPatches } from './patch-rest.ts';
import { failedOf, moreFromJson } from './run-record.ts';
import type { RunSource } from './run-source.ts';
import type { FailedPatch, RunState, RunSummary } from './runs-api.ts';

/** A run as this tab knows it. */
export interface Entry {
  readonly id: string;
  readonly slide: string; //                   name
  readonly fingerprint: string | undefined; // undefined until its slide was opened
  readonly mpp: MppXY | undefined; //         of level 0, as it was begun with
  readonly source: RunSource | undefined; //  to open the slide without the user
  readonly state: RunState;
  readonly region: RegionChoice;
  readonly asked: Rect | undefined; //         as RunSummary has it
  readonly model: { readonly id: string; readonly sha256: string };
  readonly views: Views;
  readonly created: number;
  readonly done: number;
  readonly total: number;
  readonly failed: readonly FailedPatch[];
  readonly problem: Failure | undefined;
  readonly keeper: KeptRuns | undefined; //    undefined until it was begun
  readonly bytes: number;
  readonly shown: boolean;
  readonly isLive: boolean; //                 no line of its own
  readonly isLeft: boolean; //                 of the queue of a page that was left
  readonly together: string | undefined; //    id of the first of the models that run together, of each of them
}

/** One that was asked for just now. */
export const newEntry = (
  { slide, region, source }: Pick<Entry, 'slide' | 'region' | 'source'>,
  created: number,
): Entry => ({
  id: `run-${created.toString(36)}-${Math.floor(Math.random() * 36 ** 4).toString(36)}`, // two tabs at the same moment
  slide,
  fingerprint: undefined,
  mpp: undefined,
  source,
  state: 'queued',
  region,
  asked: undefined,
  model: { id: '', sha256: '' },
  views: 1,
  created,
  done: 0,
  total: 0,
  failed: [],
  problem: undefined,
  keeper: undefined,
  bytes: 0,
  shown: false,
  isLive: false,
  isLeft: false,
  together: undefined,
});

export const interrupted = ({ done, failed, total }: Entry): string =>
  `A run of this slide was interrupted: ${count(done - failed.length)} of ${plural(total, 'patch', 'patches')}.`;

/** How many slides of the queue wait since the page was left: one may have several models. */
export const slidesLeft = (runs: readonly Pick<Entry, 'id' | 'isLeft' | 'together'>[]): number =>
  new Set(runs.flatMap(({ id, isLeft, together }) => (isLeft ? (together ?? id) : []))).size;

export const leftWaiting = (slides: number): string =>
  `${plural(slides, 'slide')} of the queue ${slides === 1 ? 'was' : 'were'} not finished when the page was left.`;

/** It can go on, or has patches to be tried again. */
export const isResumable = ({ state, failed, problem }: Entry): boolean =>
  state === 'done' ? failed.length > 0 : state !== 'running' && state !== 'queued' && problem?.tag !== 'StorageBusy';

export class RunList {
  readonly #tell: (list: readonly RunSummary[]) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #changedAt = new Map<string, number>();
  #moment = 0; //               counts changes
  #open: string | undefined; // fingerprint of the slide on screen
  readonly #beat = new NextBeat(() => this.#tellNow());

  /** `tell` gets the list when a run's state changes, and at most four times a second as runs go on. */
  constructor(tell: (list: readonly RunSummary[]) => void) {
    this.#tell = tell;
  }

  get openSlide(): string | undefined {
    return this.#open;
  }

  /** Another slide is on screen, or none: nothing of any run is shown there. */
  setOpenSlide(fingerprint: string | undefined): void {
    if (fingerprint === this.#open) return;
    this.#open = fingerprint;
    for (const entry of this.#entries.values()) this.#entries.set(entry.id, { ...entry, shown: false });
    this.#tellNow();
  }

  /** To tell what changed since: see takeKept. */
  get moment(): number {
    return this.#moment;
  }

  put(entry: Entry): void {
    this.putAll([entry]);
  }

  putAll(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#changedAt.set(entry.id, ++this.#moment);
      this.#entries.set(entry.id, entry);
    }
    this.#tellNow();
  }

  /** For `created` of the next one: later than all that are there, ms of Date.now(). */
  nextMoment(): number {
    return Math.max(Date.now(), (this.all()[0]?.created ?? 0) + 1);
  }

  /** @throws EosinError BadInput where there is none */
  get(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry) return entry;
    throw new EosinError({
      tag: 'BadInput',
      what: 'The run',
      seen: `there is none named ${id}`,
      todo: 'Take an id of runs().',
    });
  }

  update(id: string, change: Partial<Omit<Entry, 'id'>>): void {
    const entry = this.#entries.get(id);
    if (!entry) return; // removed meanwhile
    this.#changedAt.set(id, ++this.#moment);
    this.#entries.set(id, { ...entry, ...change });
    const isProgress = change.state === undefined && change.problem === undefined;
    if (isProgress) this.#beat.ask(restOfPatches());
    else this.#tellNow();
  }

  remove(id: string): void {
    this.#changedAt.set(id, ++this.#moment);
    if (this.#entries.delete(id)) this.#tellNow();
  }

  /** The latest first. */
  all(): readonly Entry[] {
    const lines = [...this.#entries.values()].filter(({ isLive }) => !isLive);
    return lines.reverse().sort((a, b) => b.created - a.created);
  }

  /** Those that were asked for with a run and can go on as it can, itself the first of them or not: as they are shown. */
  togetherWith(id: string): readonly [Entry, ...Entry[]] {
    const one = this.get(id);
    const isAlike = (entry: Entry): boolean =>
      entry.together === one.together && entry.state === one.state && entry.keeper === one.keeper && isResumable(entry);
    const [first, ...others] = one.together !== undefined && isResumable(one) ? this.all().filter(isAlike) : [one];
    return [first ?? one, ...others];
  }

  /** The latest of the slide on screen that fits. */
  latest(fits: (entry: Entry) => boolean): Entry | undefined {
    return this.all().find((entry) => this.#open !== undefined && entry.fingerprint === this.#open && fits(entry));
  }

  /**
   * What the disk held at a moment. Runs that this tab works at, or changed since, know more of themselves than the disk
   * did.
   */
  takeKept(kept: readonly KeptRun[], keeper: KeptRuns, moment: number, isAtWork: (id: string) => boolean): void {
    const knowsMore = (id: string): boolean => isAtWork(id) || (this.#changedAt.get(id) ?? 0) > moment;
    const there = new Set(kept.map(({ header }) => header.id));
    for (const { id, keeper: own } of this.all()) {
      if (own === keeper && !there.has(id) && !knowsMore(id)) this.#entries.delete(id);
    }
    for (const run of kept) {
      const { keeper: own = keeper } = this.#entries.get(run.header.id) ?? {};
      if (own === keeper && !knowsMore(run.header.id)) this.#take(run, keeper); // else it went on elsewhere
    }
    this.#tellNow();
  }

  summaries(): readonly RunSummary[] {
    return this.all().map(({ keeper, source, fingerprint, mpp: _mpp, isLive: _isLive, ...entry }) => ({
      ...entry,
      onOpenSlide: fingerprint !== undefined && fingerprint === this.#open,
      canOpen: source !== undefined,
      kept: keeper && keeper.whyNotKept === undefined ? 'on disk' : 'in memory',
    }));
  }

  #take({ header, state, done, failed, bytes, writer }: KeptRun, keeper: KeptRuns): void {
    const before = this.#entries.get(header.id);
    const { address, choice, together } = moreFromJson(header.more);
    this.#entries.set(header.id, {
      id: header.id,
      slide: header.slide.name,
      fingerprint: header.slide.fingerprint,
      mpp: header.mpp,
      source: before?.source ?? address,
      state,
      region: choice,
      asked: boundsOfJson(header.region),
      model: header.model,
      views: header.views,
      created: header.created,
      done: (done ?? before?.done ?? 0) + failed.length,
      total: header.total,
      failed: failed.map((patch) => failedOf(header, patch)),
      problem: writer === 'elsewhere' ? { tag: 'StorageBusy', name: header.slide.name } : before?.problem,
      keeper,
      bytes,
      shown: before?.shown ?? false,
      isLive: false,
      isLeft: before?.isLeft ?? false,
      together,
    });
  }

  #tellNow(): void {
    this.#beat.leave();
    this.#tell(this.summaries());
  }
}
