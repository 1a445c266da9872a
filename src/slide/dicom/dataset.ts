// DICOM data sets in memory: elements by tag, sequences as data sets. Explicit or implicit; little-endian, or the retired big one.

type Bytes = Uint8Array<ArrayBuffer>;

/** The bytes end inside the data set: more of the file is needed, or it is cut short. */
export class DatasetEnds extends Error {}
/** The bytes are no data set. */
export class DatasetDamaged extends Error {}

interface Element {
  readonly value: Bytes; //                 empty for sequences
  readonly items: readonly Dataset[]; //    empty for all else
  readonly elsewhere?: string; //           the address of the value, where a server gives that instead
}

/** Where the pixels begin, which are not read here. */
export interface PixelElement {
  readonly tag: number;
  readonly vr: string; //                   '' where the data set is implicit
  readonly at: number; //                   first byte of the value
  readonly length: number | undefined; //   undefined: items up to a delimiter (encapsulated frames)
}

export class Dataset {
  readonly #elements = new Map<number, Element>();
  readonly littleEndian: boolean;

  constructor(littleEndian = true) {
    this.littleEndian = littleEndian;
  }

  set(tag: number, element: Element): void {
    this.#elements.set(tag, element);
  }
  has(tag: number): boolean {
    return this.#elements.has(tag);
  }
  bytes(tag: number): Bytes | undefined {
    return this.#elements.get(tag)?.value;
  }
  elsewhere(tag: number): string | undefined {
    return this.#elements.get(tag)?.elsewhere;
  }
  /** The values of a text, trimmed: DICOM pads them. */
  texts(tag: number): string[] {
    const value = this.#elements.get(tag)?.value;
    if (!value) return [];
    return new TextDecoder()
      .decode(value)
      .split('\\')
      .map((part) => part.replaceAll('\0', '').trim());
  }
  text(tag: number): string | undefined {
    return this.texts(tag)[0] || undefined;
  }
  /** The first number of a text (DS, IS); undefined where there is none. */
  decimals(tag: number): number[] {
    return this.texts(tag).map(Number);
  }
  /** A whole number stored as US, UL, SL or as text. */
  whole(tag: number, signed = false): number | undefined {
    const value = this.#elements.get(tag)?.value;
    if (!value) return undefined;
    const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
    if (value.length === 2) return view.getUint16(0, this.littleEndian);
    if (value.length === 4) return signed ? view.getInt32(0, this.littleEndian) : view.getUint32(0, this.littleEndian);
    return undefined;
  }
  /** A number stored as FL. */
  float(tag: number): number | undefined {
    const value = this.#elements.get(tag)?.value;
    if (value?.length !== 4) return undefined;
    return new DataView(value.buffer, value.byteOffset, 4).getFloat32(0, this.littleEndian);
  }
  items(tag: number): readonly Dataset[] {
    return this.#elements.get(tag)?.items ?? [];
  }
  /** Tags, for tests and listings. */
  get size(): number {
    return this.#elements.size;
  }
}

const LONG_FORM = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const UNDEFINED = 0xffffffff;
const ITEM = 0xfffee000;
const ITEM_ENDS = 0xfffee00d;
const SEQUENCE_ENDS = 0xfffee0dd;
const PIXELS: ReadonlySet<number> = new Set([0x7fe00008, 0x7fe00009, 0x7fe00010]);
/** Sequences whose kind implicit data sets do not tell when their length is given. */
const SEQUENCES: ReadonlySet<number> = new Set([0x52009229, 0x52009230, 0x00289110, 0x0048021a, 0x00480105]);
const MOST_DEPTH = 16; // sequences in sequences

interface Scope {
  readonly view: DataView;
  readonly bytes: Bytes;
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

const scopeOf = (bytes: Bytes, explicit: boolean, littleEndian: boolean): Scope => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  bytes,
  explicit,
  littleEndian,
});

