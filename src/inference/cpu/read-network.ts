// From an ONNX graph to a network that the engine computes. What it does not know is no error: the runtime computes that graph.
import { failureOf } from '#errors/failure.ts';
import { ATTRIBUTE, ELEMENT } from '../onnx-fields.ts';
import { type Graph, type GraphNode, graphOf } from '../onnx-graph.ts';
import { numbersOf, textsOf } from '../protobuf.ts';
import type { Channels, Network, Operator, Output, Shares, Sliding, Whole } from './network.ts';
import { type Numbers, numbersIn } from './tensor-numbers.ts';

/** What a name in the graph stands for. */
type Value =
  | { readonly kind: 'map'; readonly channels: number }
  | { readonly kind: 'view'; readonly channels: Channels }
  | { readonly kind: 'shares'; readonly shares: Shares }
  | { readonly kind: 'planes'; readonly planes: readonly Shares[]; readonly step: (typeof PACKING)[number] }
  | { readonly kind: 'maps'; readonly maps: readonly Whole[] }
  | { readonly kind: 'pooled'; readonly of: Whole };

// How probabilities become three bytes of an int32: each step on what the one before it left.
const PACKING = ['as they are', 'of 255', 'and a half', 'whole', 'in their places', 'packed'] as const;
const PLACES = [1, 256, 65536];
const COLOURS = 3;
const MOST_CLASSES = 64; // of a Softmax: what there is room for

/** Thrown and caught in this file alone. */
class NotKnown extends Error {}

/**
 * @param input the name of the picture [1 × 3 × height × width]
 * @returns undefined where the graph holds what the engine does not compute, and where the bytes are no graph
 */
export function readNetwork(
  onnx: Uint8Array<ArrayBuffer>,
  input: string,
  outputs: readonly string[],
): Network | undefined {
  try {
    const graph = graphOf(onnx);
    const reading = new Reading(graph, input, outputs);
    for (const node of graph.nodes) reading.add(node);
    return { input, operators: reading.operators, outputs: reading.outputs() };
  } catch (thrown) {
    if (thrown instanceof NotKnown || failureOf(thrown).tag === 'BadInput') return undefined;
    throw thrown;
  }
}

class Reading {
  readonly operators: Operator[] = [];
  readonly #graph: Graph;
  readonly #picture: string;
  readonly #values = new Map<string, Value>();
  readonly #constants = new Map<string, Numbers>();
  readonly #makers = new Map<string, number>(); // places in `operators`
  readonly #uses = new Map<string, number>();
  readonly #outputs: readonly string[];

  constructor(graph: Graph, input: string, outputs: readonly string[]) {
    this.#graph = graph;
    this.#outputs = outputs;
    this.#picture = input;
    for (const name of [...outputs, ...graph.nodes.flatMap(({ inputs }) => inputs)])
      this.#uses.set(name, (this.#uses.get(name) ?? 0) + 1);
  }

  add(node: GraphNode): void {
    const [output = '', ...more] = node.outputs;
    if (node.opType === 'Constant') return;
    if (node.opType === 'Cast' && this.#graph.shapes.has(output)) {
      if (intOf(node, 'to') !== ELEMENT.float) throw new NotKnown();
      this.#constants.set(output, this.#constant(node.inputs[0]));
      return;
    }
    const value = this.#valueOf(node, output);
    if (!value || more.length > 0) throw new NotKnown();
    this.#values.set(output, value);
  }

