// From what the network gave to what a patch counts for: objects and cells, in the journal, and only then in the mosaic.
import { movable } from '#channel/movable.ts';
import type { Waits } from '#channel/waits.ts';
import { type Failure, failureOf } from '#errors/failure.ts';
import type { LoadedModel, PatchOutputs } from '#inference/model.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { GridPatch } from '#objects/grid.ts';
import { intersect } from '#units/rect.ts';
import type { Journal } from './journal.ts';
import { gridOf, planeOf, tensorOf } from './outputs.ts';
import type { PlannedPatch } from './plan.ts';
import type { Postprocessor } from './postprocess/postprocessor.ts';
import type { NucleiTask } from './postprocess/tasks.ts';
import { asRect, isIn, type Region } from './region.ts';
import { within } from './region-objects.ts';
import { coreTaskOf, type RunMosaic } from './run-mosaic.ts';
import { tissueCells } from './tissue/cells.ts';

/** All lent. */
export interface ResultNeeds {
  readonly region: Region;
  readonly model: LoadedModel;
  readonly postprocess: Postprocessor;
  readonly journal: Journal;
  readonly mosaic: RunMosaic | undefined;
}

export interface PatchResult {
  readonly nuclei: ObjectColumns | undefined;
  readonly tissue: GridPatch | undefined;
  /** The patch is committed, but the mosaic is no more: the run cannot go on. */
  readonly mosaicFailure: Failure | undefined;
}

/**
 * Nuclei, tissue and the core's map into the journal, and only then the map into the mosaic: what the journal refuses leaves
 * nothing behind. Takes the outputs over.
 * @throws EosinError WorkerDied, ModelWrong, and what the journal throws; the signal's reason
 */
export async function commit(
  needs: ResultNeeds,
  patch: PlannedPatch,
  outputs: PatchOutputs,
  waits: Waits,
): Promise<PatchResult> {
  const { manifest } = needs.model;
  const { frame } = patch;
  const grid = gridOf(manifest);
  const tissue =
    grid && tissueCells(tensorOf(manifest, outputs, grid.name), grid.stride, frame, (x, y) => isIn(needs.region, x, y));
  const core = needs.mosaic && coreTaskOf(manifest, patch, outputs);
  const found = await needs.postprocess.patch({ nuclei: nucleiTaskOf(needs, patch, outputs), core }, waits);
  giveBack(needs, outputs, found.maps);
  const nuclei = ownNuclei(needs.region, found.nuclei);
  await needs.journal.append(
    { col: frame.col, row: frame.row, around: false, nuclei, tissue, core: found.core },
    waits,
  );
  try {
    if (found.core) await needs.mosaic?.add(frame.col, frame.row, found.core, waits);
  } catch (thrown) {
    waits.signal.throwIfAborted();
    return { nuclei, tissue, mosaicFailure: failureOf(thrown) };
  }
  return { nuclei, tissue, mosaicFailure: undefined };
}

/** Beside the plan: glands and lumina alone. @throws as commit */
export async function commitAround(
  needs: ResultNeeds,
  patch: PlannedPatch,
  outputs: PatchOutputs,
  waits: Waits,
): Promise<void> {
  const { col, row } = patch.frame;
  const task = coreTaskOf(needs.model.manifest, patch, outputs);
  const { core, maps } = await needs.postprocess.patch({ nuclei: undefined, core: task }, waits);
  giveBack(needs, outputs, maps);
  await needs.journal.append({ col, row, around: true, nuclei: undefined, tissue: undefined, core }, waits);
  if (core) await needs.mosaic?.add(col, row, core, waits);
}

/** The nuclei alone, for the eye. @throws as commit */
export async function previewOf(
  needs: ResultNeeds,
  patch: PlannedPatch,
  outputs: PatchOutputs,
  waits: Waits,
): Promise<ObjectColumns | undefined> {
  const task = nucleiTaskOf(needs, patch, outputs);
  const { nuclei, maps } = await needs.postprocess.patch({ nuclei: task, core: undefined }, waits);
  giveBack(needs, outputs, maps);
  return ownNuclei(needs.region, nuclei);
}

/**
 * All memory of the outputs, each part once: two patches written into the same would be wrong without a word. What moved away
 * comes back as another object and leaves nothing here; what is shared is here still, and what comes back is it again.
 */
function giveBack({ model }: ResultNeeds, outputs: PatchOutputs, maps: readonly ArrayBufferLike[]): void {
  const here = Object.values(outputs).map(({ data }) => data.buffer);
  model.giveBack(new Set([...here, ...movable(maps)]));
}

/** Of a rectangle they were told apart already, by what the patch owns. */
const ownNuclei = (region: Region, nuclei: ObjectColumns | undefined): ObjectColumns | undefined =>
  nuclei && !asRect(region) ? within(region, nuclei) : nuclei;

function nucleiTaskOf(
  { model: { manifest }, region }: ResultNeeds,
  { frame }: PlannedPatch,
  outputs: PatchOutputs,
): NucleiTask | undefined {
  const task = manifest.tasks.nuclei;
  const plane = planeOf(manifest, outputs, 'nuclei');
  if (!task || !plane) return undefined;
  const rect = asRect(region);
  const types = planeOf(manifest, outputs, 'types');
  return {
    frame,
    owned: rect ? intersect(frame.core, rect) : frame.core,
    packed: plane.data,
    side: plane.side,
    types: types && { packed: types.data, width: types.side, stride: types.stride },
    classes: task.classes,
    settings: task.postprocess,
  };
}
