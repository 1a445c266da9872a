// The shipped graph with its arithmetic in fp16: the weights are stored so already, and only cast to fp32 in the graph.
// One file serves both precisions.
import { EosinError } from '#errors/failure.ts';
import { halfOf } from './kernels/half.ts';
import { ATTRIBUTE, ELEMENT, GRAPH, MODEL, NODE, TENSOR, TENSOR_TYPE, TYPE, VALUE } from './onnx-fields.ts';
import {
  bytesField,
  type Field,
  fieldsOf,
  joined,
  messagesOf,
  numberField,
  numbersOf,
  textField,
  textsOf,
} from './protobuf.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type Fields = readonly Field[];

// Operators whose floating-point inputs and outputs are all of one type, fp32 or fp16. Of Resize only the picture is.
const OF_ONE_TYPE = new Set(
  `Add AveragePool BatchNormalization Cast Clip Concat Constant Conv ConvTranspose DepthToSpace Div Flatten Gemm
  GlobalAveragePool HardSigmoid HardSwish Identity LeakyRelu MatMul MaxPool Mul Pad Pow ReduceMean ReduceSum Relu Reshape
  Resize Sigmoid Slice Softmax Split Sqrt Squeeze Sub Tanh Transpose Unsqueeze`.split(/\s+/),
);

const LARGEST_HALF = 65504;

const notInHalf = (seen: string): EosinError =>
  new EosinError({ tag: 'ModelInvalid', model: 'in fp16', seen, todo: 'It runs in fp32.' });

/**
 * @param onnx a graph that computes in fp32
 * @returns the same with its input and all between in fp16; outputs keep their types
 * @throws EosinError ModelInvalid where the graph holds what is not known to have an fp16 form; BadInput for no ONNX file
 */
export function inHalf(onnx: Bytes): Bytes {
  return joined(
    [...fieldsOf(onnx)].map((field) =>
      field.number === MODEL.graph && field.wire === 'bytes'
        ? bytesField(MODEL.graph, halfGraph([...fieldsOf(field.value)]))
        : field.raw,
    ),
  );
}

function halfGraph(graph: Fields): Bytes {
  const nodes = messagesOf(graph, GRAPH.node).map((bytes) => [...fieldsOf(bytes)]);
  const stays = new Set<string>(); // float32 by the operator's definition
  for (const node of nodes) {
    const op = textsOf(node, NODE.opType)[0] ?? '';
    if (!OF_ONE_TYPE.has(op)) throw notInHalf(`its graph holds ${op}, whose fp16 form is not known`);
    if (op === 'Resize') for (const name of textsOf(node, NODE.input).slice(1)) stays.add(name);
  }
  const outputs = new Set(
    messagesOf(graph, GRAPH.output).flatMap((bytes) => {
      const value = [...fieldsOf(bytes)];
      return elementOf(value) === ELEMENT.float ? textsOf(value, VALUE.name) : [];
    }),
  );
  const rewritten = graph.flatMap((field): Bytes[] => {
    if (field.wire !== 'bytes') return [field.raw];
    const fields = (): Field[] => [...fieldsOf(field.value)];
    switch (field.number) {
      case GRAPH.node:
        return [bytesField(GRAPH.node, halfNode(fields(), outputs, stays))];
      case GRAPH.initializer: {
        const tensor = fields();
        return stays.has(textsOf(tensor, TENSOR.name)[0] ?? '')
          ? [field.raw]
          : [bytesField(GRAPH.initializer, halfTensor(tensor))];
      }
      case GRAPH.input:
        return [bytesField(GRAPH.input, halfValue(fields()))];
      case GRAPH.valueInfo:
        return []; // what the exporter inferred of types no longer holds; the runtime infers anew
      default:
        return [field.raw];
    }
  });
  const casts = [...outputs].map((name) => bytesField(GRAPH.node, castNode(halfName(name), name)));
  return joined([...rewritten, ...casts]);
}

const halfName = (output: string): string => `${output} in fp16`;

