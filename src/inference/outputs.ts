// What comes out of a network: its shapes, whether it can be true, and how far two of them differ.
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest, PatchOutput, RowsManifest, RowsOutput } from './manifest.ts';
import type { OutputTensor, PatchOutputs } from './model.ts';

/** An output as one run must give it. */
export interface Shaped {
  readonly output: PatchOutput | RowsOutput;
  readonly dims: readonly number[];
}

/** All outputs of a run on a square window of `size` model px. */
export const patchShapes = ({ outputs }: PatchManifest, size: number): Shaped[] =>
  outputs.map((output) => ({ output, dims: dimsOf(output, size) }));

/** All outputs of a run on so many rows of features. */
export const rowsShapes = ({ outputs }: RowsManifest, rows: number): Shaped[] =>
  outputs.map((output) => {
    const columns = 'classes' in output ? output.classes.length : output.channels;
    return { output, dims: [output.kind === 'bag' ? 1 : rows, columns] };
  });

/** [1, planes, height, width] of an output for a square window of `size` model px; [1, channels] of pooled features. */
export function dimsOf(output: PatchOutput, size: number): readonly number[] {
  if (output.kind === 'pooled') return [1, output.channels];
  const side = size / output.stride;
  return [1, channelsOf(output), side, side];
}

function channelsOf(output: Exclude<PatchOutput, { kind: 'pooled' }>): number {
  switch (output.kind) {
    case 'packed':
      return output.planes.length;
    case 'grid':
      return output.classes.length;
    case 'features':
      return output.channels;
  }
}

/** Of so many outputs together. */
export const outputBytes = (manifest: PatchManifest, size: number, names: readonly string[]): number =>
  patchShapes(manifest, size)
    .filter(({ output }) => names.includes(output.name))
    .reduce((sum, { dims }) => sum + 4 * dims.reduce((product, side) => product * side, 1), 0);

/** Outputs a run gives when nobody says which. */
export const usualOutputs = ({ outputs }: PatchManifest): string[] =>
  outputs.filter(({ kind }) => kind !== 'features').map(({ name }) => name);

/** @throws EosinError BadInput for a name the model does not have, a size that is no multiple of the model's */
export function checkedRequest(manifest: PatchManifest, size: number, names: readonly string[]): void {
  checkedNames(manifest, names);
  const { multiple } = manifest.input;
  if (size <= 0 || size % multiple !== 0) {
    throw new EosinError({
      tag: 'BadInput',
      what: 'A patch for the model',
      seen: `its side is ${size} px`,
      todo: `${manifest.id} takes multiples of ${multiple}.`,
    });
  }
}

/** @throws EosinError BadInput for a name the model does not have */
export function checkedNames(manifest: PatchManifest | RowsManifest, names: readonly string[]): void {
  const unknown = names.find((name) => !manifest.outputs.some((output) => output.name === name));
  if (unknown !== undefined) {
    const known = manifest.outputs.map(({ name }) => name).join(', ');
    throw new EosinError({
      tag: 'BadInput',
      what: 'An output',
      seen: `${manifest.id} has none named ${unknown}`,
      todo: `It has ${known}.`,
    });
  }
}

/** The outputs of each of so many patches that were run as one, in arrays of their own; one patch's are handed through. */
export function apart(outputs: PatchOutputs, count: number): PatchOutputs[] {
  if (count === 1) return [outputs];
  return Array.from({ length: count }, (_, k) =>
    Object.fromEntries(
      Object.entries(outputs).map(([name, { dims, data }]): [string, OutputTensor] => {
        const length = data.length / count;
        return [name, { dims: [1, ...dims.slice(1)], data: data.slice(k * length, (k + 1) * length) }];
      }),
    ),
  );
}

const BYTES3 = 0xffffff; // the largest packed element

/**
 * What cannot be true of these outputs, as part of a sentence; undefined where nothing is amiss. A dying device hands
 * back zeros as success, and background + inner + contour is never zero everywhere. `types` may be: its fourth class
 * is what the other three leave.
 */
