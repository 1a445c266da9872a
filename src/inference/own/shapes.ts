// Which shape every tensor of a network has for a window of a given size: enough of ONNX's shape inference to find the ends
// of the blocks of convolutional networks and of transformers. What it does not know has no shape, and nothing is proposed there.
import { ATTRIBUTE } from '../onnx-fields.ts';
import type { Graph, GraphNode } from '../onnx-graph.ts';
import { textsOf } from '../protobuf.ts';
import { intsOf } from './onnx-facts.ts';
import { type Whole, wholeConstant, wholeOf } from './whole-numbers.ts';

type Shape = readonly number[];

// The shape of their first input.
const LIKE_INPUT = new Set(
  `BatchNormalization Cast Celu Clip Dropout Elu Erf Exp Gelu HardSigmoid HardSwish Identity InstanceNormalization
  LayerNormalization LeakyRelu LogSoftmax LRN Mish Neg PRelu Relu Selu Sigmoid Softmax Softplus Softsign Sqrt Tanh
  ThresholdedRelu`.split(/\s+/),
);
const BROADCAST = new Set(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Max', 'Min', 'Equal', 'Greater', 'Less']);
const REDUCES = new Set(['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceSum', 'ReduceL2']);
const POOLS = new Set(['MaxPool', 'AveragePool', 'LpPool']);

/**
 * @param input the name of the image input, and its shape with numbers alone
 * @returns shapes by tensor; none for what is not known
 */
export function shapesFor(graph: Graph, input: { readonly name: string; readonly dims: Shape }): Map<string, Shape> {
  const shapes = new Map<string, Shape>(graph.shapes);
  shapes.set(input.name, input.dims);
  const wholes = new Map<string, Whole>();
  for (const [name, tensor] of graph.tensors) {
    const value = wholeConstant(tensor);
    if (value) wholes.set(name, value);
  }
  const whole = (name: string | undefined): Whole | undefined => wholes.get(name ?? '');
  for (const node of graph.nodes) {
    const [output = ''] = node.outputs;
    const value = wholeOf(node, whole, (name) => shapes.get(name ?? ''));
    if (value?.every(Number.isInteger)) wholes.set(output, value);
    for (const [k, shape] of shapesOf(node, shapes, whole).entries())
      if (shape.every((side) => Number.isInteger(side) && side > 0)) shapes.set(node.outputs[k] ?? '', shape);
  }
  return shapes;
}

type Wholes = (name: string | undefined) => Whole | undefined;

/** Of a node's outputs, as far as they are known. */
function shapesOf(node: GraphNode, shapes: ReadonlyMap<string, Shape>, whole: Wholes): readonly Shape[] {
  if (node.opType === 'Split') return split(node, shapes.get(node.inputs[0] ?? ''), whole);
  const shape = shapeOf(node, shapes, whole);
  return shape ? [shape] : [];
}

function shapeOf(node: GraphNode, shapes: ReadonlyMap<string, Shape>, whole: Wholes): Shape | undefined {
  const given = node.inputs.map((name) => shapes.get(name));
  const [first, second] = given;
  const { opType } = node;
  if (!first) return undefined;
  if (LIKE_INPUT.has(opType)) return first;
  if (BROADCAST.has(opType)) return second && broadcast(first, second);
  if (POOLS.has(opType)) return slid(node, first, intsOf(node.attribute('kernel_shape'), []), first[1]);
  if (REDUCES.has(opType)) return reduced(node, first, whole(node.inputs[1]));
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
      return reshaped(first, whole(node.inputs[1]));
    case 'Gemm': {
      const transposed = (intsOf(node.attribute('transB'), [0])[0] ?? 0) === 1;
      return second && [first[0] ?? 0, second[transposed ? 0 : 1] ?? 0];
    }
    case 'MatMul':
      return second && multiplied(first, second);
    case 'Where':
      return second && given[2] && broadcast(broadcast(first, second), given[2]);
    case 'Shape': // its value is known besides: what is made of it has a shape too
      return [first.length];
    case 'ConstantOfShape':
      return whole(node.inputs[0]);
    case 'Expand': {
      const asked = whole(node.inputs[1]);
      return asked && broadcast(first, asked);
    }
    case 'Gather': {
      const axis = counted(intsOf(node.attribute('axis'), [0])[0] ?? 0, first.length);
      return second && [...first.slice(0, axis), ...second, ...first.slice(axis + 1)];
    }
    case 'Slice':
      return sliced(node, first, whole);
    case 'Unsqueeze':
      return unsqueezed(first, axesOf(node, whole));
    case 'Squeeze': {
      const axes = axesOf(node, whole)?.map((axis) => counted(axis, first.length));
      return first.filter((side, axis) => (axes ? !axes.includes(axis) : axis < 2 || side !== 1));
    }
    case 'Transpose': {
      const turned = first.map((_, axis) => first.length - 1 - axis);
      return intsOf(node.attribute('perm'), turned).map((axis) => first[axis] ?? 0);
    }
    default:
      return undefined;
  }
}