function halfNode(node: Fields, outputs: ReadonlySet<string>, stays: ReadonlySet<string>): Bytes {
  const op = textsOf(node, NODE.opType)[0] ?? '';
  const kept = op === 'Constant' && stays.has(textsOf(node, NODE.output)[0] ?? '');
  const parts = node.map((field): Bytes => {
    if (field.wire !== 'bytes') return field.raw;
    if (field.number === NODE.input || field.number === NODE.output) {
      const name = new TextDecoder().decode(field.value);
      return outputs.has(name) ? textField(field.number, halfName(name)) : field.raw;
    }
    if (field.number !== NODE.attribute || kept) return field.raw;
    return bytesField(NODE.attribute, halfAttribute(op, [...fieldsOf(field.value)]));
  });
  return joined(parts);
}

/** Casts to fp32 go to fp16 instead; a Constant's tensor too. */
function halfAttribute(op: string, attribute: Fields): Bytes {
  const name = textsOf(attribute, ATTRIBUTE.name)[0];
  if (op === 'Constant' && name !== 'value' && name?.startsWith('value_float'))
    throw notInHalf('its graph holds a Constant of plain floats');
  return joined(
    attribute.map((field): Bytes => {
      if (op === 'Cast' && name === 'to' && field.number === ATTRIBUTE.int && field.wire === 'varint')
        return numberField(ATTRIBUTE.int, field.value === ELEMENT.float ? ELEMENT.half : field.value);
      if (op === 'Constant' && field.number === ATTRIBUTE.tensor && field.wire === 'bytes')
        return bytesField(ATTRIBUTE.tensor, halfTensor([...fieldsOf(field.value)]));
      return field.raw;
    }),
  );
}

/** A float32 tensor in fp16; any other as it is. */
function halfTensor(tensor: Fields): Bytes {
  if (numbersOf(tensor, TENSOR.dataType)[0] !== ELEMENT.float) return joined(tensor.map(({ raw }) => raw));
  const [bytes] = [...messagesOf(tensor, TENSOR.raw), ...messagesOf(tensor, TENSOR.floats)];
  if (!bytes) throw notInHalf('a constant in its graph lies in another file');
  const values = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const halves = new DataView(new ArrayBuffer(bytes.byteLength / 2));
  for (let at = 0; at < bytes.byteLength; at += 4) {
    const value = values.getFloat32(at, true);
    if (Math.abs(value) > LARGEST_HALF) throw notInHalf(`a constant in its graph is ${value}`);
    halves.setUint16(at / 2, halfOf(value), true);
  }
  const rest = tensor.filter(({ number }) => ![TENSOR.dataType, TENSOR.raw, TENSOR.floats].some((n) => n === number));
  return joined([
    ...rest.map(({ raw }) => raw),
    numberField(TENSOR.dataType, ELEMENT.half),
    bytesField(TENSOR.raw, new Uint8Array(halves.buffer)),
  ]);
}

const typeOf = (value: Fields): Field[] =>
  messagesOf(value, VALUE.type)
    .flatMap((type) => messagesOf([...fieldsOf(type)], TYPE.tensor))
    .flatMap((tensor) => [...fieldsOf(tensor)]);

const elementOf = (value: Fields): number | undefined => numbersOf(typeOf(value), TENSOR_TYPE.element)[0];

function halfValue(value: Fields): Bytes {
  if (elementOf(value) !== ELEMENT.float) return joined(value.map(({ raw }) => raw));
  const type = typeOf(value).map(({ number, raw }) =>
    number === TENSOR_TYPE.element ? numberField(TENSOR_TYPE.element, ELEMENT.half) : raw,
  );
  const parts = value.map(({ number, raw }) =>
    number === VALUE.type ? bytesField(VALUE.type, bytesField(TYPE.tensor, ...type)) : raw,
  );
  return joined(parts);
}

/** Of opset 13 and later, to fp32. */
function castNode(input: string, output: string): Bytes {
  const to = [
    textField(ATTRIBUTE.name, 'to'),
    numberField(ATTRIBUTE.int, ELEMENT.float),
    numberField(ATTRIBUTE.type, 2),
  ];
  return joined([
    textField(NODE.input, input),
    textField(NODE.output, output),
    textField(NODE.opType, 'Cast'),
    bytesField(NODE.attribute, ...to),
  ]);
}
