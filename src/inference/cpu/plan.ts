// A network for one size of picture: where each map lies and when, and the steps that compute the wanted outputs.
import { arranged, type Life } from './arena.ts';
import { type Conv, mapsOf, type Network, neededFor, type Operator, type Output, readBy } from './network.ts';
import { aligned, bytesOf, type Ending, inPanels, type Place } from './places.ts';
import { type Step, workOf } from './steps.ts';
import { channelsRead, wayOf } from './weights.ts';

/** Where a convolution's packed weights and its bias lie. */
export interface WeightsAt {
  readonly weights: number;
  readonly bias: number;
}

export interface Made {
  readonly name: string;
  readonly at: number;
  readonly dims: readonly number[];
  readonly type: 'int32' | 'float32';
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly picture: number; // where its planes are put before the first step: [3 × height × width]
  readonly outputs: readonly Made[];
  readonly end: number; //     of the memory that it needs beside scratch, an address
  readonly scratch: number; // bytes a thread
}

export interface Planning {
  readonly network: Network;
  readonly width: number; //  px of the picture
  readonly height: number; // px
  readonly wanted: readonly string[];
  readonly weights: ReadonlyMap<Conv, WeightsAt>;
  readonly zeros: number; // an address; as many bytes as the widest pixel has
  readonly start: number; // of the memory that is free
}

type Size = Omit<Place, 'at'>;

const PICTURE = 'the picture as it comes'; // no name in a graph has a place of its own beside these
const outputName = (name: string): string => `output ${name}`;

export function planned(planning: Planning): Plan {
  const { network, wanted, width, height, start } = planning;
  const operators = neededFor(network, wanted);
  const sizes = sizesOf(network, operators, { width, height });
  const outputs = wanted.map((name) => ({ name, ...shapeOf(network.outputs.get(name), sizes) }));
  const { offsets, bytes } = arranged(livesOf(planning, operators, sizes, outputs));
  const at = (name: string): number => start + (offsets.get(name) ?? 0);
  const place = (name: string): Place => ({ at: at(name), ...sizeOf(sizes, name) });
  const made = outputs.map(({ name, dims, type }): Made => ({ name, dims, type, at: at(outputName(name)) }));
  const steps = [
    { kind: 'enter' as const, planes: at(PICTURE), zeros: planning.zeros, to: place(network.input) },
    ...operators.map((operator) => stepOf(operator, place, planning)),
    ...made.flatMap(({ name, at: to }) => outputSteps(network.outputs.get(name), to, place)),
  ];
  const scratch = steps.reduce((most, step) => Math.max(most, workOf(step).scratch), 0);
  return { steps, picture: at(PICTURE), outputs: made, end: start + bytes, scratch: aligned(scratch) };
}

function sizeOf(sizes: ReadonlyMap<string, Size>, name: string): Size {
  const size = sizes.get(name);
  if (!size) throw new RangeError(`nothing makes the map ${name}`);
  return size;
}

function sizesOf(
  { input }: Network,
  operators: readonly Operator[],
  { width, height }: Omit<Size, 'px'>,
): Map<string, Size> {
  const sizes = new Map<string, Size>([[input, { width, height, px: 16 }]]);
  for (const operator of operators) {
    const size = sizeAfter(operator, sizeOf(sizes, operator.input));
    const added = 'add' in operator && operator.add !== undefined ? sizeOf(sizes, operator.add) : size;
    if (added.width !== size.width || added.height !== size.height)
      throw new RangeError(
        `maps of ${size.width} × ${size.height} and ${added.width} × ${added.height} px have no sum`,
      );
    sizes.set(operator.output, size);
  }
  return sizes;
}

function sizeAfter(operator: Operator, { width, height, px }: Size): Size {
  switch (operator.kind) {
    case 'conv':
    case 'most':
    case 'mean': {
      const { side, stride, pad } = operator;
      const after = (length: number): number => Math.floor((length + 2 * pad - side) / stride) + 1;
      const bytes = operator.kind === 'conv' ? 4 * inPanels(operator.weights.outChannels) : px;
      return { width: after(width), height: after(height), px: bytes };
    }
    case 'resize':
      return { width: width * operator.scale, height: height * operator.scale, px };
    case 'copy':
      return { width, height, px };
    case 'mean of all':
      return { width: 1, height: 1, px };
  }
}

