// The runs of one window: asked for, in their turn, stopped, gone on with. Loaded when the first slide or run needs it.
import { unhurried, type Waits } from '#channel/waits.ts';
import { describe, EosinError, failureOf } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import type { RunResult } from '../console.d.ts';
import type { RunSessionNeeds } from '../run-session.ts';
import { noSlide } from '../slide-session.ts';
import { attentionModels } from '../stores/models-store.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import { notify } from '../stores/window-store.ts';
import { sourcesOf } from './folder.ts';
import { type Keepers, openKeepers } from './keepers.ts';
import { Live } from './live.ts';
import {
  badRun,
  begin,
  findTissue,
  goOn,
  manifestFor,
  mustOpen,
  type NewRun,
  type Preparing,
  restate,
  writtenElsewhere,
} from './preparing.ts';
import { hashOf, openKept, showKept } from './replay.ts';
import { removeUnreadable, roomOf } from './room.ts';
import { RunJob, type Stopped } from './run-job.ts';
import { type Entry, interrupted, isResumable, leftWaiting, newEntry, RunList } from './run-list.ts';
import { onScreen } from './run-screen.ts';
import { allowed } from './run-source.ts';
import { nothingYet, type Prepare, RunWork } from './run-work.ts';
import type { QueueAsked, RunAsked, RunSummary, RunTold, SlideSources, Trusted } from './runs-api.ts';
import { SlideQueue } from './slide-queue.ts';
import { trustOf } from './trust.ts';
import { Turns } from './turns.ts';

export class Runs {
  readonly #needs: RunSessionNeeds;
  readonly #list: RunList;
  readonly #turns: Turns<RunJob>;
  readonly #preparing: Preparing;
  readonly #work: RunWork;
  readonly #asked = new Map<string, { readonly run: NewRun; readonly onScreen: boolean }>(); // in this tab
  readonly #live: Live;
  readonly #queued: SlideQueue;
  #followed: NewRun | undefined; // what Live found on this slide so far is its
  readonly #results = new Map<string, RunResult>();
  #keepers: Promise<Keepers> | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  #refused: RunAsked | undefined; //              by a full disk

