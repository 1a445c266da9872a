// One run: from what is asked to objects, patch by patch. It only schedules; leaving it cancels everything below.
import type { Waits } from '#channel/waits.ts';
import { type Failure, failureOf } from '#errors/failure.ts';
import type { LoadedModel, PatchOutputs } from '#inference/model.ts';
import { rowsOf } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { GridPatch } from '#objects/grid.ts';
import type { Slide } from '#slide/slide.ts';
import { contains, intersect, type Point } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import type { RunEnd, RunEvent } from './events.ts';
import type { Journal } from './journal.ts';
import { gridOf, planeOf, tensorOf } from './outputs.ts';
import { isMask, type PlannedPatch, planPatches, type Region } from './plan.ts';
import type { Mosaic, Postprocessor } from './postprocess/postprocessor.ts';
import { coreTaskOf, openMosaic } from './run-mosaic.ts';
import { attempt, nearestFirst, type Step, throughStages } from './stages.ts';
import { addClassAreas, sharesOf, tissueCells } from './tissue-cells.ts';
import { isTissueAt } from './tissue-mask.ts';

const GIVE_UP_AFTER = 3; //    patches in a row that the slide, the device or a worker failed
const LARGE_EVERY_MS = 500;

export interface RunAsked {
  readonly slide: Slide;
  readonly mpp: MppXY; //                of level 0, as told by the slide or by the user
  readonly region: Region; //            level-0 px
  readonly model: LoadedModel; //        lent
  readonly postprocess: Postprocessor; // lent
  readonly journal: Journal;
  /** Where the user looks now, level-0 px: the nearest patch is next. */
  readonly viewCentre: () => Point;
  readonly now?: () => number; //        ms
}

interface PatchResult {
  readonly nuclei: ObjectColumns | undefined;
  readonly tissue: GridPatch | undefined;
  /** The patch is committed, but the mosaic is no more: the run cannot go on. */
  readonly mosaicFailure: Failure | undefined;
}

/**
 * A run that cannot go on ends with a `failure` in its result: what it told stands.
 * @throws the signal's reason; EosinError BadInput, before anything is told, where the pixel size cannot be right
 */
export async function* analyse(asked: RunAsked, waits: Waits): AsyncGenerator<RunEvent, RunEnd, undefined> {
  waits.signal.throwIfAborted();
  const { model, postprocess, region, viewCentre, now = () => performance.now() } = asked;
  const plan = planPatches({ ...asked, input: model.manifest.input, viewCentre: viewCentre() });
  const grid = gridOf(model.manifest);
  const areas = new Float64Array(grid?.classes.length ?? 0);
  let [patches, failedPatches, failedInARow, toldLarge] = [0, 0, 0, Number.NEGATIVE_INFINITY];
  let failure: Failure | undefined;

  const isHopeless = (got: { readonly isOfTile: boolean }): boolean => !got.isOfTile && ++failedInARow >= GIVE_UP_AFTER;

  async function* large(mosaic: Mosaic, final: boolean): AsyncGenerator<RunEvent, void, undefined> {
    if (!final && now() - toldLarge < LARGE_EVERY_MS) return;
    const { glands, lumina } = await mosaic.collect(final, waits);
    toldLarge = now();
    yield { kind: 'large', glands: largeWithin(region, glands), lumina: largeWithin(region, lumina) };
  }

  /** Until every gland of a rectangle is known whole, or its surroundings are. */
  async function* around(mosaic: Mosaic): AsyncGenerator<RunEvent, void, undefined> {
    while (!isMask(region) && plan.around.length > 0) {
      const wanted = await mosaic.wanted(region, waits);
      const cores = plan.around.filter(({ frame }) =>
        wanted.some(({ col, row }) => col === frame.col && row === frame.row),
      );
      if (cores.length === 0) return;
      yield { kind: 'around', cores: cores.map(({ frame }) => frame.core) };
      const steps = throughStages(asked, nearestFirst(cores, viewCentre), addTo(asked, mosaic), waits);
      for await (const { patch, got } of steps) {
        if ('value' in got) {
          failedInARow = 0;
          continue;
        }
        await mosaic.skip(patch.frame.col, patch.frame.row, waits);
        if (!isHopeless(got)) continue;
        failure = got.failure;
        return;
      }
      yield* large(mosaic, false);
    }
  }

  yield { kind: 'planned', cores: plan.patches.map(({ frame }) => frame.core), areaPx: plan.areaPx };
  try {
    using mosaic = await openMosaic(model.manifest, postprocess, plan, waits);
    const steps = throughStages(asked, nearestFirst(plan.patches, viewCentre), committed(asked, mosaic), waits);
    for await (const { index, patch, got } of steps) {
      const { core, col, row } = patch.frame;
      if ('value' in got) {
        const { nuclei, tissue, mosaicFailure } = got.value;
        patches++;
        failedInARow = 0;
        if (tissue) addClassAreas(areas, tissue);
        yield { kind: 'patch', index, core, nuclei, tissue };
        failure = mosaicFailure;
        if (failure) break;
        if (mosaic) yield* large(mosaic, false);
        continue;
      }
      failedPatches++;
      await mosaic?.skip(col, row, waits);
      yield { kind: 'failed', index, core, failure: got.failure };
      if (isHopeless(got) || (patches === 0 && failedPatches === plan.patches.length)) {
        failure = got.failure;
        break;
      }
    }
    if (mosaic && !failure) yield* around(mosaic);
    if (mosaic) yield* large(mosaic, true);
  } catch (thrown) {
    waits.signal.throwIfAborted();
    failure ??= failureOf(thrown);
  }
  const share = sharesOf(areas);
  const tissue = grid && share ? { classes: grid.classes, share } : undefined;
  return { patches, failedPatches, areaPx: plan.areaPx, tissue, failure };
}

