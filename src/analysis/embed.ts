// From tissue to features: patches on the anchored grid through one encoder, into a set. It only schedules, as a run does.
import type { Waits } from '#channel/waits.ts';
import { EosinError, type Failure, failureOf } from '#errors/failure.ts';
import type { ImageInput } from '#inference/manifest.ts';
import type { LoadedModel } from '#inference/model.ts';
import { levelOf, type Slide } from '#slide/slide.ts';
import { bottom, centreOf, contains, intersect, isEmpty, type Point, type Rect, right } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import type { FeatureSet } from './feature-set.ts';
import { PatchQueue } from './patch-queue.ts';
import { listed } from './patches.ts';
import { type PlannedPatch, patchReader } from './plan.ts';
import { readTiles, tilesUnder } from './read-tiles.ts';
import { boundsOf, isIn, isMask, type Region } from './region.ts';
import type { Wait } from './retry.ts';
import { attempt, throughStages } from './stages.ts';
import { tissueShareIn } from './tissue/mask.ts';

const GIVE_UP_AFTER = 3; //     patches in a row that the slide or the device failed
const LEAST_TISSUE = 0.25; //  of a patch: a bag of glass and slivers is not what attention learnt on
const MOST_PATCHES = 500_000; // half a million rows of 960 features (all blocks of a ResNet-18) are two gigabytes

export interface EmbedAsked {
  readonly slide: Slide;
  readonly mpp: MppXY; //           of level 0
  /** Level-0 px. Of a rectangle the patches whose centre lies in it; of a mask those that hold enough tissue. */
  readonly region: Region;
  readonly encoder: LoadedModel; // lent
  readonly set: FeatureSet; //      takes the rows; what it holds already is not embedded again
  readonly viewCentre: () => Point;
  /**
   * From one patch to the next, level-0 px along x; the window's own width without it. Centres lie in the middle of a grid
   * of this width from the slide's origin, whatever the window: encoders given the same one read the same places.
   */
  readonly stridePx?: number | undefined;
  readonly wait?: Wait | undefined; // before what failed is tried again
}

export type EmbedEvent =
  | { readonly kind: 'planned'; readonly patches: number }
  | { readonly kind: 'embedded'; readonly row: number; readonly box: Rect }
  /** This patch could not be embedded; the others go on. */
  | { readonly kind: 'failed'; readonly box: Rect; readonly failure: Failure };

export interface EmbedEnd {
  readonly embedded: number;
  readonly failed: number;
  readonly failure: Failure | undefined; // why it stopped before its end
}

/**
 * What was embedded stands, whatever the end.
 * @throws the signal's reason; EosinError BadInput, before anything is told, for a stride or a pixel size that cannot be right
 */
export async function* embed(asked: EmbedAsked, waits: Waits): AsyncGenerator<EmbedEvent, EmbedEnd, undefined> {
  waits.signal.throwIfAborted();
  const { slide, encoder, set, viewCentre, wait } = asked;
  const plan = planEmbedding({ ...asked, input: encoder.manifest.input });
  const planned = plan.filter(({ frame }) => set.rowOf(keyOf(frame.core)) === undefined);
  yield { kind: 'planned', patches: planned.length };
  using queue = new PatchQueue(listed(planned), { looking: { centre: viewCentre }, wait });
  const rows = throughStages(
    { slide, model: encoder, wait },
    queue.jobs(waits),
    (step, inner) =>
      attempt(step, inner, async (outputs) => set.add(keyOf(step.patch.frame.core), step.patch.frame.core, outputs)),
    1,
    waits,
  );
  let [embedded, failed, inARow] = [0, 0, 0];
  try {
    for await (const { index, patch, got } of rows) {
      const box = patch.frame.core;
      if ('unwanted' in got) continue;
      if ('value' in got) {
        queue.done(index);
        embedded++;
        inARow = 0;
        yield { kind: 'embedded', row: got.value, box };
        continue;
      }
      if (queue.failed(index, got.failure).again) continue;
      failed++;
      yield { kind: 'failed', box, failure: got.failure };
      const isHopeless = !got.isOfTile && ++inARow >= GIVE_UP_AFTER;
      if (isHopeless || failed === planned.length) return { embedded, failed, failure: got.failure };
    }
  } catch (thrown) {
    waits.signal.throwIfAborted();
    return { embedded, failed, failure: failureOf(thrown) };
  }
  return { embedded, failed, failure: undefined };
}

