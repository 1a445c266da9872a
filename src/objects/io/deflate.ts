// Deflate (RFC 1951) made for speed on text of one kind: about twice as fast as zlib's usual level, for a tenth more bytes.
// Browsers' CompressionStream has no other level. One place only is looked at for a match; each block has codes of its own.
import { codesOf, reversed } from './huffman.ts';

const WINDOW = 1 << 15; //   bytes: as far back as a match may lie
const PIECE = 1 << 17; //    bytes looked at, with one window behind them
const HASH_BITS = 13; //     the table stays within a core's nearest cache
const LEAST_MATCH = 4;
const MOST_MATCH = 258;
const MOST_TOKENS = 1 << 15; // of a block

const LITERALS = 286;
const DISTANCES = 30;
const END = 256; //          of a block
const HEADER_CODES = 19; //  for the lengths of codes; the first three, for runs of lengths, are not used

const LENGTH_EXTRA = Uint8Array.of(
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  1,
  1,
  1,
  2,
  2,
  2,
  2,
  3,
  3,
  3,
  3,
  4,
  4,
  4,
  4,
  5,
  5,
  5,
  5,
  0,
);
const DISTANCE_EXTRA = Uint8Array.from({ length: DISTANCES }, (_, code) => Math.max(0, (code >> 1) - 1));
const LENGTH_BASE = basesOf(LENGTH_EXTRA, 3);
LENGTH_BASE[28] = MOST_MATCH;
const DISTANCE_BASE = basesOf(DISTANCE_EXTRA, 1);

/** [length] its code, counted from 0. */
const LENGTH_CODE = new Uint8Array(MOST_MATCH + 1);
for (const [code, base] of LENGTH_BASE.entries()) LENGTH_CODE.fill(code, base);
/** [distance − 1] its code, for near ones; then [256 + (distance − 1) / 128]. */
const DISTANCE_CODE = new Uint8Array(512);
for (const [code, base] of DISTANCE_BASE.entries()) {
  if (base <= 256) DISTANCE_CODE.fill(code, base - 1, 256);
  DISTANCE_CODE.fill(code, 256 + ((base - 1) >> 7));
}

function basesOf(extra: Uint8Array, first: number): Uint16Array {
  let at = first;
  return Uint16Array.from(extra, (bits) => {
    const base = at;
    at += 1 << bits;
    return base;
  });
}

const distanceCode = (less: number): number => DISTANCE_CODE[less < 256 ? less : 256 + (less >> 7)] ?? 0;

/** One stream: bytes go in piece by piece, what is finished is taken away in between. */
export class Deflate {
  readonly #bytes = new Uint8Array(WINDOW + PIECE); // what a match may reach back to, then what is new
  #from = 0; // of what is new
  #end = 0;
  readonly #seen = new Int32Array(1 << HASH_BITS).fill(-1); // by the hash of four bytes, where they were last
  readonly #tokens = new Uint32Array(MOST_TOKENS); //          a byte; or length << 15 | distance − 1
  #count = 0;
  readonly #literals = new Uint32Array(LITERALS); //           how often each comes
  readonly #distances = new Uint32Array(DISTANCES);
  #out = new Uint8Array(1 << 18);
  #length = 0;
  #bits = 0; //    not written yet, the first the lowest
  #pending = 0; // how many

  /** Borrowed. */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#end === this.#bytes.length) this.#slide();
      const part = bytes.subarray(at, at + this.#bytes.length - this.#end);
      this.#bytes.set(part, this.#end);
      this.#end += part.length;
      at += part.length;
      if (this.#end === this.#bytes.length) this.#look();
    }
  }

