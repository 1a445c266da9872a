// What a model's graph does, as far as a provider is known to get it wrong.
import { fieldsOf, messagesOf, numbersOf, textsOf } from './protobuf.ts';

export interface Conv {
  readonly name: string;
  readonly group: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: readonly number[]; // px, per axis
}

// Field numbers of onnx.proto3.
const MODEL = { graph: 7 } as const;
const GRAPH = { node: 1, initializer: 5 } as const;
const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, int: 3, tensor: 5 } as const;
const TENSOR = { dims: 1, name: 8 } as const;

/**
 * The convolutions of an ONNX file whose weights have a known shape: initialisers and constants, also behind a Cast.
 * @throws EosinError BadInput where the bytes are no protobuf message
 */
export function convsOf(onnx: Uint8Array<ArrayBuffer>): Conv[] {
  const graph = messagesOf([...fieldsOf(onnx)], MODEL.graph).flatMap((bytes) => [...fieldsOf(bytes)]);
  const nodes = messagesOf(graph, GRAPH.node).map(nodeOf);
  const shapes = new Map<string, readonly number[]>();
  for (const bytes of messagesOf(graph, GRAPH.initializer)) {
    const tensor = [...fieldsOf(bytes)];
    shapes.set(textsOf(tensor, TENSOR.name)[0] ?? '', numbersOf(tensor, TENSOR.dims));
  }
  for (const node of nodes) {
    // nodes are in topological order
    const [output = ''] = node.outputs;
    if (node.opType === 'Constant')
      shapes.set(output, numbersOf(node.attribute('value', ATTRIBUTE.tensor), TENSOR.dims));
    const shape = shapes.get(node.inputs[0] ?? '');
    if (shape && (node.opType === 'Cast' || node.opType === 'Identity')) shapes.set(output, shape);
  }
  return nodes.flatMap((node) => {
    const [outChannels, perGroup, ...kernel] = shapes.get(node.inputs[1] ?? '') ?? [];
    if (node.opType !== 'Conv' || outChannels === undefined || perGroup === undefined) return [];
    const group = numbersOf(node.attributeFields('group'), ATTRIBUTE.int)[0] ?? 1;
    return [{ name: node.name, group, inChannels: perGroup * group, outChannels, kernel }];
  });
}

function nodeOf(bytes: Uint8Array<ArrayBuffer>) {
  const fields = [...fieldsOf(bytes)];
  const attributes = messagesOf(fields, NODE.attribute).map((attribute) => [...fieldsOf(attribute)]);
  const attributeFields = (name: string) =>
    attributes.find((attribute) => textsOf(attribute, ATTRIBUTE.name)[0] === name) ?? [];
  return {
    opType: textsOf(fields, NODE.opType)[0] ?? '',
    name: textsOf(fields, NODE.name)[0] ?? '',
    inputs: textsOf(fields, NODE.input),
    outputs: textsOf(fields, NODE.output),
    attributeFields,
    attribute: (name: string, field: number) =>
      messagesOf(attributeFields(name), field).flatMap((message) => [...fieldsOf(message)]),
  };
}

/**
 * True for a convolution that ONNX Runtime 1.30's WebGPU provider computes wrongly, with errors as large as the signal
 * (measured against its WASM; its issue 29651 has the symptom). Delete when a release is measured to be right.
 */
export const isWrongOnWebGpu = ({ group, inChannels, outChannels, kernel }: Conv): boolean =>
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
