// TIFF and BigTIFF directories, both byte orders. Directories are read as a whole; values only when asked for, and long
// arrays piece by piece: a slide has millions of tile offsets, a view needs a few.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { alone, assertInside, type ByteSource, FIRST_BYTES } from './byte-source.ts';
import { SharedCache } from './shared-cache.ts';

const MAX_DIRECTORIES = 1024; // along the chain and below it together; a stack's further pages are not looked at
const MAX_FIELDS = 256; //        in one directory
const MAX_NUMBERS = 4096; //      in a list read at once
const LONG = 4; //                the types of whole numbers of 32 and 64 bits
const LONG8 = 16;
const TEXT = 2;
const PIECE = 4096; //            entries of a long array read at once
const EXPECTED = 4096; //         bytes of a value that is fetched along with what follows its directory,
const EXPECTED_TEXT = 64 * 1024; // and of a text;
const MOST_EXPECTED = 512; //        values so fetched: a stack's further pages are not looked at
const PIECES_BUDGET = 8 * 1024 * 1024; // bytes of one array that are kept

/** Bytes a value, by field type; 0 where the type is unknown. */
const SIZE_OF_TYPE = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

interface Field {
  readonly type: number;
  readonly count: number;
  readonly at: number; // where in the file the values lie
  readonly inline: Uint8Array<ArrayBuffer> | undefined; // the values, where they fit into the entry itself
}

