// Arrays as bytes and back, exact to the bit, in an order that deflates well: whole numbers as steps from one to the next,
// and of every array the lowest bytes of all elements first, then the next higher ones (as HDF5's shuffle filter does).
import { EosinError } from '#errors/failure.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** 1 for what stands alone; 2 for x, y pairs: how far back the value lies that the next one is told from. */
export type Stride = 1 | 2;

type Whole = Int16Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
type Real = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Little-endian, as every machine is that runs a browser. */
export class ByteWriter {
  readonly #parts: Bytes[] = [];
  #length = 0;

  bytes(part: Bytes): void {
    this.#parts.push(part);
    this.#length += part.length;
  }

  number(value: number): void {
    this.bytes(new Uint8Array(Float64Array.of(value).buffer));
  }

  count(value: number): void {
    this.bytes(new Uint8Array(Uint32Array.of(value).buffer));
  }

  text(value: string): void {
    this.small(new TextEncoder().encode(value));
  }

  /** Of single bytes. */
  small(array: Bytes): void {
    this.count(array.length);
    this.bytes(array.slice());
  }

  whole(array: Whole, stride: Stride = 1): void {
    const steps = array.slice();
    for (let i = steps.length - 1; i >= stride; i--) steps[i] = (steps[i] ?? 0) - (steps[i - stride] ?? 0); // wraps around
    this.real(steps);
  }

  real(array: Real | Whole): void {
    this.count(array.length);
    this.bytes(shuffled(array, array.BYTES_PER_ELEMENT));
  }

  /** All of it, in an array of its own. */
  done(): Bytes {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

/** Reads what a ByteWriter wrote, in the same order. @throws EosinError BadInput where the bytes end before */
export class ByteReader {
  readonly #bytes: Bytes;
  #at: number;

  constructor(bytes: Bytes, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** A copy. */
  bytes(length: number): Bytes {
    if (!(length <= this.#bytes.length - this.#at)) throw cutShort();
    const part = this.#bytes.slice(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  number(): number {
    return new DataView(this.bytes(8).buffer).getFloat64(0, true);
  }

  count(): number {
    return new DataView(this.bytes(4).buffer).getUint32(0, true);
  }

  text(): string {
    return new TextDecoder().decode(this.small());
  }

  small(): Bytes {
    return this.bytes(this.count());
  }

  int16(stride: Stride = 1): Int16Array<ArrayBuffer> {
    return summed(new Int16Array(this.#unshuffled(2)), stride);
  }
  uint16(stride: Stride = 1): Uint16Array<ArrayBuffer> {
    return summed(new Uint16Array(this.#unshuffled(2)), stride);
  }
  uint32(stride: Stride = 1): Uint32Array<ArrayBuffer> {
    return summed(new Uint32Array(this.#unshuffled(4)), stride);
  }
  float32(): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#unshuffled(4));
  }
  float64(): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#unshuffled(8));
  }

  #unshuffled(size: number): ArrayBuffer {
    const count = this.count();
    const planes = this.bytes(count * size);
    const out = new Uint8Array(count * size);
    for (let byte = 0, from = 0; byte < size; byte++)
      for (let at = byte; at < out.length; at += size) out[at] = planes[from++] ?? 0;
    return out.buffer;
  }
}

function shuffled(array: Real | Whole, size: number): Bytes {
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const out = new Uint8Array(bytes.length);
  for (let byte = 0, to = 0; byte < size; byte++)
    for (let at = byte; at < bytes.length; at += size) out[to++] = bytes[at] ?? 0;
  return out;
}

function summed<T extends Whole>(steps: T, stride: Stride): T {
  for (let i: number = stride; i < steps.length; i++) steps[i] = (steps[i] ?? 0) + (steps[i - stride] ?? 0);
  return steps;
}

const cutShort = (): EosinError =>
  new EosinError({
    tag: 'BadInput',
    what: 'A patch that was kept',
    seen: 'it is cut short',
    todo: 'Remove the run from the list, and start it again.',
  });
