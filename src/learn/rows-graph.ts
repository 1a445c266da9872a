// Writes small ONNX networks that read rows of features (opset 17, as the shipped heads).
import {
  ATTRIBUTE,
  ATTRIBUTE_TYPE,
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
} from '#inference/onnx-fields.ts';
import { bytesField, joined, numberField, textField } from '#inference/protobuf.ts';

const [IR_VERSION, OPSET_VERSION] = [8, 17];
type Bytes = Uint8Array<ArrayBuffer>;

export interface RowsNode {
  readonly type: 'Gemm' | 'Relu' | 'Tanh' | 'Sigmoid' | 'Mul' | 'Add' | 'Softmax' | 'Transpose' | 'MatMul';
  readonly inputs: readonly string[];
  readonly output: string;
  /** Whole numbers, not negative. */
  readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
}

export interface Constant {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

export interface RowsGraph {
  readonly input: { readonly name: string; readonly channels: number };
  readonly nodes: readonly RowsNode[];
  readonly constants: readonly Constant[];
  /** rows: undefined for as many as come in. */
  readonly outputs: readonly { readonly name: string; readonly rows: number | undefined; readonly channels: number }[];
}

/** The file's bytes. */
export function rowsModel({ input, nodes, constants, outputs }: RowsGraph): Bytes {
  const graph = [
    ...nodes.map((node, index) => bytesField(GRAPH.node, ...nodeOf(node, index))),
    textField(GRAPH.name, 'eosin'),
    ...constants.map((constant) => bytesField(GRAPH.initializer, ...tensorOf(constant))),
    bytesField(GRAPH.input, ...valueInfo(input.name, undefined, input.channels)),
    ...outputs.map(({ name, rows, channels }) => bytesField(GRAPH.output, ...valueInfo(name, rows, channels))),
  ];
  return joined([
    numberField(MODEL.irVersion, IR_VERSION),
    bytesField(MODEL.graph, ...graph),
    bytesField(MODEL.opset, textField(OPSET.domain, ''), numberField(OPSET.version, OPSET_VERSION)),
  ]);
}

const nodeOf = ({ type, inputs, output, attributes = {} }: RowsNode, index: number): Bytes[] => [
  ...inputs.map((name) => textField(NODE.input, name)),
  textField(NODE.output, output),
  textField(NODE.name, `${type}_${index}`),
  textField(NODE.opType, type),
  ...Object.entries(attributes).map(([name, value]) =>
    bytesField(
      NODE.attribute,
      textField(ATTRIBUTE.name, name),
      ...(typeof value === 'number'
        ? [numberField(ATTRIBUTE.int, value), numberField(ATTRIBUTE.type, ATTRIBUTE_TYPE.int)]
        : [
            ...value.map((item) => numberField(ATTRIBUTE.ints, item)),
            numberField(ATTRIBUTE.type, ATTRIBUTE_TYPE.ints),
          ]),
    ),
  ),
];

const tensorOf = ({ name, dims, values }: Constant): Bytes[] => [
  ...dims.map((dim) => numberField(TENSOR.dims, dim)),
  numberField(TENSOR.dataType, ELEMENT.float),
  textField(TENSOR.name, name),
  bytesField(TENSOR.raw, new Uint8Array(Float32Array.from(values).buffer)), // little-endian, as every machine here
];

function valueInfo(name: string, rows: number | undefined, channels: number): Bytes[] {
  const first = rows === undefined ? textField(DIM.param, 'n') : numberField(DIM.value, rows);
  const shape = [first, numberField(DIM.value, channels)].map((dim) => bytesField(SHAPE.dim, dim));
  const tensor = [numberField(TENSOR_TYPE.element, ELEMENT.float), bytesField(TENSOR_TYPE.shape, ...shape)];
  return [textField(VALUE.name, name), bytesField(VALUE.type, bytesField(TYPE.tensor, ...tensor))];
}
