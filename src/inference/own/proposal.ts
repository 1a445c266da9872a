// What the app proposes for a model that somebody adds: size, scale, normalisation, where its features are taken. Each
// says where it comes from, because a person has to agree.

import { TENSOR } from '../onnx-fields.ts';
import { type GraphNode, graphOf } from '../onnx-graph.ts';
import { messagesOf } from '../protobuf.ts';
import type { Description } from './description.ts';
import { type TapFound, tapsOf } from './taps.ts';
import type { OwnUse } from './use.ts';

export type Triple = readonly [number, number, number];

export interface Normalisation {
  readonly mean: Triple; // of value / 255
  readonly std: Triple;
}

/** By name; a description may give others. */
export const NORMALISATIONS = {
  imagenet: { label: 'ImageNet', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  unit: { label: '0 to 1', mean: [0, 0, 0], std: [1, 1, 1] },
  signed: { label: '−1 to 1', mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  bytes: { label: '0 to 255', mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] },
} as const satisfies Record<string, Normalisation & { label: string }>;

export interface Proposed<T> {
  readonly value: T;
  readonly from: string; //       a few words: who says it
  readonly isGuess: boolean; //   nobody does
}

export interface Proposal {
  readonly window: Proposed<number>; //   px
  readonly isFixed: boolean; //           the graph takes this window and no other
  readonly mpp: Proposed<number>;
  readonly normalisation: Proposed<Normalisation>;
  readonly taps: readonly TapFound[];
  readonly classes: readonly string[] | undefined;
  /** Where the description says one thing and the file another: sentences. */
  readonly contradictions: readonly string[];
}

const USUAL_WINDOW = 224;
const USUAL_MPP = 0.5;

export function proposalFor(
  onnx: Uint8Array<ArrayBuffer>,
  use: Extract<OwnUse, { kind: 'patches' }>,
  file: string,
  described: Description | undefined,
): Proposal {
  const { source } = described ?? {};
  const window = windowOf(use, described);
  const input = { name: use.input.name, coloursLast: use.coloursLast, side: window.value };
  const taps = tapsOf(onnx, input, described?.classes?.length);
  return {
    window,
    isFixed: use.side !== undefined,
    mpp:
      described?.mpp !== undefined && source
        ? { value: described.mpp, from: source, isGuess: false }
        : { value: USUAL_MPP, from: 'nothing states it; 0.5 is a 20× scan', isGuess: true },
    normalisation: normalisationOf(onnx, use.input.name, file, described),
    taps,
    classes: described?.classes,
    contradictions: described ? contradictionsOf(use, described, taps) : [],
  };
}

function windowOf(
  { side }: Extract<OwnUse, { kind: 'patches' }>,
  described: Description | undefined,
): Proposed<number> {
  if (side !== undefined) return { value: side, from: 'the graph takes no other', isGuess: false };
  if (described?.window !== undefined) return { value: described.window, from: described.source, isGuess: false };
  return { value: USUAL_WINDOW, from: 'nothing states it; 224 is usual', isGuess: true };
}

function normalisationOf(
  onnx: Uint8Array<ArrayBuffer>,
  input: string,
  file: string,
  described: Description | undefined,
): Proposed<Normalisation> {
  if (described?.mean && described.std)
    return { value: { mean: described.mean, std: described.std }, from: described.source, isGuess: false };
  const inside = scaledInside(onnx, input);
  if (inside === 'bytes')
    return { value: NORMALISATIONS.bytes, from: 'the graph divides by 255 itself', isGuess: false };
  if (inside === 'unit')
    return { value: NORMALISATIONS.unit, from: 'the graph takes the mean off itself', isGuess: false };
  const known = /imagenet|resnet|resnext|densenet|efficientnet|squeezenet|mobilenet|convnext|vgg/i.exec(file)?.[0];
  const from = known ? `the file's name (${known})` : 'nothing states it; most encoders start from ImageNet';
  return { value: NORMALISATIONS.imagenet, from, isGuess: known === undefined };
}

/** What the graph does first with its input, where that is part of a normalisation. */
function scaledInside(onnx: Uint8Array<ArrayBuffer>, input: string): 'bytes' | 'unit' | undefined {
  const { nodes, tensors } = graphOf(onnx);
  const first: GraphNode | undefined = nodes.find(({ inputs }) => inputs[0] === input);
  if (first?.opType === 'Sub') return 'unit';
  if (first?.opType !== 'Div' && first?.opType !== 'Mul') return undefined;
  const tensor = tensors.get(first.inputs[1] ?? '') ?? [];
  const bytes = [...messagesOf(tensor, TENSOR.raw), ...messagesOf(tensor, TENSOR.floats)][0];
  if (!bytes || bytes.byteLength < 4) return undefined;
  const factor = new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
  return (first.opType === 'Div' ? factor : 1 / factor) > 100 ? 'bytes' : undefined;
}

function contradictionsOf(
  { side }: Extract<OwnUse, { kind: 'patches' }>,
  { source, window, channels, classes }: Description,
  taps: readonly TapFound[],
): string[] {
  const found: string[] = [];
  if (side !== undefined && window !== undefined && window !== side)
    found.push(`${source} says ${window} px, the graph takes ${side} px.`);
  if (channels !== undefined && channels !== 3)
    found.push(`${source} says ${channels} ${channels === 1 ? 'channel' : 'channels'}, the graph takes three.`);
  const scores = taps.find(({ what }) => what === 'classes');
  if (classes && scores && scores.channels !== classes.length)
    found.push(`${source} names ${classes.length} classes, the graph gives ${scores.channels}.`);
  return found;
}
