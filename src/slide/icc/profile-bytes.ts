// An ICC profile (ICC.1:2022) as bytes: its header, its tags, and reads that say so when they leave it.
import { EosinError } from '#errors/failure.ts';

/** @returns what to throw for a profile that cannot be used; the slide can always be shown as it is stored */
export const unusable = (seen: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'The colour profile', seen, todo: 'The slide is shown as it is stored.' });

/** Numbers of a tag, by their offset from its start. Reads beyond it throw BadInput. */
export class TagBytes {
  readonly #bytes: DataView;

  constructor(bytes: DataView) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes.byteLength;
  }

  #at(offset: number, length: number): number {
    if (!(offset >= 0 && offset + length <= this.#bytes.byteLength)) throw unusable('it is cut short');
    return offset;
  }

  u8 = (offset: number): number => this.#bytes.getUint8(this.#at(offset, 1));
  u16 = (offset: number): number => this.#bytes.getUint16(this.#at(offset, 2));
  u32 = (offset: number): number => this.#bytes.getUint32(this.#at(offset, 4));
  /** s15Fixed16Number */
  fixed = (offset: number): number => this.#bytes.getInt32(this.#at(offset, 4)) / 65_536;

  signature(offset: number): string {
    return String.fromCharCode(...[0, 1, 2, 3].map((k) => this.u8(offset + k)));
  }

  /** @param depth bytes of each: 1 or 2. Values become 0 to 1. */
  table(offset: number, count: number, depth: number): Float32Array<ArrayBuffer> {
    this.#at(offset, count * depth);
    const read =
      depth === 1 ? (k: number) => this.u8(offset + k) / 255 : (k: number) => this.u16(offset + 2 * k) / 65_535;
    return Float32Array.from({ length: count }, (_, k) => read(k));
  }

  from(offset: number): TagBytes {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    this.#at(offset, 0);
    return new TagBytes(new DataView(buffer, byteOffset + offset, byteLength - offset));
  }
}

export interface Profile {
  readonly version: number; //  major
  readonly intent: number; //   0 perceptual, 1 relative colorimetric, 2 saturation, 3 absolute
  readonly pcs: 'XYZ' | 'Lab';
  readonly tags: ReadonlyMap<string, TagBytes>;
}

const HEADER = 128;
const MOST_TAGS = 200;
const CLASSES = ['scnr', 'mntr', 'prtr', 'spac']; // device links, abstract and named colours turn nothing into sRGB

/** @throws EosinError BadInput for what is no profile of RGB, or is cut short */
export function readProfile(bytes: Uint8Array): Profile {
  const all = new TagBytes(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (all.length < HEADER + 4 || all.signature(36) !== 'acsp') throw unusable('it does not start as one does');
  const [deviceClass, space, pcs] = [all.signature(12), all.signature(16).trim(), all.signature(20).trim()];
  if (!CLASSES.includes(deviceClass))
    throw unusable(`it is of the kind '${deviceClass.trim()}', not of a scanner or screen`);
  if (space !== 'RGB') throw unusable(`it is for ${space === 'GRAY' ? 'grey' : space} pixels, not for RGB`);
  if (pcs !== 'XYZ' && pcs !== 'Lab') throw unusable(`it leads to '${pcs}', not to XYZ or Lab`);
  const count = all.u32(HEADER);
  if (count > MOST_TAGS) throw unusable(`it claims ${count} tags`);
  const tags = new Map<string, TagBytes>();
  for (let k = 0; k < count; k++) {
    const entry = HEADER + 4 + 12 * k;
    const [offset, size] = [all.u32(entry + 4), all.u32(entry + 8)];
    if (offset + size > all.length) continue; // told when it is needed: a tag that nobody reads may be damaged
    tags.set(all.signature(entry), new TagBytes(new DataView(bytes.buffer, bytes.byteOffset + offset, size)));
  }
  return { version: all.u8(8), intent: all.u32(64), pcs, tags };
}

const MOST_NAME = 80; // characters

/** What the profile calls itself; undefined where it does not. */
export function nameOfProfile({ tags }: Profile): string | undefined {
  const tag = tags.get('desc');
  if (!tag) return undefined;
  const ascii = (): string => letters(tag, 12, 1, tag.u32(8));
  const localised = (): string => letters(tag, tag.u32(24), 2, tag.u32(20) / 2);
  try {
    const kind = tag.signature(0);
    const name = kind === 'desc' ? ascii() : kind === 'mluc' ? localised() : '';
    return name.trim() || undefined;
  } catch {
    return undefined; // damage in a name harms no colour
  }
}

function letters(tag: TagBytes, offset: number, width: 1 | 2, count: number): string {
  let out = '';
  for (let k = 0; k < Math.min(count, MOST_NAME); k++) {
    const code = width === 1 ? tag.u8(offset + k) : tag.u16(offset + 2 * k);
    if (code === 0) break;
    out += code < 32 ? ' ' : String.fromCharCode(code);
  }
  return out;
}
