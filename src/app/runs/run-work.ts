// One run in its turn: its slide, what it needs, its way to the end, and what is said where it does not get there.
import { InStep } from '#analysis/in-step.ts';
import { boundsOf } from '#analysis/region.ts';
import type { Waits } from '#channel/waits.ts';
import { type Failure, failureOf } from '#errors/failure.ts';
import type { LoadedModel } from '#inference/model.ts';
import { withDecodedTiles } from '#slide/decoded-tiles.ts';
import { centreOf } from '#units/rect.ts';
import type { Beside } from '../attention/attention-work.ts';
import type { RunResult } from '../console.d.ts';
import type { RunSessionNeeds } from '../run-session.ts';
import { tellChanged } from '../slide-changed.ts';
import type { Progress } from '../stores/run-store.ts';
import { notify } from '../stores/window-store.ts';
import { plural } from '../words.ts';
import { drive, starting } from './driver.ts';
import { inCompany, leading } from './in-company.ts';
import { viewOf } from './live.ts';
import { type Place, placeBehind, placeOnScreen } from './places.ts';
import { mustOpen, otherSlide, type Prepared, type PreparedAll } from './preparing.ts';
import type { RunJob } from './run-job.ts';
import type { Entry, RunList } from './run-list.ts';
import { moreFromJson } from './run-record.ts';
import { behindScreen, type Cores, onScreen, quietly } from './run-screen.ts';
import type { RunTold } from './runs-api.ts';
import { type Judged, refusal } from './trust.ts';
import { WholeProgress } from './whole-progress.ts';

export type Prepare = (place: Place, waits: Waits) => Promise<PreparedAll>;

const TOGETHER_BYTES = 192 * 2 ** 20; //  of decoded tiles that the models of one run share

const OFFERED_SECONDS = 10; // UI.md: a notice offers to go on that long

export class RunWork {
  readonly #needs: RunSessionNeeds;
  readonly #list: RunList;
  readonly #tell: (told: RunTold) => void;
  readonly cores: Cores = new Map();
  #toldReport: LoadedModel['report'] | undefined;

  readonly #isAwaited: () => boolean;

  /** @param isAwaited whether another run waits for its turn */
  constructor(needs: RunSessionNeeds, list: RunList, tell: (told: RunTold) => void, isAwaited: () => boolean) {
    [this.#needs, this.#list, this.#tell, this.#isAwaited] = [needs, list, tell, isAwaited];
  }

  /** Settles the job, whatever comes; resolves once the next one can have its turn. */
  async through(job: RunJob, prepare: Prepare): Promise<void> {
    const { stores } = this.#needs;
    const { slide, region, keeper, fingerprint } = this.#list.get(job.id);
    stores.run.setState({ progress: starting(job, region, job.onScreen ? undefined : slide), problem: undefined });
    for (const id of job.ids) this.#list.update(id, { state: 'running' });
    try {
      job.waits.signal.throwIfAborted();
      using place = await atOnce(this.#placeOf(job), job.waits);
      if (keeper && fingerprint !== place.fingerprint) throw otherSlide(slide);
      const found = { slide: place.slide.name, fingerprint: place.fingerprint };
      for (const id of job.ids) this.#list.update(id, found);
      if (place.isOnScreen) this.#list.setOpenSlide(place.fingerprint);
      using prepared = await atOnce(prepare(place, job.waits), job.waits);
      await this.#run(job, place, prepared);
    } catch (thrown) {
      this.#failed(job, thrown);
    } finally {
      stores.run.setState({ progress: undefined });
    }
  }

  tellDevice({ report, manifest }: Judged): void {
    if (report === this.#toldReport) return;
    this.#toldReport = report;
    const { device, deviceName: name, whyNotGpu, trust } = report;
    const { id: model, sha256 } = manifest;
    this.#needs.stores.run.setState({
      device: { device, name, whyNotGpu, ...trust, model, sha256 },
    });
  }

  async #placeOf(job: RunJob): Promise<Place> {
    const { slides, stores, ways } = this.#needs;
    if (job.onScreen) return placeOnScreen(slides, stores, job.waits);
    const entry = this.#list.get(job.id);
    if (entry.source === undefined) throw mustOpen(entry.slide);
    return placeBehind(ways, entry.source, entry.mpp, job.waits);
  }

  async #run(job: RunJob, place: Place, { first, others }: PreparedAll): Promise<void> {
    const { found, viewer, stores } = this.#needs;
    for (const { open, keeper, region } of [first, ...others]) {
      const { id, model, views, total } = open.header;
      this.#list.update(id, { keeper, model, views, total, asked: boundsOf(region) });
    }
    if (!first.coming) this.tellDevice(first.model);
    using tiles = others.length > 0 ? withDecodedTiles(place.slide, TOGETHER_BYTES) : undefined;
    const shared: Place = tiles ? { ...place, slide: tiles } : place;
    const { choice, attention } = moreFromJson(first.open.header.more);
    const beside = place.isOnScreen ? await this.#beside(attention, shared, first, job.waits) : undefined;
    job.waits.signal.throwIfAborted();
    const shown = onScreen(found, viewer, stores, this.cores);
    const seen = job.isLive ? quietly(shown) : shown;
    const behind = behindScreen(centreOf(boundsOf(first.region)));
    const inView = job.isLive ? viewOf(viewer) : undefined;
    const parts = await this.#needs.parts();
    job.result.then(
      ({ patches }) => this.#offer(job, patches),
      (reason) => this.#explain(job, reason),
    );
    const step = others.length > 0 ? new InStep() : undefined;
    const whole = new WholeProgress(
      [first, ...others].map(({ open: { header } }) => ({ model: header.model.id, total: header.total })),
      (progress) => stores.run.setState(({ progress: before }) => ({ progress: withLoaded(progress, before) })),
    );
    const common = { place: shared, choice, step, parts, stores, list: this.#list, tell: this.#tell };
    const isAwaited = this.#isAwaited;
    const company = others.map((prepared) => ({ prepared, ...inCompany(job, prepared.open.header) }));
    const leader = others.length > 0 ? leading(job, company) : job;
    const screen = place.isOnScreen ? seen : behind;
    const tellDevice = (of: LoadedModel): void => this.tellDevice(of);
    const leads = { job: leader, prepared: first, screen, inView, beside, tellDevice, isAwaited };
    const lead = drive({ ...common, ...leads, telling: whole.of(0) });
    const unseen = place.isOnScreen ? { ...behind, viewCentre: shown.viewCentre, viewRect: shown.viewRect } : behind;
    const further = company.map(({ prepared, driven }, k) =>
      drive({ ...common, job: driven, prepared, screen: unseen, isAwaited, telling: whole.of(k + 1) }),
    );
    await Promise.all([lead, ...further]);
  }

