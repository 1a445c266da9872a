// One run: from what is asked to objects, patch by patch. It only schedules; leaving it cancels everything below.
import { unlessAborted } from '#channel/unless-aborted.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError, type Failure, failureOf } from '#errors/failure.ts';
import type { ImageInput } from '#inference/manifest.ts';
import type { LoadedModel, PatchOutputs, Views } from '#inference/model.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { GridPatch } from '#objects/grid.ts';
import type { Slide } from '#slide/slide.ts';
import type { Point, Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import type { RunEnd, RunEvent } from './events.ts';
import type { Journal } from './journal.ts';
import { gridOf } from './outputs.ts';
import { type InView, type Job, PatchQueue, type Verdict } from './patch-queue.ts';
import { commit, commitAround, type PatchResult, previewOf, type ResultNeeds } from './patch-results.ts';
import { listed, type Patches } from './patches.ts';
import { type PlannedPatch, planGrid, planPatches } from './plan.ts';
import type { CoreAt, CoreSpan } from './postprocess/core-at.ts';
import type { CoreMap } from './postprocess/core-map.ts';
import type { Postprocessor } from './postprocess/postprocessor.ts';
import { previewer } from './preview.ts';
import { asRect, completedIn, isIn, isMask, type Region } from './region.ts';
import { within } from './region-objects.ts';
import type { Wait } from './retry.ts';
import { openMosaic, type RunMosaic } from './run-mosaic.ts';
import { attempt, type Step, throughStages } from './stages.ts';
import { addClassAreas, sharesOf } from './tissue/cells.ts';
import { untilAborted } from './until-aborted.ts';

const GIVE_UP_AFTER = 3; //    patches in a row that the slide, the device or a worker failed, each for good
const LARGE_EVERY_MS = { least: 500, most: 10_000 };
const LARGE_SHARE = 0.05; //   of the time at most goes into telling glands and lumina, which are more and more

export interface RunAsked {
  readonly slide: Slide;
  readonly mpp: MppXY; //                of level 0, as told by the slide or by the user
  readonly region: Region; //            level-0 px
  readonly model: LoadedModel; //        lent
  /** Where the model still loads: until then its manifest and window are known, and what the journal holds is told. */
  readonly ready?: Promise<unknown> | undefined;
  readonly postprocess: Postprocessor; // lent
  /** Patches that it holds are told and not computed: so a run is resumed, its failures are tried again, or it is shown. */
  readonly journal: Journal;
  /** Model px. One that was begun before goes on with the window it was begun with; the model's own by default. */
  readonly windowPx?: number | undefined;
  /** Of each patch; 1 by default. One that was begun before goes on with those it was begun with. */
  readonly views?: Views | undefined;
  /** Where the user looks now, level-0 px: what is on screen is next, the nearest patch first. */
  readonly viewCentre: () => Point;
  readonly viewRect?: (() => Rect | undefined) | undefined;
  /** Live: only what is in view is computed, as the view moves. Such a run ends when it is left. */
  readonly inView?: InView | undefined;
  /** What a patch takes, as measured before, s: where that is long, a preview of what is on screen is shown first. */
  readonly slowPatchSeconds?: number | undefined;
  /** Tells what the journal holds and ends: nothing is read and nothing computed. */
  readonly keptOnly?: boolean | undefined;
  readonly now?: (() => number) | undefined; //  ms
  readonly wait?: Wait | undefined;
}

/**
 * A run that cannot go on ends with a `failure` in its result: what it told stands, and is in the journal.
 * @throws the signal's reason; EosinError BadInput, before anything is told, where the pixel size cannot be right
 */
export async function* analyse(asked: RunAsked, waits: Waits): AsyncGenerator<RunEvent, RunEnd, undefined> {
  waits.signal.throwIfAborted();
  const { model, viewCentre, windowPx = model.window } = asked;
  const input = { ...model.manifest.input, window: windowPx };
  const plan = planOf(asked, input, viewCentre());
  yield { kind: 'planned', patches: plan.patches.length, cores: plan.listed, areaPx: plan.areaPx };
  const run = new Analysis(asked, plan);
  try {
    using mosaic = await openMosaic({ ...asked, manifest: model.manifest }, plan, waits);
    yield* run.through(mosaic, waits);
  } catch (thrown) {
    waits.signal.throwIfAborted();
    run.failure ??= failureOf(thrown);
  } finally {
    run[Symbol.dispose]();
  }
  return run.end();
}

interface RunPlan {
  readonly patches: Patches;
  readonly cores: readonly CoreAt[] | CoreSpan;
  readonly listed: readonly Rect[]; // cores in the order of computing; none of a live run, which has no such order
  readonly around: readonly PlannedPatch[];
  readonly areaPx: number;
}

/** Of a live run every core of the slide may come, and few will. */
function planOf(asked: RunAsked, input: ImageInput, viewCentre: Point): RunPlan {
  const rect = asked.inView && asRect(asked.region);
  if (rect) return { ...planGrid({ ...asked, input, region: rect }), listed: [], around: [] };
  const { patches, around, areaPx } = planPatches({ ...asked, input, viewCentre });
  const cores = patches.map(({ frame: { col, row } }) => ({ col, row }));
  return { patches: listed(patches), cores, listed: patches.map(({ frame }) => frame.core), around, areaPx };
}

/** A patch that is over: committed, or failed for good. */
interface Settled<T> extends Job {
  readonly got:
    | { readonly value: T }
    | { readonly failure: Failure; readonly isOfTile: boolean; readonly attempts: number };
}

class Analysis implements Disposable {
  readonly #asked: RunAsked;
  readonly #plan: RunPlan;
  readonly #queue: PatchQueue;
  readonly #areas: Float64Array<ArrayBuffer>; //    of each tissue class, level-0 px²
  readonly #keptAround = new Map<string, CoreMap | undefined>();
  #patches = 0;
  #failedPatches = 0;
  #failedInARow = 0;
  #nextLarge = Number.NEGATIVE_INFINITY; //         ms by `now`
  failure: Failure | undefined;

  constructor(asked: RunAsked, plan: RunPlan) {
    this.#asked = asked;
    this.#plan = plan;
    const { inView, wait } = asked;
    this.#queue = this.#queueOf(plan.patches, { inView, wait, preview: this.#previewer() });
    this.#areas = new Float64Array(gridOf(asked.model.manifest)?.classes.length ?? 0);
  }

  async *through(mosaic: RunMosaic | undefined, waits: Waits): AsyncGenerator<RunEvent, void, undefined> {
    yield* this.#replay(mosaic, waits);
    if (!this.#asked.keptOnly) yield* this.#compute(mosaic, waits);
    if (!mosaic) return;
    if (!this.failure && !this.#asked.inView) yield* this.#around(mosaic, waits);
    yield* this.#large(mosaic, 'final', waits);
  }

  end(): RunEnd {
    const { model } = this.#asked;
    const grid = gridOf(model.manifest);
    const share = sharesOf(this.#areas);
    return {
      patches: this.#patches,
      failedPatches: this.#failedPatches,
      areaPx: this.#plan.areaPx,
      tissue: grid && share ? { classes: grid.classes, share } : undefined,
      failure: this.failure,
    };
  }

  [Symbol.dispose](): void {
    this.#queue[Symbol.dispose]();
  }

  /** What the journal holds. Surroundings wait until they are asked for, so that all is as it was in one go. */
  async *#replay(mosaic: RunMosaic | undefined, waits: Waits): AsyncGenerator<RunEvent, void, undefined> {
    for await (const entry of untilAborted(this.#asked.journal.entries(waits), waits)) {
      const key = keyOf(entry);
      if (entry.around) this.#keptAround.set(key, entry.core);
      const index = this.#plan.patches.indexOf(entry);
      const core = index === undefined ? undefined : this.#plan.patches.at(index)?.frame.core;
      if (entry.around || index === undefined || core === undefined || this.#queue.isOver(index)) continue;
      if (entry.tissue && !isAt(entry.tissue, core)) throw new EosinError(cutOtherwise);
      this.#queue.leave(index);
      if (entry.core) await mosaic?.add(entry.col, entry.row, entry.core, waits);
      const { nuclei, tissue } = entry;
      this.#count(tissue);
      yield { kind: 'patch', index, core, nuclei, tissue, kept: true };
      if (mosaic) yield* this.#large(mosaic, 'now and then', waits);
    }
  }

  async *#compute(mosaic: RunMosaic | undefined, waits: Waits): AsyncGenerator<RunEvent, void, undefined> {
    const { ready } = this.#asked;
    if (ready !== undefined) {
      if (mosaic && this.#patches > 0) yield* this.#large(mosaic, 'now', waits);
      await unlessAborted(ready, waits.signal);
      yield { kind: 'loaded' };
    }
    const queue = this.#queue;
    const needs: ResultNeeds = { ...this.#asked, mosaic };
    const work = async (job: Job, outputs: PatchOutputs, during: Waits): Promise<PatchResult> =>
      job.isPreview
        ? { ...nothing, nuclei: await previewOf(needs, job.patch, outputs, during) }
        : commit(needs, job.patch, outputs, during);
    for await (const step of this.#settled(queue, work, waits)) {
      if ('kind' in step) {
        yield step;
        continue;
      }
      const { index, patch, got } = step;
      const { core, col, row } = patch.frame;
      if (!('value' in got)) {
        this.#failedPatches++;
        await mosaic?.skip(col, row, waits);
        const { failure, attempts } = got;
        yield { kind: 'failed', index, core, failure, attempts };
        const isAll = this.#failedPatches === this.#plan.patches.length;
        if (!this.#isHopeless(got) && !isAll) continue;
        this.failure = failure;
        return;
      }
      const { nuclei, tissue, mosaicFailure } = got.value;
      if (step.isPreview) {
        if (nuclei && nuclei.count > 0) yield { kind: 'preview', core, nuclei };
        continue;
      }
      this.#failedInARow = 0;
      this.#count(tissue);
      yield { kind: 'patch', index, core, nuclei, tissue, kept: false };
      this.failure = mosaicFailure;
      if (this.failure) return;
      const isViewDone = this.#asked.inView !== undefined && queue.isQuiet;
      if (mosaic) yield* this.#large(mosaic, isViewDone ? 'now' : 'now and then', waits);
    }
  }

  /** Until every gland of a drawn region is known whole, or its surroundings are. */
  async *#around(mosaic: RunMosaic, waits: Waits): AsyncGenerator<RunEvent, void, undefined> {
    const rect = completedIn(this.#asked.region);
    const needs: ResultNeeds = { ...this.#asked, mosaic };
    const places = new Map(this.#plan.around.map((patch) => [keyOf(patch.frame), patch]));
    while (rect && places.size > 0) {
      const wanted = (await mosaic.wanted(rect, waits)).flatMap((at) => places.get(keyOf(at)) ?? []);
      if (wanted.length === 0) return;
      const missing: PlannedPatch[] = [];
      for (const patch of wanted) {
        const { col, row } = patch.frame;
        const kept = this.#keptAround.get(keyOf(patch.frame));
        if (kept) await mosaic.add(col, row, kept, waits);
        else if (this.#asked.keptOnly) await mosaic.skip(col, row, waits);
        else missing.push(patch);
        this.#keptAround.delete(keyOf(patch.frame));
      }
      if (missing.length > 0) {
        yield { kind: 'around', cores: missing.map(({ frame }) => frame.core) };
        using queue = this.#queueOf(listed(missing), { wait: this.#asked.wait });
        const work = (job: Job, outputs: PatchOutputs, during: Waits): Promise<void> =>
          commitAround(needs, job.patch, outputs, during);
        for await (const step of this.#settled(queue, work, waits)) {
          if ('kind' in step) {
            yield step;
            continue;
          }
          if ('value' in step.got) {
            this.#failedInARow = 0;
            continue;
          }
          await mosaic.skip(step.patch.frame.col, step.patch.frame.row, waits);
          if (!this.#isHopeless(step.got)) continue;
          this.failure = step.got.failure;
          return;
        }
      }
      yield* this.#large(mosaic, 'now and then', waits);
    }
  }

  /** Patches of a queue through the stages; those that failed and may come right go back, and are told as waiting. */
  async *#settled<T>(
    queue: PatchQueue,
    work: (job: Job, outputs: PatchOutputs, during: Waits) => Promise<T>,
    waits: Waits,
  ): AsyncGenerator<Settled<T> | Extract<RunEvent, { kind: 'waiting' }>, void, undefined> {
    const finish = (step: Step<PatchOutputs>, during: Waits): Promise<Step<T>> =>
      attempt(step, during, (outputs) => work(step, outputs, during));
    const { slide, model, wait, postprocess, views } = this.#asked;
    const isWanted = ({ index, isPreview }: Job): boolean => isPreview || queue.isWanted(index);
    const sources = { slide, model, wait, isWanted, reused: true, views };
    for await (const step of throughStages(sources, queue.jobs(waits), finish, postprocess.atOnce, waits)) {
      const { index, got } = step;
      if ('value' in got) {
        if (!step.isPreview) queue.done(index);
        yield { ...step, got };
      } else if (step.isPreview)
        continue; // the patch itself is to come
      else if ('unwanted' in got) queue.giveBack(index);
      else {
        const verdict: Verdict = queue.failed(index, got.failure);
        yield verdict.again
          ? { kind: 'waiting', failure: got.failure, seconds: verdict.seconds }
          : { ...step, got: { ...got, attempts: verdict.attempts } };
      }
    }
  }

  async *#large(
    mosaic: RunMosaic,
    when: 'now and then' | 'now' | 'final',
    waits: Waits,
  ): AsyncGenerator<RunEvent, void, undefined> {
    const { now = () => performance.now(), region } = this.#asked;
    const began = now();
    if (when === 'now and then' && began < this.#nextLarge) return;
    const { glands, lumina, tooLarge } = await mosaic.collect(when === 'final', waits);
    yield { kind: 'large', glands: largeWithin(region, glands), lumina: largeWithin(region, lumina), tooLarge };
    const over = now(); // what the consumer did with them included
    const { least, most } = LARGE_EVERY_MS;
    this.#nextLarge = over + Math.min(most, Math.max(least, (over - began) / LARGE_SHARE));
  }

  #count(tissue: PatchResult['tissue']): void {
    this.#patches++;
    if (tissue) addClassAreas(this.#areas, tissue);
  }

  /** A disk that is full takes no other patch either; the rest is judged by how many follow each other. */
  #isHopeless({ failure: { tag }, isOfTile }: { readonly failure: Failure; readonly isOfTile: boolean }): boolean {
    if (tag === 'StorageFull' || tag === 'StorageBusy') return true;
    return !isOfTile && ++this.#failedInARow >= GIVE_UP_AFTER;
  }

  #queueOf(patches: Patches, more: Omit<ConstructorParameters<typeof PatchQueue>[1], 'looking'>): PatchQueue {
    const { viewCentre, viewRect } = this.#asked;
    return new PatchQueue(patches, { looking: { centre: viewCentre, ...(viewRect && { rect: viewRect }) }, ...more });
  }

  #previewer(): ReturnType<typeof previewer> {
    const { slide, mpp, region, model, slowPatchSeconds, viewRect } = this.#asked;
    const frame = this.#plan.patches.at(0)?.frame;
    if (slowPatchSeconds === undefined || !viewRect || !frame || !model.manifest.tasks.nuclei) return undefined;
    const side = frame.size - 2 * frame.margin; // of a core
    return previewer({
      slide,
      mpp,
      input: model.manifest.input,
      windowPx: frame.size,
      patchSeconds: slowPatchSeconds,
      viewRect,
      isOpen: ({ x, y }) => {
        const [col, row] = [Math.floor(x / (side * frame.pxX)), Math.floor(y / (side * frame.pxY))];
        const index = this.#plan.patches.indexOf({ col, row });
        return index !== undefined && !this.#queue.isBegun(index) && isIn(region, x, y);
      },
    });
  }
}

/** Cells begin where their core does, to a cell: else the core was cut by another window, margin or pixel size. */
const isAt = ({ x, y, cellWidth, cellHeight }: GridPatch, core: Rect): boolean =>
  Math.abs(x - core.x) < cellWidth && Math.abs(y - core.y) < cellHeight;

const cutOtherwise: Failure = {
  tag: 'BadInput',
  what: 'The run that was kept',
  seen: 'its patches were cut otherwise than this model cuts them now',
  todo: 'Analyse the region anew.',
};

const nothing: PatchResult = { nuclei: undefined, tissue: undefined, mosaicFailure: undefined };

const keyOf = ({ col, row }: { readonly col: number; readonly row: number }): string => `${col},${row}`;

/**
 * Of a mask all that was seen, since only tissue was looked at: the centroid of a crypt with a wide lumen lies on glass.
 */
const largeWithin = (region: Region, columns: ObjectColumns): ObjectColumns =>
  isMask(region) ? columns : within(region, columns);
