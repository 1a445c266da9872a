// The tables of codes that the kernel reads JPEGs by, in its memory.
import {
  BITS,
  type BlockCodes,
  type Codes,
  DAMAGED,
  ENDS,
  entryOf,
  joinedCodes,
  LONGER,
  STEP,
  STEP_SHIFT,
} from './jpeg-codes.ts';
import { ENTRY, NO_STEP, SINGLE, TABLE_BYTES } from './jpeg-kernel.ts';

export const MOST_TABLES = 24; // a slide has four

/** Addresses of a block's tables: for its first code, and for the others. */
export type BlockTables = readonly [number, number];

const NO_ENTRY = NO_STEP << ENTRY.step;

export class JpegTables {
  readonly #memory: Uint16Array;
  readonly #from: number;
  readonly #met = new WeakSet<Codes>();
  readonly #built = new Map<Codes, Map<Codes, number>>(); // addresses, by the first code's and the others'
  #count = 0;

  /** @param from address of room for MOST_TABLES */
  constructor(memory: Uint16Array, from: number) {
    this.#memory = memory;
    this.#from = from;
  }

  /** Makes room. Addresses that were given out are no longer good. */
  forgetIfFull(): void {
    if (this.#count < MOST_TABLES) return;
    this.#built.clear();
    this.#count = 0;
  }

  /**
   * @returns undefined where one is not worth building, for its codes are met for the first time (some JPEGs have codes of
   * their own, and building takes longer than a look), or where there is no room
   */
  of(blocks: readonly BlockCodes[]): readonly BlockTables[] | undefined {
    const isNew = blocks.flatMap(({ first, rest }) => [first, rest]).filter((codes) => !this.#met.has(codes));
    for (const codes of isNew) this.#met.add(codes);
    if (isNew.length > 0) return undefined;
    const tables: BlockTables[] = [];
    for (const { first, rest } of blocks) {
      const [start, further] = [this.#table(first, rest), this.#table(rest, rest)];
      if (start === undefined || further === undefined) return undefined;
      tables.push([start, further]);
    }
    return tables;
  }

  #table(first: Codes, others: Codes): number | undefined {
    const known = this.#built.get(first)?.get(others);
    if (known !== undefined || this.#count === MOST_TABLES) return known;
    const at = this.#from + this.#count++ * TABLE_BYTES;
    this.#memory.set(joinedCodes(first, others).map(kernelEntry), at / 2);
    fillSingle(this.#memory.subarray((at + SINGLE) / 2, (at + TABLE_BYTES) / 2), first);
    const byOthers = this.#built.get(first) ?? new Map<Codes, number>();
    this.#built.set(first, byOthers.set(others, at));
    return at;
  }
}

/** @param out [2^16] entries of one code, by the next 16 bits */
function fillSingle(out: Uint16Array, { counts, symbols, kind }: Codes): void {
  out.fill(NO_ENTRY);
  let code = 0;
  let symbol = 0;
  for (let length = 1; length <= 16; length++, code <<= 1) {
    const free = 16 - length;
    for (let i = 0; i < (counts[length - 1] ?? 0); i++, code++, symbol++) {
      out.fill(kernelEntry(entryOf(symbols[symbol] ?? 0, length, kind)), code << free, (code + 1) << free);
    }
  }
}

function kernelEntry(entry: number): number {
  const step = (entry >> STEP_SHIFT) & STEP;
  if (entry === LONGER || entry === DAMAGED || step >= NO_STEP) return NO_ENTRY;
  return (entry & BITS) | (step << ENTRY.step) | ((entry & ENDS) === 0 ? 0 : 1 << ENTRY.ends);
}
