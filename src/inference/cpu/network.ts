// A network of pictures as the engine computes it: maps and the few operators between them, already joined where one pass
// over memory does for several.

/** A convolution's numbers, in the order of the graph. */
export interface Weights {
  readonly values: Float32Array; // [outChannels × inChannels × high × wide]
  readonly bias: Float32Array; //   [outChannels]
  readonly outChannels: number;
  readonly inChannels: number;
}

/** A square that slides over a picture. */
export interface Sliding {
  readonly side: number; //   px
  readonly stride: number; // px
  readonly pad: number; //    px on each side
}

interface Makes {
  readonly output: string;
  readonly input: string;
}

/** What is done to each value before it is stored: max(0, value + the same of another map), each only where it is said. */
export interface Finish {
  readonly add?: string;
  readonly relu?: boolean;
}

export type Operator =
  | (Makes & Finish & Sliding & { readonly kind: 'conv'; readonly weights: Weights; readonly ofPicture: boolean })
  | (Makes & Finish & { readonly kind: 'resize'; readonly scale: number }) // bilinear, half_pixel
  | (Makes & Finish & { readonly kind: 'copy' }) //                            for a sum or a Relu that nothing could take over
  | (Makes & Sliding & { readonly kind: 'most' | 'mean' }) //                 pooling
  | (Makes & { readonly kind: 'mean of all' });

export type Conv = Extract<Operator, { kind: 'conv' }>;

/** Some channels of a map, or of the picture that DepthToSpace (CRD) makes of it: `block`² channels become one. */
export interface Channels {
  readonly map: string;
  readonly block: number;
  readonly from: number;
  readonly count: number;
}

/** A map with all its channels. */
export interface Whole {
  readonly map: string;
  readonly channels: number;
}

/** Softmax over channels, of which the first `kept` are wanted. */
export interface Shares {
  readonly of: Channels;
  readonly kept: number;
}

export type Output =
  | { readonly kind: 'packed'; readonly planes: readonly Shares[] } // 8 bits each, three in an int32 (FACTS.md §2.7)
  | { readonly kind: 'shares'; readonly of: Shares }
  | { readonly kind: 'maps'; readonly maps: readonly Whole[] } //      their channels one after the other
  | { readonly kind: 'pooled'; readonly of: Whole }; //                [channels]

export interface Network {
  readonly input: string;
  readonly operators: readonly Operator[]; // in an order in which they can be computed
  readonly outputs: ReadonlyMap<string, Output>;
}

/** The operators that these outputs need. */
export function neededFor({ operators, outputs }: Network, names: readonly string[]): Operator[] {
  const needed = new Set(names.flatMap((name) => mapsOf(outputs.get(name))));
  return operators
    .toReversed()
    .filter((operator) => {
      if (!needed.has(operator.output)) return false;
      for (const name of readBy(operator)) needed.add(name);
      return true;
    })
    .reverse();
}

/** The maps that an operator reads. */
export const readBy = (operator: Operator): string[] =>
  'add' in operator && operator.add !== undefined ? [operator.input, operator.add] : [operator.input];

/** The maps that an output is made of. */
export function mapsOf(output: Output | undefined): string[] {
  switch (output?.kind) {
    case undefined:
      return [];
    case 'packed':
      return output.planes.map(({ of }) => of.map);
    case 'shares':
      return [output.of.of.map];
    case 'maps':
      return output.maps.map(({ map }) => map);
    case 'pooled':
      return [output.of.map];
  }
}