/** One image file directory: what it holds, and where the next one is (0: none). */
export interface Directory {
  readonly offset: number;
  readonly next: number;
  readonly littleEndian: boolean; // the file's byte order: that of samples of 16 bits too
  has(tag: number): boolean;
  countOf(tag: number): number;
  /** The values of a list of at most 4,096 numbers; rationals as quotients (not finite where the denominator is 0). Absent: []. */
  numbers(tag: number, waits: Waits): Promise<readonly number[]>;
  /** Text as UTF-8 (Latin-1 where it is not), up to the first NUL, cut after `most` bytes. Absent: undefined. */
  text(tag: number, waits: Waits, most: number): Promise<string | undefined>;
  /** The bytes of the value as they are stored; more than `most` are damage. Absent: undefined. */
  bytes(tag: number, waits: Waits, most: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** A list of whole numbers that may be very long. Absent: undefined. */
  list(tag: number): LongList | undefined;
}

export interface Tiff {
  readonly big: boolean;
  readonly littleEndian: boolean;
  /** The first 1,024 directories of the main chain, in order. A chain that loops ends where it would repeat. */
  readonly chain: readonly Directory[];
  /** The directories at these offsets (SubIFDs and their chains), without any that was seen before. */
  below(offsets: readonly number[], waits: Waits): Promise<readonly Directory[]>;
}

/** The byte order and kind, when the bytes start like a TIFF. */
export function tiffKind(head: Uint8Array): { big: boolean; littleEndian: boolean } | undefined {
  const order = head[0] === 0x49 && head[1] === 0x49 ? 'II' : head[0] === 0x4d && head[1] === 0x4d ? 'MM' : undefined;
  if (!order || head.byteLength < 8) return undefined;
  const littleEndian = order === 'II';
  const version = new DataView(head.buffer, head.byteOffset).getUint16(2, littleEndian);
  return version === 42 || version === 43 ? { big: version === 43, littleEndian } : undefined;
}

/** The first directory, before the chain is walked, and a way to those that it may lead to. */
export interface TiffBeginning {
  readonly first: Directory;
  readonly big: boolean;
  readonly littleEndian: boolean;
  readDirectory(at: number, waits: Waits): Promise<Directory>;
}

/**
 * @param onFirst told of a file by address whose directories follow the pixels: walking them takes a while
 * @throws EosinError CorruptSlide when a directory lies outside the file or lies about its size.
 */
export async function readTiff(
  source: ByteSource,
  kind: { big: boolean; littleEndian: boolean },
  waits: Waits,
  onFirst?: (beginning: TiffBeginning) => void,
): Promise<Tiff> {
  const plain: Format = { source, ...kind, wide: false };
  const seen = new Set<number>();
  const header = await read(plain, 0, kind.big ? 16 : 8, waits);
  const wide = await startIfWide(plain, waits);
  const format = wide === undefined ? plain : { ...plain, wide: true };
  const first = wide ?? (kind.big ? header.u64(8) : header.u32(4));

  const isNew = (at: number): boolean => {
    if (at === 0 || seen.has(at) || seen.size >= MAX_DIRECTORIES) return false;
    seen.add(at);
    return true;
  };
  const walk = async (start: number, expected: Promise<unknown>[], during: Waits): Promise<Directory[]> => {
    const found: Directory[] = [];
    for (let at = start; isNew(at); ) {
      if (found.length < 2 && isWrittenLast(source, at)) expected.push(expectEnd(source, during));
      const directory = await readDirectory(format, at, expected, during);
      found.push(directory);
      if (start === first && found.length === 1 && source.expect && isWrittenLast(source, directory.next))
        onFirst?.({ ...kind, first: directory, readDirectory: (place, own) => readDirectory(format, place, [], own) });
      at = directory.next;
    }
    return found;
  };
  const underWay: Promise<unknown>[] = [];
  const chain = await walk(first, underWay, waits);
  await Promise.all(underWay);
  if (chain.length === 0) throw corrupt(source, 'it has no directory');
  return {
    ...kind,
    chain,
    async below(offsets, during) {
      const expected: Promise<unknown>[] = [];
      const heads = offsets.filter(isNew).map((at) => readDirectory(format, at, expected, during));
      const found: Directory[] = [];
      for (const head of await Promise.all(heads)) found.push(head, ...(await walk(head.next, expected, during)));
      await Promise.all(expected);
      return found;
    },
  };
}

const corrupt = (source: ByteSource, reason: string): EosinError =>
  new EosinError({ tag: 'CorruptSlide', name: source.name, reason });

interface Format {
  readonly source: ByteSource;
  readonly big: boolean;
  readonly littleEndian: boolean;
  /** Hamamatsu's own way past 4 GB: pointers to directories have 64 bits, and the upper halves of all values follow them. */
  readonly wide: boolean;
}

const NDPI_VERSION = 65420;

/** Where the first directory of an NDPI lies; undefined for any other TIFF. */
async function startIfWide(format: Format, waits: Waits): Promise<number | undefined> {
  const { source, big, littleEndian } = format;
  if (big || !littleEndian || source.size < 32) return undefined;
  const at = (await read(format, 4, 8, waits)).u64(0);
  if (!(at >= 8 && at + 2 <= source.size)) return undefined;
  const count = (await read(format, at, 2, waits)).u16(0);
  if (count === 0 || count > MAX_FIELDS || at + 2 + count * 16 + 8 > source.size) return undefined;
  const body = await read(format, at + 2, count * 12, waits);
  for (let i = 0; i < count; i++) if (body.u16(i * 12) === NDPI_VERSION) return at;
  return undefined;
}

/** True where directories follow the pixels that they tell of, as libtiff and most scanners write them. */
const isWrittenLast = (source: ByteSource, at: number): boolean => at >= FIRST_BYTES && at > source.size / 2;

/** Such a file ends with its last directories: they come with the first, and need not wait for those between. */
async function expectEnd(source: ByteSource, waits: Waits): Promise<void> {
  await source.expect?.(Math.max(0, source.size - FIRST_BYTES), Math.min(source.size, FIRST_BYTES), waits);
}

/** @param expected gets what is under way: the values that opening needs come while the next directory is read */
async function readDirectory(
  format: Format,
  offset: number,
  expected: Promise<unknown>[],
  waits: Waits,
): Promise<Directory> {
  const { big, source, wide } = format;
  const countSize = big ? 8 : 2;
  const fieldSize = big ? 20 : 12;
  const wordSize = big ? 8 : 4;
  const head = await read(format, offset, countSize, waits);
  const count = big ? head.u64(0) : head.u16(0);
  if (count === 0 || count > MAX_FIELDS) throw corrupt(source, `a directory claims ${count} entries`);
  const nextAt = count * fieldSize;
  const halvesAt = nextAt + 8; // where wide
  const body = await read(format, offset + countSize, wide ? halvesAt + count * 4 : nextAt + wordSize, waits);
  const fields = new Map<number, Field>();
  for (let i = 0; i < count; i++) {
    const at = i * fieldSize;
    const type = body.u16(at + 2);
    const values = big ? body.u64(at + 4) : body.u32(at + 4);
    const bytes = values * (SIZE_OF_TYPE[type] ?? 0);
    if (bytes === 0) continue; // an unknown type or nothing at all: as if absent
    const slot = at + (big ? 12 : 8);
    const inline = bytes <= wordSize;
    const upper = wide ? body.u32(halvesAt + i * 4) : 0;
    const wider = inline && upper > 0 && type === LONG && values === 1;
    fields.set(body.u16(at), {
      type: wider ? LONG8 : type,
      count: values,
      at: inline ? offset + countSize + slot : big ? body.u64(slot) : body.u32(slot) + upper * 2 ** 32,
      inline: wider
        ? joined(body.bytes.subarray(slot, slot + 4), body.bytes.subarray(halvesAt + i * 4, halvesAt + i * 4 + 4))
        : inline
          ? body.bytes.slice(slot, slot + bytes)
          : undefined,
    });
  }
  for (const { type, count: values, at, inline } of fields.values()) {
    const bytes = values * (SIZE_OF_TYPE[type] ?? 0);
    if (expected.length >= MOST_EXPECTED) break;
    if (inline || bytes > (type === TEXT ? EXPECTED_TEXT : EXPECTED)) continue;
    if (source.expect) expected.push(source.expect(at, bytes, waits));
  }
  const next = big || wide ? body.u64(nextAt) : body.u32(nextAt);
  return directoryOf(format, offset, next, fields);
}

function joined(low: Uint8Array, high: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  bytes.set(low);
  bytes.set(high, 4);
  return bytes;
}

function directoryOf(format: Format, offset: number, next: number, fields: ReadonlyMap<number, Field>): Directory {
  const start = async (field: Field, waits: Waits, most: number): Promise<Reader> => {
    if (field.inline) return new Reader(field.inline, format.littleEndian);
    return read(format, field.at, Math.min(field.count * sizeOf(field), most), waits);
  };
  const atMost = (tag: number, claimed: number, most: number, what: string): void => {
    if (claimed > most) throw corrupt(format.source, `tag ${tag} claims ${claimed} ${what}`);
  };
  return {
    offset,
    next,
    littleEndian: format.littleEndian,
    has: (tag) => fields.has(tag),
    countOf: (tag) => fields.get(tag)?.count ?? 0,
    async numbers(tag, waits) {
      const field = fields.get(tag);
      if (!field) return [];
      atMost(tag, field.count, MAX_NUMBERS, 'values');
      const values = await start(field, waits, Infinity);
      return Array.from({ length: field.count }, (_, i) => numberAt(values, field.type, i));
    },
    async text(tag, waits, most) {
      const field = fields.get(tag);
      return field && textOf((await start(field, waits, most)).bytes);
    },
    async bytes(tag, waits, most) {
      const field = fields.get(tag);
      if (field) atMost(tag, field.count * sizeOf(field), most, 'bytes');
      return field && (await start(field, waits, most)).bytes;
    },
    list(tag) {
      const field = fields.get(tag);
      return field && new LongList(format, tag, field);
    },
  };
}

/** Whole numbers read by index, a piece at a time; the pieces used last are kept. */
export class LongList {
  readonly length: number;
  readonly #format: Format;
  readonly #field: Field;
  readonly #pieces = new SharedCache<number, Reader>(PIECES_BUDGET, ({ bytes }) => bytes.byteLength);

