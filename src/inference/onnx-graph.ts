// What a model's graph does, as far as a provider is known to get it wrong.
import { ATTRIBUTE, GRAPH, MODEL, NODE, TENSOR } from './onnx-fields.ts';
import { type Field, fieldsOf, messagesOf, numbersOf, textsOf } from './protobuf.ts';

export interface Conv {
  readonly name: string;
  readonly group: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: readonly number[]; // px, per axis
}

export interface GraphNode {
  readonly opType: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The attribute's fields, by its name; none where it is not there. */
  attribute(name: string): readonly Field[];
}

export interface Graph {
  readonly nodes: readonly GraphNode[]; //                            in topological order
  readonly tensors: ReadonlyMap<string, readonly Field[]>; //        initialisers and constants, by name: TensorProto
  /** The shapes of `tensors`, also behind a Cast or an Identity. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
}

/** @throws EosinError BadInput where the bytes are no protobuf message */
export function graphOf(onnx: Uint8Array<ArrayBuffer>): Graph {
  const graph = messagesOf([...fieldsOf(onnx)], MODEL.graph).flatMap((bytes) => [...fieldsOf(bytes)]);
  const nodes = messagesOf(graph, GRAPH.node).map(nodeOf);
  const tensors = new Map<string, readonly Field[]>();
  const shapes = new Map<string, readonly number[]>();
  const found = (name: string, tensor: readonly Field[]): void => {
    tensors.set(name, tensor);
    shapes.set(name, numbersOf(tensor, TENSOR.dims));
  };
  for (const bytes of messagesOf(graph, GRAPH.initializer)) {
    const tensor = [...fieldsOf(bytes)];
    found(textsOf(tensor, TENSOR.name)[0] ?? '', tensor);
  }
  for (const { opType, inputs, outputs, attribute } of nodes) {
    const [output = ''] = outputs;
    if (opType === 'Constant') {
      const value = messagesOf(attribute('value'), ATTRIBUTE.tensor).flatMap((message) => [...fieldsOf(message)]);
      found(output, value);
    }
    const shape = shapes.get(inputs[0] ?? '');
    if (shape && (opType === 'Cast' || opType === 'Identity')) shapes.set(output, shape);
  }
  return { nodes, tensors, shapes };
}

/**
 * The convolutions of an ONNX file whose weights have a known shape: initialisers and constants, also behind a Cast.
 * @throws EosinError BadInput where the bytes are no protobuf message
 */
export function convsOf(onnx: Uint8Array<ArrayBuffer>): Conv[] {
  const { nodes, shapes } = graphOf(onnx);
  return nodes.flatMap((node) => {
    const [outChannels, perGroup, ...kernel] = shapes.get(node.inputs[1] ?? '') ?? [];
    if (node.opType !== 'Conv' || outChannels === undefined || perGroup === undefined) return [];
    const group = numbersOf(node.attribute('group'), ATTRIBUTE.int)[0] ?? 1;
    return [{ name: node.name, group, inChannels: perGroup * group, outChannels, kernel }];
  });
}

function nodeOf(bytes: Uint8Array<ArrayBuffer>): GraphNode {
  const fields = [...fieldsOf(bytes)];
  const attributes = messagesOf(fields, NODE.attribute).map((attribute) => [...fieldsOf(attribute)]);
  return {
    opType: textsOf(fields, NODE.opType)[0] ?? '',
    name: textsOf(fields, NODE.name)[0] ?? '',
    inputs: textsOf(fields, NODE.input),
    outputs: textsOf(fields, NODE.output),
    attribute: (name) => attributes.find((attribute) => textsOf(attribute, ATTRIBUTE.name)[0] === name) ?? [],
  };
}

/**
 * True for a convolution that ONNX Runtime 1.30's WebGPU provider computes wrongly, with errors as large as the signal
 * (measured against its WASM; its issue 29651 has the symptom). Delete when a release is measured to be right.
 */
const isWrongOnWebGpu = ({ group, inChannels, outChannels, kernel }: Conv): boolean =>
  group === 1 &&
  kernel.some((side) => side > 1) &&
  inChannels > 3 &&
  inChannels % 3 === 0 &&
  inChannels % 4 !== 0 &&
  outChannels % 4 === 0;

/** Why a graph must not run on WebGPU, as part of a sentence; undefined where it may. */
export function whyNotOnWebGpu(onnx: Uint8Array<ArrayBuffer>): string | undefined {
  const wrong = convsOf(onnx).filter(isWrongOnWebGpu);
  const [first] = wrong;
  if (!first) return undefined;
  const which = `${first.name || 'a convolution'} with ${first.inChannels} → ${first.outChannels} channels`;
  const more = wrong.length > 1 ? ` and ${wrong.length - 1} more` : '';
  return `the runtime computes ${which}${more} wrongly on WebGPU; padded to a multiple of 4 channels at export it would be right`;
}
