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
const GROWTH = 1.5; //    twice would hold three times the capacity while the elements move
const MOVE_FROM = 0.75; // of the capacity: from there on the elements move
const AHEAD = 4; //       elements moved for each that is added: the last quarter moves all four
const LEAST = 512; //     elements moved at least

/**
 * Elements are only ever written behind those that are there, so earlier views stay as they are, and what a large array
 * holds can move to a larger one while its last quarter fills.
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

  /** That it holds, with what is made ahead. */
  get bytes(): number {
    return this.#now.byteLength + (this.#next?.byteLength ?? 0);
  }

  /** Nothing is added for now: lets go of the larger array that was made ahead. It is made again when it is needed. */
  rest(): void {
    this.#next = undefined;
    this.#moved = 0;
  }

  /** Lent; good until `extend` is called again. Elements from `length` on are zeros. */
  get array(): T {
    return this.#now;
  }

  /** Adds room for `count` zeros and gives the array to write them in. */
  extend(count: number): T {
    const end = this.#length + count;
    const capacity = this.#now.length;
    if (capacity >= LARGE && end > MOVE_FROM * capacity && end <= capacity)
      this.#moveSome(Math.max(AHEAD * count, LEAST, this.#due(count)));
    else if (end > capacity) this.#moveAll(end);
    this.#length = end;
    return this.#now;
  }

  /** Of what is left to move, the share that these additions have of the room that is left: after a rest that may be more. */
  #due(count: number): number {
    const room = this.#now.length - this.#length;
    return Math.ceil((count * (this.#length - this.#moved)) / Math.max(1, room));
  }

  #moveSome(count: number): void {
    this.#next ??= this.#make(larger(this.#now.length));
    const end = Math.min(this.#length, this.#moved + count);
    this.#next.set(this.#now.subarray(this.#moved, end), this.#moved);
    this.#moved = end;
  }

  #moveAll(least: number): void {
    const kept = this.#next && this.#next.length >= least ? this.#next : undefined;
    const grown = kept ?? this.#make(Math.max(least, larger(this.#now.length), 16));
    const from = kept ? this.#moved : 0;
    grown.set(this.#now.subarray(from, this.#length), from);
    this.#now = grown;
    this.#next = undefined;
    this.#moved = 0;
  }
}

const larger = (capacity: number): number => Math.ceil(GROWTH * capacity);

/** `array` itself where `length` fits, else one twice as large with the same start. For tables that stay small. */
export function holding<T extends Numbers>(array: T, length: number, make: (length: number) => T): T {
  if (length <= array.length) return array;
  const grown = make(Math.max(length, 2 * array.length, 16));
  grown.set(array);
  return grown;
}
