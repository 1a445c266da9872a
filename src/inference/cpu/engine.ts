// A network in its memory: weights once, then a picture after another.
import { type Shift, tallyFor, work } from './crew.ts';
import { compileKernels, hasMulAdd, type Kernels, kernelsOf, MOST_PAGES } from './kernels.ts';
import type { Conv, Network } from './network.ts';
import { aligned, inPanels } from './places.ts';
import { lengthOf, type Made, type Plan, planned, type WeightsAt } from './plan.ts';
import { packWeights, weightFloats } from './weights.ts';

/** Threads beside the one that runs the engine, with instances of the same module over the same memory. */
export interface Helpers extends Disposable {
  /** Those that are there: none before they have started, and fewer where one fails. */
  readonly count: number;
  /** Each is there, or is done without. */
  readonly started: Promise<void>;
  /** They take up what they find to be done, and are gone when it is. @param scratch an address for each; one without does not join */
  join(shift: Shift, scratch: readonly number[]): void;
}

export type OpenHelpers = (module: WebAssembly.Module, memory: WebAssembly.Memory) => Helpers;

export interface EngineParts {
  readonly network: Network;
  /** Only where memory can be shared; without them one thread computes. */
  readonly helpers?: OpenHelpers | undefined;
  /** A product and a sum in one instruction; by default where there is one. */
  readonly relaxed?: boolean;
}

export interface MadeOutput {
  readonly dims: readonly number[];
  readonly data: Int32Array | Float32Array;
}

const PAGE = 65_536;
const START = 1_024; // addresses below stay unused: 0 stands for none

export class Engine implements Disposable {
  readonly #network: Network;
  readonly #memory: WebAssembly.Memory;
  readonly #kernels: Kernels;
  readonly #helpers: Helpers | undefined;
  readonly #weights = new Map<Conv, WeightsAt>();
  readonly #free: number;
  #plan: { readonly key: string; readonly plan: Plan } | undefined;

  constructor({ network, helpers, relaxed = hasMulAdd() }: EngineParts) {
    const shared = helpers !== undefined;
    const module = compileKernels({ shared, relaxed });
    this.#network = network;
    const convs = network.operators.flatMap((operator) => (operator.kind === 'conv' ? [operator] : []));
    const widest = convs.reduce((most, { weights }) => Math.max(most, inPanels(weights.outChannels)), 4);
    let at = START + aligned(widest * 4);
    for (const conv of convs) {
      const floats = weightFloats(conv);
      this.#weights.set(conv, { weights: at, bias: at + floats.weights * 4 });
      at += aligned((floats.weights + floats.bias) * 4);
    }
    this.#free = at;
    const pages = Math.ceil(at / PAGE);
    this.#memory = new WebAssembly.Memory(
      shared ? { initial: pages, maximum: MOST_PAGES, shared } : { initial: pages },
    );
    for (const [conv, { weights, bias }] of this.#weights) {
      packWeights(conv, new Float32Array(this.#memory.buffer, weights, weightFloats(conv).weights));
      new Float32Array(this.#memory.buffer, bias, conv.weights.outChannels).set(conv.weights.bias);
    }
    this.#kernels = kernelsOf(module, this.#memory);
    this.#helpers = helpers?.(module, this.#memory);
  }

  /** Before, what is computed is computed by this thread alone. */
  get started(): Promise<void> {
    return this.#helpers?.started ?? Promise.resolve();
  }

  get threads(): number {
    return 1 + (this.#helpers?.count ?? 0);
  }

  /** Of memory, what is held now. */
  get bytes(): number {
    return this.#memory.buffer.byteLength;
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
    into?: SharedArrayBuffer,
  ): Map<string, MadeOutput> {
    const { steps, picture: at, outputs, end, scratch } = this.#planFor(width, height, wanted);
    new Float32Array(this.#memory.buffer, at, picture.length).set(picture);
    const shift = { steps, tally: tallyFor(steps, this.#helpers !== undefined) };
    const [mine = end, ...theirs] = Array.from({ length: this.threads }, (_, thread) => end + thread * scratch);
    this.#helpers?.join(shift, theirs);
    work(shift, this.#kernels, mine);
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
    this.#helpers?.[Symbol.dispose]();
  }

  #planFor(width: number, height: number, wanted: readonly string[]): Plan {
    const key = [width, height, ...wanted].join();
    if (this.#plan?.key === key) return this.#plan.plan;
    const plan = planned({
      network: this.#network,
      width,
      height,
      wanted,
      weights: this.#weights,
      zeros: START,
      start: this.#free,
    });
    const missing = plan.end + this.threads * plan.scratch - this.bytes;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    this.#plan = { key, plan };
    return plan;
  }

  #copyOf(made: Made, into?: SharedArrayBuffer, at = 0): MadeOutput['data'] {
    const length = lengthOf(made);
    const isRoom = into && at + 4 * length <= into.byteLength;
    const copy = isRoom ? viewOf(made, into, at, length) : viewOf(made, new ArrayBuffer(4 * length), 0, length);
    copy.set(viewOf(made, this.#memory.buffer, made.at, length));
    return copy;
  }
}

const viewOf = ({ type }: Made, memory: ArrayBufferLike, at: number, length: number): MadeOutput['data'] =>
  type === 'int32' ? new Int32Array(memory, at, length) : new Float32Array(memory, at, length);
