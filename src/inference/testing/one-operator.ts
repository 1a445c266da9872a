// A graph of one operator, to ask a provider whether it takes it: float32 in, whatever comes out.
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
} from '../onnx-fields.ts';
import { bytesField, joined, numberField, textField } from '../protobuf.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** An input: of the graph, float32 with these sides; whole numbers that lie in the graph (int64); a comparison; one left out. */
export type Given = readonly number[] | { readonly ints: readonly number[] } | 'bool' | 'left out';

export interface OneOperator {
  readonly type: string;
  readonly inputs?: readonly Given[]; //                       one of 1 × 8 × 4 × 4 without it
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>; // whole numbers, or text
  readonly outputs?: number;
  readonly opset?: number;
}

export const MAP = [1, 8, 4, 4] as const;

export function oneOperator({ type, inputs = [MAP], attributes = {}, outputs = 1, opset = 17 }: OneOperator): Bytes {
  const names = inputs.map((given, k) => (given === 'left out' ? '' : `in ${k}`));
  const graph = inputs.flatMap((given, k): Bytes[] => {
    const name = names[k] ?? '';
    if (given === 'left out') return [];
    if (given === 'bool') return [...input(`${name} x`, MAP), greater(`${name} x`, name)];
    return 'ints' in given ? [whole(name, given.ints)] : input(name, given);
  });
  const results = Array.from({ length: outputs }, (_, k) => `out ${k}`);
  const node = bytesField(
    GRAPH.node,
    ...names.map((name) => textField(NODE.input, name)),
    ...results.map((name) => textField(NODE.output, name)),
    textField(NODE.name, 'asked'),
    textField(NODE.opType, type),
    ...Object.entries(attributes).map(([name, value]) => attribute(name, value)),
  );
  return joined([
    numberField(MODEL.irVersion, 9),
    bytesField(MODEL.opset, textField(OPSET.domain, ''), numberField(OPSET.version, opset)),
    bytesField(
      MODEL.graph,
      textField(GRAPH.name, 'one operator'),
      ...graph,
      node,
      ...results.map((name) => bytesField(GRAPH.output, textField(VALUE.name, name))),
    ),
  ]);
}

function input(name: string, dims: readonly number[]): Bytes[] {
  const shape = dims.map((side) => bytesField(SHAPE.dim, numberField(DIM.value, side)));
  const tensor = [numberField(TENSOR_TYPE.element, ELEMENT.float), bytesField(TENSOR_TYPE.shape, ...shape)];
  return [
    bytesField(GRAPH.input, textField(VALUE.name, name), bytesField(VALUE.type, bytesField(TYPE.tensor, ...tensor))),
  ];
}

/** name = x > x, so that nothing but comparing is asked for. */
const greater = (x: string, name: string): Bytes =>
  bytesField(
    GRAPH.node,
    textField(NODE.input, x),
    textField(NODE.input, x),
    textField(NODE.output, name),
    textField(NODE.name, `greater ${name}`),
    textField(NODE.opType, 'Greater'),
  );

const whole = (name: string, values: readonly number[]): Bytes =>
  bytesField(
    GRAPH.initializer,
    numberField(TENSOR.dims, values.length),
    numberField(TENSOR.dataType, ELEMENT.int64),
    textField(TENSOR.name, name),
    bytesField(TENSOR.raw, new Uint8Array(BigInt64Array.from(values, BigInt).buffer)),
  );

function attribute(name: string, value: number | string | readonly number[]): Bytes {
  const named = textField(ATTRIBUTE.name, name);
  const parts =
    typeof value === 'number'
      ? [numberField(ATTRIBUTE.int, value), numberField(ATTRIBUTE.type, ATTRIBUTE_TYPE.int)]
      : typeof value === 'string'
        ? [textField(ATTRIBUTE.string, value), numberField(ATTRIBUTE.type, ATTRIBUTE_TYPE.string)]
        : [...value.map((each) => numberField(ATTRIBUTE.ints, each)), numberField(ATTRIBUTE.type, ATTRIBUTE_TYPE.ints)];
  return bytesField(NODE.attribute, named, ...parts);
}
