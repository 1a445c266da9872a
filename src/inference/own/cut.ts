// Cuts an ONNX network open: any tensor inside becomes an output, and what nobody needs any more is left out.
import { EosinError } from '#errors/failure.ts';
import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
  DIM,
  ELEMENT,
  GRAPH,
  MODEL,
  NODE,
  SHAPE,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE,
} from '../onnx-fields.ts';
import { bytesField, type Field, fieldsOf, joined, messagesOf, numberField, textField, textsOf } from '../protobuf.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface Tap {
  readonly tensor: string; //   float32 in the graph
  readonly output: string; //   what it is called from now on
  readonly channels: number;
  /** map: [n, channels, height, width]; tokens: [n, tokens, channels]: their mean is wanted. A vector: [n, channels]. */
  readonly shape: 'vector' | 'map' | 'tokens';
}

interface Node {
  readonly raw: Bytes;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The name of the input of a graph that was turned. */
export const COLOURS_FIRST = 'eosin colours first';

/**
 * @param onnx lent, not changed
 * @param taps at least one; their order is the outputs'
 * @param coloursLast the input [n, height, width, 3]; the file's own then reads [n, 3, height, width], as COLOURS_FIRST
 * @returns a file of its own with these outputs and no other, [n, channels] each
 * @throws EosinError BadInput where there is no such tensor, or another one has the output's name already
 */
export function cutAt(onnx: Bytes, taps: readonly Tap[], coloursLast?: string): Bytes {
  return joined(
    [...fieldsOf(onnx)].map((field) =>
      field.number === MODEL.graph && field.wire === 'bytes'
        ? bytesField(MODEL.graph, cutGraph([...fieldsOf(field.value)], taps, coloursLast))
        : field.raw,
    ),
  );
}

function cutGraph(graph: readonly Field[], taps: readonly Tap[], coloursLast: string | undefined): Bytes {
  const nodes = messagesOf(graph, GRAPH.node).map(nodeOf);
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  for (const { tensor, output, shape } of taps) {
    if (!made.has(tensor)) throw wrongTap(`the graph makes no ${tensor}`, 'Choose one of its tensors.');
    const isItself = tensor === output && shape === 'vector';
    if (made.has(output) && !isItself) throw wrongTap(`the graph makes ${output} already`, 'Choose another name.');
  }
  const needed = new Set(taps.map(({ tensor }) => tensor));
  const kept: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    kept.unshift(node);
    for (const name of node.inputs) needed.add(name);
  }
  const named = (number: number, nameField: number): Bytes[] =>
    messagesOf(graph, number)
      .filter((bytes) => needed.has(textsOf([...fieldsOf(bytes)], nameField)[0] ?? ''))
      .map((bytes) => bytesField(number, bytes));
  const turn = coloursLast === undefined ? undefined : coloursFirst(graph, coloursLast);
  return joined([
    ...(turn ? [bytesField(GRAPH.node, turn.node)] : []),
    ...kept.map(({ raw }) => bytesField(GRAPH.node, raw)),
    ...taps.flatMap(tapNodes).map((node) => bytesField(GRAPH.node, node)),
    textField(GRAPH.name, 'eosin'),
    ...named(GRAPH.initializer, TENSOR.name),
    ...(turn ? [bytesField(GRAPH.input, turn.input)] : named(GRAPH.input, VALUE.name)),
    ...taps.map((tap) => bytesField(GRAPH.output, outputValue(tap))),
  ]);
}

function nodeOf(raw: Bytes): Node {
  const fields = [...fieldsOf(raw)];
  return { raw, inputs: textsOf(fields, NODE.input), outputs: textsOf(fields, NODE.output) };
}

const plainNode = (type: string, input: string, output: string, ...attributes: readonly Bytes[]): Bytes =>
  joined([
    textField(NODE.input, input),
    textField(NODE.output, output),
    textField(NODE.name, `eosin ${type} ${output}`),
    textField(NODE.opType, type),
    ...attributes,
  ]);

const turned = (input: string, output: string, perm: readonly number[]): Bytes =>
  plainNode(
    'Transpose',
    input,
    output,
    bytesField(
      NODE.attribute,
      textField(ATTRIBUTE.name, 'perm'),
      ...perm.map((axis) => numberField(ATTRIBUTE.ints, axis)),
      numberField(ATTRIBUTE.type, ATTRIBUTE_TYPE.ints),
    ),
  );

function tapNodes({ tensor, output, shape }: Tap): Bytes[] {
  if (shape === 'vector') return tensor === output ? [] : [plainNode('Identity', tensor, output)];
  const means = `eosin means of ${tensor}`;
  const channelsFirst = shape === 'map' ? tensor : `eosin ${tensor} by channel`;
  return [
    ...(shape === 'map' ? [] : [turned(tensor, channelsFirst, [0, 2, 1])]),
    plainNode('GlobalAveragePool', channelsFirst, means),
    plainNode('Flatten', means, output),
  ];
}

/** An input that states its colours last, asked for with its colours first: what comes in is turned. */
function coloursFirst(graph: readonly Field[], input: string): { readonly node: Bytes; readonly input: Bytes } {
  const value = messagesOf(graph, GRAPH.input).map((bytes) => [...fieldsOf(bytes)]);
  const fields = value.find((each) => textsOf(each, VALUE.name)[0] === input) ?? [];
  const tensor = messagesOf(fields, VALUE.type).flatMap((type) => messagesOf([...fieldsOf(type)], TYPE.tensor));
  const shape = tensor.flatMap((message) => messagesOf([...fieldsOf(message)], TENSOR_TYPE.shape));
  const [n, height, width, colours] = shape.flatMap((message) => messagesOf([...fieldsOf(message)], SHAPE.dim));
  const sides = [n, colours, height, width].map((dim) => bytesField(SHAPE.dim, dim ?? new Uint8Array()));
  const type = [numberField(TENSOR_TYPE.element, ELEMENT.float), bytesField(TENSOR_TYPE.shape, ...sides)];
  return {
    node: turned(COLOURS_FIRST, input, [0, 2, 3, 1]),
    input: joined([textField(VALUE.name, COLOURS_FIRST), bytesField(VALUE.type, bytesField(TYPE.tensor, ...type))]),
  };
}

function outputValue({ output, channels }: Tap): Bytes {
  const shape = [textField(DIM.param, 'n'), numberField(DIM.value, channels)].map((dim) => bytesField(SHAPE.dim, dim));
  const tensor = [numberField(TENSOR_TYPE.element, ELEMENT.float), bytesField(TENSOR_TYPE.shape, ...shape)];
  return joined([textField(VALUE.name, output), bytesField(VALUE.type, bytesField(TYPE.tensor, ...tensor))]);
}

const wrongTap = (seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'A tap', seen, todo });
