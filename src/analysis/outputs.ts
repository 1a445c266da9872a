// Which output of a network holds what.
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest, PatchOutput } from '#inference/manifest.ts';
import type { OutputTensor, PatchOutputs } from '#inference/model.ts';

/** A plane of a packed output: one int32 a pixel, three 8-bit values in it. */
export interface Plane {
  readonly data: Int32Array; // [side × side], of one buffer with the output's other planes: they move together
  readonly side: number;
  readonly stride: number; //  model px a pixel
}

type Packed = Extract<PatchOutput, { kind: 'packed' }>;

/** The packed output with that plane, as the manifest tells it. */
export const packedWith = ({ outputs }: PatchManifest, plane: string): Packed | undefined =>
  outputs.find((output): output is Packed => output.kind === 'packed' && output.planes.includes(plane));

export const gridOf = ({ outputs }: PatchManifest): Extract<PatchOutput, { kind: 'grid' }> | undefined =>
  outputs.find((output) => output.kind === 'grid');

export const featuresOf = ({ outputs }: PatchManifest): Extract<PatchOutput, { kind: 'features' }> | undefined =>
  outputs.find((output) => output.kind === 'features');

/** @throws EosinError ModelWrong where the network did not give what its manifest says */
export function tensorOf(manifest: PatchManifest, outputs: PatchOutputs, name: string): OutputTensor {
  const tensor = outputs[name];
  if (tensor) return tensor;
  throw new EosinError({ tag: 'ModelWrong', model: manifest.id, device: 'The runtime', seen: `no output '${name}'` });
}

/** Undefined where the model has no such plane. */
export function planeOf(manifest: PatchManifest, outputs: PatchOutputs, plane: string): Plane | undefined {
  const output = packedWith(manifest, plane);
  if (!output) return undefined;
  const { data, dims } = tensorOf(manifest, outputs, output.name);
  const [, planes = 0, side = 0, width = 0] = dims;
  if (!(data instanceof Int32Array) || planes !== output.planes.length || side !== width) {
    const seen = `output '${output.name}' as [${dims.join(', ')}] instead of ${output.planes.length} square planes of int32`;
    throw new EosinError({ tag: 'ModelWrong', model: manifest.id, device: 'The runtime', seen });
  }
  const start = output.planes.indexOf(plane) * side * side;
  return {
    data: data.subarray(start, start + side * side),
    side,
    stride: output.stride,
  };
}