/** How a data set is written. */
export interface Written {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

/**
 * Reads up to the pixels.
 * @param from the first byte of the data set
 * @returns no `pixels` where it ends without any
 * @throws DatasetEnds, DatasetDamaged
 */
export function readDataset(
  bytes: Bytes,
  from: number,
  { explicit, littleEndian }: Written,
): { dataset: Dataset; pixels: PixelElement | undefined; end: number } {
  return elements(scopeOf(bytes, explicit, littleEndian), from, bytes.length, 0);
}

/** The group 0002 that every file starts with, behind 128 bytes and "DICM"; always explicit. */
export function readMeta(bytes: Bytes): { meta: Dataset; end: number } {
  const scope = scopeOf(bytes, true, true);
  const meta = new Dataset();
  let at = 132;
  while (at + 8 <= bytes.length && scope.view.getUint16(at, true) === 2) at = element(scope, at, meta, 0);
  return { meta, end: at };
}

function elements(scope: Scope, from: number, end: number, depth: number, within = UNDEFINED) {
  const dataset = new Dataset(scope.littleEndian);
  let at = from;
  while (at < end) {
    const tag = tagAt(scope, at, end);
    if (tag === ITEM_ENDS && within === ITEM) return { dataset, pixels: undefined, end: at + 8 };
    if (depth === 0 && PIXELS.has(tag)) {
      const { vr, length, at: value } = headerAt(scope, at, end);
      return { dataset, pixels: { tag, vr, at: value, length: length === UNDEFINED ? undefined : length }, end: value };
    }
    at = element(scope, at, dataset, depth, end);
  }
  if (within === ITEM) throw new DatasetEnds();
  return { dataset, pixels: undefined, end: at };
}

/** Reads one element into `dataset`, and gives where the next one starts. */
function element(scope: Scope, at: number, dataset: Dataset, depth: number, end = scope.bytes.length): number {
  const header = headerAt(scope, at, end);
  const { tag, vr, length } = header;
  if (tag >>> 16 === 0xfffe) throw new DatasetDamaged('an item lies outside of a sequence');
  const isSequence =
    vr === 'SQ' || (length === UNDEFINED && (vr === 'UN' || vr === '')) || (vr === '' && SEQUENCES.has(tag));
  if (isSequence) {
    // Sequences of unknown kind are implicit inside, whatever is around them.
    const inner = vr === 'UN' ? { ...scope, explicit: false } : scope;
    const { items, next } = itemsOf(inner, header.at, length, depth + 1, end);
    dataset.set(tag, { value: new Uint8Array(0), items });
    return next;
  }
  if (length === UNDEFINED) throw new DatasetDamaged('a value without a length');
  const next = header.at + length;
  if (next > end) throw new DatasetEnds();
  dataset.set(tag, { value: scope.bytes.subarray(header.at, next), items: [] });
  return next;
}

function itemsOf(scope: Scope, from: number, length: number, depth: number, outer: number) {
  if (depth > MOST_DEPTH) throw new DatasetDamaged('its sequences lie too deep inside each other');
  const end = length === UNDEFINED ? outer : from + length;
  if (end > outer) throw new DatasetEnds();
  const items: Dataset[] = [];
  let at = from;
  while (at < end) {
    const tag = tagAt(scope, at, end);
    const itemLength = wordAt(scope, at + 4, end);
    if (tag === SEQUENCE_ENDS && length === UNDEFINED) return { items, next: at + 8 };
    if (tag !== ITEM) throw new DatasetDamaged('a sequence holds something else than items');
    const itemEnd = itemLength === UNDEFINED ? end : at + 8 + itemLength;
    if (itemEnd > end) throw new DatasetEnds();
    const item = elements(scope, at + 8, itemEnd, depth, itemLength === UNDEFINED ? ITEM : UNDEFINED);
    items.push(item.dataset);
    at = item.end;
  }
  if (length === UNDEFINED) throw new DatasetEnds();
  return { items, next: at };
}

function headerAt(scope: Scope, at: number, end: number): { tag: number; vr: string; length: number; at: number } {
  const tag = tagAt(scope, at, end);
  if (!scope.explicit) return { tag, vr: '', length: wordAt(scope, at + 4, end), at: at + 8 };
  if (at + 8 > end) throw new DatasetEnds();
  const vr = String.fromCharCode(scope.bytes[at + 4] ?? 0, scope.bytes[at + 5] ?? 0);
  if (!/^[A-Z]{2}$/.test(vr)) throw new DatasetDamaged('a value is of no known kind');
  if (LONG_FORM.has(vr)) return { tag, vr, length: wordAt(scope, at + 8, end), at: at + 12 };
  return { tag, vr, length: scope.view.getUint16(at + 6, scope.littleEndian), at: at + 8 };
}

function tagAt({ view, littleEndian }: Scope, at: number, end: number): number {
  if (at + 4 > end) throw new DatasetEnds();
  return view.getUint16(at, littleEndian) * 0x10000 + view.getUint16(at + 2, littleEndian);
}

function wordAt({ view, littleEndian }: Scope, at: number, end: number): number {
  if (at + 4 > end) throw new DatasetEnds();
  return view.getUint32(at, littleEndian);
}
