// Where features can be taken out of a network that reads patches: before its classifier, at the ends of its blocks, and
// what it gives itself.
import { GRAPH, MODEL, VALUE } from '../onnx-fields.ts';
import { type Graph, type GraphNode, graphOf } from '../onnx-graph.ts';
import { fieldsOf, messagesOf, textsOf } from '../protobuf.ts';
import type { Tap } from './cut.ts';
import { shapesFor } from './shapes.ts';

export interface TapFound extends Tap {
  readonly what: 'classes' | 'block' | 'features';
  readonly side: number | undefined; // px of the map it is the mean of
}

export interface Taps {
  /** In the graph's order; classes first, so that the last is what the network thinks in the end. */
  readonly found: readonly TapFound[];
  readonly gflopPerMegapixel: number; // of convolutions and matrix products whose shapes are known
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

/**
 * @param input the graph's image input
 * @param side px of a patch
 */
export function tapsOf(onnx: Uint8Array<ArrayBuffer>, input: string, side: number): Taps {
  const graph = graphOf(onnx);
  const shapes = shapesFor(graph, { name: input, dims: [1, 3, side, side] });
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const taken = new Set(producers.keys());
  const outputs = outputsOf(onnx).filter((name) => producers.has(name));
  const vectors = outputs.filter((name) => shapes.get(name)?.length === 2);
  const found: TapFound[] = [];
  const add = (tensor: string, wanted: string, what: TapFound['what']): void => {
    const shape = shapes.get(tensor);
    const channels = shape?.[1];
    if (!shape || channels === undefined || (shape.length !== 2 && shape.length !== 4)) return;
    const pooled = shape.length === 4;
    const output = !pooled && outputs.includes(tensor) ? tensor : freeName(wanted, taken);
    taken.add(output);
    found.push({ tensor, output, channels, pooled, what, side: pooled ? shape[2] : undefined });
  };
  const [only, ...more] = vectors;
  const classifier = only !== undefined && more.length === 0 ? classifierOf(only, producers, shapes) : undefined;
  if (classifier && only !== undefined) add(only, 'classes', 'classes');
  const ends = new Set(classifier ? [classifier, ...vectors] : vectors);
  const blocks = blockEnds(graph, shapes).filter((tensor) => !ends.has(tensor) && !leadsTo(tensor, ends, graph));
  for (const [index, tensor] of blocks.slice(-MOST_BLOCKS).entries()) add(tensor, `block${index + 1}`, 'block');
  if (classifier) add(classifier, 'features', 'features');
  else for (const name of vectors) add(name, 'features', 'features');
  return { found, gflopPerMegapixel: flopOf(graph, shapes) / 1e9 / (side ** 2 / 1e6) };
}

const outputsOf = (onnx: Uint8Array<ArrayBuffer>): string[] =>
  messagesOf([...fieldsOf(onnx)], MODEL.graph)
    .flatMap((graph) => messagesOf([...fieldsOf(graph)], GRAPH.output))
    .flatMap((value) => textsOf([...fieldsOf(value)], VALUE.name));

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let k = 2; taken.has(name); k++) name = `${wanted}-${k}`;
  return name;
}

/** What goes into the last layer of weights before an output; undefined where that layer is part of a block. */
function classifierOf(output: string, producers: ReadonlyMap<string, GraphNode>, shapes: Shapes): string | undefined {
  let at = output;
  for (let node = producers.get(at); node; node = producers.get(at)) {
    const [first = '', second = ''] = node.inputs;
    const isBias = node.opType === 'Add' && !producers.has(second);
    if (WEIGHTED.has(node.opType)) return shapes.get(first)?.length === 2 ? first : undefined;
    if (node.opType === 'Conv') {
      const isPointwise = (shapes.get(second) ?? []).slice(2).every((size) => size === 1);
      return isPointwise ? first : undefined;
    }
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

/** Floating-point operations of one patch: two a multiplication. */
function flopOf({ nodes }: Graph, shapes: Shapes): number {
  const size = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);
  return nodes.reduce((sum, { opType, inputs, outputs }) => {
    const weight = shapes.get(inputs[1] ?? '');
    const output = shapes.get(outputs[0] ?? '');
    if (!weight || !output) return sum;
    if (opType === 'Conv') return sum + 2 * size(output) * size(weight.slice(1));
    return WEIGHTED.has(opType) ? sum + (2 * size(output) * size(weight)) / (output.at(-1) ?? 1) : sum;
  }, 0);
}
