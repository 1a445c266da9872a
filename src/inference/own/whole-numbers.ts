// What a graph computes of shapes: small lists of whole numbers, which exporters write where a size may vary, followed here
// without running the graph. What is not known has no value, and what depends on it none either.
import { ATTRIBUTE, ELEMENT, TENSOR } from '../onnx-fields.ts';
import type { GraphNode } from '../onnx-graph.ts';
import { type Field, fieldsOf, messagesOf, numbersOf } from '../protobuf.ts';
import { intsOf } from './onnx-facts.ts';

export type Whole = readonly number[];
type Known = (name: string | undefined) => Whole | undefined;

const MOST = 64; // longer ones are no shapes

/** Of an int64 or int32 constant; the wire's unsigned numbers turned back. */
export function wholeConstant(tensor: readonly Field[]): Whole | undefined {
  const [type] = numbersOf(tensor, TENSOR.dataType);
  if (type !== ELEMENT.int64 && type !== ELEMENT.int32) return undefined;
  if (numbersOf(tensor, TENSOR.dims).reduce((product, side) => product * side, 1) > MOST) return undefined;
  const [raw] = messagesOf(tensor, TENSOR.raw);
  if (!raw) return undefined;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const size = type === ELEMENT.int64 ? 8 : 4;
  return Array.from({ length: Math.floor(raw.byteLength / size) }, (_, k) =>
    type === ELEMENT.int64 ? Number(view.getBigInt64(8 * k, true)) : view.getInt32(4 * k, true),
  );
}

const PAIRED: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => Math.trunc(a / b),
  Equal: (a, b) => Number(a === b),
  Greater: (a, b) => Number(a > b),
  Less: (a, b) => Number(a < b),
  Max: Math.max,
  Min: Math.min,
};
const SAME = new Set(['Identity', 'Cast', 'Unsqueeze', 'Squeeze', 'Reshape', 'Flatten']);

/**
 * The value of a node's first output.
 * @param shapeOf of any tensor
 */
export function wholeOf(node: GraphNode, known: Known, shapeOf: Known): Whole | undefined {
  const { opType, inputs } = node;
  if (opType === 'Shape') {
    const shape = shapeOf(inputs[0]);
    const [start = 0] = intsOf(node.attribute('start'), [0]);
    const [end] = intsOf(node.attribute('end'), []);
    return shape?.slice(start, end);
  }
  if (opType === 'ConstantOfShape') return repeated(node, known(inputs[0]));
  const first = known(inputs[0]);
  if (!first) return undefined;
  if (SAME.has(opType)) return first;
  const second = known(inputs[1]);
  const pair = PAIRED[opType];
  if (pair) return second && paired(first, second, pair);
  switch (opType) {
    case 'Neg':
      return first.map((value) => -value);
    case 'ReduceProd':
      return [first.reduce((product, value) => product * value, 1)];
    case 'Gather':
      return second?.map((at) => first.at(at) ?? Number.NaN);
    case 'Concat': {
      const all = inputs.map((name) => known(name));
      return all.every((part) => part !== undefined) ? all.flatMap((part) => part ?? []) : undefined;
    }
    case 'Slice': {
      const [start, end, step = 1] = [second?.[0], known(inputs[2])?.[0], known(inputs[4])?.[0]];
      return start === undefined || end === undefined || step !== 1 ? undefined : first.slice(start, end);
    }
    case 'Where': {
      const [yes, no] = [second, known(inputs[2])];
      return yes && no && first.map((is, k) => (is ? yes[yes.length > 1 ? k : 0] : no[no.length > 1 ? k : 0]) ?? 0);
    }
    default:
      return undefined;
  }
}

function paired(a: Whole, b: Whole, of: (a: number, b: number) => number): Whole | undefined {
  if (a.length !== b.length && a.length !== 1 && b.length !== 1) return undefined;
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, k) => of(a[a.length > 1 ? k : 0] ?? 0, b[b.length > 1 ? k : 0] ?? 0));
}

function repeated(node: GraphNode, dims: Whole | undefined): Whole | undefined {
  const length = dims?.reduce((product, side) => product * side, 1) ?? MOST + 1;
  if (length > MOST) return undefined;
  const [message] = messagesOf(node.attribute('value'), ATTRIBUTE.tensor);
  const [value] = (message && wholeConstant([...fieldsOf(message)])) ?? [];
  return value === undefined ? undefined : Array.from({ length }, () => value);
}