/** Nuclei and tissue, into the journal, and only then the glands: what the journal refuses leaves nothing behind. */
const committed =
  (asked: RunAsked, mosaic: Mosaic | undefined) =>
  (step: Step<PatchOutputs>, waits: Waits): Promise<Step<PatchResult>> =>
    attempt(step, waits, async (outputs) => {
      const { manifest } = asked.model;
      const { frame } = step.patch;
      const grid = gridOf(manifest);
      const tissue =
        grid &&
        tissueCells(tensorOf(manifest, outputs, grid.name), grid.stride, frame, (x, y) => isIn(asked.region, x, y));
      const core = mosaic && coreTaskOf(manifest, step.patch, outputs);
      const nuclei = await nucleiIn(asked, step.patch, outputs, waits);
      await asked.journal.append({ col: frame.col, row: frame.row, nuclei, tissue }, waits);
      try {
        if (core) await mosaic?.add(core, waits);
      } catch (thrown) {
        waits.signal.throwIfAborted();
        return { nuclei, tissue, mosaicFailure: failureOf(thrown) };
      }
      return { nuclei, tissue, mosaicFailure: undefined };
    });

/** Glands and lumina alone. */
const addTo =
  ({ model: { manifest } }: RunAsked, mosaic: Mosaic) =>
  (step: Step<PatchOutputs>, waits: Waits): Promise<Step<undefined>> =>
    attempt(step, waits, async (outputs) => {
      const core = coreTaskOf(manifest, step.patch, outputs);
      if (core) await mosaic.add(core, waits);
      return undefined;
    });

async function nucleiIn(
  { model: { manifest }, postprocess, region }: RunAsked,
  { frame }: PlannedPatch,
  outputs: PatchOutputs,
  waits: Waits,
): Promise<ObjectColumns | undefined> {
  const task = manifest.tasks.nuclei;
  const plane = planeOf(manifest, outputs, 'nuclei');
  if (!task || !plane) return undefined;
  const types = planeOf(manifest, outputs, 'types');
  const owned = isMask(region) ? frame.core : intersect(frame.core, region);
  const found = await postprocess.nuclei(
    {
      frame,
      owned,
      packed: plane.data,
      side: plane.side,
      types: types && { packed: types.data, width: types.side, stride: types.stride },
      classes: task.classes,
      settings: task.postprocess,
    },
    waits,
  );
  return isMask(region) ? within(region, found) : found;
}

const isIn = (region: Region, x: number, y: number): boolean =>
  isMask(region) ? isTissueAt(region, x, y) : contains(region, x, y);

/**
 * Of a mask all that was seen, since only tissue was looked at: the centroid of a crypt with a wide lumen lies on glass.
 */
const largeWithin = (region: Region, columns: ObjectColumns): ObjectColumns =>
  isMask(region) ? columns : within(region, columns);

/** Those whose centroid lies in the region. */
function within(region: Region, columns: ObjectColumns): ObjectColumns {
  const rows: number[] = [];
  for (let i = 0; i < columns.count; i++) {
    if (isIn(region, columns.centroid[2 * i] ?? 0, columns.centroid[2 * i + 1] ?? 0)) rows.push(i);
  }
  return rows.length === columns.count ? columns : rowsOf(columns, rows);
}
