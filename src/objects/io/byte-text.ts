// Text as bytes, written without a string per number.

const ZERO = 48;
const DOT = 46;
const MINUS = 45;
const LOWER_A = 97;

/** UTF-8 that grows; taken away in pieces, so that a file of any length passes through little memory. */
export class ByteText {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  readonly #encoder = new TextEncoder();

  get length(): number {
    return this.#length;
  }

  text(text: string): void {
    this.#room(3 * text.length);
    this.#length += this.#encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  /** Characters below 128 alone: cheaper than `text` where they are few. */
  ascii(text: string): void {
    this.#room(text.length);
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i);
  }

  /** Bytes made before: of what is written often. */
  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A whole number below 2^53 of hundredths (`decimals` 2) or other parts of ten, as the shortest decimal: 1250 is 12.5. */
  parts(value: number, decimals: 2 | 4): void {
    this.#room(24);
    const bytes = this.#bytes;
    if (value < 0) bytes[this.#length++] = MINUS;
    const all = Math.abs(value);
    const per = decimals === 2 ? 100 : 10_000;
    const whole = Math.floor(all / per);
    let rest = all - per * whole;
    this.#whole(whole);
    if (rest === 0) return;
    bytes[this.#length++] = DOT;
    for (let place = per / 10; rest > 0; place /= 10) {
      const digit = Math.floor(rest / place);
      bytes[this.#length++] = ZERO + digit;
      rest -= digit * place;
    }
  }

  /** 32 bits as eight hexadecimal digits, from one up to another. */
  hex(value: number, from = 0, to = 8): void {
    this.#room(8);
    for (let k = from; k < to; k++) {
      const digit = (value >>> (28 - 4 * k)) & 15;
      this.#bytes[this.#length++] = digit < 10 ? ZERO + digit : LOWER_A + digit - 10;
    }
  }

  /** All that was written so far, the caller's own; the writer begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #whole(value: number): void {
    let digits = 1;
    for (let least = 10; value >= least; least *= 10) digits++;
    let rest = value;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      const next = Math.floor(rest / 10);
      this.#bytes[at] = ZERO + rest - 10 * next;
      rest = next;
    }
    this.#length += digits;
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + bytes));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** A number that is single precision, in the fewest of up to nine digits that give it back. */
export function singleText(value: number): string {
  const short = Number(value.toPrecision(7));
  return String(Math.fround(short) === value ? short : Number(value.toPrecision(9)));
}
