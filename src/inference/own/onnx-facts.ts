// What an ONNX file says of itself: what goes in and out, which operators it is made of. Files come from anywhere, so that
// whatever the app cannot use is told here, in a sentence.
import { EosinError } from '#errors/failure.ts';
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
import { type Field, fieldsOf, messagesOf, numbersOf, textsOf } from '../protobuf.ts';
import { externalFilesOf } from './external-data.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** An input or output of the whole graph. */
export interface TensorFact {
  readonly name: string;
  readonly element: number | undefined; // TensorProto.DataType
  /** A number, or the name of a size that varies ('' where it has none); undefined where no shape is stated. */
  readonly dims: readonly (number | string)[] | undefined;
}

export interface OperatorCount {
  readonly domain: string; // '' is ONNX's own
  readonly type: string;
  readonly count: number;
}

export interface OnnxFacts {
  readonly inputs: readonly TensorFact[]; // without those that are initialisers
  readonly outputs: readonly TensorFact[];
  readonly opset: number | undefined; //     of ONNX's own operators
  readonly operators: readonly OperatorCount[]; // the most frequent first
  readonly nodes: number;
  readonly parameters: number; //             elements of its initialisers
  readonly bytes: number;
}

export const MOST_BYTES = 1024 ** 3; // of a model file: a tab's memory holds it twice
const MOST_NODES = 50_000;
const NESTED = new Set(['If', 'Loop', 'Scan']);
const KNOWN_DOMAINS = new Set(['', 'ai.onnx', 'com.microsoft']);

const invalid = (model: string, seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'ModelInvalid', model, seen, todo });

/**
 * @param name of the file, for sentences
 * @throws EosinError ModelInvalid: not an ONNX file, cut short, data in another file, operators nobody here knows
 */
export function readOnnx(onnx: Bytes, name: string): OnnxFacts {
  if (onnx.length > MOST_BYTES) throw invalid(name, `it holds ${onnx.length} bytes`, `The most is ${MOST_BYTES}.`);
  const { model, graph } = topOf(onnx, name);
  const nodes = messagesOf(graph, GRAPH.node).map((bytes) => [...fieldsOf(bytes)]);
  if (nodes.length > MOST_NODES)
    throw invalid(name, `its graph has ${nodes.length} nodes`, `The most is ${MOST_NODES}.`);
  const missing = externalFilesOf(onnx);
  if (missing.length > 0) {
    const files = missing.slice(0, 3).join(', ');
    throw invalid(name, `its weights lie in another file (${files})`, 'Drop that file together with it.');
  }
  const operators = operatorsOf(nodes);
  const foreign = operators.filter(({ domain }) => !KNOWN_DOMAINS.has(domain));
  if (foreign.length > 0) {
    const which = foreign.slice(0, 3).map(({ domain, type }) => `${type} of ${domain}`);
    const more = foreign.length > 3 ? ` and ${foreign.length - 3} more` : '';
    throw invalid(
      name,
      `it uses operators that the runtime does not know (${which.join(', ')}${more})`,
      "Export it with ONNX's own operators.",
    );
  }
  const nested = operators.find(({ type }) => NESTED.has(type));
  if (nested) throw invalid(name, `its graph branches (${nested.type})`, 'Export it without control flow.');
  const weights = messagesOf(graph, GRAPH.initializer).map((bytes) => [...fieldsOf(bytes)]);
  const constants = new Set(weights.map((tensor) => textsOf(tensor, TENSOR.name)[0] ?? ''));
  const opsets = messagesOf(model, MODEL.opset).map((bytes) => [...fieldsOf(bytes)]);
  const own = opsets.find((opset) => ['', 'ai.onnx'].includes(textsOf(opset, OPSET.domain)[0] ?? ''));
  return {
    inputs: messagesOf(graph, GRAPH.input)
      .map(tensorFact)
      .filter((input) => !constants.has(input.name)),
    outputs: messagesOf(graph, GRAPH.output).map(tensorFact),
    opset: own && numbersOf(own, OPSET.version)[0],
    operators,
    nodes: nodes.length,
    parameters: weights.reduce((sum, tensor) => sum + numbersOf(tensor, TENSOR.dims).reduce((a, b) => a * b, 1), 0),
    bytes: onnx.length,
  };
}

