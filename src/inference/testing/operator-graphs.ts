// Takes shipped graphs apart into their distinct operators, and puts some of them side by side into one small graph with
// weights and inputs of its own, so that two providers can be compared operator by operator.

import {
  ATTRIBUTE,
  DIM,
  ELEMENT,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  SHAPE,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE,
} from '../onnx-fields.ts';
import { graphOf } from '../onnx-graph.ts';
import { bytesField, type Field, fieldsOf, joined, messagesOf, numberField, textField } from '../protobuf.ts';
import type { Ort } from '../session.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** What a node reads: from the node before it, or a constant: as stored, or weights of this shape. */
type Source =
  | { readonly from: 'before'; readonly dims: readonly number[]; readonly type: 'float32' | 'int32' }
  | { readonly from: 'stored'; readonly tensor: readonly Field[] }
  | { readonly from: 'weights'; readonly dims: readonly number[] }
  | { readonly from: 'nowhere' }; // an optional input that is left out

export interface Operator {
  readonly name: string; //   'Conv [1,64,16,16] [64,64,3,3] [64]', with the model that has it first
  readonly key: string; //    the same for nodes that ask the same of a provider
  readonly opType: string;
  readonly attributes: readonly Bytes[]; // as fields
  readonly sources: readonly Source[];
}

export type Known = ReadonlyMap<string, { readonly dims: readonly number[]; readonly type: string }>;

/** The graph with every tensor between its nodes as an output, to learn their shapes from a run. */
export function exposed(onnx: Bytes): Bytes {
  const outputs = graphOf(onnx).nodes.flatMap((node) => node.outputs);
  return joined(
    [...fieldsOf(onnx)].map((field) => {
      if (field.number !== MODEL.graph || field.wire !== 'bytes') return field.raw;
      const kept = [...fieldsOf(field.value)].filter(({ number }) => number !== GRAPH.output).map(({ raw }) => raw);
      return bytesField(
        MODEL.graph,
        ...kept,
        ...outputs.map((name) => bytesField(GRAPH.output, textField(VALUE.name, name))),
      );
    }),
  );
}

/** Shapes and types of all tensors for one picture, from the runtime itself. */
export async function tensorsOf(
  ort: Pick<Ort, 'InferenceSession' | 'Tensor'>,
  onnx: Bytes,
  input: string,
): Promise<Known> {
  const names = graphOf(onnx).nodes.flatMap((node) => node.outputs);
  const session = await ort.InferenceSession.create(exposed(onnx), { graphOptimizationLevel: 'disabled' });
  try {
    const picture = new ort.Tensor('float32', new Float32Array(3 * 64 * 64), [1, 3, 64, 64]);
    const found = await session.run({ [input]: picture }, names);
    const known = Object.entries(found).map(([name, { dims, type }]) => [name, { dims, type }] as const);
    return new Map([...known, [input, { dims: picture.dims, type: picture.type }]]);
  } finally {
    await session.release();
  }
}

const AT = 16; // px, side of every map

/** The nodes of a graph that a provider runs (what is made of constants alone is folded before), at 16². */
export function operatorsOf(onnx: Bytes, known: Known, model: string): Operator[] {
  const { nodes, shapes, tensors } = graphOf(onnx);
  const raw = messagesOf([...fieldsOf(onnx)], MODEL.graph).flatMap((graph) =>
    messagesOf([...fieldsOf(graph)], GRAPH.node),
  );
  return nodes.flatMap(({ opType, inputs }, k): Operator[] => {
    const sources = inputs.map((name): Source => {
      if (name === '') return { from: 'nowhere' };
      const stored = tensors.get(name);
      if (stored) return { from: 'stored', tensor: stored };
      const weights = shapes.get(name); // behind a Cast
      if (weights) return { from: 'weights', dims: weights };
      const tensor = known.get(name);
      if (tensor?.type !== 'float32' && tensor?.type !== 'int32')
        throw new Error(`${model}: ${name} is ${tensor?.type}`);
      return { from: 'before', dims: atSize(tensor.dims), type: tensor.type };
    });
    if (!sources.some(({ from }) => from === 'before')) return [];
    const fields = [...fieldsOf(raw[k] ?? new Uint8Array())];
    const attributes = fields.filter(({ number }) => number === NODE.attribute).map((field) => field.raw);
    const said = `${opType} ${sources.map(describe).join(' ')}`;
    const key = `${said} ${attributes
      .map((bytes) => bytes.join())
      .sort()
      .join(';')}`;
    return [{ name: `${said} (${model})`, key, opType, attributes, sources }];
  });
}

const atSize = (dims: readonly number[]): number[] =>
  dims.map((side, axis) => (dims.length >= 4 && axis >= dims.length - 2 ? AT : side));

function describe(source: Source): string {
  switch (source.from) {
    case 'before':
    case 'weights':
      return `[${source.dims}]`;
    case 'stored':
      return `{${[...messagesOf(source.tensor, TENSOR.raw), ...messagesOf(source.tensor, TENSOR.floats)].join()}}`;
    case 'nowhere':
      return '-';
  }
}

