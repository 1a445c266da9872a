// Gzip (RFC 1952, 1951) that looks for repeats at one earlier place only: text of numbers is packed about as fast as it is
// written, where the browser's own packer, which cannot be told to hurry, takes twice as long for a sixth less.
import { crc32 } from '#checksum/crc32.ts';
import { codesOf, lengthsOf } from './huffman.ts';

const BLOCK = 1 << 18; //   bytes of content that share one code; a quarter of it takes a fifth more time
const WINDOW = 1 << 15; //  how far back a repeat may lie
const LEAST = 4; //         bytes of a repeat
const MOST = 258;
const HASH_BITS = 15;
const HASH_SHIFT = 32 - HASH_BITS;
const SPREAD = 0x9e3779b1; // 2^32 by the golden ratio: neighbours come far apart (Knuth, TAOCP 3, 6.4)
const END = 256; //         of a block, among literals and lengths
const LITERALS = 286;
const DISTANCES = 30;
const LONGEST = 15; //      bits of a code
const LONGEST_OF_LENGTHS = 7;
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

// Of a length (3 to 258) and a distance (1 to 32,768): its symbol, the extra bits it has, and the first of its symbol.
const lengthSymbol = new Uint8Array(MOST + 1);
const lengthExtra = new Uint8Array(32);
const lengthBase = new Uint16Array(32);
const distanceExtra = new Uint8Array(DISTANCES);
const distanceBase = new Uint16Array(DISTANCES);
for (let symbol = 0, first = 3; symbol < 28; symbol++) {
  const extra = symbol < 8 ? 0 : (symbol >> 2) - 1;
  [lengthExtra[symbol], lengthBase[symbol]] = [extra, first];
  lengthSymbol.fill(symbol, first, first + (1 << extra));
  first += 1 << extra;
}
[lengthSymbol[MOST], lengthBase[28]] = [28, MOST];
for (let symbol = 0, first = 1; symbol < DISTANCES; symbol++) {
  const extra = symbol < 4 ? 0 : (symbol >> 1) - 1;
  [distanceExtra[symbol], distanceBase[symbol]] = [extra, first];
  first += 1 << extra;
}

function more(counts: Uint32Array, symbol: number): void {
  counts[symbol] = (counts[symbol] ?? 0) + 1;
}

/** The symbol of a distance less one. */
function symbolOfDistance(before: number): number {
  if (before < 4) return before;
  const bits = 31 - Math.clz32(before);
  return 2 * bits + ((before >> (bits - 1)) & 1);
}

/** Takes pieces of any size; whoever owns it takes what is packed away in between. */
export class QuickGzip {
  #content = new Uint8Array(WINDOW + BLOCK); //  the window, then the block that is filled
  readonly #view = new DataView(this.#content.buffer);
  #filled = 0; //                                bytes of the block
  #history = 0; //                               bytes of the window
  readonly #heads = new Int32Array(1 << HASH_BITS).fill(-1); // by a hash of four bytes: where they last stood in #content
  readonly #tokens = new Uint32Array(BLOCK); //  a literal, or distance less one << 9 | length
  readonly #literalCounts = new Uint32Array(LITERALS);
  readonly #distanceCounts = new Uint32Array(DISTANCES);
  #crc = 0;
  #size = 0;
  #out = new Uint8Array(1 << 17);
  #length = 0;
  #bits = 0;
  #bitCount = 0;

  constructor() {
    this.#bytes([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]); // no name, no time, no system
  }