  /** Nothing follows: up to a whole byte. */
  end(): void {
    this.#look();
    this.#block();
    this.#write(3, 3); // a last block, empty, with the codes that need no header
    this.#write(0, 7);
    if (this.#pending > 0) this.#write(0, 8 - this.#pending);
  }

  /** The caller's own. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#out.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  /** Keeps the window alone. */
  #slide(): void {
    const gone = this.#end - WINDOW;
    this.#bytes.copyWithin(0, gone, this.#end);
    this.#end = this.#from = WINDOW;
    for (const [hash, at] of this.#seen.entries()) this.#seen[hash] = Math.max(-1, at - gone);
  }

  /** What is new becomes tokens. */
  #look(): void {
    const [bytes, seen, tokens, literals, distances] = [
      this.#bytes,
      this.#seen,
      this.#tokens,
      this.#literals,
      this.#distances,
    ];
    const hashOf = (at: number): number =>
      Math.imul(
        (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24),
        0x9e3779b1,
      ) >>>
      (32 - HASH_BITS);
    const end = this.#end;
    const hashed = end - LEAST_MATCH;
    let at = this.#from;
    let count = this.#count;
    while (at < end) {
      if (count === MOST_TOKENS) {
        this.#count = count;
        this.#block();
        count = 0;
      }
      let length = 0;
      let before = -1;
      if (at <= hashed) {
        const hash = hashOf(at);
        before = seen[hash] ?? -1;
        seen[hash] = at;
        if (
          before >= 0 &&
          at - before <= WINDOW &&
          bytes[before] === bytes[at] &&
          bytes[before + 1] === bytes[at + 1] &&
          bytes[before + 2] === bytes[at + 2] &&
          bytes[before + 3] === bytes[at + 3]
        ) {
          const most = Math.min(MOST_MATCH, end - at);
          length = LEAST_MATCH;
          while (length < most && bytes[before + length] === bytes[at + length]) length++;
        }
      }
      if (length >= LEAST_MATCH) {
        const less = at - before - 1;
        tokens[count++] = (length << 15) | less;
        const [code, far] = [END + 1 + (LENGTH_CODE[length] ?? 0), distanceCode(less)];
        literals[code] = (literals[code] ?? 0) + 1;
        distances[far] = (distances[far] ?? 0) + 1;
        const stop = Math.min(at + length, hashed);
        for (let k = at + 1; k < stop; k++) seen[hashOf(k)] = k;
        at += length;
      } else {
        const value = bytes[at++] ?? 0;
        tokens[count++] = value;
        literals[value] = (literals[value] ?? 0) + 1;
      }
    }
    this.#from = at;
    this.#count = count;
  }

  /** The tokens so far as a block. */
  #block(): void {
    if (this.#count === 0) return;
    const [literals, distances] = [this.#literals, this.#distances];
    literals[END] = 1;
    for (let k = 0; k < 2; k++) distances[k] = Math.max(1, distances[k] ?? 0); // a single code would be none
    const [near, far] = [codesOf(literals), codesOf(distances)];
    this.#write(4, 3);
    this.#write(LITERALS - 257, 5);
    this.#write(DISTANCES - 1, 5);
    this.#write(HEADER_CODES - 4, 4);
    for (let k = 0; k < HEADER_CODES; k++) this.#write(k < 3 ? 0 : 4, 3); // sixteen of four bits: each is its own code
    for (const lengths of [near.lengths, far.lengths]) for (const bits of lengths) this.#write(reversed(bits, 4), 4);
    this.#encode(near.packed, far.packed);
    const end = near.packed[END] ?? 0;
    this.#write(end >>> 4, end & 15);
    this.#count = 0;
    literals.fill(0);
    distances.fill(0);
  }

  /** Bits gather below 32: sixteen go out before the next fifteen come in. */
  #encode(near: Uint32Array, far: Uint32Array): void {
    this.#room(6 * this.#count + 8);
    const [out, tokens, count] = [this.#out, this.#tokens, this.#count];
    let [length, bits, pending] = [this.#length, this.#bits, this.#pending];
    for (let k = 0; k < count; k++) {
      const token = tokens[k] ?? 0;
      const size = token >>> 15;
      const of = LENGTH_CODE[size] ?? 0;
      const code = near[size === 0 ? token : END + 1 + of] ?? 0;
      bits |= (code >>> 4) << pending;
      pending += code & 15;
      if (pending >= 16) {
        out[length++] = bits;
        out[length++] = bits >>> 8;
        bits >>>= 16;
        pending -= 16;
      }
      if (size === 0) continue;
      bits |= (size - (LENGTH_BASE[of] ?? 0)) << pending;
      pending += LENGTH_EXTRA[of] ?? 0;
      if (pending >= 16) {
        out[length++] = bits;
        out[length++] = bits >>> 8;
        bits >>>= 16;
        pending -= 16;
      }
      const less = token & 32767;
      const to = distanceCode(less);
      const place = far[to] ?? 0;
      bits |= (place >>> 4) << pending;
      pending += place & 15;
      if (pending >= 16) {
        out[length++] = bits;
        out[length++] = bits >>> 8;
        bits >>>= 16;
        pending -= 16;
      }
      bits |= (less + 1 - (DISTANCE_BASE[to] ?? 0)) << pending;
      pending += DISTANCE_EXTRA[to] ?? 0;
      if (pending < 16) continue;
      out[length++] = bits;
      out[length++] = bits >>> 8;
      bits >>>= 16;
      pending -= 16;
    }
    [this.#length, this.#bits, this.#pending] = [length, bits, pending];
    this.#write(0, 0);
  }

  /** Up to sixteen bits; whole bytes go out. */
  #write(value: number, bits: number): void {
    this.#room(4);
    this.#bits |= value << this.#pending;
    this.#pending += bits;
    while (this.#pending >= 8) {
      this.#out[this.#length++] = this.#bits;
      this.#bits >>>= 8;
      this.#pending -= 8;
    }
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#out.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#out.length, this.#length + bytes));
    grown.set(this.#out.subarray(0, this.#length));
    this.#out = grown;
  }
}