  /** @throws EosinError CorruptSlide when the list does not fit in the file */
  constructor(format: Format, tag: number, field: Field) {
    const size = field.count * sizeOf(field);
    if (size > format.source.size) {
      throw corrupt(format.source, `tag ${tag} claims ${field.count} values, more than the file can hold`);
    }
    if (!field.inline) assertInside(format.source, field.at, size);
    this.length = field.count;
    this.#format = format;
    this.#field = field;
  }

  async at(index: number, waits: Waits): Promise<number> {
    if (!(index >= 0 && index < this.length)) throw new RangeError(`The list has no entry ${index}`);
    const { inline, type } = this.#field;
    if (inline) return numberAt(new Reader(inline, this.#format.littleEndian), type, index);
    const piece = Math.floor(index / PIECE);
    const reader = await this.#pieces.get(piece, (shared) => this.#read(piece, shared), waits);
    return numberAt(reader, this.#field.type, index % PIECE);
  }

  #read(piece: number, waits: Waits): Promise<Reader> {
    const size = sizeOf(this.#field);
    const entries = Math.min(PIECE, this.length - piece * PIECE);
    return read(this.#format, this.#field.at + piece * PIECE * size, entries * size, waits);
  }
}

const sizeOf = (field: Field): number => SIZE_OF_TYPE[field.type] ?? 0;

function textOf(bytes: Uint8Array<ArrayBuffer>): string {
  const end = bytes.indexOf(0);
  const text = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(text, { stream: true }); // it may be cut within a character
  } catch {
    return new TextDecoder('latin1').decode(text); // TIFF asks for ASCII; scanners write what their users type
  }
}

function numberAt(value: Reader, type: number, index: number): number {
  switch (type) {
    case 1:
    case 2:
    case 7:
      return value.u8(index);
    case 6:
      return (value.u8(index) << 24) >> 24;
    case 3:
      return value.u16(index * 2);
    case 8:
      return (value.u16(index * 2) << 16) >> 16;
    case 4:
    case 13:
      return value.u32(index * 4);
    case 9:
      return value.u32(index * 4) | 0;
    case 5:
      return value.u32(index * 8) / value.u32(index * 8 + 4);
    case 10:
      return (value.u32(index * 8) | 0) / (value.u32(index * 8 + 4) | 0);
    case 11:
      return value.f32(index * 4);
    case 12:
      return value.f64(index * 8);
    default: // 16, 17, 18: LONG8, SLONG8, IFD8
      return value.u64(index * 8);
  }
}

async function read(format: Format, offset: number, length: number, waits: Waits): Promise<Reader> {
  return new Reader(alone(await format.source.read(offset, length, waits)), format.littleEndian);
}

/** Numbers out of bytes in the file's byte order. */
class Reader {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #little: boolean;

  constructor(bytes: Uint8Array<ArrayBuffer>, littleEndian: boolean) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = littleEndian;
  }
  u8 = (at: number): number => this.#view.getUint8(at);
  u16 = (at: number): number => this.#view.getUint16(at, this.#little);
  u32 = (at: number): number => this.#view.getUint32(at, this.#little);
  f32 = (at: number): number => this.#view.getFloat32(at, this.#little);
  f64 = (at: number): number => this.#view.getFloat64(at, this.#little);
  /** Above 2⁵³ it is rounded; such a place or size lies outside of every file and is refused there. */
  u64 = (at: number): number => Number(this.#view.getBigUint64(at, this.#little));
}
