// One run: from what is asked to objects, patch by patch. It only schedules; leaving it cancels everything below.
import type { Waits } from '#channel/waits.ts';
import { EosinError, type Failure, failureOf } from '#errors/failure.ts';
import type { LoadedModel, Patch, PatchOutputs } from '#inference/model.ts';
import { rowsOf } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { GridPatch } from '#objects/grid.ts';
import { release } from '#slide/raster.ts';
import { levelOf, type Slide } from '#slide/slide.ts';
import { contains, intersect, type Point } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import type { RunEnd, RunEvent } from './events.ts';
import type { Journal } from './journal.ts';
import { mirrored } from './mirror.ts';
import { gridOf, packedWith, planeOf, tensorOf } from './outputs.ts';
import { overlapped } from './overlap.ts';
import { distance2, isMask, type Plan, type PlannedPatch, planPatches, type Region } from './plan.ts';
import type { Mosaic, Postprocessor } from './postprocess/postprocessor.ts';
import { addClassAreas, sharesOf, tissueCells } from './tissue-cells.ts';
import { isTissueAt } from './tissue-mask.ts';

const READ_AHEAD = 2; //       patches
const INFER_AHEAD = 2; //      one computes, one waits at the device's door
const POSTPROCESS_AHEAD = 2;
const GIVE_UP_AFTER = 3; //    patches in a row that the device or a worker failed
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

/** A patch on its way. A failure goes through the later stages untouched. */
interface Step<T> {
  readonly index: number;
  readonly patch: PlannedPatch;
  readonly got: { readonly value: T } | { readonly failure: Failure; readonly isOfTile: boolean };
}

interface PatchResult {
  readonly nuclei: ObjectColumns | undefined;
  readonly tissue: GridPatch | undefined;
}

/**
 * @throws the signal's reason. A run that cannot go on ends with a `failure` in its result instead: what it told stands.
 */
export async function* analyse(asked: RunAsked, { signal }: Waits): AsyncGenerator<RunEvent, RunEnd, undefined> {
  signal.throwIfAborted();
  const { model, now = () => performance.now() } = asked;
  const plan = planPatches({ ...asked, input: model.manifest.input, viewCentre: asked.viewCentre() });
  const left = new AbortController();
  const waits = { signal: AbortSignal.any([signal, left.signal]) };
  const grid = gridOf(model.manifest);
  const areas = new Float64Array(grid?.classes.length ?? 0);
  let [patches, failedPatches, failedInARow, toldLarge] = [0, 0, 0, Number.NEGATIVE_INFINITY];
  let failure: Failure | undefined;

  yield { kind: 'planned', cores: plan.patches.map(({ frame }) => frame.core), areaPx: plan.areaPx };
  using mosaic = await openMosaic(asked, plan, waits);

  async function* large(final: boolean): AsyncGenerator<RunEvent, void, undefined> {
    if (!mosaic || (!final && now() - toldLarge < LARGE_EVERY_MS)) return;
    const { glands, lumina } = await mosaic.collect(final, waits);
    toldLarge = now();
    yield { kind: 'large', glands: within(asked.region, glands), lumina: within(asked.region, lumina) };
  }

  const read = overlapped(nearestFirst(plan, asked.viewCentre), READ_AHEAD, (step) => readTiles(asked, step, waits));
  const inferred = overlapped(read, INFER_AHEAD, (step) => infer(asked, step, waits));
  const results = overlapped(inferred, POSTPROCESS_AHEAD, (step) => postprocess(asked, mosaic, step, waits));
  try {
    for (let next = await results.next(); !next.done; next = await results.next()) {
      const { index, patch, got } = next.value;
      const { core, col, row } = patch.frame;
      if ('value' in got) {
        patches++;
        failedInARow = 0;
        if (got.value.tissue) addClassAreas(areas, got.value.tissue);
        yield { kind: 'patch', index, core, ...got.value };
        yield* large(false);
        continue;
      }
      failedPatches++;
      await mosaic?.skip(col, row, waits).catch(ignoreUnlessAborted(waits));
      yield { kind: 'failed', index, core, failure: got.failure };
      if (!got.isOfTile && ++failedInARow >= GIVE_UP_AFTER) {
        failure = got.failure;
        break;
      }
      if (patches === 0 && failedPatches === plan.patches.length) failure = got.failure;
    }
    yield* large(true);
  } catch (thrown) {
    signal.throwIfAborted();
    failure = failureOf(thrown);
  } finally {
    left.abort(new DOMException('The run was left.', 'AbortError'));
    await results.return().catch(() => undefined);
  }
  const share = sharesOf(areas);
  const tissue = grid && share ? { classes: grid.classes, share } : undefined;
  return { patches, failedPatches, areaPx: plan.areaPx, tissue, failure };
}