  /** Borrowed. */
  write(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#size = (this.#size + bytes.length) >>> 0;
    for (let at = 0; at < bytes.length; ) {
      if (this.#filled === BLOCK) this.#block(false);
      const taken = Math.min(bytes.length - at, BLOCK - this.#filled);
      this.#content.set(bytes.subarray(at, at + taken), this.#history + this.#filled);
      this.#filled += taken;
      at += taken;
    }
  }

  end(): void {
    this.#block(true);
    this.#put(0, -this.#bitCount & 7); // to a whole byte
    const tail = new DataView(new ArrayBuffer(8));
    tail.setUint32(0, this.#crc, true);
    tail.setUint32(4, this.#size, true);
    this.#bytes(new Uint8Array(tail.buffer));
  }

  /** What is packed so far. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#out.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #block(isLast: boolean): void {
    const count = this.#find();
    this.#literalCounts[END] = 1;
    this.#write(count, isLast);
    this.#slide();
  }

  /** Repeats of the block, as tokens. */
  #find(): number {
    const [content, view, heads, tokens] = [this.#content, this.#view, this.#heads, this.#tokens];
    const [literals, distances] = [this.#literalCounts.fill(0), this.#distanceCounts.fill(0)];
    const end = this.#history + this.#filled;
    const lastHashed = end - LEAST;
    let count = 0;
    let at = this.#history;
    while (at < end) {
      if (at <= lastHashed) {
        const four = view.getUint32(at, true);
        const hash = Math.imul(four, SPREAD) >>> HASH_SHIFT;
        const before = heads[hash] ?? -1;
        heads[hash] = at;
        if (before >= 0 && at - before <= WINDOW && view.getUint32(before, true) === four) {
          const most = Math.min(MOST, end - at);
          let length = LEAST;
          while (length < most && content[before + length] === content[at + length]) length++;
          const distance = at - before - 1;
          tokens[count++] = (distance << 9) | length | 0x80000000;
          more(literals, 257 + (lengthSymbol[length] ?? 0));
          more(distances, symbolOfDistance(distance));
          // Every second place within a repeat is known from now on: half the work, a few bytes in a hundred.
          const to = at + length;
          const hashed = Math.min(to, lastHashed);
          for (at++; at < hashed; at += 2) heads[Math.imul(view.getUint32(at, true), SPREAD) >>> HASH_SHIFT] = at;
          at = to;
          continue;
        }
      }
      const byte = content[at++] ?? 0;
      tokens[count++] = byte;
      more(literals, byte);
    }
    return count;
  }

  #write(count: number, isLast: boolean): void {
    const [literalLengths, distanceLengths] = [
      lengthsOf(this.#literalCounts, LONGEST),
      lengthsOf(this.#distanceCounts, LONGEST),
    ];
    const [literalCodes, distanceCodes] = [codesOf(literalLengths), codesOf(distanceLengths)];
    this.#room(count * 6 + 1024);
    this.#put(isLast ? 1 : 0, 1);
    this.#put(2, 2);
    this.#codes(literalLengths, distanceLengths);
    const [tokens, out] = [this.#tokens, this.#out];
    let [bits, bitCount, length] = [this.#bits, this.#bitCount, this.#length];
    for (let k = 0; k < count; k++) {
      const token = tokens[k] ?? 0;
      const symbol = token < 256 ? token : 257 + (lengthSymbol[token & 511] ?? 0);
      // At most 15 bits beside 15 that wait: two bytes go out first.
      bits |= (literalCodes[symbol] ?? 0) << bitCount;
      bitCount += literalLengths[symbol] ?? 0;
      if (bitCount >= 16) {
        out[length++] = bits;
        out[length++] = bits >>> 8;
        bits >>>= 16;
        bitCount -= 16;
      }
      if (token < 256) continue;
      const lengthAt = symbol - 257;
      bits |= ((token & 511) - (lengthBase[lengthAt] ?? 0)) << bitCount;
      bitCount += lengthExtra[lengthAt] ?? 0;
      if (bitCount >= 16) {
        out[length++] = bits;
        out[length++] = bits >>> 8;
        bits >>>= 16;
        bitCount -= 16;
      }
      const distance = (token >>> 9) & 0x7fff;
      const distanceAt = symbolOfDistance(distance);
      bits |= (distanceCodes[distanceAt] ?? 0) << bitCount;
      bitCount += distanceLengths[distanceAt] ?? 0;
      if (bitCount >= 16) {
        out[length++] = bits;
        out[length++] = bits >>> 8;
        bits >>>= 16;
        bitCount -= 16;
      }
      bits |= (distance + 1 - (distanceBase[distanceAt] ?? 0)) << bitCount;
      bitCount += distanceExtra[distanceAt] ?? 0;
      if (bitCount >= 16) {
        out[length++] = bits;
        out[length++] = bits >>> 8;
        bits >>>= 16;
        bitCount -= 16;
      }
    }
    [this.#bits, this.#bitCount, this.#length] = [bits, bitCount, length];
    this.#put(literalCodes[END] ?? 0, literalLengths[END] ?? 0);
  }

  /** How long the codes are, each as a symbol of its own; no runs but of zeros. */
  #codes(literalLengths: Uint8Array, distanceLengths: Uint8Array): void {
    const all = [...literalLengths, ...distanceLengths];
    const symbols: number[] = []; // symbol | extra << 8
    for (let at = 0; at < all.length; ) {
      let run = 0;
      while (run < 138 && all[at + run] === 0) run++;
      if (run >= 11) symbols.push(18 | ((run - 11) << 8));
      else if (run >= 3) symbols.push(17 | ((run - 3) << 8));
      else {
        symbols.push(all[at] ?? 0);
        run = 1;
      }
      at += run;
    }
    const counts = new Uint32Array(19);
    for (const symbol of symbols) more(counts, symbol & 255);
    const lengths = lengthsOf(counts, LONGEST_OF_LENGTHS);
    const codes = codesOf(lengths);
    this.#put(LITERALS - 257, 5);
    this.#put(DISTANCES - 1, 5);
    this.#put(LENGTH_ORDER.length - 4, 4);
    for (const symbol of LENGTH_ORDER) this.#put(lengths[symbol] ?? 0, 3);
    for (const each of symbols) {
      const symbol = each & 255;
      this.#put(codes[symbol] ?? 0, lengths[symbol] ?? 0);
      if (symbol === 17) this.#put(each >> 8, 3);
      if (symbol === 18) this.#put(each >> 8, 7);
    }
  }

  /** The last of the window and the block becomes the window. */
  #slide(): void {
    const end = this.#history + this.#filled;
    const kept = Math.min(WINDOW, end);
    const gone = end - kept;
    this.#content.copyWithin(0, gone, end);
    for (let k = 0; k < this.#heads.length; k++) this.#heads[k] = Math.max(-1, (this.#heads[k] ?? -1) - gone);
    [this.#history, this.#filled] = [kept, 0];
  }

  #put(value: number, count: number): void {
    this.#bits |= value << this.#bitCount;
    this.#bitCount += count;
    this.#flush();
  }

  /** Whole bytes of what waits. */
  #flush(): void {
    while (this.#bitCount >= 8) {
      this.#out[this.#length++] = this.#bits;
      this.#bits >>>= 8;
      this.#bitCount -= 8;
    }
  }

  #bytes(bytes: ArrayLike<number>): void {
    this.#room(bytes.length);
    this.#out.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #room(more: number): void {
    if (this.#length + more <= this.#out.length) return;
    const larger = new Uint8Array(2 * (this.#length + more));
    larger.set(this.#out.subarray(0, this.#length));
    this.#out = larger;
  }
}