/** A 3×3 convolution of these channels. */
export function convolution(inChannels: number, outChannels: number): Operator {
  const ints = (name: string, values: readonly number[]): Bytes =>
    bytesField(
      NODE.attribute,
      textField(ATTRIBUTE.name, name),
      ...values.map((value) => numberField(ATTRIBUTE.ints, value)),
      numberField(ATTRIBUTE.type, 7),
    );
  const name = `Conv ${inChannels} → ${outChannels}`;
  return {
    name,
    key: name,
    opType: 'Conv',
    attributes: [ints('kernel_shape', [3, 3]), ints('pads', [1, 1, 1, 1])],
    sources: [
      { from: 'before', dims: [1, inChannels, AT, AT], type: 'float32' },
      { from: 'weights', dims: [outChannels, inChannels, 3, 3] },
    ],
  };
}

/** Channels of zeros behind a map's own, as exports add them before a convolution that a provider would compute wrongly. */
export function channelPad(channels: number, added: number): Operator {
  const ends = [0, 0, 0, 0, 0, added, 0, 0];
  const tensor = joined([
    numberField(TENSOR.dims, ends.length),
    numberField(TENSOR.dataType, ELEMENT.int64),
    bytesField(TENSOR.raw, new Uint8Array(BigInt64Array.from(ends, BigInt).buffer)),
  ]);
  const name = `Pad ${channels} → ${channels + added}`;
  return {
    name,
    key: name,
    opType: 'Pad',
    attributes: [],
    sources: [
      { from: 'before', dims: [1, channels, AT, AT], type: 'float32' },
      { from: 'stored', tensor: [...fieldsOf(tensor)] },
    ],
  };
}

export interface Feed {
  readonly name: string;
  readonly dims: readonly number[];
  readonly type: 'float32' | 'int32';
  readonly data: Float32Array | Int32Array;
}

/** These operators side by side: operator k gives `out k`. Numbers are random, the same for the same seed. */
export function sideBySide(
  operators: readonly Operator[],
  seed: number,
): { onnx: Bytes; feeds: Feed[]; outputs: string[] } {
  const random = randomFrom(seed);
  const feeds: Feed[] = [];
  const outputs = operators.map((_, k) => `out ${k}`);
  const graph = operators.flatMap(({ opType, attributes, sources }, k) => {
    const names = sources.map((source, i) => (source.from === 'nowhere' ? '' : `in ${k} ${i}`));
    const constants = sources.flatMap((source, i): Bytes[] => {
      const name = names[i] ?? '';
      if (source.from === 'stored') return [storedAs(name, source.tensor)];
      if (source.from === 'weights') return [weightsAs(name, source.dims, random)];
      if (source.from === 'before') feeds.push({ name, ...source, data: valuesOf(source, random) });
      return [];
    });
    const node = bytesField(
      GRAPH.node,
      ...names.map((name) => textField(NODE.input, name)),
      textField(NODE.output, `out ${k}`),
      textField(NODE.name, `node ${k}`),
      textField(NODE.opType, opType),
      ...attributes,
    );
    return [node, ...constants];
  });
  const inputs = feeds.map(({ name, dims, type }) => bytesField(GRAPH.input, ...valueInfo(name, dims, type)));
  const results = outputs.map((name) => bytesField(GRAPH.output, textField(VALUE.name, name)));
  const onnx = joined([
    numberField(MODEL.irVersion, 8),
    bytesField(MODEL.opset, textField(OPSET.domain, ''), numberField(OPSET.version, 17)),
    bytesField(MODEL.graph, textField(GRAPH.name, 'operators'), ...graph, ...inputs, ...results),
  ]);
  return { onnx, feeds, outputs };
}

/** Uniform in −1 to 1. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

const lengthOf = (dims: readonly number[]): number => dims.reduce((product, side) => product * side, 1);

/** Floats as they leave a layer; whole numbers as bytes to be packed. */
function valuesOf({ dims, type }: Pick<Feed, 'dims' | 'type'>, random: () => number): Float32Array | Int32Array {
  const length = lengthOf(dims);
  return type === 'int32'
    ? Int32Array.from({ length }, () => Math.floor((random() + 1) * 127.5))
    : Float32Array.from({ length }, () => 2 * random());
}

/** So that what is summed over the inputs of a kernel stays of the size of one. */
function weightsAs(name: string, dims: readonly number[], random: () => number): Bytes {
  const scale = Math.sqrt(3 / Math.max(1, lengthOf(dims.slice(1))));
  const values = Float32Array.from({ length: lengthOf(dims) }, () => scale * random());
  return bytesField(
    GRAPH.initializer,
    ...dims.map((side) => numberField(TENSOR.dims, side)),
    numberField(TENSOR.dataType, ELEMENT.float),
    textField(TENSOR.name, name),
    bytesField(TENSOR.raw, new Uint8Array(values.buffer)),
  );
}

const storedAs = (name: string, tensor: readonly Field[]): Bytes =>
  bytesField(
    GRAPH.initializer,
    ...tensor.filter(({ number }) => number !== TENSOR.name).map(({ raw }) => raw),
    textField(TENSOR.name, name),
  );

function valueInfo(name: string, dims: readonly number[], type: Feed['type']): Bytes[] {
  const shape = dims.map((side) => bytesField(SHAPE.dim, numberField(DIM.value, side)));
  const tensor = [
    numberField(TENSOR_TYPE.element, type === 'int32' ? ELEMENT.int32 : ELEMENT.float),
    bytesField(TENSOR_TYPE.shape, ...shape),
  ];
  return [textField(VALUE.name, name), bytesField(VALUE.type, bytesField(TYPE.tensor, ...tensor))];
}