  async #beside(
    attention: string,
    { slide, mpp }: Place,
    { region, device }: Prepared,
    waits: Waits,
  ): Promise<Beside | undefined> {
    if (attention === 'none') return undefined;
    const { work } = await this.#needs.attention.session();
    const model = attention === 'chosen' ? undefined : attention;
    return work.beside({ slide, mpp, region, device, model }, waits);
  }

  readonly loading = (loadedBytes: number, totalBytes: number): void =>
    this.#needs.stores.run.setState(({ progress }) =>
      progress ? { progress: { ...progress, loadedBytes, totalBytes } } : {},
    );

  /** A run that was stopped can go on, with all its models. */
  #offer({ stopped, onScreen, isLive, ids }: RunJob, patches: number): void {
    if (!stopped || !onScreen || isLive) return;
    const { window } = this.#needs.stores;
    const all = ids.map((id) => this.#list.get(id));
    const done = all.reduce((sum, of) => sum + of.done - of.failed.length, 0);
    const after =
      ids.length > 1
        ? `${plural(done, 'patch', 'patches')} of all ${ids.length} models`
        : plural(patches, 'patch', 'patches');
    if (stopped === 'paused') {
      const text = `Paused after ${after}. What was found stays.`;
      notify(window, { text, action: { label: 'Resume', command: 'run.resume' }, ofSlide: true });
      return;
    }
    const text = `Cancelled after ${after}. What was found stays.`;
    notify(window, {
      text,
      action: { label: 'Go on', command: 'run.resume' },
      seconds: OFFERED_SECONDS,
      ofSlide: true,
    });
  }

  #explain(job: RunJob, reason: unknown): void {
    if (!job.dropped) this.#tellProblem(job, failureOf(reason));
  }

  #tellProblem({ onScreen }: RunJob, problem: Failure): void {
    const { stores } = this.#needs;
    stores.run.setState({ problem });
    if (onScreen && problem.tag === 'SlideChanged') tellChanged(stores);
  }

  /** Before its first patch. */
  #failed(job: RunJob, thrown: unknown): void {
    const { id, stopped, dropped, onScreen } = job;
    const { stores } = this.#needs;
    stores.run.setState({ progress: undefined });
    if (stopped) {
      for (const one of job.ids) this.#list.update(one, { state: stopped });
      job.resolve(nothingYet(id, this.#list.get(id)));
      if (job.isLive) return;
      const text = `${stopped === 'paused' ? 'Paused' : 'Cancelled'} before the first patch.`;
      notify(stores.window, { text, seconds: 4 });
      return;
    }
    const failure = dropped ? undefined : failureOf(thrown);
    for (const one of job.ids) {
      if (!this.#list.get(one).keeper && onScreen) this.#list.remove(one);
      else this.#list.update(one, { state: 'interrupted', problem: failure });
    }
    if (failure) this.#tellProblem(job, failure);
    const refused = refusal(thrown, stores);
    if (refused) this.tellDevice(refused);
    job.reject(dropped ? dropped.reason : thrown);
  }
}

/** Bytes of the model come from who loads it, patches from the run. */
const withLoaded = (progress: Progress | undefined, before: Progress | undefined): Progress | undefined =>
  progress?.phase === 'loading' && before
    ? { ...progress, loadedBytes: before.loadedBytes, totalBytes: before.totalBytes }
    : progress;

/** Rejects as soon as aborted; what comes after that is disposed. */
async function atOnce<T extends Disposable>(work: Promise<T>, { signal }: Waits): Promise<T> {
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted');
    signal.addEventListener('abort', () => resolve('aborted'), { once: true });
  });
  const first = await Promise.race([work, aborted]);
  if (first !== 'aborted') return first;
  work.then(
    (late) => late[Symbol.dispose](),
    () => undefined,
  );
  throw signal.reason;
}

/** Of a run that was stopped before a device computed anything. @param entry what it had done before */
export const nothingYet = (id: string, { done, failed }: Pick<Entry, 'done' | 'failed'>): RunResult => ({
  id,
  device: 'wasm',
  deviceName: 'none yet',
  whyNotGpu: undefined,
  models: [],
  seconds: 0,
  patches: done - failed.length,
  failedPatches: failed.length,
  areaMm2: undefined,
  counts: { nuclei: 0, glands: 0, lumina: 0 },
  tissue: undefined,
  attention: undefined,
});
