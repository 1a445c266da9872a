// The Huffman codes of a JPEG as tables that tell how far a code reaches with the bits of its value. Values are not computed.

/** Bits that one look takes in. Most codes are shorter; two or three often lie within. */
export const LOOK = 12;

/** Parts of an entry: bits passed, coefficients passed, and whether the block ends behind them. */
export const BITS = 0xff;
export const STEP_SHIFT = 8;
export const STEP = 0xff;
export const ENDS = 1 << 16;
/** Instead of an entry: the code does not lie within the look; it does not exist, or means nothing. */
export const LONGER = 0;
export const DAMAGED = -1;

/** A block's first coefficient has codes of its own. */
export type Kind = 'first' | 'rest';

export interface Codes {
  readonly kind: Kind;
  readonly one: Int32Array; //    [2^LOOK] the code that the next bits begin with
  readonly many: Int32Array; //   [2^LOOK] all codes that lie wholly within the next bits, up to the block's end
  readonly lengths: Uint8Array; // [2^LOOK] bits of the code alone that the next bits begin with; 0 where it is longer
  readonly counts: Uint8Array; // [16] codes of each length
  readonly most: Int32Array; //   [17] the largest code of each length, −1 where there is none
  readonly offset: Int32Array; // [17] of a length's codes among the symbols
  readonly symbols: Uint8Array;
}

/** Of a block: its first coefficient's, and the others'. */
export interface BlockCodes {
  readonly first: Codes;
  readonly rest: Codes;
}

/**
 * @param counts [16] codes of each length
 * @param symbols what they mean, shortest codes first
 * @returns undefined where a length has more codes than fit
 */
export function codesOf(counts: Uint8Array, symbols: Uint8Array, kind: Kind): Codes | undefined {
  const one = new Int32Array(1 << LOOK);
  const lengths = new Uint8Array(1 << LOOK); // of the code alone; 0 where it is longer
  const most = new Int32Array(17).fill(-1);
  const offset = new Int32Array(17);
  let code = 0;
  let first = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1] ?? 0;
    offset[length] = first - code;
    for (let i = 0; i < count; i++, code++) {
      if (code >= 1 << length) return undefined;
      if (length > LOOK) continue;
      const free = LOOK - length;
      one.fill(entryOf(symbols[first + i] ?? 0, length, kind), code << free, (code + 1) << free);
      lengths.fill(length, code << free, (code + 1) << free);
    }
    if (count > 0) most[length] = code - 1;
    first += count;
    code <<= 1;
  }
  const alone = { one, lengths };
  const many = kind === 'rest' ? joinedCodes(alone, alone) : one;
  return { kind, one, many, lengths, most, offset, counts: counts.slice(), symbols: symbols.slice() };
}

/** The entry of a code longer than a look. @param next the next 16 bits */
function longCode({ kind, most, offset, symbols }: Codes, next: number): number {
  for (let length = LOOK + 1; length <= 16; length++) {
    const code = next >>> (16 - length);
    if (code > (most[length] ?? -1)) continue;
    return entryOf(symbols[code + (offset[length] ?? 0)] ?? 0, length, kind);
  }
  return DAMAGED;
}

export function entryOf(symbol: number, length: number, kind: Kind): number {
  const size = symbol & 15;
  const run = symbol >> 4;
  if (kind === 'first') return symbol > 11 ? DAMAGED : (1 << STEP_SHIFT) | (length + size);
  if (symbol === 0) return ENDS | length;
  if (size > 10 || (size === 0 && run !== 15)) return DAMAGED;
  return ((run + 1) << STEP_SHIFT) | (length + size);
}

/**
 * One code of the first kind, and those of the other as far as they go. The bits of the last code's value may lie beyond
 * the look: they are passed unseen.
 */
export function joinedCodes(first: Pick<Codes, 'one' | 'lengths'>, others: Pick<Codes, 'one' | 'lengths'>): Int32Array {
  const mask = first.one.length - 1;
  return first.one.map((_, bits) => {
    let [passed, step, ends] = [0, 0, 0];
    while (passed < LOOK && ends === 0) {
      const { one, lengths } = step === 0 ? first : others;
      const rest = (bits << passed) & mask; // zeros follow: a code that would need them is left out
      const length = lengths[rest] ?? 0;
      const entry = one[rest] ?? LONGER;
      if (length === 0 || length > LOOK - passed || entry === DAMAGED) break;
      passed += entry & BITS;
      step += (entry >> STEP_SHIFT) & STEP;
      ends = entry & ENDS;
    }
    return ends | (step << STEP_SHIFT) | passed;
  });
}

/** Bytes behind the data that are read where its last block is damaged. */
export const BEYOND = 256;

/**
 * Reads the codes of all blocks. The one loop that counts: written flat and without calls, for speed.
 * @param data without stuffed zeros, BEYOND bytes of anything behind it; borrowed
 * @param blocks of one unit, with the codes of each
 * @returns bits that they take; some number above `most` as soon as they take more; undefined where a code is none
 */
export function bitsOf(data: DataView, blocks: readonly BlockCodes[], units: number, most: number): number | undefined {
  const look = 32 - LOOK;
  let at = 0;
  for (let unit = 0; unit < units; unit++) {
    for (const { first, rest } of blocks) {
      const { one, many } = rest;
      let next = data.getInt32(at >>> 3) << (at & 7); // 25 bits and more
      let entry = first.one[next >>> look] ?? DAMAGED;
      if (entry === LONGER) entry = longCode(first, next >>> 16);
      if (entry === DAMAGED) return undefined;
      at += entry & BITS;
      for (let k = 1; k < 64; ) {
        next = data.getInt32(at >>> 3) << (at & 7);
        entry = many[next >>> look] ?? DAMAGED;
        let step = (entry >> STEP_SHIFT) & STEP;
        if (entry === LONGER || k + step > 63) {
          entry = one[next >>> look] ?? DAMAGED;
          if (entry === LONGER) entry = longCode(rest, next >>> 16);
          if (entry === DAMAGED) return undefined;
          step = (entry >> STEP_SHIFT) & STEP;
          if (k + step > 64) return undefined;
        }
        at += entry & BITS;
        k += step;
        if ((entry & ENDS) !== 0) break;
      }
      if (at > most) return at;
    }
  }
  return at;
}
