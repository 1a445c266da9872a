// Writes the parts of an ONNX file that the graph check reads, by onnx.proto3's field numbers.
const varint = (value: number): number[] => {
  const low = value % 128;
  return value < 128 ? [low] : [low + 128, ...varint(Math.floor(value / 128))];
};
const bytesField = (number: number, bytes: readonly number[]): number[] => [
  ...varint(number * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
];
const textField = (number: number, text: string): number[] => bytesField(number, [...new TextEncoder().encode(text)]);
const intField = (number: number, value: number): number[] => [...varint(number * 8), ...varint(value)];

export interface NodeForm {
  readonly op: string;
  readonly name?: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly ints?: Readonly<Record<string, number>>;
}

const node = ({ op, name = '', inputs, output, ints = {} }: NodeForm): number[] => [
  ...inputs.flatMap((input) => textField(1, input)),
  ...textField(2, output),
  ...textField(3, name),
  ...textField(4, op),
  ...Object.entries(ints).flatMap(([key, value]) => bytesField(5, [...textField(1, key), ...intField(3, value)])),
];

/** A model of these nodes with initialisers of these shapes; `packed` writes dims as proto3 does by default. */
export function onnxBytes(nodes: readonly NodeForm[], shapes: Record<string, readonly number[]>, packed: boolean) {
  const dims = (shape: readonly number[]): number[] =>
    packed ? bytesField(1, shape.flatMap(varint)) : shape.flatMap((side) => intField(1, side));
  const graph = [
    ...nodes.flatMap((each) => bytesField(1, node(each))),
    ...Object.entries(shapes).flatMap(([name, shape]) => bytesField(5, [...dims(shape), ...textField(8, name)])),
  ];
  return Uint8Array.from([...intField(1, 10), ...textField(2, 'eosin'), ...bytesField(7, graph)]);
}