export function whatIsWrong(shapes: readonly Shaped[], outputs: PatchOutputs): string | undefined {
  for (const { output, dims } of shapes) {
    const tensor = outputs[output.name];
    if (!tensor) continue;
    if (dims.some((side, axis) => side !== tensor.dims[axis]) || dims.length !== tensor.dims.length) {
      return `${output.name} has the shape ${tensor.dims.join(' × ')}, the manifest says ${dims.join(' × ')}`;
    }
    const wrong =
      output.kind === 'packed' ? wrongPlanes(output.planes, output.name, tensor) : wrongFloats(output, tensor);
    if (wrong) return wrong;
  }
  return undefined;
}

function wrongPlanes(planes: readonly string[], name: string, { data }: OutputTensor): string | undefined {
  if (!(data instanceof Int32Array)) return `${name} is not int32`;
  const length = data.length / planes.length;
  for (const [index, plane] of planes.entries()) {
    const values = data.subarray(index * length, (index + 1) * length);
    const any = bitsIn(values);
    if ((any & ~BYTES3) !== 0) {
      const value = values.find((each) => (each & ~BYTES3) !== 0);
      return `${plane} holds ${value}, which is no packed probability`;
    }
    if (any === 0 && plane !== 'types') return `${plane} is zero everywhere`;
  }
  return undefined;
}

/** Set in any of them. All threads wait for it between two patches, and an iterator would take twelve times as long. */
function bitsIn(values: Int32Array): number {
  let any = 0;
  for (let i = 0; i < values.length; i++) any |= values[i] ?? 0;
  return any;
}

function wrongFloats({ name, kind }: Shaped['output'], { data }: OutputTensor): string | undefined {
  if (!(data instanceof Float32Array)) return `${name} is not float32`;
  let any = false;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? 0;
    if (!Number.isFinite(value)) return `${name} holds ${value}`;
    if (value !== 0) any = true;
  }
  const mayBeZero = kind === 'features' || kind === 'rows' || kind === 'bag';
  return any || mayBeZero ? undefined : `${name} is zero everywhere`;
}

/**
 * golden.bin: the outputs but `features`, in the manifest's order, little-endian, one after the other.
 * @param made what they were made of, as part of a sentence
 * @throws EosinError ModelInvalid where its length is another
 */
export function goldenOutputs(
  bytes: ArrayBuffer,
  { id, golden }: Pick<PatchManifest | RowsManifest, 'id' | 'golden'>,
  shapes: readonly Shaped[],
  made: string,
): PatchOutputs {
  const wanted = shapes.filter(({ output }) => output.kind !== 'features');
  const lengthOf = ({ dims }: Shaped): number => dims.reduce((product, side) => product * side, 1);
  const total = wanted.reduce((sum, shaped) => sum + lengthOf(shaped) * 4, 0);
  if (bytes.byteLength !== total) {
    throw new EosinError({
      tag: 'ModelInvalid',
      model: id,
      seen: `${golden.outputs} holds ${bytes.byteLength} bytes, ${made} makes ${total}`,
      todo: 'Export the model again.',
    });
  }
  let at = 0;
  return Object.fromEntries(
    wanted.map((shaped): [string, OutputTensor] => {
      const { output, dims } = shaped;
      const length = lengthOf(shaped);
      const data = output.kind === 'packed' ? new Int32Array(bytes, at, length) : new Float32Array(bytes, at, length);
      at += length * 4;
      return [output.name, { dims, data }];
    }),
  );
}

/** The largest difference of a probability between two sets of outputs; Infinity where one lacks what the other has. */
export function maxDifference(expected: PatchOutputs, seen: PatchOutputs): number {
  let largest = 0;
  for (const [name, { data }] of Object.entries(expected)) {
    const other = seen[name]?.data;
    if (other?.length !== data.length) return Infinity;
    const packed = data instanceof Int32Array;
    for (let i = 0; i < data.length; i++) {
      const difference = packed
        ? packedDifference(data[i] ?? 0, other[i] ?? 0)
        : Math.abs((data[i] ?? 0) - (other[i] ?? 0));
      if (Number.isNaN(difference)) return Infinity;
      if (difference > largest) largest = difference;
    }
  }
  return largest;
}

function packedDifference(a: number, b: number): number {
  if (a === b) return 0;
  const first = Math.abs((a & 255) - (b & 255));
  const second = Math.abs(((a >> 8) & 255) - ((b >> 8) & 255));
  const third = Math.abs((a >> 16) - (b >> 16));
  return Math.max(first, second, third) / 255;
}
