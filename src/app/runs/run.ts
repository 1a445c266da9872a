// One run as it goes on: takes what the analysis tells to the screen and into the stores, and sums it up.
import type { RunEnd, RunEvent } from '#analysis/events.ts';
import { areaIn, asRect, isIn, partsIn, type Region } from '#analysis/region.ts';
import type { Waits } from '#channel/waits.ts';
import { describe } from '#errors/failure.ts';
import type { LoadedModel } from '#inference/model.ts';
import { intersect, type Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import type { Beside } from '../attention/attention-work.ts';
import type { AttentionEvent } from '../attention/beside-run.ts';
import { NextBeat } from '../beat.ts';
import type { RunResult } from '../console.d.ts';
import type { RunRegion } from '../found-objects.ts';
import { Pace } from '../pace.ts';
import type { Progress, RegionChoice } from '../stores/run-store.ts';
import { plural } from '../words.ts';
import { patchesRest, restOfPatches } from './patch-rest.ts';
import type { RunScreen } from './run-screen.ts';
import type { FailedPatch, RunTold } from './runs-api.ts';

export interface RunNeeds {
  readonly id: string;
  readonly choice: RegionChoice;
  readonly isLive: boolean;
  readonly slideBehind: string | undefined; //  its name, where it is not the one on screen
  readonly mpp: MppXY;
  readonly model: LoadedModel; //               lent
  readonly isLoading: boolean; //               the model: an event tells once it is loaded
  readonly region: Region;
  readonly events: AsyncGenerator<RunEvent | AttentionEvent, RunEnd, undefined>;
  readonly beside: Pick<Beside, 'models' | 'result'> | undefined; // attention, where the run takes it along
  readonly screen: RunScreen;
  readonly tell: RunTelling;
}

export interface RunTelling {
  /** At each event. */
  progress(told: RunTold): void;
  /** On beats, until it is stopped. */
  shown(progress: Progress): void;
  /** A patch would not be computed. */
  failed(patch: FailedPatch, attempts: number): void;
  /** What runs reach on this device, patches/s, where that was to be measured. */
  speed(patchesPerSecond: number): void;
}

export interface Leaving {
  readonly stopped?: () => void;
  readonly isWanted?: () => boolean;
}

const SPEED_FROM = 3; //           patches computed that a run must have to be worth a forecast
const IN_WORK = 6; //              patches on their way at once: the sum of the analysis's queues
const BUSY_MS = 24; //             at a stretch, before the page gets its turn
const TELL_EVERY = 0.1; //         of a run, to the live region
const TOGETHER = 2.7; //           patches in a frame, that three come
const MOST_REST_MS = 1900; //      between two such frames: the beat after it, so that one comes every two seconds
const SERIES = new Set<(RunEvent | AttentionEvent)['kind']>(['patch', 'large', 'attention']); // one after the other

const isSameRect = (a: Rect | undefined, b: Rect | undefined): boolean =>
  a?.x === b?.x && a?.y === b?.y && a?.width === b?.width && a?.height === b?.height;

/** Everything that waits on this thread gets its turn. In the background too, where timers come once a second. */
const breathe = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });

export class Run {
  readonly #needs: RunNeeds;
  readonly #pace = new Pace(performance.now());
  readonly #counts = { nuclei: 0, glands: 0, lumina: 0 };
  readonly #reasons = new Set<string>();
  #tooLarge = 0; //                          glands
  readonly #asked: RunRegion;
  readonly #rect: Rect | undefined;
  readonly #finished: Rect[] = []; // only ever grows: it is lent to the viewer as it is
  readonly #failed: FailedPatch[] = [];
  #started = performance.now();
  #isLoading: boolean;
  #isStopped = false;
  #cores: readonly Rect[] = [];
  #total = 0;
  #open = new Set<number>(); //       indices of cores not over yet, in the order of planning
  #areaPx = 0;
  #plannedPx = 0;
  #around: readonly Rect[] = []; //   looked at for glands alone, after the planned ones
  #attention = { embedded: 0, toEmbed: 0 };
  #waiting: Progress['waiting'];
  #end: RunEnd | undefined;
  #computed = 0;
  readonly #beat = new NextBeat(() => this.#show());
  #seen: Rect | undefined; //         of the slide, when a patch was last shown
  #toldShare = 0;

