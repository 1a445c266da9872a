// What a patch goes through before post-processing: its tiles are read, the network computes.

import { unlessAborted } from '#channel/unless-aborted.ts';
import type { Waits } from '#channel/waits.ts';
import { type Failure, failureOf } from '#errors/failure.ts';
import type { LoadedModel, Patch, PatchOutputs, Views } from '#inference/model.ts';
import { release } from '#slide/raster.ts';
import { levelOf, type Slide } from '#slide/slide.ts';
import { overlapped } from './overlap.ts';
import type { Job } from './patch-queue.ts';
import type { PlannedPatch } from './plan.ts';
import { readTiles } from './read-tiles.ts';
import { type Wait, waitByClock } from './retry.ts';

const SILENT_SECONDS = 30; //  until a slide that gives no tile counts as stalled

/** Slide and model are lent. */
export interface Sources {
  readonly slide: Slide;
  readonly model: LoadedModel;
  readonly wait?: Wait | undefined;
  /** Of the network that are wanted; its usual ones without it. */
  readonly outputs?: readonly string[];
  /** `finish` gives their memory back to the model. */
  readonly reused?: boolean;
  readonly views?: Views | undefined; // of a patch; a preview has one
  /** False for a patch that nobody wants any more: it is given back before the network begins. */
  readonly isWanted?: ((job: Job) => boolean) | undefined;
}

/** A patch on its way. What is no value goes through the later stages untouched. */
export interface Step<T> extends Job {
  readonly got:
    | { readonly value: T }
    | { readonly failure: Failure; readonly isOfTile: boolean }
    | { readonly unwanted: true };
}

/**
 * Patches through reading, the network and `finish`, a few of each at once. Left before its end, or aborted, it settles at
 * once: what is at work is cancelled, and every picture given back, whenever it comes.
 * @param finish its own abort settles it at once
 * @param atOnce patches in `finish`
 * @throws the signal's reason
 */
export async function* throughStages<T>(
  sources: Sources,
  jobs: AsyncIterable<Job>,
  finish: (step: Step<PatchOutputs>, waits: Waits) => Promise<Step<T>>,
  atOnce: number,
  { signal }: Waits,
): AsyncGenerator<Step<T>, void, undefined> {
  const left = new AbortController();
  const waits = { signal: AbortSignal.any([signal, left.signal]) };
  const { ahead } = sources.model;
  const patchesRead = overlapped(jobs, ahead, (job) => read(sources, job, waits), { result: releaseTiles });
  const inferred = overlapped(patchesRead, ahead, (step) => infer(sources, step, waits), { item: releaseTiles });
  const results = overlapped(inferred, atOnce, (step) => finish(step, waits));
  try {
    for (let next = await results.next(); !next.done; next = await results.next()) yield next.value;
  } finally {
    left.abort(new DOMException('The run was left.', 'AbortError'));
    await results.return().catch(() => undefined);
  }
}

/** Catches what one patch cannot do, save the end of the run itself. What comes after that is told to `late`. */
export async function attempt<T, U>(
  step: Step<T>,
  waits: Waits,
  work: (value: T) => Promise<U>,
  { isOfTile = isCorruptTile, late }: { isOfTile?: (failure: Failure) => boolean; late?: (value: U) => void } = {},
): Promise<Step<U>> {
  if (!('value' in step.got)) return { ...step, got: step.got };
  const { value } = step.got;
  const working = (async () => work(value))(); // what it throws at once is a failure like any other
  try {
    return { ...step, got: { value: await unlessAborted(working, waits.signal) } };
  } catch (thrown) {
    if (waits.signal.aborted) {
      working.then(late, () => undefined);
      throw waits.signal.reason;
    }
    const failure = failureOf(thrown);
    return { ...step, got: { failure, isOfTile: isOfTile(failure) } };
  }
}

const isCorruptTile = ({ tag }: Failure): boolean => tag === 'CorruptTile';

/** A tile that will not decode says nothing of the next one; a slide out of reach does. */
const read = (sources: Sources, job: Job, waits: Waits): Promise<Step<Patch>> =>
  attempt({ ...job, got: { value: undefined } }, waits, () => patchOf(sources, job.patch, waits), {
    isOfTile: (failure) => isCorruptTile(failure) || failure.tag === 'Unexpected',
    late: releasePatch,
  });

async function patchOf({ slide, wait = waitByClock }: Sources, planned: PlannedPatch, waits: Waits): Promise<Patch> {
  const { frame, reach: beyond, x, y, scaleX, scaleY } = planned;
  const places = planned.tiles();
  const tiles = await readTiles(slide, places, waits, { seconds: SILENT_SECONDS, wait });
  const { widthPx: width, heightPx: height } = levelOf(slide, places[0]?.at.level ?? 0);
  const reach = Math.ceil(beyond * Math.max(scaleX, scaleY));
  return { tiles, x, y, scaleX, scaleY, size: frame.size, bounds: { x: 0, y: 0, width, height, reach } };
}

const releasePatch = ({ tiles }: Patch): void => {
  for (const { image } of tiles) release(image);
};

function releaseTiles({ got }: Step<Patch>): void {
  if ('value' in got) releasePatch(got.value);
}

/** The model takes the pictures over, whatever comes of it. */
async function infer(
  { model, isWanted, outputs, reused, views }: Sources,
  step: Step<Patch>,
  waits: Waits,
): Promise<Step<PatchOutputs>> {
  if ('value' in step.got && isWanted && !isWanted(step)) {
    releaseTiles(step);
    return { ...step, got: { unwanted: true } };
  }
  return attempt(step, waits, (patch) =>
    model.run(patch, {
      ...waits,
      ...(outputs && { outputs }),
      ...(reused && { reused }),
      ...(views && !step.isPreview && { views }),
    }),
  );
}
