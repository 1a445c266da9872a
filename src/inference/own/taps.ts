// Where features can be taken out of a network that reads patches: before its classifier, at the ends of its blocks, and
// what it gives itself.
import { GRAPH, MODEL, VALUE } from '../onnx-fields.ts';
import { type Graph, type GraphNode, graphOf } from '../onnx-graph.ts';
import { fieldsOf, messagesOf, textsOf } from '../protobuf.ts';
import type { Tap } from './cut.ts';
import { shapesFor } from './shapes.ts';

export interface TapFound extends Tap {
  readonly what: 'classes' | 'block' | 'features';
  /** What it is the mean of: px of a map's side, tokens; of a vector nothing. */
  readonly side: number | undefined;
}

type Shapes = ReadonlyMap<string, readonly number[]>;

const WEIGHTED = new Set(['Gemm', 'MatMul']);
/** Between a classifier and the output it ends in. */
const AFTER_CLASSIFIER = new Set([
  'Softmax',
  'LogSoftmax',
  'Sigmoid',
  'Identity',
  'Cast',
  'Flatten',
  'Squeeze',
  'Reshape',
]);
const AFTER_CONV = new Set(['GlobalAveragePool', 'ReduceMean', 'Relu']);
const TO_VECTOR = new Set([
  'GlobalAveragePool',
  'ReduceMean',
  'Flatten',
  'Squeeze',
  'Reshape',
  'Identity',
  'Cast',
  'Dropout',
]);
const MOST_BLOCKS = 8;
const DEPTHS = 4; // of a transformer, whose blocks are all of one size

/** The graph's image input. */
export interface PatchesIn {
  readonly name: string;
  readonly coloursLast: boolean; // [n, height, width, 3]
  readonly side: number; //         px of a patch
}

/**
 * In the graph's order; classes first, so that the last is what the network thinks in the end.
 * @param classes how many its description names, where there is one
 */
export function tapsOf(onnx: Uint8Array<ArrayBuffer>, input: PatchesIn, classes: number | undefined): TapFound[] {
  const graph = graphOf(onnx);
  const shapes = shapesIn(graph, input);
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const taken = new Set(producers.keys());
  const outputs = outputsOf(onnx).filter((name) => producers.has(name));
  const vectors = outputs.filter((name) => shapes.get(name)?.length === 2);
  const found: TapFound[] = [];
  const add = (tensor: string, wanted: string, what: TapFound['what']): void => {
    const sides = shapes.get(tensor) ?? [];
    const shape = KINDS[sides.length];
    const channels = sides[shape === 'tokens' ? 2 : 1];
    if (!shape || channels === undefined) return;
    const output = shape === 'vector' && outputs.includes(tensor) ? tensor : freeName(wanted, taken);
    taken.add(output);
    const side = shape === 'vector' ? undefined : sides[shape === 'tokens' ? 1 : 2];
    found.push({ tensor, output, channels, shape, what, side });
  };
  const [only, ...more] = vectors;
  const classifier =
    only !== undefined && more.length === 0 ? classifierOf(only, producers, shapes, classes) : undefined;
  if (classifier && only !== undefined) add(only, 'classes', 'classes');
  const ends = new Set(classifier ? [classifier, ...vectors] : vectors);
  const blocks = [...blockEnds(graph, shapes), ...tokenBlocks(graph, shapes)].filter(
    (tensor) => !ends.has(tensor) && !leadsTo(tensor, ends, graph),
  );
  for (const [index, tensor] of blocks.slice(-MOST_BLOCKS).entries()) add(tensor, `block${index + 1}`, 'block');
  if (classifier) add(classifier, 'features', 'features');
  else for (const name of vectors) add(name, 'features', 'features');
  return found;
}

/** Of a network, whole or cut: convolutions and matrix products whose shapes are known. */
export function gflopPerMegapixelOf(onnx: Uint8Array<ArrayBuffer>, input: PatchesIn): number {
  const graph = graphOf(onnx);
  return gflopOf(graph, shapesIn(graph, input), input.side);
}

const shapesIn = (graph: Graph, { name, coloursLast, side }: PatchesIn): Shapes =>
  shapesFor(graph, { name, dims: coloursLast ? [1, side, side, 3] : [1, 3, side, side] });

/** By the number of axes. */
const KINDS: Readonly<Record<number, TapFound['shape']>> = { 2: 'vector', 3: 'tokens', 4: 'map' };

const outputsOf = (onnx: Uint8Array<ArrayBuffer>): string[] =>
  messagesOf([...fieldsOf(onnx)], MODEL.graph)
    .flatMap((graph) => messagesOf([...fieldsOf(graph)], GRAPH.output))
    .flatMap((value) => textsOf([...fieldsOf(value)], VALUE.name));

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let k = 2; taken.has(name); k++) name = `${wanted}-${k}`;
  return name;
}