/** An axis from the front. */
const counted = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** As an input, or as an attribute before opset 13. */
function axesOf(node: GraphNode, whole: Wholes): Whole | undefined {
  const given = whole(node.inputs[1]) ?? intsOf(node.attribute('axes'), []);
  return given.length > 0 ? given : undefined;
}

function multiplied(a: Shape, b: Shape): Shape | undefined {
  if (a.length < 2 || b.length < 2) return undefined;
  return [...broadcast(a.slice(0, -2), b.slice(0, -2)), a.at(-2) ?? 0, b.at(-1) ?? 0];
}

function sliced(node: GraphNode, shape: Shape, whole: Wholes): Shape | undefined {
  const [, starts, ends, axes, steps] = node.inputs.map(whole);
  if (!starts || !ends) return undefined;
  const out = [...shape];
  for (const [k, start] of starts.entries()) {
    const axis = counted(axes?.[k] ?? k, shape.length);
    const [side, step] = [shape[axis] ?? 0, steps?.[k] ?? 1];
    const within = (at: number): number => Math.min(side, Math.max(0, at < 0 ? at + side : at));
    if (step < 1) return undefined;
    out[axis] = Math.ceil((within(ends[k] ?? side) - within(start)) / step);
  }
  return out;
}

function unsqueezed(shape: Shape, axes: Whole | undefined): Shape | undefined {
  if (!axes) return undefined;
  const at = new Set(axes.map((axis) => counted(axis, shape.length + axes.length)));
  const rest = [...shape];
  return Array.from({ length: shape.length + axes.length }, (_, axis) => (at.has(axis) ? 1 : (rest.shift() ?? 1)));
}

function split(node: GraphNode, shape: Shape | undefined, whole: Wholes): readonly Shape[] {
  if (!shape) return [];
  const axis = counted(intsOf(node.attribute('axis'), [0])[0] ?? 0, shape.length);
  const asked = whole(node.inputs[1]) ?? intsOf(node.attribute('split'), []);
  const even = Math.ceil((shape[axis] ?? 0) / node.outputs.length);
  return node.outputs.map((_, k) => shape.map((side, each) => (each === axis ? (asked[k] ?? even) : side)));
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
  const axis = counted(intsOf(node.attribute('axis'), [1])[0] ?? 1, first?.length ?? 0);
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

function reduced(node: GraphNode, shape: Shape, given: Whole | undefined): Shape | undefined {
  const axes = (given ?? intsOf(node.attribute('axes'), [])).map((axis) => counted(axis, shape.length));
  if (axes.length === 0) return undefined;
  const keeps = (intsOf(node.attribute('keepdims'), [1])[0] ?? 1) === 1;
  return shape.flatMap((side, axis) => (axes.includes(axis) ? (keeps ? [1] : []) : [side]));
}
