// The runs of one window: asked for, in their turn, stopped, gone on with. Loaded when the first slide or run needs it.
import { unhurried, type Waits } from '#channel/waits.ts';
import { describe, EosinError, type Failure, failureOf } from '#errors/failure.ts';
import type { Views } from '#inference/model.ts';
import type { ValueGrid } from '#objects/grid.ts';
import type { Rect } from '#units/rect.ts';
import type { RunResult } from '../console.d.ts';
import type { KeptRuns } from '../kept-runs/kept-runs.ts';
import type { RunSessionNeeds } from '../run-session.ts';
import { noSlide } from '../slide-session.ts';
import { alsoChosen, attentionModels, chosenManifest } from '../stores/models-store.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import { notify, withdraw } from '../stores/window-store.ts';
import { sourcesOf } from './folder.ts';
import { Following } from './following.ts';
import { Live, liveAlone } from './live.ts';
import { type ModelsAsked, modelsAsked } from './models-asked.ts';
import {
  badRun,
  begin,
  findTissue,
  goOn,
  manifestFor,
  mustOpen,
  type NewRun,
  type Preparing,
  writtenElsewhere,
} from './preparing.ts';
import { hashOf, heldHash, openKept, showKept, tissueOf } from './replay.ts';
import { RunKeeping } from './run-keeping.ts';
import { RunLine } from './run-line.ts';
import { type Entry, interrupted, isResumable, leftWaiting, newEntry, RunList } from './run-list.ts';
import { onScreen } from './run-screen.ts';
import { allowed } from './run-source.ts';
import { type Prepare, RunWork } from './run-work.ts';
import type { QueueAsked, Queued, RunAsked, RunSummary, RunTold, SlideSources, Trusted } from './runs-api.ts';
import { SlideQueue } from './slide-queue.ts';
import { trustOf } from './trust.ts';

export class Runs {
  readonly #needs: RunSessionNeeds;
  readonly #list: RunList;
  readonly #keeping: RunKeeping;
  readonly #line: RunLine;
  readonly #preparing: Preparing;
  readonly #work: RunWork;
  readonly #asked = new Map<string, { readonly runs: readonly [NewRun, ...NewRun[]]; readonly onScreen: boolean }>(); // in this tab
  readonly #live: Live;
  readonly #following: Following;
  readonly #queued: SlideQueue;
  #refused: RunAsked | { readonly run: string } | undefined; // by a full disk: a new one, or one that has begun