/** A patch is known by its place alone: the encoder, and so its window, belong to the set. */
export const keyOf = ({ x, y, width }: Rect): string => `${x},${y},${width}`;

export interface EmbeddingAsked extends Pick<EmbedAsked, 'slide' | 'mpp' | 'region' | 'stridePx'> {
  readonly input: ImageInput; // of the encoder
}

/** Windows whose centre lies on the slide and in the region; their boxes are the frames' cores. @throws as embed */
export function planEmbedding({ slide, mpp, region, input, stridePx }: EmbeddingAsked): PlannedPatch[] {
  const reader = patchReader(slide, mpp, input.mpp);
  const { whole, pxX, pxY } = reader;
  const [width, height] = [input.window * pxX, input.window * pxY];
  const stepX = stridePx ?? width;
  const stepY = stepX * (pxY / pxX);
  if (!(stepX > 0)) {
    throw new EosinError({
      tag: 'BadInput',
      what: 'The stride',
      seen: `${stridePx} px`,
      todo: 'Give a positive number.',
    });
  }
  const asked = intersect(boundsOf(region), whole);
  const first = (from: number, step: number): number => Math.max(0, Math.ceil(from / step - 0.5));
  const [col0, row0] = [first(asked.x, stepX), first(asked.y, stepY)];
  const cols = Math.ceil(right(asked) / stepX - 0.5) - col0;
  const rows = Math.ceil(bottom(asked) / stepY - 0.5) - row0;
  if (isEmpty(asked) || cols <= 0 || rows <= 0) return [];
  if (!(cols * rows <= MOST_PATCHES)) {
    const seen = `${(cols * rows).toLocaleString('en')} patches of ${input.window * input.mpp} µm`;
    throw new EosinError({ tag: 'BadInput', what: 'The region', seen, todo: 'Check the pixel size, or embed less.' });
  }
  const isWanted = (box: Rect): boolean => {
    const { x, y } = centreOf(box);
    if (!contains(asked, x, y)) return false;
    if (!isMask(region)) return isIn(region, x, y);
    // Cells may be larger than patches: then the one at the centre decides.
    return region.cellPx < box.width ? tissueShareIn(region, box) >= LEAST_TISSUE : isIn(region, x, y);
  };
  const patches: PlannedPatch[] = [];
  for (let row = row0; row < row0 + rows; row++) {
    for (let col = col0; col < col0 + cols; col++) {
      const core = { x: col * stepX + (stepX - width) / 2, y: row * stepY + (stepY - height) / 2, width, height };
      if (!isWanted(core)) continue;
      const frame = {
        x: core.x,
        y: core.y,
        pxX,
        pxY,
        mpp: input.mpp,
        size: input.window,
        margin: 0,
        slide: whole,
        core,
        col,
        row,
      };
      patches.push(reader.patch(frame, input.window / 2)); // half of it at most lies beyond the slide
    }
  }
  return patches;
}

/**
 * A whole picture as the set's next row: at the encoder's scale where the picture is calibrated, else with its shorter side as
 * large as the encoder's window. The encoder reads squares: the longer side is rounded to its multiple, and the shorter goes
 * on mirrored, white beyond its own length. One that takes a single size is given the whole in it.
 * @param x where the picture lies, of several beside each other, px
 * @throws the signal's reason; what readTile and the encoder throw
 */
export async function embedPicture(
  slide: Slide,
  encoder: LoadedModel,
  set: FeatureSet,
  { signal }: Waits,
  x = 0,
): Promise<void> {
  const { input } = encoder.manifest;
  const { widthPx, heightPx } = levelOf(slide, 0);
  const px = slide.mpp ? input.mpp / slide.mpp.x : Math.min(widthPx, heightPx) / input.window;
  const side = Math.max(widthPx, heightPx) / px;
  const isFixed = input.multiple === input.window;
  const size = isFixed ? input.window : Math.max(input.multiple, Math.round(side / input.multiple) * input.multiple);
  const scale = side / size;
  const step = px * scale; // level px a model px: the longer side fills the window, the shorter goes on mirrored
  const whole = { x: 0, y: 0, width: widthPx, height: heightPx };
  const places = tilesUnder(slide, 0, whole, 0);
  const tiles = await readTiles(slide, places, { signal });
  const bounds = { ...whole, reach: Math.max(widthPx, heightPx) };
  const outputs = await encoder.run({ tiles, x: 0, y: 0, scaleX: step, scaleY: step, size, bounds }, { signal });
  set.add(`picture ${set.rows}`, { ...whole, x }, outputs);
}
