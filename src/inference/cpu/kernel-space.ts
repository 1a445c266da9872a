// One memory and one crew of threads for all networks of this thread, of which one computes at a time: each keeps its weights
// there, and all use the same place behind them for the maps of a run.

import type { Shift } from './crew.ts';
import { compileKernels, hasMulAdd, type Kernels, kernelsOf, MOST_PAGES } from './kernels.ts';
import { aligned } from './places.ts';

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

export interface KernelSpaceParts {
  /** Only where memory can be shared; without them one thread computes. */
  readonly helpers?: OpenHelpers | undefined;
  /** A product and a sum in one instruction; by default where there is one. */
  readonly relaxed?: boolean;
}

/** A piece of the memory that one network keeps, until it is given back. */
export interface Lot {
  readonly at: number; // an address
  readonly bytes: number;
}

interface Open {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  readonly helpers: Helpers | undefined;
}

const PAGE = 65_536;
const START = 1_024; // addresses below stay unused: 0 stands for none

/** Costs nothing while no network has a lot. */
export class KernelSpace {
  readonly #parts: KernelSpaceParts;
  #lots: readonly Lot[] = []; // by address
  #open: Open | undefined;

  constructor(parts: KernelSpaceParts = {}) {
    this.#parts = parts;
  }

  /** Of memory, what is held now. */
  get bytes(): number {
    return this.#open?.memory.buffer.byteLength ?? 0;
  }

  /** From this address on the memory is whoever's computes. It moves when lots are taken or given back. */
  get free(): number {
    const last = this.#lots.at(-1);
    return last ? last.at + last.bytes : START;
  }

  /** Before, what is computed is computed by this thread alone. */
  get started(): Promise<void> {
    return this.#open?.helpers?.started ?? Promise.resolve();
  }

  get threads(): number {
    return 1 + (this.#open?.helpers?.count ?? 0);
  }

  get kernels(): Kernels {
    return this.#opened().kernels;
  }

  get helpers(): Helpers | undefined {
    return this.#open?.helpers;
  }

  /** Zeros. Where others have left a gap that is large enough, there. @throws RangeError where the memory does not grow so far */
  take(bytes: number): Lot {
    const size = aligned(bytes);
    let at = START;
    for (const lot of this.#lots) {
      if (at + size <= lot.at) break;
      at = lot.at + lot.bytes;
    }
    const lot = { at, bytes: size };
    try {
      this.reserve(at + size);
      this.floats(at, size / 4).fill(0);
    } catch (thrown) {
      if (this.#lots.length === 0) this.#close();
      throw thrown;
    }
    this.#lots = [...this.#lots, lot].sort((a, b) => a.at - b.at);
    return lot;
  }

  /** With the last one memory and crew go. Nothing happens where it was given back. */
  giveBack(lot: Lot): void {
    const left = this.#lots.filter((one) => one !== lot);
    if (left.length === this.#lots.length) return;
    this.#lots = left;
    if (left.length === 0) this.#close();
  }

  /** The memory reaches to this address. Arrays over it from before may be dead. @throws RangeError */
  reserve(end: number): void {
    const missing = end - this.buffer.byteLength;
    if (missing > 0) this.#opened().memory.grow(Math.ceil(missing / PAGE));
  }

  /** A view, until the memory grows. */
  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.buffer, at, length);
  }

  /** Of the memory, until it grows. */
  get buffer(): ArrayBufferLike {
    return this.#opened().memory.buffer;
  }

  #opened(): Open {
    if (this.#open) return this.#open;
    const { helpers, relaxed = hasMulAdd() } = this.#parts;
    const shared = helpers !== undefined;
    const module = compileKernels({ shared, relaxed });
    const memory = new WebAssembly.Memory(shared ? { initial: 1, maximum: MOST_PAGES, shared } : { initial: 1 });
    this.#open = { memory, kernels: kernelsOf(module, memory), helpers: helpers?.(module, memory) };
    return this.#open;
  }

  #close(): void {
    this.#open?.helpers?.[Symbol.dispose]();
    this.#open = undefined;
  }
}
