// What a patch goes through before post-processing: its tiles are read, the network computes.
import type { Waits } from '#channel/waits.ts';
import { EosinError, type Failure, failureOf } from '#errors/failure.ts';
import type { LoadedModel, Patch, PatchOutputs } from '#inference/model.ts';
import { levelOf, type Slide } from '#slide/slide.ts';
import type { Point } from '#units/rect.ts';
import { overlapped } from './overlap.ts';
import { distance2, type PlannedPatch } from './plan.ts';
import { readTiles } from './read-tiles.ts';

const READ_AHEAD = 2; //       patches
const INFER_AHEAD = 2; //      one computes, one waits at the device's door
const POSTPROCESS_AHEAD = 2;

/** Both lent. */
export interface Sources {
  readonly slide: Slide;
  readonly model: LoadedModel;
}

/** A patch on its way. A failure goes through the later stages untouched. */
export interface Step<T> {
  readonly index: number;
  readonly patch: PlannedPatch;
  readonly got: { readonly value: T } | { readonly failure: Failure; readonly isOfTile: boolean };
}

/**
 * Patches through reading, the network and `finish`, a few of each at once. Left before its end, it cancels what is at
 * work and gives back every picture.
 * @throws the signal's reason
 */
export async function* throughStages<T>(
  sources: Sources,
  patches: AsyncIterable<Step<undefined>>,
  finish: (step: Step<PatchOutputs>, waits: Waits) => Promise<Step<T>>,
  { signal }: Waits,
): AsyncGenerator<Step<T>, void, undefined> {
  const left = new AbortController();
  const waits = { signal: AbortSignal.any([signal, left.signal]) };
  const patchesRead = overlapped(patches, READ_AHEAD, (step) => read(sources.slide, step, waits), {
    result: releaseTiles,
  });
  const inferred = overlapped(patchesRead, INFER_AHEAD, (step) => infer(sources, step, waits), { item: releaseTiles });
  const results = overlapped(inferred, POSTPROCESS_AHEAD, (step) => finish(step, waits));
  try {
    for (let next = await results.next(); !next.done; next = await results.next()) yield next.value;
  } finally {
    left.abort(new DOMException('The run was left.', 'AbortError'));
    await results.return().catch(() => undefined);
  }
}

/** Patches as they are asked for: each time the one nearest to where the user looks by then. */
export async function* nearestFirst(
  patches: readonly PlannedPatch[],
  viewCentre: () => Point,
): AsyncGenerator<Step<undefined>, void, undefined> {
  const remaining = patches.map((patch, index): Step<undefined> => ({ index, patch, got: { value: undefined } }));
  let centre: Point | undefined;
  while (remaining.length > 0) {
    const at = viewCentre();
    if (at.x !== centre?.x || at.y !== centre.y) {
      centre = at;
      const distance = ({ patch }: Step<undefined>): number => distance2(patch.frame.core, at);
      remaining.sort((a, b) => distance(b) - distance(a) || b.index - a.index); // the nearest last
    }
    const next = remaining.pop();
    if (next) yield next;
  }
}

/** Catches what one patch cannot do, save the end of the run itself. */
export async function attempt<T, U>(
  step: Step<T>,
  waits: Waits,
  work: (value: T) => Promise<U>,
  isOfTile: (failure: Failure) => boolean = isCorruptTile,
): Promise<Step<U>> {
  if ('failure' in step.got) return { ...step, got: step.got };
  try {
    return { ...step, got: { value: await work(step.got.value) } };
  } catch (thrown) {
    waits.signal.throwIfAborted();
    const failure = failureOf(thrown);
    return { ...step, got: { failure, isOfTile: isOfTile(failure) } };
  }
}

const isCorruptTile = ({ tag }: Failure): boolean => tag === 'CorruptTile';

/** A tile that will not decode says nothing of the next one; a slide out of reach does. */
const read = (slide: Slide, step: Step<undefined>, waits: Waits): Promise<Step<Patch>> =>
  attempt(
    step,
    waits,
    () => patchOf(slide, step.patch, waits),
    (failure) => isCorruptTile(failure) || failure.tag === 'Unexpected',
  );

async function patchOf(slide: Slide, planned: PlannedPatch, waits: Waits): Promise<Patch> {
  const { frame, reach: beyond, x, y, scaleX, scaleY } = planned;
  const tiles = await readTiles(slide, planned.tiles, waits);
  const { widthPx: width, heightPx: height } = levelOf(slide, planned.tiles[0]?.at.level ?? 0);
  const reach = Math.ceil(beyond * Math.max(scaleX, scaleY));
  return { tiles, x, y, scaleX, scaleY, size: frame.size, bounds: { x: 0, y: 0, width, height, reach } };
}

function releaseTiles({ got }: Step<Patch>): void {
  if ('value' in got) for (const { image } of got.value.tiles) if ('close' in image) image.close();
}

/** A device that was lost is built anew by the model: once more, with fresh tiles. */
const infer = ({ model, slide }: Sources, step: Step<Patch>, waits: Waits): Promise<Step<PatchOutputs>> =>
  attempt(step, waits, async (patch) => {
    try {
      return await model.run(patch, waits);
    } catch (thrown) {
      waits.signal.throwIfAborted();
      if (!isOfDevice(thrown)) throw thrown;
      return await model.run(await patchOf(slide, step.patch, waits), waits);
    }
  });

const isOfDevice = (thrown: unknown): boolean =>
  thrown instanceof EosinError && ['DeviceLost', 'TimedOut', 'WorkerDied'].includes(thrown.failure.tag);
