// One run as it goes on: takes what the analysis tells into the stores and onto the slide, and sums it up.
import type { RunEnd, RunEvent } from '#analysis/events.ts';
import type { Region } from '#analysis/plan.ts';
import type { Waits } from '#channel/waits.ts';
import { describe, EosinError } from '#errors/failure.ts';
import type { LoadedModel } from '#inference/model.ts';
import { intersect, type Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import type { Viewer } from '#viewer/viewer-api.ts';
import type { Beside } from './attention/attention-work.ts';
import type { AttentionEvent } from './attention/beside-run.ts';
import type { RunResult } from './console.d.ts';
import type { FoundObjects, RunRegion } from './found-objects.ts';
import { Pace } from './pace.ts';
import type { RegionChoice } from './stores/run-store.ts';
import type { DeviceChoice } from './stores/settings-store.ts';
import type { Stores } from './stores.ts';
import { plural } from './words.ts';

export interface RunTold {
  readonly run: string;
  readonly done: number;
  readonly total: number;
  readonly patchesPerSecond: number;
  readonly secondsLeft: number | undefined;
  readonly failed: number;
}

export interface RunNeeds {
  readonly id: string;
  readonly choice: RegionChoice;
  readonly device: DeviceChoice; //            asked for
  readonly mpp: MppXY;
  readonly model: LoadedModel; //              lent
  readonly region: Region;
  readonly events: AsyncGenerator<RunEvent | AttentionEvent, RunEnd, undefined>;
  readonly beside: Pick<Beside, 'models' | 'result'> | undefined; // attention, where the run takes it along
  readonly left: AbortController; //           aborts the events
  readonly asked: RunRegion;
  readonly stores: Stores;
  readonly found: FoundObjects;
  readonly viewer: Viewer;
  readonly tell: (told: RunTold) => void;
}

const SPEED_FROM = 3; //           patches a run must have to be worth a forecast
const IN_WORK = 6; //              patches on their way at once: the sum of the analysis's queues
const DRAW_EVERY_MS = 250;
const TELL_EVERY = 0.1; //         of a run, to the live region

export class Run implements Disposable {
  readonly #needs: RunNeeds;
  readonly #pace: Pace;
  readonly #started = performance.now();
  readonly #counts = { nuclei: 0, glands: 0, lumina: 0 };
  readonly #failures = new Set<string>();
  #next: Promise<IteratorResult<RunEvent | AttentionEvent, RunEnd>> | undefined; // asked for and not yet taken: kept over a cancel
  #cores: readonly Rect[] = [];
  #open = new Set<number>(); //     indices of cores not over yet, in the order of planning
  readonly #finished: Rect[] = [];
  readonly #failed: Rect[] = [];
  #areaPx = 0;
  #plannedPx = 0;
  #around: readonly Rect[] = []; // looked at for glands alone, after the planned ones
  #attention = { embedded: 0, toEmbed: 0 };
  #end: RunEnd | undefined;
  #drawnAt = 0;
  #toldShare = 0;
  #seconds = 0;

  constructor(needs: RunNeeds) {
    this.#needs = needs;
    this.#pace = new Pace(this.#started);
  }

  get model(): LoadedModel {
    return this.#needs.model;
  }

  get done(): number {
    return this.#pace.done;
  }

  /** Goes on until the end, or until aborted: it then waits where it is, and can be driven again. */
  async drive({ signal }: Waits): Promise<'ended' | 'stopped'> {
    const stopped = new Promise<'stopped'>((resolve) => {
      signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    });
    const since = performance.now() - this.#seconds * 1000;
    try {
      while (!signal.aborted) {
        this.#next ??= this.#needs.events.next();
        const next = await Promise.race([this.#next, stopped]);
        this.#seconds = (performance.now() - since) / 1000;
        if (next === 'stopped') break;
        this.#next = undefined;
        if (next.done) {
          this.#finish(next.value);
          return 'ended';
        }
        this.#take(next.value);
      }
      this.#showEnd('cancelled');
      return 'stopped';
    } finally {
      this.#draw(false);
    }
  }

  /** @throws EosinError where the run stopped by a failure of its own; what it found stays */
  result(): RunResult {
    if (this.#end?.failure) throw new EosinError(this.#end.failure);
    return this.#result();
  }

  /** Ends everything below. */
  [Symbol.dispose](): void {
    this.#needs.left.abort(new DOMException('The run was left.', 'AbortError'));
    this.#next?.catch(() => undefined); // its abort is what was asked for
    void this.#needs.events.return({ patches: 0, failedPatches: 0, areaPx: 0, tissue: undefined, failure: undefined });
  }

  #take(event: RunEvent | AttentionEvent): void {
    const { found, asked, region } = this.#needs;
    switch (event.kind) {
      case 'planned':
        this.#cores = event.cores;
        this.#open = new Set(event.cores.keys());
        this.#plannedPx = event.areaPx;
        break;
      case 'patch': {
        const finished = 'mask' in region ? event.core : intersect(event.core, region);
        this.#open.delete(event.index);
        this.#finished.push(finished);
        this.#areaPx += asked.areaIn(finished);
        this.#counts.nuclei += event.nuclei?.count ?? 0;
        this.#pace.patchDone(performance.now());
        found.commitPatch(finished, asked, event);
        break;
      }
      case 'large':
        this.#counts.glands = event.glands.count;
        this.#counts.lumina = event.lumina.count;
        found.replaceLarge(event);
        break;
      case 'attention':
        this.#attention = { embedded: event.embedded, toEmbed: event.toEmbed };
        break;
      case 'around':
        this.#around = event.cores;
        break;
      case 'failed':
        this.#open.delete(event.index);
        this.#failed.push('mask' in region ? event.core : intersect(event.core, region));
        this.#failures.add(describe(event.failure));
        this.#pace.patchDone(performance.now());
    }
    this.#tellProgress();
    this.#draw(true);
  }

  #tellProgress(): void {
    const { id, stores, tell, mpp, choice } = this.#needs;
    const total = this.#cores.length;
    const told: RunTold = {
      run: id,
      done: this.#pace.done,
      total,
      patchesPerSecond: this.#pace.patchesPerSecond,
      secondsLeft: this.#pace.secondsLeft(total),
      failed: this.#failed.length,
    };
    tell(told);
    const areaMm2 = this.#areaPx * mpp.x * mpp.y * 1e-6;
    stores.run.setState({
      progress: {
        ...told,
        region: choice,
        phase: 'running',
        loadedBytes: 0,
        totalBytes: undefined,
        since: performance.now() - this.#seconds * 1000,
        areaMm2,
        plannedPx: this.#plannedPx,
        ...this.#attention,
        around: this.#around.length,
      },
    });
    const share = total === 0 ? 0 : told.done / total;
    if (share - this.#toldShare < TELL_EVERY) return;
    this.#toldShare = share;
    const text = `${Math.round(share * 100)} percent, ${plural(this.#counts.nuclei, 'nucleus', 'nuclei')}`;
    stores.window.setState({ announcement: text });
  }

  /** Which patches are in work is known by the order of planning: the first ones that are not over. */
  #draw(live: boolean): void {
    const now = performance.now();
    if (live && now - this.#drawnAt < DRAW_EVERY_MS) return;
    this.#drawnAt = now;
    const next = [...this.#open].slice(0, IN_WORK).flatMap((index) => this.#cores[index] ?? []);
    const inWork = live ? [...next, ...this.#around] : [];
    this.#needs.viewer.setRun({ finished: [...this.#finished], inWork, failed: [...this.#failed] });
  }

  #finish(end: RunEnd): void {
    this.#end = end;
    this.#showEnd(end.failure ? 'stopped' : 'done');
    const { stores, model, device } = this.#needs;
    if (this.#finished.length < SPEED_FROM) return;
    const speed = this.#finished.length / this.#seconds;
    stores.settings.setState(({ speeds }) => ({ speeds: { ...speeds, [`${model.manifest.id} on ${device}`]: speed } }));
  }

  #showEnd(state: 'done' | 'cancelled' | 'stopped'): void {
    const { stores, choice } = this.#needs;
    const { nuclei, glands, lumina } = this.#counts;
    stores.run.setState({
      ended: { result: this.#result(), state, region: choice, failures: [...this.#failures] },
    });
    const found = `${plural(nuclei, 'nucleus', 'nuclei')}, ${plural(glands, 'gland')}, ${plural(lumina, 'lumen', 'lumina')}`;
    stores.window.setState({ announcement: `The run is ${state}: ${found}.` });
  }

  #result(): RunResult {
    const { id, model, mpp, beside } = this.#needs;
    const { device, deviceName, whyNotGpu } = model.report;
    const tissue = this.#end?.tissue;
    return {
      id,
      device,
      deviceName,
      whyNotGpu,
      models: [{ id: model.manifest.id, sha256: model.manifest.sha256 }, ...(beside?.models ?? [])],
      seconds: this.#seconds,
      patches: this.#finished.length,
      failedPatches: this.#failed.length,
      areaMm2: this.#areaPx * mpp.x * mpp.y * 1e-6,
      counts: { ...this.#counts },
      tissue: tissue && { classes: tissue.classes.map(({ name }) => name), share: tissue.share },
      attention: beside?.result(),
    };
  }
}