  constructor(needs: RunSessionNeeds, tell: (told: RunTold) => void) {
    this.#needs = needs;
    const { stores } = needs;
    this.#list = new RunList((list) => stores.run.setState({ list }));
    this.#turns = new Turns(() => {
      const { current, waiting } = this.#turns;
      stores.run.setState({ queued: waiting.length });
      if (current?.isLive && waiting.length > 0) this.#live.giveWay();
    });
    this.#live = new Live({
      start: () => this.#follow(),
      isIdle: () => this.#turns.current === undefined && this.#turns.waiting.length === 0,
      tell: (live) => stores.run.setState({ live }),
      failed: (reason) => notify(stores.window, { text: describe(failureOf(reason)), tone: 'bad' }),
    });
    this.#queued = new SlideQueue({
      list: this.#list,
      kept: async () => (await this.#open()).queue,
      findTissue: needs.findTissue ?? findTissue,
      isAtWork: (id) => this.#jobOf(id) !== undefined,
      start: (run) => void this.#start(run, false, unhurried()).catch(() => undefined), // the list says why
      found: (run) => void this.#asked.set(run.id, { run, onScreen: false }),
    });
    this.#work = new RunWork(needs, this.#list, tell);
    this.#preparing = {
      loading: this.#work.loading,
      stores,
      parts: needs.parts,
      keepers: () => this.#open(),
      shelf: needs.shelf,
      writtenElsewhere: (slide) => notify(stores.window, { text: writtenElsewhere(slide), tone: 'warn' }),
    };
  }

  list(): readonly RunSummary[] {
    return this.#list.summaries();
  }

  async analyse(asked: RunAsked, waits: Waits): Promise<RunResult> {
    const { slides, stores, regions } = this.#needs;
    const slide = slides.opened()?.slide;
    if (!slide) throw new EosinError(noSlide);
    const { region = 'view', device = stores.settings.getState().device, model, inMemory = false } = asked;
    const choice = typeof region === 'string' ? region : 'rectangle';
    // What is in view is what is in view now, however long the run waits for its turn.
    const resolved = choice === 'tissue' ? undefined : regions.resolve(region, waits);
    resolved?.catch(() => undefined);
    const id = this.#put({ slide: slide.name, region: choice, source: stores.slide.getState().open?.address });
    const run: NewRun = {
      id,
      created: this.#list.get(id).created,
      model,
      attention: this.#attentionOf(asked),
      device,
      choice,
      region: (_place, all) => resolved ?? regions.resolve('tissue', all),
      inMemory,
      isLive: false,
    };
    try {
      return await this.#start(run, true, waits);
    } catch (thrown) {
      if (failureOf(thrown).tag === 'StorageFull') this.#refused = asked;
      throw thrown;
    }
  }

  async analyseChoice(choice: RegionChoice): Promise<void> {
    try {
      await this.analyse({ region: choice }, unhurried());
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure.tag !== 'StorageFull') throw thrown;
      const action = { label: 'Run in memory', command: 'run.inMemory' };
      notify(this.#needs.stores.window, { text: describe(failure), tone: 'warn', action });
    }
  }

  async analyseInMemory(): Promise<void> {
    const asked = this.#refused;
    this.#refused = undefined;
    if (asked) await this.analyse({ ...asked, inMemory: true }, unhurried());
  }

  canRunInMemory = (): boolean => this.#refused !== undefined;

  async pause(run?: string): Promise<void> {
    await this.#stop(run, 'paused');
  }

  cancel = (run?: string): Promise<RunResult> => this.#stop(run, 'cancelled');

  async resume(run: string | undefined, waits: Waits): Promise<RunResult> {
    const { id } = run === undefined ? this.#latestToResume() : this.#list.get(run);
    const before = this.#jobOf(id);
    if (before && !before.isSettled) return before.result;
    await before?.over;
    const { keeper, slide, source, fingerprint, problem } = this.#list.get(id);
    const asked = this.#asked.get(id);
    const isOnScreen = keeper ? fingerprint === this.#list.openSlide : (asked?.onScreen ?? false);
    if (!isOnScreen) {
      if (source === undefined) throw problem ? new EosinError(problem) : mustOpen(slide);
      await allowed(source);
    }
    const first = this.#jobOf(id); // of another click meanwhile
    if (first && !first.isSettled) return first.result;
    if (keeper)
      return this.#queue(id, isOnScreen, waits, (_place, all) => goOn(this.#preparing, id, keeper, all)).result;
    if (asked) return this.#start(asked.run, isOnScreen, waits);
    throw mustOpen(slide);
  }

  async show(run: string, waits: Waits): Promise<RunResult> {
    const entry = this.#list.get(run);
    const { stores, found, viewer } = this.#needs;
    const { current } = this.#turns;
    if (current?.isLive) {
      this.#live.giveWay();
      await current.over;
    } else if (current?.onScreen) throw badRun('another one goes on on this slide', 'Pause that first.');
    if (entry.fingerprint !== this.#list.openSlide) throw mustOpen(entry.slide);
    return this.#read(async () => {
      using kept = await openKept(this.#needs, entry, this.#list.openSlide, waits);
      const result = await showKept(kept, onScreen(found, viewer, stores, this.#work.cores), waits);
      this.#list.update(run, { shown: true });
      return result;
    });
  }

  async remove(run: string): Promise<void> {
    if (this.#jobOf(run)) await this.#stop(run, 'cancelled').catch(() => undefined);
    await this.#jobOf(run)?.over; // one that waited has left the line
    await this.#list.get(run).keeper?.remove(run, unhurried());
    this.#list.remove(run);
    this.#asked.delete(run);
    this.#results.delete(run);
    await this.#queued.left(run);
    await this.#lookAtRoom();
  }

  async removeFinished(): Promise<void> {
    for (const { id, state } of this.#list.all()) if (state === 'done') await this.remove(id);
  }

  async removeUnreadable(): Promise<void> {
    await removeUnreadable((await this.#open()).disk);
    await this.#lookAtRoom();
  }

  async enqueue(sources: SlideSources, asked: QueueAsked, waits: Waits): Promise<readonly string[]> {
    const { stores, shelf } = this.#needs;
    const [found] = await Promise.all([sourcesOf(sources, waits), shelf]);
    const { id: model } = manifestFor(stores, asked.model); // one that is not there is said now, not at each slide
    const { device = stores.settings.getState().device } = asked;
    return this.#queued.add(found, { model, device });
  }

  async resumeQueue(): Promise<void> {
    const ready = await this.#queued.allow(this.#queued.waiting());
    for (const { id } of ready) this.resume(id, unhurried()).catch(() => undefined); // the list says why
  }

  async resultHash(run: string | undefined, waits: Waits): Promise<string> {
    const entry = run === undefined ? this.#list.latest(({ keeper }) => keeper !== undefined) : this.#list.get(run);
    if (!entry) throw badRun('there is none on this slide', 'Analyse a region first.');
    await this.#jobOf(entry.id)?.over;
    return this.#read(async () => {
      using kept = await openKept(this.#needs, this.#list.get(entry.id), this.#list.openSlide, waits);
      return await hashOf(kept, waits);
    });
  }

  trust(model: string, waits: Waits & { readonly anew?: boolean }): Promise<Trusted> {
    return trustOf(this.#needs, model, waits, (loaded) => this.#work.tellDevice(loaded));
  }

  /** The slide on screen is another one, or none yet: runs of before are looked up, and what was cut short is offered. */
  async slideOpened(waits: Waits): Promise<void> {
    const { slides, stores } = this.#needs;
    const slide = slides.opened()?.slide;
    const fingerprint = await slide?.fingerprint(waits);
    if (slides.opened()?.slide !== slide) return;
    this.#list.setOpenSlide(fingerprint);
    await this.refresh(waits);
    const cut = this.#list.latest(({ state }) => state === 'interrupted');
    if (!cut || this.#turns.current?.onScreen) return;
    notify(stores.window, { text: interrupted(cut), action: { label: 'Resume', command: 'run.resume' } });
  }

  /** Another slide comes on screen, or none. */
  slideLeft(): void {
    const reason = new DOMException('The slide was closed.', 'AbortError');
    const { current, waiting } = this.#turns;
    for (const job of waiting) if (job.onScreen) this.#leave(job, reason);
    if (current?.onScreen) current.drop(reason);
    for (const { id, keeper } of this.#list.all()) {
      if (!keeper && !this.#jobOf(id) && this.#asked.get(id)?.onScreen) this.#list.remove(id);
    }
    this.#work.cores.clear();
    this.#followed = undefined;
    this.#live.switch(false);
    this.#list.setOpenSlide(undefined);
  }

  live = (on: boolean): void => this.#live.switch(on);

  /** Whole cores of what was finished on this slide. */
  cores(): readonly Rect[] {
    return [...this.#work.cores.values()];
  }

  /** Looks at the disk: other tabs write and remove there too. */
  async refresh(waits: Waits): Promise<void> {
    const { disk } = await this.#open();
    const { moment } = this.#list;
    this.#list.takeKept(await disk.list(waits), disk, moment, (id) => this.#jobOf(id) !== undefined);
    const left = await this.#queued.look();
    if (left > 0) {
      const action = { label: 'Resume', command: 'runs.resumeQueue' };
      notify(this.#needs.stores.window, { text: leftWaiting(left), action });
    }
    await this.#lookAtRoom();
  }

  canResume(): boolean {
    return this.#list.latest(isResumable) !== undefined;
  }

  #put(of: Pick<Entry, 'slide' | 'region' | 'source'>, isLive = false): string {
    const entry = { ...newEntry(of, this.#list.nextMoment()), isLive };
    this.#list.put(entry);
    return entry.id;
  }

  #start(run: NewRun, onScreen: boolean, waits: Waits): Promise<RunResult> {
    this.#asked.set(run.id, { run, onScreen });
    return this.#queue(run.id, onScreen, waits, (place, all) => begin(this.#preparing, run, place, all)).result;
  }

  #queue(id: string, onScreen: boolean, { signal }: Waits, prepare: Prepare, isLive = false): RunJob {
    const job: RunJob = new RunJob({
      id,
      onScreen,
      isLive,
      signal,
      work: async () => {
        await this.#reading;
        await this.#work.through(job, prepare);
      },
    });
    this.#list.update(id, { state: 'queued', problem: undefined, isLeft: false });
    const leave = (): void => this.#leave(job, signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    job.result
      .then((result) => this.#results.set(id, result))
      .catch(() => undefined) // told to whoever asked
      .finally(() => signal.removeEventListener('abort', leave));
    void job.over.then(() => {
      void this.#queued.left(id);
      this.refresh(unhurried()).catch((thrown) => console.warn('Runs were not looked up:', thrown));
      setTimeout(() => this.#live.look());
    });
    this.#turns.add(job);
    return job;
  }

  /** A run over the whole slide that computes what is in view; it goes on with what it found there before. */
  #follow(): RunJob | undefined {
    const { slides, stores } = this.#needs;
    const slide = slides.opened()?.slide;
    const base = slide?.levels[0];
    if (!slide || !base) return undefined;
    const model = stores.models.getState().chosen;
    const { device } = stores.settings.getState();
    const before = this.#followed;
    const id = before?.model === model && before?.device === device ? before.id : undefined;
    const keeper = id === undefined ? undefined : this.#list.get(id).keeper;
    if (id !== undefined && keeper)
      return this.#queue(id, true, unhurried(), (_place, all) => goOn(this.#preparing, id, keeper, all), true);
    const whole = { x: 0, y: 0, width: base.widthPx, height: base.heightPx };
    const run: NewRun = {
      id: this.#put({ slide: slide.name, region: 'view', source: undefined }, true),
      created: Date.now(),
      model,
      attention: 'none',
      device,
      choice: 'view',
      region: async () => whole,
      inMemory: true,
      isLive: true,
    };
    this.#followed = run;
    return this.#queue(run.id, true, unhurried(), (place, all) => begin(this.#preparing, run, place, all), true);
  }

  /** Out of the line, where it still waits. */
  #leave(job: RunJob, reason: unknown): void {
    if (!this.#turns.leave(job)) return;
    if (this.#list.get(job.id).keeper) this.#list.update(job.id, { state: 'cancelled' });
    else this.#list.remove(job.id);
    job.reject(reason);
  }

  async #stop(run: string | undefined, how: Stopped): Promise<RunResult> {
    const job = run === undefined ? (this.#turns.current ?? this.#turns.waiting.at(-1)) : this.#jobOf(run);
    if (!job || job.isSettled) {
      await job?.over;
      return this.#restate(run ?? job?.id, how);
    }
    if (job.isLive) this.#live.switch(false);
    if (this.#turns.leave(job)) {
      this.#list.update(job.id, { state: how });
      job.resolve(this.#results.get(job.id) ?? nothingYet(job.id));
      void this.#queued.left(job.id);
    } else job.stop(how);
    return job.result;
  }

  /** One that does not go on already: paused becomes cancelled, and nothing else changes. */
  async #restate(run: string | undefined, how: Stopped): Promise<RunResult> {
    const entry = run === undefined ? this.#list.latest(({ state }) => state === 'paused') : this.#list.get(run);
    if (!entry) throw badRun('none goes on', 'Analyse a region first.');
    const { id, keeper, state } = entry;
    if (how === 'cancelled' && (state === 'paused' || state === 'interrupted')) {
      this.#list.update(id, { state: how, isLeft: false });
      if (keeper) await this.#read(() => restate(keeper, id, how, unhurried()));
      this.#list.update(id, { state: how }); // a look at the disk meanwhile saw the note of before
      await this.#queued.left(id);
    }
    return this.#results.get(id) ?? { ...nothingYet(id), patches: entry.done, failedPatches: entry.failed.length };
  }

  #latestToResume(): Entry {
    const entry = this.#list.latest(isResumable);
    if (entry) return entry;
    throw badRun('none on this slide waits to go on', 'Analyse a region.');
  }

  #jobOf(id: string): RunJob | undefined {
    const { current, waiting } = this.#turns;
    return current?.id === id ? current : waiting.find((job) => job.id === id);
  }

  #attentionOf({ attention }: RunAsked): string {
    if (attention !== undefined) return attention;
    const { settings, models } = this.#needs.stores;
    return settings.getState().attentionBeside && attentionModels(models.getState()).length > 0 ? 'chosen' : 'none';
  }

  /** A journal has one reader or writer: what reads goes one after the other, and runs begin after it. */
  #read<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#reading.then(work);
    this.#reading = turn.catch(() => undefined);
    return turn;
  }

  #open(): Promise<Keepers> {
    this.#keepers ??= (this.#needs.keepers ?? openKeepers)(unhurried());
    return this.#keepers;
  }

  async #lookAtRoom(): Promise<void> {
    const { disk } = await this.#open();
    this.#needs.stores.run.setState({ storage: await roomOf(disk, unhurried()) });
  }
}
