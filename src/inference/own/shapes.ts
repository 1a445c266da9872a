// Which shape every tensor of a convolutional network has for a window of a given size: enough of ONNX's shape inference
// to find the ends of its blocks. What it does not know has no shape here, and nothing is proposed there.
import { ATTRIBUTE, ELEMENT, TENSOR } from '../onnx-fields.ts';
import type { Graph, GraphNode } from '../onnx-graph.ts';
import { type Field, messagesOf, numbersOf, textsOf } from '../protobuf.ts';
import { intsOf } from './onnx-facts.ts';

type Shape = readonly number[];

// The shape of their first input.
const LIKE_INPUT = new Set(
  `BatchNormalization Cast Celu Clip Dropout Elu Erf Exp Gelu HardSigmoid HardSwish Identity InstanceNormalization
  LayerNormalization LeakyRelu LogSoftmax LRN Mish Neg PRelu Relu Selu Sigmoid Softmax Softplus Softsign Sqrt Tanh
  ThresholdedRelu`.split(/\s+/),
);
const BROADCAST = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min']);
const POOLS = new Set(['MaxPool', 'AveragePool', 'LpPool']);

/**
 * @param input the name of the image input, and its shape with numbers alone
 * @returns shapes by tensor; none for what is not known
 */
export function shapesFor(graph: Graph, input: { readonly name: string; readonly dims: Shape }): Map<string, Shape> {
  const shapes = new Map<string, Shape>(graph.shapes);
  shapes.set(input.name, input.dims);
  for (const node of graph.nodes) {
    const [output = ''] = node.outputs;
    const shape = shapeOf(node, shapes, graph);
    if (shape?.every((side) => Number.isInteger(side) && side > 0)) shapes.set(output, shape);
  }
  return shapes;
}

function shapeOf(node: GraphNode, shapes: ReadonlyMap<string, Shape>, graph: Graph): Shape | undefined {
  const given = node.inputs.map((name) => shapes.get(name));
  const [first, second] = given;
  const { opType } = node;
  if (!first) return undefined;
  if (LIKE_INPUT.has(opType)) return first;
  if (BROADCAST.has(opType)) return second && broadcast(first, second);
  if (POOLS.has(opType)) return slid(node, first, intsOf(node.attribute('kernel_shape'), []), first[1]);
  switch (opType) {
    case 'Conv':
      return second && slid(node, first, second.slice(2), second[0]);
    case 'GlobalAveragePool':
    case 'GlobalMaxPool':
      return first.map((side, axis) => (axis < 2 ? side : 1));
    case 'Concat':
      return concatenated(node, given);
    case 'Flatten':
      return flattened(first, intsOf(node.attribute('axis'), [1])[0] ?? 1);
    case 'Reshape':
      return reshaped(first, constantOf(graph, node.inputs[1]));
    case 'Gemm': {
      const transposed = (intsOf(node.attribute('transB'), [0])[0] ?? 0) === 1;
      return second && [first[0] ?? 0, second[transposed ? 0 : 1] ?? 0];
    }
    case 'MatMul':
      return second?.length === 2 ? [...first.slice(0, -1), second[1] ?? 0] : undefined;
    case 'ReduceMean':
      return reduced(node, first, constantOf(graph, node.inputs[1]));
    case 'Squeeze':
      return first.filter((side, axis) => axis < 2 || side !== 1);
    case 'Transpose':
      return intsOf(node.attribute('perm'), []).map((axis) => first[axis] ?? 0);
    default:
      return undefined;
  }
}

function broadcast(a: Shape, b: Shape): Shape {
  const length = Math.max(a.length, b.length);
  const side = (shape: Shape, axis: number): number => shape[axis - (length - shape.length)] ?? 1;
  return Array.from({ length }, (_, axis) => Math.max(side(a, axis), side(b, axis)));
}

/** What a kernel leaves that slides over the axes from the third on. */
function slid(node: GraphNode, input: Shape, kernel: Shape, channels: number | undefined): Shape | undefined {
  if (kernel.length !== input.length - 2 || channels === undefined) return undefined;
  const ones = kernel.map(() => 1);
  const strides = intsOf(node.attribute('strides'), ones);
  const dilations = intsOf(node.attribute('dilations'), ones);
  const pads = intsOf(
    node.attribute('pads'),
    [...ones, ...ones].map(() => 0),
  );
  const auto = textsOf(node.attribute('auto_pad'), ATTRIBUTE.string)[0] ?? 'NOTSET';
  const isSame = auto.startsWith('SAME');
  const round = intsOf(node.attribute('ceil_mode'), [0])[0] === 1 ? Math.ceil : Math.floor;
  const sides = kernel.map((size, axis) => {
    const [side, stride] = [input[axis + 2] ?? 0, strides[axis] ?? 1];
    if (isSame) return Math.ceil(side / stride);
    const pad = (pads[axis] ?? 0) + (pads[axis + kernel.length] ?? 0);
    return round((side + pad - (dilations[axis] ?? 1) * (size - 1) - 1) / stride) + 1;
  });
  return [input[0] ?? 1, channels, ...sides];
}

function concatenated(node: GraphNode, given: readonly (Shape | undefined)[]): Shape | undefined {
  const [first] = given;
  const axis = intsOf(node.attribute('axis'), [1])[0] ?? 1;
  if (!first || axis >= first.length) return undefined;
  let sum = 0;
  for (const shape of given) {
    if (!shape) return undefined;
    sum += shape[axis] ?? 0;
  }
  return first.map((side, k) => (k === axis ? sum : side));
}

const productOf = (shape: Shape): number => shape.reduce((product, side) => product * side, 1);

const flattened = (shape: Shape, axis: number): Shape => [
  productOf(shape.slice(0, axis)),
  productOf(shape.slice(axis)),
];

function reshaped(shape: Shape, asked: Shape | undefined): Shape | undefined {
  if (!asked) return undefined;
  const sides = asked.map((side, axis) => (side === 0 ? (shape[axis] ?? 0) : side));
  const free = sides.filter((side) => side < 0);
  if (free.length > 1) return undefined;
  const known = productOf(sides.filter((side) => side > 0));
  return sides.map((side) => (side < 0 ? productOf(shape) / known : side));
}

function reduced(node: GraphNode, shape: Shape, given: Shape | undefined): Shape | undefined {
  const axes = (given ?? intsOf(node.attribute('axes'), [])).map((axis) => (axis < 0 ? axis + shape.length : axis));
  if (axes.length === 0) return undefined;
  const keeps = (intsOf(node.attribute('keepdims'), [1])[0] ?? 1) === 1;
  return shape.flatMap((side, axis) => (axes.includes(axis) ? (keeps ? [1] : []) : [side]));
}

/** The values of an int64 constant; the wire's unsigned numbers turned back. */
function constantOf({ tensors }: Graph, name: string | undefined): Shape | undefined {
  const tensor: readonly Field[] | undefined = tensors.get(name ?? '');
  if (!tensor || numbersOf(tensor, TENSOR.dataType)[0] !== ELEMENT.int64) return undefined;
  const [raw] = messagesOf(tensor, TENSOR.raw);
  if (!raw) return undefined;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Array.from({ length: Math.floor(raw.byteLength / 8) }, (_, k) => Number(view.getBigInt64(8 * k, true)));
}