/** The dims and the type of an output. */
function shapeOf(output: Output | undefined, sizes: ReadonlyMap<string, Size>): Pick<Made, 'dims' | 'type'> {
  const [first = ''] = mapsOf(output);
  const { width, height } = sizeOf(sizes, first);
  switch (output?.kind) {
    case undefined:
      throw new RangeError('an output is asked for that the network does not have');
    case 'packed': {
      const { block } = output.planes[0]?.of ?? { block: 1 };
      return { dims: [1, output.planes.length, height * block, width * block], type: 'int32' };
    }
    case 'shares': {
      const { block } = output.of.of;
      return { dims: [1, output.of.kept, height * block, width * block], type: 'float32' };
    }
    case 'maps': {
      const channels = output.maps.reduce((sum, whole) => sum + whole.channels, 0);
      return { dims: [1, channels, height, width], type: 'float32' };
    }
    case 'pooled':
      return { dims: [1, output.of.channels], type: 'float32' };
  }
}

export const lengthOf = ({ dims }: Pick<Made, 'dims'>): number => dims.reduce((product, side) => product * side, 1);

/** Step 0 brings the picture in, then comes an operator a step; outputs are made after all, and stay. */
function livesOf(
  { network, wanted, width, height }: Planning,
  operators: readonly Operator[],
  sizes: ReadonlyMap<string, Size>,
  outputs: readonly (Pick<Made, 'dims'> & { readonly name: string })[],
): Life[] {
  const after = operators.length + 1;
  const last = new Map<string, number>();
  operators.forEach((operator, i) => {
    for (const name of readBy(operator)) last.set(name, i + 1);
  });
  for (const name of wanted) for (const map of mapsOf(network.outputs.get(name))) last.set(map, after);
  const made = [network.input, ...operators.map(({ output }) => output)];
  return [
    { name: PICTURE, bytes: aligned(3 * width * height * 4), from: 0, until: 0 },
    ...made.map((name, from) => ({ name, bytes: bytesOf(sizeOf(sizes, name)), from, until: last.get(name) ?? from })),
    ...outputs.map(({ name, dims }) => ({
      name: outputName(name),
      bytes: aligned(lengthOf({ dims }) * 4),
      from: after,
      until: after,
    })),
  ];
}

function stepOf(operator: Operator, place: (name: string) => Place, { weights, zeros }: Planning): Step {
  const [from, to] = [place(operator.input), place(operator.output)];
  switch (operator.kind) {
    case 'conv': {
      const at = weights.get(operator);
      if (!at) throw new RangeError('a convolution has no weights');
      const conv = { from, to, ...at, ...endingOf(operator, to, place) };
      const kind = wayOf(operator);
      const { side, stride, pad } = operator;
      if (kind === 'winograd') return { kind, ...conv, zeros };
      if (kind === 'product') return { kind, ...conv };
      return { kind, ...conv, side, stride, pad, used: 4 * channelsRead(operator) };
    }
    case 'most':
    case 'mean': {
      const { kind, side, stride, pad } = operator;
      return { kind: 'pool', of: kind, from, to, wide: side, high: side, stride, pad };
    }
    case 'mean of all':
      return { kind: 'pool', of: 'mean', from, to, wide: from.width, high: from.height, stride: 1, pad: 0 };
    case 'resize':
      return { kind: 'resize', from, to, scale: operator.scale, ...endingOf(operator, to, place) };
    case 'copy':
      return { kind: 'copy', from, to, ...endingOf(operator, to, place) };
  }
}

const endingOf = (
  { add, relu }: { readonly add?: string; readonly relu?: boolean },
  to: Place,
  place: (name: string) => Place,
): Ending => ({ add: add === undefined ? 0 : place(add).at - to.at, floor: relu ? 0 : -Infinity });

function outputSteps(output: Output | undefined, to: number, place: (name: string) => Place): Step[] {
  switch (output?.kind) {
    case undefined:
      return [];
    case 'packed': {
      let at = to;
      return output.planes.map(({ of, kept }) => {
        const from = place(of.map);
        const step: Step = {
          kind: 'shares',
          of: 'packed',
          from,
          block: of.block,
          first: of.from,
          classes: of.count,
          kept,
          to: at,
        };
        at += from.width * from.height * of.block ** 2 * 4;
        return step;
      });
    }
    case 'shares': {
      const { of, kept } = output.of;
      return [
        {
          kind: 'shares',
          of: 'shares',
          from: place(of.map),
          block: of.block,
          first: of.from,
          classes: of.count,
          kept,
          to,
        },
      ];
    }
    case 'maps': {
      let at = to;
      return output.maps.map(({ map, channels }) => {
        const from = place(map);
        const step: Step = { kind: 'planes', from, channels, to: at };
        at += from.width * from.height * channels * 4;
        return step;
      });
    }
    case 'pooled': {
      const { map, channels } = output.of;
      return [{ kind: 'planes', from: place(map), channels, to }];
    }
  }
}
