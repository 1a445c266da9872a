// How a run uses the mosaic of large objects.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { PatchOutputs } from '#inference/model.ts';
import { packedWith, planeOf } from './outputs.ts';
import type { Plan, PlannedPatch } from './plan.ts';
import type { Mosaic, Postprocessor } from './postprocess/postprocessor.ts';
import type { CoreTask } from './postprocess/tasks.ts';

/**
 * Undefined where the model knows no glands.
 * @throws EosinError ModelInvalid where its windows do not fit its maps
 */
export async function openMosaic(
  manifest: PatchManifest,
  postprocess: Postprocessor,
  { patches, around }: Plan,
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
      cores: patches.map(coreAt),
      around: around.map(coreAt),
    },
    waits,
  );
}

const coreAt = ({ frame: { col, row } }: PlannedPatch): { col: number; row: number } => ({ col, row });

/**
 * What the mosaic takes of a patch; undefined where the model knows no glands.
 * @throws EosinError ModelWrong
 */
export function coreTaskOf(
  manifest: PatchManifest,
  { frame }: PlannedPatch,
  outputs: PatchOutputs,
): CoreTask | undefined {
  const glands = planeOf(manifest, outputs, 'glands');
  if (!glands) return undefined;
  const lumina = planeOf(manifest, outputs, 'lumina');
  return { frame, maps: { glands: glands.data, lumina: lumina?.data, side: glands.side }, stride: glands.stride };
}