  outputs(): Map<string, Output> {
    return new Map(
      this.#outputs.map((name) => {
        const value = this.#values.get(name);
        const output = value && outputOf(value, name);
        if (!output) throw new NotKnown();
        return [name, output];
      }),
    );
  }

  #valueOf(node: GraphNode, output: string): Value | undefined {
    const [first = '', second = ''] = node.inputs;
    switch (node.opType) {
      case 'Conv':
        return this.#conv(node, output);
      case 'Relu':
        return this.#finished(output, first, { relu: true });
      case 'Add':
        return this.#values.get(first)?.kind === 'map' ? this.#sum(output, first, second) : this.#packing(node, 2, 0.5);
      case 'MaxPool':
      case 'AveragePool': {
        const kind = node.opType === 'MaxPool' ? 'most' : 'mean';
        const sliding = slidingOf(node);
        if (kind === 'mean' && sliding.pad > 0) throw new NotKnown();
        return this.#made({ kind, output, input: first, ...sliding }, this.#mapChannels(first));
      }
      case 'GlobalAveragePool':
        return this.#made({ kind: 'mean of all', output, input: first }, this.#mapChannels(first));
      case 'Flatten':
        return this.#pooled(node);
      case 'Resize':
        return this.#resize(node, output);
      case 'DepthToSpace':
        return this.#depthToSpace(node);
      case 'Slice':
        return this.#slice(node);
      case 'Softmax':
        if (intOf(node, 'axis') !== 1 || this.#view(first).count > MOST_CLASSES) return undefined;
        return { kind: 'shares', shares: { of: this.#view(first), kept: this.#view(first).count } };
      case 'Unsqueeze': {
        const value = this.#values.get(first);
        if (value?.kind !== 'shares' || !isAll(this.#constant(second), [1])) return undefined;
        return { kind: 'planes', planes: [value.shares], step: 'as they are' };
      }
      case 'Concat':
        return this.#concat(node);
      case 'Mul':
        return this.#graph.shapes.get(second)?.length === 0
          ? this.#packing(node, 1, 255)
          : this.#packing(node, 4, ...PLACES);
      case 'Cast':
        return intOf(node, 'to') === ELEMENT.int32 ? this.#packing(node, 3) : undefined;
      case 'ReduceSum':
        return intOf(node, 'keepdims') === 0 ? this.#packing(node, 5, 2) : undefined;
      default:
        return undefined;
    }
  }

  #conv(node: GraphNode, output: string): Value {
    const [input = '', weights = '', bias = ''] = node.inputs;
    const [outChannels = 0, inChannels = 0, high = 0, wide = 0] = this.#graph.shapes.get(weights) ?? [];
    const sliding = slidingOf(node, [high, wide]);
    const ofPicture = input === this.#picture;
    const isAsked = inChannels === (ofPicture ? COLOURS : this.#mapChannels(input));
    if (!isAsked || (intOf(node, 'group') ?? 1) !== 1) throw new NotKnown();
    const values = this.#constant(weights);
    const added = bias === '' ? new Float32Array(outChannels) : this.#constant(bias);
    if (!(values instanceof Float32Array && added instanceof Float32Array)) throw new NotKnown();
    return this.#made(
      { kind: 'conv', output, input, ofPicture, ...sliding, weights: { values, bias: added, outChannels, inChannels } },
      outChannels,
    );
  }

  #resize(node: GraphNode, output: string): Value {
    const [input = '', region = '', scales = '', sizes = ''] = node.inputs;
    const [one, two, down = 0, across] = this.#constant(scales);
    const isLinear =
      textOf(node, 'mode') === 'linear' &&
      (textOf(node, 'coordinate_transformation_mode') ?? 'half_pixel') === 'half_pixel';
    const isWhole = one === 1 && two === 1 && down === across && Number.isInteger(down) && down > 1;
    if (!isLinear || !isWhole || region !== '' || sizes !== '' || intOf(node, 'antialias')) throw new NotKnown();
    return this.#made({ kind: 'resize', output, input, scale: down }, this.#mapChannels(input));
  }

  #depthToSpace(node: GraphNode): Value {
    const of = this.#view(node.inputs[0]);
    const block = intOf(node, 'blocksize') ?? 0;
    const count = of.count / block ** 2;
    if (textOf(node, 'mode') !== 'CRD' || of.block !== 1 || of.from !== 0 || !Number.isInteger(count))
      throw new NotKnown();
    return { kind: 'view', channels: { map: of.map, block, from: 0, count } };
  }

  #slice(node: GraphNode): Value {
    const [input = '', ...bounds] = node.inputs;
    const [[start = 0] = [], [end = 0] = [], axes = [], steps = [1]] = bounds.map((name) => [...this.#constant(name)]);
    const value = this.#values.get(input);
    const count = value?.kind === 'shares' ? value.shares.kept : this.#view(input).count;
    if (!isAll(axes, [1]) || !isAll(steps, [1]) || start < 0 || end <= start || end > count) throw new NotKnown();
    if (value?.kind === 'shares') {
      if (start > 0) throw new NotKnown();
      return { kind: 'shares', shares: { ...value.shares, kept: end } };
    }
    const channels = this.#view(input);
    return { kind: 'view', channels: { ...channels, from: channels.from + start, count: end - start } };
  }

  #concat(node: GraphNode): Value {
    const values = node.inputs.map((name) => ({ name, value: this.#values.get(name) }));
    const planes = values.flatMap(({ value }) =>
      value?.kind === 'planes' && value.step === 'as they are' ? value.planes : [],
    );
    if (intOf(node, 'axis') !== 1) throw new NotKnown();
    if (planes.length === values.length) return { kind: 'planes', planes, step: 'as they are' };
    return { kind: 'maps', maps: node.inputs.map((map) => ({ map, channels: this.#mapChannels(map) })) };
  }

  #pooled(node: GraphNode): Value {
    const [input = ''] = node.inputs;
    const maker = this.operators[this.#makers.get(input) ?? -1];
    if (maker?.kind !== 'mean of all' || (intOf(node, 'axis') ?? 1) !== 1) throw new NotKnown();
    return { kind: 'pooled', of: { map: input, channels: this.#mapChannels(input) } };
  }

  /** Step `to` of packing, whose constant is this. */
  #packing({ inputs: [input = '', constant] }: GraphNode, to: number, ...wanted: number[]): Value {
    const value = this.#values.get(input);
    if (value?.kind !== 'planes' || value.step !== PACKING[to - 1]) throw new NotKnown();
    if (wanted.length > 0 && !isAll(this.#constant(constant), wanted)) throw new NotKnown();
    const step = PACKING[to];
    if (!step) throw new NotKnown();
    return { ...value, step };
  }

  #sum(output: string, a: string, b: string): Value {
    const channels = this.#mapChannels(a);
    if (this.#mapChannels(b) !== channels) throw new NotKnown();
    const later = (this.#makers.get(a) ?? -1) > (this.#makers.get(b) ?? -1) ? a : b;
    return this.#finished(output, later, { add: later === a ? b : a });
  }

  /** Done by the operator that makes `input`, where nobody else reads that and it has not done as much already. */
  #finished(output: string, input: string, finish: { relu: true } | { add: string }): Value {
    const channels = this.#mapChannels(input);
    const at = this.#makers.get(input) ?? -1;
    const maker = this.operators[at];
    const takesOver = maker && (maker.kind === 'conv' || maker.kind === 'resize' || maker.kind === 'copy');
    if (takesOver && this.#uses.get(input) === 1 && !maker.relu && !('add' in finish && maker.add !== undefined)) {
      this.operators[at] = { ...maker, ...finish, output };
      this.#makers.set(output, at);
      return { kind: 'map', channels };
    }
    return this.#made({ kind: 'copy', output, input, ...finish }, channels);
  }

  #made(operator: Operator, channels: number): Value {
    this.#makers.set(operator.output, this.operators.push(operator) - 1);
    return { kind: 'map', channels };
  }

  /** Of a map that an operator made: of the picture only convolutions are computed. */
  #mapChannels(name: string): number {
    const value = this.#values.get(name);
    if (value?.kind !== 'map' || !this.#makers.has(name)) throw new NotKnown();
    return value.channels;
  }

  #view(name = ''): Channels {
    const value = this.#values.get(name);
    if (value?.kind === 'view') return value.channels;
    return { map: name, block: 1, from: 0, count: this.#mapChannels(name) };
  }

  #constant(name = ''): Numbers {
    const known = this.#constants.get(name);
    if (known) return known;
    const tensor = this.#graph.tensors.get(name);
    if (!tensor) throw new NotKnown();
    const numbers = numbersIn(tensor);
    if (!numbers) throw new NotKnown();
    return numbers;
  }
}

function outputOf(value: Value, name: string): Output | undefined {
  switch (value.kind) {
    case 'shares':
      return { kind: 'shares', of: value.shares };
    case 'planes':
      return value.step === 'packed' && value.planes.every(({ kept }) => kept === PLACES.length)
        ? { kind: 'packed', planes: value.planes }
        : undefined;
    case 'map':
      return { kind: 'maps', maps: [{ map: name, channels: value.channels }] };
    case 'maps':
    case 'pooled':
      return value;
    case 'view':
      return undefined;
  }
}

/** @param kernel px, down and across, of the weights; without it the attribute */
function slidingOf(node: GraphNode, kernel = intsOf(node, 'kernel_shape')): Sliding {
  const same = (numbers: readonly number[], otherwise: number): number => {
    const [first = otherwise] = numbers;
    if (numbers.some((number) => number !== first)) throw new NotKnown();
    return first;
  };
  const automatic = textOf(node, 'auto_pad') ?? 'NOTSET';
  if (automatic !== 'NOTSET' || same(intsOf(node, 'dilations'), 1) !== 1 || intOf(node, 'ceil_mode'))
    throw new NotKnown();
  return { side: same(kernel, 1), stride: same(intsOf(node, 'strides'), 1), pad: same(intsOf(node, 'pads'), 0) };
}

const intsOf = (node: GraphNode, name: string): number[] => numbersOf(node.attribute(name), ATTRIBUTE.ints);
const intOf = (node: GraphNode, name: string): number | undefined => numbersOf(node.attribute(name), ATTRIBUTE.int)[0];
const textOf = (node: GraphNode, name: string): string | undefined =>
  textsOf(node.attribute(name), ATTRIBUTE.string)[0];

const isAll = (numbers: ArrayLike<number>, wanted: readonly number[]): boolean =>
  numbers.length === wanted.length && wanted.every((number, i) => numbers[i] === number);