/** Widths that nobody gives a vector of features, but lists of classes have: ImageNet's, whole and with its ancestors. */
const CLASS_COUNTS = new Set([1000, 1001, 11221, 21841, 21843]);
const FEW = 100; // below: as a rule classes
const SAYS_CLASSES = /class|logit|prob|score|pred/i;
const TO_PROBABILITIES = new Set(['Softmax', 'LogSoftmax', 'Sigmoid']);

/**
 * What goes into the last layer of weights before an output, where that layer tells classes and is no part of a block: an
 * encoder may end in a layer of weights, too. Something has to speak for classes: the name, a softmax, the description, the width.
 */
function classifierOf(
  output: string,
  producers: ReadonlyMap<string, GraphNode>,
  shapes: Shapes,
  classes: number | undefined,
): string | undefined {
  const width = shapes.get(output)?.at(-1) ?? 0;
  let isClasses = width === classes || width < FEW || CLASS_COUNTS.has(width) || SAYS_CLASSES.test(output);
  let at = output;
  for (let node = producers.get(at); node; node = producers.get(at)) {
    const [first = '', second = ''] = node.inputs;
    const isBias = node.opType === 'Add' && !producers.has(second);
    if (WEIGHTED.has(node.opType)) return isClasses && shapes.get(first)?.length === 2 ? first : undefined;
    if (node.opType === 'Conv') {
      const isPointwise = (shapes.get(second) ?? []).slice(2).every((size) => size === 1);
      return isClasses && isPointwise ? first : undefined;
    }
    isClasses ||= TO_PROBABILITIES.has(node.opType);
    if (!AFTER_CLASSIFIER.has(node.opType) && !AFTER_CONV.has(node.opType) && !isBias) return undefined;
    at = first;
  }
  return undefined;
}

/** Maps that a stride, a pooling or the flattening at the end makes smaller: of each size the last. */
function blockEnds({ nodes }: Graph, shapes: Shapes): string[] {
  const bySide = new Map<number, string>();
  for (const { inputs, outputs } of nodes) {
    const [from = ''] = inputs;
    const before = shapes.get(from);
    const after = shapes.get(outputs[0] ?? '');
    const side = before?.[2] ?? 0;
    if (before?.length !== 4 || !after || side <= 1 || before[1] === 3) continue;
    if (after.length === 4 && (after[2] ?? 0) >= side) continue;
    if (before.every((each, axis) => axis < 2 || each === side)) bySide.set(side, from);
  }
  const order = new Map(nodes.flatMap(({ outputs }, index) => outputs.map((name) => [name, index] as const)));
  return [...bySide.values()].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}

/** Sums of a transformer's residual stream [1, tokens, width]: of each size the last; where there is one size, four depths. */
function tokenBlocks({ nodes }: Graph, shapes: Shapes): string[] {
  const made = new Set(nodes.filter(({ opType }) => opType !== 'Constant').flatMap(({ outputs }) => outputs));
  const sums = nodes.flatMap(({ opType, inputs, outputs: [output = ''] }) => {
    const sides = shapes.get(output);
    const isOne =
      sides?.length === 3 && inputs.every((name) => made.has(name) && shapes.get(name)?.join() === sides.join());
    return opType === 'Add' && isOne ? [{ output, size: sides.join() }] : [];
  });
  const bySize = new Map(sums.map(({ output, size }) => [size, output]));
  if (bySize.size !== 1) return [...bySize.values()];
  const depths = Array.from({ length: DEPTHS }, (_, k) => Math.ceil(((k + 1) * sums.length) / DEPTHS) - 1);
  return [...new Set(depths)].flatMap((at) => sums[at]?.output ?? []);
}

/** Whether its mean is one of these tensors already. */
function leadsTo(tensor: string, ends: ReadonlySet<string>, { nodes }: Graph): boolean {
  let reached = new Set([tensor]);
  while (reached.size > 0) {
    const next = nodes.filter(({ opType, inputs }) => TO_VECTOR.has(opType) && reached.has(inputs[0] ?? ''));
    reached = new Set(next.flatMap(({ outputs }) => outputs));
    if ([...reached].some((name) => ends.has(name))) return true;
  }
  return false;
}

/** Floating-point operations, two a multiplication. */
function gflopOf({ nodes }: Graph, shapes: Shapes, side: number): number {
  const size = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
  const flop = nodes.reduce((sum, { opType, inputs, outputs }) => {
    const weight = shapes.get(inputs[1] ?? '');
    const output = shapes.get(outputs[0] ?? '');
    if (!weight || !output) return sum;
    if (opType === 'Conv') return sum + 2 * size(output) * size(weight.slice(1));
    const inner = shapes.get(inputs[0] ?? '')?.at(-1) ?? 0;
    return WEIGHTED.has(opType) ? sum + 2 * size(output) * inner : sum;
  }, 0);
  return flop / 1e9 / (side ** 2 / 1e6);
}
