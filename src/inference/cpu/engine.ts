// A network in a memory: weights once, then a picture after another.
import { tallyFor, work } from './crew.ts';
import type { KernelSpace, Lot } from './kernel-space.ts';
import type { Conv, Network } from './network.ts';
import { aligned, inPanels } from './places.ts';
import { lengthOf, type Made, type Plan, planned, type WeightsAt } from './plan.ts';
import { packWeights, weightFloats } from './weights.ts';

export interface MadeOutput {
  readonly dims: readonly number[];
  readonly data: Int32Array | Float32Array;
}

export class Engine implements Disposable {
  readonly #network: Network;
  readonly #space: KernelSpace;
  readonly #lot: Lot;
  readonly #weights = new Map<Conv, WeightsAt>();
  #plan: { readonly key: string; readonly plan: Plan } | undefined;

  /** @param space lent: its other networks do not compute at the same time */
  constructor(network: Network, space: KernelSpace) {
    this.#network = network;
    this.#space = space;
    const convs = network.operators.flatMap((operator) => (operator.kind === 'conv' ? [operator] : []));
    const widest = convs.reduce((most, { weights }) => Math.max(most, inPanels(weights.outChannels)), 4);
    const sizes = convs.map(weightFloats);
    const zeros = aligned(widest * 4);
    this.#lot = space.take(sizes.reduce((sum, { weights, bias }) => sum + aligned((weights + bias) * 4), zeros));
    let at = this.#lot.at + zeros;
    for (const [i, conv] of convs.entries()) {
      const { weights, bias } = sizes[i] ?? { weights: 0, bias: 0 };
      const biasAt = at + weights * 4;
      this.#weights.set(conv, { weights: at, bias: biasAt });
      packWeights(conv, space.floats(at, weights));
      space.floats(biasAt, conv.weights.outChannels).set(conv.weights.bias);
      at += aligned((weights + bias) * 4);
    }
  }

  /**
   * @param picture float32 [3 × height × width], lent
   * @param into where the outputs are copied, one after the other; arrays of their own without it, or where it is too small
   * @returns copies
   */
  run(
    picture: Float32Array,
    { width, height }: { width: number; height: number },
    wanted: readonly string[],
    into?: ArrayBufferLike,
  ): Map<string, MadeOutput> {
    const { helpers, kernels, threads } = this.#space;
    const { steps, picture: at, outputs, end, scratch } = this.#planFor(width, height, wanted);
    this.#space.reserve(end + threads * scratch);
    this.#space.floats(at, picture.length).set(picture);
    const shift = { steps, tally: tallyFor(steps, helpers !== undefined) };
    const [mine = end, ...theirs] = Array.from({ length: threads }, (_, thread) => end + thread * scratch);
    helpers?.join(shift, theirs);
    work(shift, kernels, mine);
    let used = 0; // bytes of `into`
    return new Map(
      outputs.map((made) => {
        const data = into ? this.#copyOf(made, into, used) : this.#copyOf(made);
        used += data.byteLength;
        return [made.name, { dims: made.dims, data }];
      }),
    );
  }

  [Symbol.dispose](): void {
    this.#space.giveBack(this.#lot);
  }

  #planFor(width: number, height: number, wanted: readonly string[]): Plan {
    const start = this.#space.free;
    const key = [start, width, height, ...wanted].join();
    if (this.#plan?.key === key) return this.#plan.plan;
    const weights = this.#weights;
    const plan = planned({ network: this.#network, width, height, wanted, weights, zeros: this.#lot.at, start });
    this.#plan = { key, plan };
    return plan;
  }

  #copyOf(made: Made, into?: ArrayBufferLike, at = 0): MadeOutput['data'] {
    const length = lengthOf(made);
    const isRoom = into && at + 4 * length <= into.byteLength;
    const copy = isRoom ? viewOf(made, into, at, length) : viewOf(made, new ArrayBuffer(4 * length), 0, length);
    copy.set(viewOf(made, this.#space.buffer, made.at, length));
    return copy;
  }
}

const viewOf = ({ type }: Made, memory: ArrayBufferLike, at: number, length: number): MadeOutput['data'] =>
  type === 'int32' ? new Int32Array(memory, at, length) : new Float32Array(memory, at, length);