  constructor(needs: RunNeeds) {
    this.#needs = needs;
    const { region, isLoading } = needs;
    this.#isLoading = isLoading;
    this.#rect = asRect(region);
    this.#asked = {
      isIn: ({ x, y }) => isIn(region, x, y),
      areaIn: (part) => areaIn(region, part),
      partsIn: (part) => partsIn(region, part),
    };
  }

  get done(): number {
    return this.#finished.length;
  }

  get failed(): readonly FailedPatch[] {
    return this.#failed;
  }

  /** Why it stopped before its end, of itself. */
  get failure(): RunEnd['failure'] {
    return this.#end?.failure;
  }

  /**
   * Goes on until the end, or until aborted. What was begun is left either way; what was kept still comes on screen.
   * @param leaving.stopped is called at once when it is aborted
   * @param leaving.isWanted false where nobody looks at what was kept: asked before each patch of it
   */
  async drive({ signal }: Waits, leaving: Leaving = {}): Promise<'ended' | 'stopped'> {
    const { events, screen } = this.#needs;
    const stopped = new Promise<'stopped'>((resolve) => {
      if (signal.aborted) resolve('stopped');
      signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    });
    let breathed = performance.now();
    try {
      for (;;) {
        const asked = events.next();
        const next = await Promise.race([asked, stopped]);
        if (next === 'stopped') {
          this.#isStopped = true;
          this.#showEnd('cancelled');
          leaving.stopped?.();
          await this.#showKept(asked, leaving);
          return 'stopped';
        }
        if (next.done) {
          this.#finish(next.value);
          return 'ended';
        }
        this.#take(next.value);
        if (performance.now() - breathed < BUSY_MS) continue;
        await breathe(); // patches of before come in one go
        breathed = performance.now();
      }
    } finally {
      this.#beat.leave();
      this.#draw(false);
      screen.end();
    }
  }

  /** The rest of what the journal holds: nothing is computed before the model is there. */
  async #showKept(asked: ReturnType<RunNeeds['events']['next']>, { isWanted }: Leaving): Promise<void> {
    try {
      if (!this.#isLoading) asked.catch(() => undefined); // its abort is what was asked for
      for (let next = asked; this.#isLoading; ) {
        const { done, value } = await next;
        if (done || !isWanted?.()) return;
        this.#take(value);
        await breathe();
        if (this.#isLoading) next = this.#needs.events.next(); // else it would compute
      }
    } catch {
      // as above
    } finally {
      if (isWanted?.() && this.done > 0) this.#showEnd('cancelled');
    }
  }

  #take(event: RunEvent | AttentionEvent): void {
    const { screen } = this.#needs;
    this.#waiting = undefined;
    switch (event.kind) {
      case 'planned':
        this.#cores = event.cores;
        this.#total = event.patches;
        this.#open = new Set(event.cores.keys());
        this.#plannedPx = event.areaPx;
        break;
      case 'loaded':
        this.#isLoading = false;
        this.#started = performance.now();
        this.#pace.begin(this.#started);
        break;
      case 'patch':
        this.#takePatch(event);
        break;
      case 'preview':
        screen.preview(event.core, event.nuclei);
        break;
      case 'large':
        this.#counts.glands = event.glands.count;
        this.#counts.lumina = event.lumina.count;
        this.#tooLarge = event.tooLarge;
        screen.large(event);
        break;
      case 'attention':
        this.#attention = { embedded: event.embedded, toEmbed: event.toEmbed };
        break;
      case 'around':
        this.#around = event.cores;
        break;
      case 'waiting':
        this.#waiting = { failure: event.failure, seconds: event.seconds };
        break;
      case 'failed': {
        const why = describe(event.failure);
        const patch = { core: this.#askedOf(event.core), why };
        this.#open.delete(event.index);
        this.#failed.push(patch);
        this.#reasons.add(why);
        this.#pace.patchDone(performance.now());
        this.#needs.tell.failed({ core: event.core, why }, event.attempts);
      }
    }
    if (!this.#isStopped) this.#needs.tell.progress(this.#told());
    this.#beat.ask(SERIES.has(event.kind) ? restOfPatches() : 0);
  }

  /** A patch that is awaited is shown at the next beat: the first of a run, the first of a view, each one of Live. */
  #hurry(): void {
    const { isLive, screen } = this.#needs;
    const view = screen.viewRect();
    if (isLive || !isSameRect(view, this.#seen)) patchesRest(0);
    this.#seen = view;
  }

  #takePatch(event: RunEvent & { kind: 'patch' }): void {
    this.#hurry();
    const finished = this.#askedOf(event.core);
    this.#open.delete(event.index);
    this.#finished.push(finished);
    this.#areaPx += this.#asked.areaIn(finished);
    this.#counts.nuclei += event.nuclei?.count ?? 0;
    if (event.kept) this.#pace.patchKept(performance.now());
    else {
      this.#computed++;
      this.#pace.patchDone(performance.now());
    }
    const { core, nuclei, tissue } = event;
    this.#needs.screen.patch({ core, finished, region: this.#asked, nuclei, tissue });
  }

  /** The part of a core that was asked for. */
  #askedOf(core: Rect): Rect {
    return this.#rect ? intersect(core, this.#rect) : core;
  }

  #told(): RunTold {
    const total = this.#total;
    return {
      run: this.#needs.id,
      done: this.#finished.length + this.#failed.length,
      total,
      patchesPerSecond: this.#pace.patchesPerSecond,
      secondsLeft: this.#pace.secondsLeft(total),
      failed: this.#failed.length,
    };
  }

  #sayShare({ done, total }: RunTold): void {
    const share = total === 0 ? 0 : done / total;
    if (share - this.#toldShare < TELL_EVERY) return;
    this.#toldShare = share;
    this.#needs.screen.say(`${Math.round(share * 100)} percent, ${plural(this.#counts.nuclei, 'nucleus', 'nuclei')}`);
  }

  #show(): void {
    this.#draw(true);
    if (this.#isStopped) return;
    const { tell, mpp, choice, isLive, slideBehind } = this.#needs;
    const told = this.#told();
    if (told.patchesPerSecond > 0) patchesRest(Math.min(MOST_REST_MS, (1000 * TOGETHER) / told.patchesPerSecond));
    this.#sayShare(told);
    tell.shown({
      ...told,
      isLive,
      slideBehind,
      region: choice,
      phase: this.#waiting ? 'waiting' : this.#isLoading ? 'loading' : 'running',
      waiting: this.#waiting,
      loadedBytes: 0, // known to who loads
      totalBytes: undefined,
      since: this.#started,
      areaMm2: this.#areaPx * mpp.x * mpp.y * 1e-6,
      plannedPx: this.#plannedPx,
      ...this.#attention,
      around: this.#around.length,
      models: [],
    });
  }

  /** Which patches are in work is known by the order of planning: the first ones that are not over. */
  #draw(live: boolean): void {
    const inWork: Rect[] = [];
    for (const index of live ? this.#open : []) {
      const core = this.#cores[index];
      if (core) inWork.push(core);
      if (inWork.length >= IN_WORK) break;
    }
    if (live) inWork.push(...this.#around);
    this.#needs.screen.areas({ finished: this.#finished, inWork, failed: this.#failed.map(({ core }) => core) });
  }

  #finish(end: RunEnd): void {
    this.#end = end;
    this.#showEnd(end.failure ? 'stopped' : 'done');
    if (this.#computed < SPEED_FROM) return;
    this.#needs.tell.speed(this.#computed / this.#seconds());
  }

  #showEnd(state: 'done' | 'cancelled' | 'stopped'): void {
    const { screen, choice } = this.#needs;
    const { nuclei, glands, lumina } = this.#counts;
    const isWhole = this.#computed === this.#finished.length;
    screen.ended({ result: this.result(), isWhole, state, region: choice, failures: [...this.#reasons] });
    const found = `${plural(nuclei, 'nucleus', 'nuclei')}, ${plural(glands, 'gland')}, ${plural(lumina, 'lumen', 'lumina')}`;
    screen.say(`The run is ${state}: ${found}.`);
    if (this.#tooLarge > 0) screen.warn(tooLargeOf(this.#tooLarge));
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /** Of what was found so far. */
  result(): RunResult {
    const { id, model, mpp, beside } = this.#needs;
    const { device, deviceName, whyNotGpu } = model.report;
    const tissue = this.#end?.tissue;
    return {
      id,
      device,
      deviceName,
      whyNotGpu,
      models: [{ id: model.manifest.id, sha256: model.manifest.sha256 }, ...(beside?.models ?? [])],
      seconds: this.#seconds(),
      patches: this.#finished.length,
      failedPatches: this.#failed.length,
      areaMm2: this.#areaPx * mpp.x * mpp.y * 1e-6,
      counts: { ...this.#counts },
      tissue: tissue && { classes: tissue.classes.map(({ name }) => name), share: tissue.share },
      attention: beside?.result(),
    };
  }
}

const tooLargeOf = (count: number): string =>
  `${count === 1 ? '1 gland is' : `${count} glands are`} too large to outline and not counted: seeds ran together over more than a gland’s size. Analyse a smaller region there.`;
