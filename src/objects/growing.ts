// Typed arrays that grow without a long step: what is there already moves a little with every addition.

export type Numbers =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

const LARGE = 1 << 16; // elements: smaller arrays are copied at once when they are full
const AHEAD = 4; //       elements moved for each that is added: all have moved once as many came again as were there at half
const LEAST = 512; //     elements moved at least

/**
 * Elements are only ever written behind those that are there, so earlier views stay as they are, and the half of a large
 * array that is full can move to one twice as large while the other half fills.
 */
export class Growing<T extends Numbers> {
  readonly #make: (length: number) => T;
  #now: T;
  #next: T | undefined;
  #moved = 0; // elements that are in `#next` already
  #length = 0;

  constructor(make: (length: number) => T, capacity: number) {
    this.#make = make;
    this.#now = make(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Lent; good until `extend` is called again. Elements from `length` on are zeros. */
  get array(): T {
    return this.#now;
  }

  /** Adds room for `count` zeros and gives the array to write them in. */
  extend(count: number): T {
    const end = this.#length + count;
    const capacity = this.#now.length;
    if (capacity >= LARGE && end > capacity / 2 && end <= capacity) this.#moveSome(Math.max(AHEAD * count, LEAST));
    else if (end > capacity) this.#moveAll(end);
    this.#length = end;
    return this.#now;
  }

  #moveSome(count: number): void {
    this.#next ??= this.#make(2 * this.#now.length);
    const end = Math.min(this.#length, this.#moved + count);
    this.#next.set(this.#now.subarray(this.#moved, end), this.#moved);
    this.#moved = end;
  }

  #moveAll(least: number): void {
    const kept = this.#next && this.#next.length >= least ? this.#next : undefined;
    const grown = kept ?? this.#make(Math.max(least, 2 * this.#now.length, 16));
    const from = kept ? this.#moved : 0;
    grown.set(this.#now.subarray(from, this.#length), from);
    this.#now = grown;
    this.#next = undefined;
    this.#moved = 0;
  }
}

/** `array` itself where `length` fits, else one twice as large with the same start. For tables that stay small. */
export function holding<T extends Numbers>(array: T, length: number, make: (length: number) => T): T {
  if (length <= array.length) return array;
  const grown = make(Math.max(length, 2 * array.length, 16));
  grown.set(array);
  return grown;
}
