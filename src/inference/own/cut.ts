// Cuts an ONNX network open: any tensor inside becomes an output, and what nobody needs any more is left out.
import { EosinError } from '#errors/failure.ts';
import { DIM, ELEMENT, GRAPH, MODEL, NODE, SHAPE, TENSOR, TENSOR_TYPE, TYPE, VALUE } from '../onnx-fields.ts';
import { bytesField, type Field, fieldsOf, joined, messagesOf, numberField, textField, textsOf } from '../protobuf.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface Tap {
  readonly tensor: string; //   float32 in the graph: [n, channels] or [n, channels, height, width]
  readonly output: string; //   what it is called from now on
  readonly channels: number;
  readonly pooled: boolean; //  its mean over height and width is wanted: it has four axes
}

interface Node {
  readonly raw: Bytes;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * @param onnx lent, not changed
 * @param taps at least one; their order is the outputs'
 * @returns a file of its own with these outputs and no other, [n, channels] each
 * @throws EosinError BadInput where there is no such tensor, or another one has the output's name already
 */
export function cutAt(onnx: Bytes, taps: readonly Tap[]): Bytes {
  return joined(
    [...fieldsOf(onnx)].map((field) =>
      field.number === MODEL.graph && field.wire === 'bytes'
        ? bytesField(MODEL.graph, cutGraph([...fieldsOf(field.value)], taps))
        : field.raw,
    ),
  );
}

function cutGraph(graph: readonly Field[], taps: readonly Tap[]): Bytes {
  const nodes = messagesOf(graph, GRAPH.node).map(nodeOf);
  const made = new Set(nodes.flatMap(({ outputs }) => outputs));
  for (const { tensor, output, pooled } of taps) {
    if (!made.has(tensor)) throw wrongTap(`the graph makes no ${tensor}`, 'Choose one of its tensors.');
    const isItself = tensor === output && !pooled;
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
  return joined([
    ...kept.map(({ raw }) => bytesField(GRAPH.node, raw)),
    ...taps.flatMap(tapNodes).map((node) => bytesField(GRAPH.node, node)),
    textField(GRAPH.name, 'eosin'),
    ...named(GRAPH.initializer, TENSOR.name),
    ...named(GRAPH.input, VALUE.name),
    ...taps.map((tap) => bytesField(GRAPH.output, outputValue(tap))),
  ]);
}

function nodeOf(raw: Bytes): Node {
  const fields = [...fieldsOf(raw)];
  return { raw, inputs: textsOf(fields, NODE.input), outputs: textsOf(fields, NODE.output) };
}

const plainNode = (type: string, input: string, output: string): Bytes =>
  joined([
    textField(NODE.input, input),
    textField(NODE.output, output),
    textField(NODE.name, `eosin ${type} ${output}`),
    textField(NODE.opType, type),
  ]);

function tapNodes({ tensor, output, pooled }: Tap): Bytes[] {
  if (!pooled) return tensor === output ? [] : [plainNode('Identity', tensor, output)];
  const means = `eosin means of ${tensor}`;
  return [plainNode('GlobalAveragePool', tensor, means), plainNode('Flatten', means, output)];
}

function outputValue({ output, channels }: Tap): Bytes {
  const shape = [textField(DIM.param, 'n'), numberField(DIM.value, channels)].map((dim) => bytesField(SHAPE.dim, dim));
  const tensor = [numberField(TENSOR_TYPE.element, ELEMENT.float), bytesField(TENSOR_TYPE.shape, ...shape)];
  return joined([textField(VALUE.name, output), bytesField(VALUE.type, bytesField(TYPE.tensor, ...tensor))]);
}

const wrongTap = (seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'A tap', seen, todo });