function topOf(onnx: Bytes, name: string): { model: Field[]; graph: Field[] } {
  const notOnnx = (seen: string) => invalid(name, seen, 'Export it again, or copy it again.');
  try {
    const model = [...fieldsOf(onnx)];
    const graph = messagesOf(model, MODEL.graph).flatMap((bytes) => [...fieldsOf(bytes)]);
    if (messagesOf(graph, GRAPH.node).length === 0) throw notOnnx('it is not an ONNX file: it holds no graph');
    return { model, graph };
  } catch (thrown) {
    if (!(thrown instanceof EosinError) || thrown.failure.tag !== 'BadInput') throw thrown;
    // The first field of an ONNX file is its IR version, one small number.
    const starts = onnx[0] === 8 && onnx.length > 1;
    throw notOnnx(starts ? `it is cut short or damaged: ${thrown.failure.seen}` : 'it is not an ONNX file');
  }
}

function operatorsOf(nodes: readonly (readonly Field[])[]): OperatorCount[] {
  const counts = new Map<string, OperatorCount>();
  for (const node of nodes) {
    const domain = textsOf(node, NODE.domain)[0] ?? '';
    const type = textsOf(node, NODE.opType)[0] ?? '';
    const key = `${domain}:${type}`;
    counts.set(key, { domain, type, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || a.type.localeCompare(b.type));
}

function tensorFact(bytes: Bytes): TensorFact {
  const value = [...fieldsOf(bytes)];
  const tensor = messagesOf(value, VALUE.type)
    .flatMap((type) => messagesOf([...fieldsOf(type)], TYPE.tensor))
    .flatMap((message) => [...fieldsOf(message)]);
  const [shape] = messagesOf(tensor, TENSOR_TYPE.shape);
  return {
    name: textsOf(value, VALUE.name)[0] ?? '',
    element: numbersOf(tensor, TENSOR_TYPE.element)[0],
    dims: shape && messagesOf([...fieldsOf(shape)], SHAPE.dim).map(dimOf),
  };
}

function dimOf(bytes: Bytes): number | string {
  const fields = [...fieldsOf(bytes)];
  const value = numbersOf(fields, DIM.value)[0];
  // Exporters write sizes that vary as 0 or as a negative number.
  if (value !== undefined && value > 0) return value;
  return textsOf(fields, DIM.param)[0] ?? '';
}

const ELEMENT_NAMES: Readonly<Record<number, string>> = {
  [ELEMENT.float]: 'float32',
  2: 'uint8',
  3: 'int8',
  [ELEMENT.int32]: 'int32',
  [ELEMENT.int64]: 'int64',
  9: 'bool',
  [ELEMENT.half]: 'float16',
  11: 'float64',
  16: 'bfloat16',
};

/** 'float32 [n × 3 × 224 × 224]'. */
export const tensorWords = ({ element, dims }: TensorFact): string => {
  const type = ELEMENT_NAMES[element ?? 0] ?? `type ${element}`;
  return dims ? `${type} [${dims.map((dim) => (dim === '' ? '?' : dim)).join(' × ')}]` : `${type}, no shape stated`;
};

/** The numbers of an attribute, or what stands in its place. */
export const intsOf = (attribute: readonly Field[], otherwise: readonly number[]): readonly number[] => {
  const ints = [...numbersOf(attribute, ATTRIBUTE.ints), ...numbersOf(attribute, ATTRIBUTE.int)];
  return ints.length > 0 ? ints : otherwise;
};