  constructor(needs: RunSessionNeeds, tell: (told: RunTold) => void) {
    this.#needs = needs;
    const { stores } = needs;
    this.#list = new RunList((list) => stores.run.setState({ list }));
    this.#keeping = new RunKeeping(needs);
    this.#live = new Live({
      start: () => this.#following.start(),
      isIdle: () => this.#line.isIdle,
      tell: (live) => stores.run.setState({ live }),
      failed: (reason) => notify(stores.window, { text: describe(failureOf(reason)), tone: 'bad' }),
    });
    this.#queued = new SlideQueue({
      list: this.#list,
      kept: async () => (await this.#keeping.open()).queue,
      findTissue: needs.findTissue ?? findTissue,
      isAtWork: (id) => this.#line.jobOf(id) !== undefined,
      start: (runs) => void this.#start(runs, false, unhurried()).catch(() => undefined), // the list says why
      found: (runs) => {
        for (const { id } of runs) this.#asked.set(id, { runs, onScreen: false });
      },
    });
    this.#work = new RunWork(needs, this.#list, tell, () => this.#line.waiting.length > 0);
    this.#line = new RunLine({
      list: this.#list,
      keeping: this.#keeping,
      work: this.#work,
      changed: ({ current, waiting }) => {
        stores.run.setState({ queued: waiting.length });
        if (current?.isLive && waiting.length > 0) this.#live.giveWay();
      },
      over: (ids) => {
        void this.#queued.left(ids);
        this.refresh(unhurried()).catch((thrown) => console.warn('Runs were not looked up:', thrown));
        setTimeout(() => this.#live.look());
      },
      left: (ids) => this.#queued.left(ids),
      liveStopped: () => this.#live.switch(false),
    });
    this.#preparing = {
      loading: this.#work.loading,
      stores,
      parts: needs.parts,
      keepers: this.#keeping.open,
      shelf: needs.shelf,
      writtenElsewhere: (slide) => notify(stores.window, { text: writtenElsewhere(slide), tone: 'warn' }),
    };
    this.#following = new Following({ ...needs, list: this.#list, line: this.#line, preparing: this.#preparing });
  }

  list(): readonly RunSummary[] {
    return this.#list.summaries();
  }

  async modelsAsked(ids: readonly string[]): Promise<ModelsAsked> {
    await this.#needs.shelf;
    return modelsAsked(ids, this.#needs.stores.models.getState().manifests);
  }

  async analyse(asked: RunAsked, waits: Waits): Promise<RunResult> {
    const { slides, stores, regions } = this.#needs;
    const slide = slides.opened()?.slide;
    if (!slide) throw new EosinError(noSlide);
    const { region = 'view', device = stores.settings.getState().device, model, others = [], inMemory = false } = asked;
    const { views = this.#views() } = asked;
    if (views !== 1 && views !== 4) throw badRun(`it asks for ${String(views)} views of a patch`, 'Ask for 1 or 4.');
    const choice = typeof region === 'string' ? region : 'rectangle';
    // What is in view is what is in view now, however long the run waits for its turn.
    const resolved = choice === 'tissue' ? undefined : regions.resolve(region, waits);
    resolved?.catch(() => undefined);
    const of = { slide: slide.name, region: choice, source: stores.slide.getState().open?.address };
    const further = others.toReversed().map((other) => ({ model: other, id: this.#put(of) }));
    const id = this.#put(of); // the latest: it stands before them in the list
    const together = others.length > 0 ? id : undefined;
    if (together !== undefined) for (const one of [{ id }, ...further]) this.#list.update(one.id, { together });
    const run: NewRun = {
      id,
      created: this.#list.get(id).created,
      model,
      attention: this.#attentionOf(asked),
      device,
      views,
      choice,
      region: (_place, all) => resolved ?? regions.resolve('tissue', all),
      inMemory,
      isLive: false,
      together,
    };
    const besides = further.toReversed().map((of): NewRun => {
      const { created } = this.#list.get(of.id);
      return { ...run, ...of, created, attention: 'none' };
    });
    try {
      return await this.#start([run, ...besides], true, waits);
    } catch (thrown) {
      if (failureOf(thrown).tag === 'StorageFull') this.#refused = this.#isBegun(id) ? { run: id } : asked;
      throw thrown;
    }
  }

  async analyseChoice(choice: RegionChoice): Promise<void> {
    try {
      await this.analyse({ region: choice, others: alsoChosen(this.#needs.stores.models.getState()) }, unhurried());
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure.tag !== 'StorageFull') throw thrown;
      this.#offerMemory(failure);
    }
  }

  #offerMemory(failure: Failure): void {
    const isBegun = this.#refused !== undefined && 'run' in this.#refused;
    const action = { label: isBegun ? 'Go on in memory' : 'Run in memory', command: 'run.inMemory' };
    notify(this.#needs.stores.window, { text: describe(failure), tone: 'warn', action });
  }

  #isBegun(id: string): boolean {
    return this.#list.all().some((entry) => entry.id === id && entry.keeper !== undefined);
  }

  async analyseInMemory(): Promise<void> {
    const asked = this.#refused;
    this.#refused = undefined;
    if (!asked) return;
    if ('run' in asked) await this.#goOn(asked.run, unhurried(), (await this.#keeping.open()).memory);
    else await this.analyse({ ...asked, inMemory: true }, unhurried());
  }

  canRunInMemory = (): boolean => this.#refused !== undefined;

  async pause(run?: string): Promise<void> {
    await this.#line.stop(run, 'paused');
  }

  cancel = (run?: string): Promise<RunResult> => this.#line.stop(run, 'cancelled');

  async resume(run: string | undefined, waits: Waits): Promise<RunResult> {
    const { id } = run === undefined ? this.#latestToResume() : this.#list.get(run);
    try {
      return await this.#goOn(id, waits);
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure.tag === 'StorageFull' && this.#isBegun(id)) {
        this.#refused = { run: id };
        this.#offerMemory(failure);
      }
      throw thrown;
    }
  }

  /** @param to where it goes on: where it was kept, without it */
  async #goOn(run: string, waits: Waits, to?: KeptRuns): Promise<RunResult> {
    const [first, ...others] = this.#list.togetherWith(run);
    const { id } = first;
    const before = this.#line.jobOf(id);
    if (before && !before.isSettled) return before.result;
    await before?.over;
    const { keeper, slide, source, fingerprint, problem } = this.#list.get(id);
    const begun = this.#asked.get(id);
    const isOnScreen = keeper ? fingerprint === this.#list.openSlide : (begun?.onScreen ?? false);
    if (!isOnScreen) {
      if (source === undefined) throw problem ? new EosinError(problem) : mustOpen(slide);
      await allowed(source);
    }
    const meanwhile = this.#line.jobOf(id); // of another click
    if (meanwhile && !meanwhile.isSettled) return meanwhile.result;
    if (isOnScreen) withdraw(this.#needs.stores.window, 'run.resume');
    if (keeper) {
      const further = others.map((other) => other.id);
      const prepare: Prepare = (_place, all) => goOn(this.#preparing, [id, ...further], keeper, all, to);
      return this.#line.add({ id, others: further, onScreen: isOnScreen, prepare }, waits).result;
    }
    if (begun) return this.#start(begun.runs, isOnScreen, waits);
    throw mustOpen(slide);
  }

  async show(run: string, waits: Waits): Promise<RunResult> {
    const entry = this.#list.get(run);
    const { stores, found, viewer } = this.#needs;
    const { current } = this.#line;
    if (current?.isLive) this.#live.giveWay();
    if (current?.isLive || current?.isSettled) await current.over;
    else if (current?.onScreen) throw badRun('another one goes on on this slide', 'Pause that first.');
    if (entry.fingerprint !== this.#list.openSlide) throw mustOpen(entry.slide);
    return this.#keeping.read(async () => {
      using kept = await openKept(this.#needs, entry, this.#list.openSlide, waits);
      const result = await showKept(kept, onScreen(found, viewer, stores, this.#work.cores), waits);
      this.#list.update(run, { shown: true });
      return result;
    });
  }

  tissueOf(run: string, waits: Waits): Promise<ValueGrid> {
    return this.#keeping.read(() => tissueOf(this.#needs, this.#list.get(run), waits));
  }

  async remove(run: string): Promise<void> {
    if (this.#line.jobOf(run)) await this.#line.stop(run, 'cancelled').catch(() => undefined);
    await this.#line.jobOf(run)?.over; // one that waited has left the line
    const { disk, memory } = await this.#keeping.open();
    const { keeper } = this.#list.get(run);
    await keeper?.remove(run, unhurried());
    if (keeper === memory) await disk.remove(run, unhurried()); // it may have begun there
    this.#list.remove(run);
    this.#asked.delete(run);
    this.#line.forget(run);
    await this.#queued.left([run]);
    await this.#keeping.lookAtRoom();
  }

  async removeFinished(): Promise<void> {
    for (const { id, state } of this.#list.all()) if (state === 'done') await this.remove(id);
  }

  async removeUnreadable(): Promise<void> {
    await this.#keeping.removeUnreadable();
  }

  async enqueue(sources: SlideSources, asked: QueueAsked, waits: Waits): Promise<Queued> {
    const { stores, shelf } = this.#needs;
    const [found] = await Promise.all([sourcesOf(sources, waits), shelf]);
    const { device = stores.settings.getState().device, others = [] } = asked;
    const models = [asked.model, ...others].map((model) => manifestFor(stores, model).id); // one that is not there is said now, not at each slide
    const runs = await this.#queued.add(found.sources, { models: [...new Set(models)], device, views: this.#views() });
    return { runs, leftOut: found.leftOut };
  }

  async resumeQueue(): Promise<void> {
    const ready = await this.#queued.allow(this.#queued.waiting());
    for (const { id } of ready) this.resume(id, unhurried()).catch(() => undefined); // the list says why
  }

  async resultHash(run: string | undefined, waits: Waits): Promise<string> {
    const entry = run === undefined ? this.#list.latest(({ keeper }) => keeper !== undefined) : this.#list.get(run);
    const held = !entry && run === undefined ? await heldHash(this.#needs.found, waits) : undefined;
    if (held !== undefined) return held; // brought from a file
    if (!entry) throw badRun('there is none on this slide', 'Analyse a region first.');
    await this.#line.jobOf(entry.id)?.over;
    return this.#keeping.read(async () => {
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
    if (!cut || this.#line.current?.onScreen) return;
    notify(stores.window, {
      text: interrupted(cut),
      action: { label: 'Resume', command: 'run.resume' },
      ofSlide: true,
    });
  }

  /** Another slide comes on screen, or none. */
  slideLeft(): void {
    const reason = new DOMException('The slide was closed.', 'AbortError');
    const { current, waiting } = this.#line;
    for (const job of waiting) if (job.onScreen) this.#line.leave(job, reason);
    if (current?.onScreen) current.drop(reason);
    for (const { id, keeper } of this.#list.all()) {
      if (!keeper && !this.#line.jobOf(id) && this.#asked.get(id)?.onScreen) this.#list.remove(id);
    }
    this.#work.cores.clear();
    this.#following.forget();
    this.#live.switch(false);
    this.#list.setOpenSlide(undefined);
  }

  live(on: boolean): void {
    const { models, run, window } = this.#needs.stores;
    const state = models.getState();
    const along = alsoChosen(state).length;
    if (on && !run.getState().live && along > 0)
      notify(window, { text: liveAlone(chosenManifest(state)?.name ?? '', along), seconds: 8 });
    this.#live.switch(on);
  }

  /** Whole cores of what was finished on this slide. */
  cores(): readonly Rect[] {
    return [...this.#work.cores.values()];
  }

  /** Looks at the disk: other tabs write and remove there too. */
  async refresh(waits: Waits): Promise<void> {
    const { disk } = await this.#keeping.open();
    const { moment } = this.#list;
    const { current, waiting } = this.#line;
    const before = new Set([current, ...waiting].flatMap((job) => job?.ids ?? [])); // the disk may have been asked before their end
    const isAtWork = (id: string): boolean => before.has(id) || this.#line.jobOf(id) !== undefined;
    this.#list.takeKept(await disk.list(waits), disk, moment, isAtWork);
    const left = await this.#queued.look();
    if (left > 0) {
      const action = { label: 'Resume', command: 'runs.resumeQueue' };
      notify(this.#needs.stores.window, { text: leftWaiting(left), action });
    }
    await this.#keeping.lookAtRoom();
  }

  canResume(): boolean {
    return this.#list.latest(isResumable) !== undefined;
  }

  #put(of: Pick<Entry, 'slide' | 'region' | 'source'>): string {
    const entry = newEntry(of, this.#list.nextMoment());
    this.#list.put(entry);
    return entry.id;
  }

  #start(runs: readonly [NewRun, ...NewRun[]], onScreen: boolean, waits: Waits): Promise<RunResult> {
    const [first, ...others] = runs;
    for (const { id } of runs) this.#asked.set(id, { runs, onScreen });
    const prepare: Prepare = (place, all) => begin(this.#preparing, runs, place, all);
    return this.#line.add({ id: first.id, others: others.map(({ id }) => id), onScreen, prepare }, waits).result;
  }

  #latestToResume(): Entry {
    const entry = this.#list.latest(isResumable);
    if (entry) return entry;
    throw badRun('none on this slide waits to go on', 'Analyse a region.');
  }

  #views(): Views {
    return this.#needs.stores.settings.getState().careful ? 4 : 1;
  }

  #attentionOf({ attention }: RunAsked): string {
    if (attention !== undefined) return attention;
    const { settings, models } = this.#needs.stores;
    return settings.getState().attentionBeside && attentionModels(models.getState()).length > 0 ? 'chosen' : 'none';
  }
}