/** Patches as they are asked for: each time the one nearest to where the user looks by then. */
async function* nearestFirst(plan: Plan, viewCentre: () => Point): AsyncGenerator<Step<undefined>> {
  const remaining = plan.patches.map((patch, index): Step<undefined> => ({ index, patch, got: { value: undefined } }));
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

/** The stages catch what they cannot do, save the end of the run itself. */
async function attempt<T, U>(
  step: Step<T>,
  isOfTile: boolean,
  waits: Waits,
  work: (value: T) => Promise<U>,
): Promise<Step<U>> {
  if ('failure' in step.got) return { ...step, got: step.got };
  try {
    return { ...step, got: { value: await work(step.got.value) } };
  } catch (thrown) {
    waits.signal.throwIfAborted();
    return { ...step, got: { failure: failureOf(thrown), isOfTile } };
  }
}

const readTiles = (asked: RunAsked, step: Step<undefined>, waits: Waits): Promise<Step<Patch>> =>
  attempt(step, true, waits, () => patchOf(asked.slide, step.patch, waits));

async function patchOf(slide: Slide, planned: PlannedPatch, waits: Waits): Promise<Patch> {
  const { frame, tiles, x, y, scaleX, scaleY } = planned;
  const reads = await Promise.allSettled(tiles.map(({ at }) => slide.readTile(at, waits)));
  const images = [];
  for (const [k, read] of reads.entries()) {
    const tile = tiles[k];
    if (read.status === 'fulfilled' && tile) images.push({ image: read.value, x: tile.x, y: tile.y });
  }
  const failed = reads.find((read) => read.status === 'rejected');
  if (failed || waits.signal.aborted) {
    for (const { image } of images) release(image);
    throw failed?.reason ?? waits.signal.reason;
  }
  const window = { x, y, width: frame.size * scaleX, height: frame.size * scaleY };
  const { widthPx: width, heightPx: height } = levelOf(slide, tiles[0]?.at.level ?? 0);
  const reach = Math.ceil(frame.margin * Math.max(scaleX, scaleY));
  const around = mirrored(images, window, { width, height }, reach);
  return { tiles: [...images, ...around], x, y, scaleX, scaleY, size: frame.size };
}

/** A device that was lost is built anew by the model: once more, with fresh tiles. */
const infer = ({ model, slide }: RunAsked, step: Step<Patch>, waits: Waits): Promise<Step<PatchOutputs>> =>
  attempt(step, false, waits, async (patch) => {
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

const postprocess = (
  asked: RunAsked,
  mosaic: Mosaic | undefined,
  step: Step<PatchOutputs>,
  waits: Waits,
): Promise<Step<PatchResult>> =>
  attempt(step, false, waits, async (outputs) => {
    const { manifest } = asked.model;
    const { frame } = step.patch;
    const grid = gridOf(manifest);
    const tissue =
      grid &&
      tissueCells(tensorOf(manifest, outputs, grid.name), grid.stride, frame, (x, y) => isIn(asked.region, x, y));
    const [nuclei] = await Promise.all([
      nucleiIn(asked, step.patch, outputs, waits),
      mosaic && addTo(mosaic, asked, step.patch, outputs, waits),
    ]);
    await asked.journal.append({ col: frame.col, row: frame.row, nuclei, tissue }, waits);
    return { nuclei, tissue };
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

async function addTo(
  mosaic: Mosaic,
  { model: { manifest } }: RunAsked,
  { frame }: PlannedPatch,
  outputs: PatchOutputs,
  waits: Waits,
): Promise<void> {
  const glands = planeOf(manifest, outputs, 'glands');
  if (!glands) return;
  const lumina = planeOf(manifest, outputs, 'lumina');
  const maps = { glands: glands.data, lumina: lumina?.data, side: glands.side };
  await mosaic.add({ frame, maps, stride: glands.stride }, waits);
}

/** Undefined where the model knows no glands. */
async function openMosaic(
  { model: { manifest }, postprocess }: RunAsked,
  { patches }: Plan,
  waits: Waits,
): Promise<Mosaic | undefined> {
  const { glands, lumina } = manifest.tasks;
  const stride = packedWith(manifest, 'glands')?.stride;
  const frame = patches[0]?.frame;
  if (!glands || !stride || !frame) return undefined;
  const side = (frame.size - 2 * frame.margin) / stride;
  if (!Number.isInteger(side) || !Number.isInteger(frame.margin / stride)) {
    const seen = `its margin of ${frame.margin} px and core of ${side * stride} px are no multiples of its stride ${stride}`;
    throw new EosinError({ tag: 'ModelInvalid', model: manifest.id, seen, todo: 'Correct its manifest.' });
  }
  return postprocess.openMosaic(
    {
      side,
      pxX: stride * frame.pxX,
      pxY: stride * frame.pxY,
      um: stride * frame.mpp,
      glands: glands.postprocess,
      lumina: lumina?.postprocess,
      glandClasses: glands.classes,
      lumenClasses: lumina?.classes ?? [],
      cores: patches.map(({ frame: { col, row } }) => ({ col, row })),
    },
    waits,
  );
}

const isIn = (region: Region, x: number, y: number): boolean =>
  isMask(region) ? isTissueAt(region, x, y) : contains(region, x, y);

/** Those whose centroid lies in the region. */
function within(region: Region, columns: ObjectColumns): ObjectColumns {
  const rows: number[] = [];
  for (let i = 0; i < columns.count; i++) {
    if (isIn(region, columns.centroid[2 * i] ?? 0, columns.centroid[2 * i + 1] ?? 0)) rows.push(i);
  }
  return rows.length === columns.count ? columns : rowsOf(columns, rows);
}

const ignoreUnlessAborted =
  ({ signal }: Waits) =>
  (): void =>
    signal.throwIfAborted();
