// A tiled TIFF, deflated, one page a channel: tiles go out as they come, directories follow at the end. BigTIFF where offsets need it.
import { zlibSync } from 'fflate';
import { TILE } from './tile-side.ts';

export type SampleType = 'uint8' | 'uint16' | 'uint32' | 'float';
export type Samples =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>;

export interface TiffAsked {
  readonly width: number;
  readonly height: number;
  readonly type: SampleType;
  readonly channels: number;
  readonly description: string; //                   of the first page: OME-XML
  readonly umPerPx: { readonly x: number; readonly y: number } | undefined;
}

const HEADER = 16; //       bytes: as long as BigTIFF's, whichever it becomes
const MOST_CLASSIC = 0xffff0000;
const BYTES: Readonly<Record<SampleType, 1 | 2 | 4>> = { uint8: 1, uint16: 2, uint32: 4, float: 4 };

/**
 * Strips of TILE rows are added channel by channel, from the top, or their tiles from left to right; the pieces are the
 * caller's to keep in order.
 */
export class TiffWriter {
  readonly #asked: TiffAsked;
  readonly #cols: number;
  readonly #mostClassic: number;
  readonly #offsets: number[][];
  readonly #sizes: number[][];
  #at = HEADER;
  readonly #tile: Samples; // the same for every tile
  #empty: { readonly at: number; readonly size: number } | undefined; // a tile of zeros is written once

  /** @param mostClassic bytes beyond which it becomes BigTIFF */
  constructor(asked: TiffAsked, mostClassic = MOST_CLASSIC) {
    this.#asked = asked;
    this.#mostClassic = mostClassic;
    this.#cols = Math.ceil(asked.width / TILE);
    this.#tile = blank(asked.type);
    this.#offsets = Array.from({ length: asked.channels }, () => []);
    this.#sizes = Array.from({ length: asked.channels }, () => []);
  }

  /** @param values [rows of the strip × width], borrowed @returns the bytes that come next in the file */
  strip(channel: number, values: Samples): Uint8Array<ArrayBuffer>[] {
    const { width } = this.#asked;
    const rows = values.length / width;
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for (let col = 0; col < this.#cols; col++) {
      const columns = Math.min(TILE, width - col * TILE);
      const bytes = this.tile(channel, (tile) => {
        for (let row = 0; row < rows; row++) {
          const from = row * width + col * TILE;
          tile.set(values.subarray(from, from + columns), row * TILE);
        }
      });
      if (bytes) pieces.push(bytes);
    }
    return pieces;
  }

  /** @param draw gets [TILE × TILE] zeros, lent @returns what comes next in the file; undefined where that is there already */
  tile(channel: number, draw: (into: Samples) => void): Uint8Array<ArrayBuffer> | undefined {
    const tile = this.#tile.fill(0);
    draw(tile);
    const isEmpty = tile.every((value) => value === 0);
    if (isEmpty && this.#empty) {
      this.#note(channel, this.#empty);
      return undefined;
    }
    const bytes = zlibSync(new Uint8Array(tile.buffer), { level: 6 });
    const place = { at: this.#at, size: bytes.length };
    if (isEmpty) this.#empty = place;
    this.#note(channel, place);
    this.#at += bytes.length;
    return bytes;
  }

  /** What stands before all strips, and behind them. */
  ends(): { readonly header: Uint8Array<ArrayBuffer>; readonly directories: Uint8Array<ArrayBuffer> } {
    const big = this.#at > this.#mostClassic;
    const out = new Directory(this.#at, big);
    const { channels } = this.#asked;
    for (let channel = 0; channel < channels; channel++) out.add(this.#tags(channel), channel + 1 < channels);
    return { header: headerOf(out.first, big), directories: out.bytes() };
  }

  #note(channel: number, { at, size }: { readonly at: number; readonly size: number }): void {
    this.#offsets[channel]?.push(at);
    this.#sizes[channel]?.push(size);
  }

  #tags(channel: number): Tag[] {
    const { width, height, type, description, umPerPx } = this.#asked;
    const perCm = (um: number): readonly number[] => [Math.round(1e7 / um), 1000]; // px a centimetre, as a fraction
    return [
      [256, LONG, [width]],
      [257, LONG, [height]],
      [258, SHORT, [8 * BYTES[type]]],
      [259, SHORT, [8]], // deflate
      [262, SHORT, [1]], // black is zero
      ...(channel === 0 ? [[270, ASCII, [...new TextEncoder().encode(description), 0]] as const] : []),
      [277, SHORT, [1]],
      ...(umPerPx
        ? ([
            [282, RATIONAL, perCm(umPerPx.x)],
            [283, RATIONAL, perCm(umPerPx.y)],
            [296, SHORT, [3]],
          ] as const)
        : []),
      [322, LONG, [TILE]],
      [323, LONG, [TILE]],
      [324, OFFSET, this.#offsets[channel] ?? []],
      [325, LONG, this.#sizes[channel] ?? []],
      [339, SHORT, [type === 'float' ? 3 : 1]],
    ];
  }
}

function blank(type: SampleType): Samples {
  if (type === 'uint8') return new Uint8Array(TILE * TILE);
  if (type === 'uint16') return new Uint16Array(TILE * TILE);
  return type === 'uint32' ? new Uint32Array(TILE * TILE) : new Float32Array(TILE * TILE);
}

const [ASCII, SHORT, LONG, RATIONAL, OFFSET] = [2, 3, 4, 5, 16] as const; // OFFSET: LONG8, or LONG in a classic file
type Tag = readonly [tag: number, type: 2 | 3 | 4 | 5 | 16, values: readonly number[]];

/** Directories one behind the other, values first. */
class Directory {
  readonly #big: boolean;
  #view = new DataView(new ArrayBuffer(1 << 16));
  #length = 0;
  readonly #start: number;
  #next: number | undefined; // where the last directory keeps the place of the next one
  first = 0;

  /** @param start where in the file these bytes begin */
  constructor(start: number, big: boolean) {
    this.#start = start;
    this.#big = big;
  }

  add(tags: readonly Tag[], isFollowed: boolean): void {
    const word = this.#big ? 8 : 4;
    const placed = tags.map((tag) => ({ tag, at: this.#values(tag) }));
    if (this.#length % 2 === 1) this.#put(1, 0); // directories begin at even bytes
    if ((this.#start + this.#length) % 2 === 1) this.#put(1, 0);
    const here = this.#start + this.#length;
    if (this.#next === undefined) this.first = here;
    else this.#write(this.#next, word, here);
    this.#put(this.#big ? 8 : 2, tags.length);
    for (const { tag, at } of placed) {
      const [number, type, values] = tag;
      const size = this.#sizeOf(type);
      this.#put(2, number);
      this.#put(2, type === OFFSET && !this.#big ? LONG : type);
      this.#put(word, type === RATIONAL ? 1 : values.length);
      const start = this.#length;
      if (at === undefined) for (const value of values) this.#put(size, value);
      else this.#put(word, at);
      while (this.#length < start + word) this.#put(1, 0);
    }
    this.#next = this.#length;
    this.#put(word, 0);
    if (!isFollowed) this.#next = undefined;
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#view.buffer.slice(0, this.#length));
  }

  /** Where in the file they were put; undefined where they fit into the entry itself. */
  #values([, type, values]: Tag): number | undefined {
    const size = this.#sizeOf(type);
    if (values.length * size <= (this.#big ? 8 : 4)) return undefined;
    if ((this.#start + this.#length) % 2 === 1) this.#put(1, 0);
    const at = this.#start + this.#length;
    for (const value of values) this.#put(size, value);
    return at;
  }

  #sizeOf(type: Tag[1]): 1 | 2 | 4 | 8 {
    if (type === ASCII) return 1;
    if (type === SHORT) return 2;
    return type === OFFSET && this.#big ? 8 : 4;
  }

  #put(size: number, value: number): void {
    if (this.#length + 8 > this.#view.byteLength) {
      const grown = new Uint8Array(2 * this.#view.byteLength);
      grown.set(new Uint8Array(this.#view.buffer));
      this.#view = new DataView(grown.buffer);
    }
    this.#write(this.#length, size, value);
    this.#length += size;
  }

  #write(at: number, size: number, value: number): void {
    if (size === 1) this.#view.setUint8(at, value);
    else if (size === 2) this.#view.setUint16(at, value, true);
    else if (size === 4) this.#view.setUint32(at, value, true);
    else this.#view.setBigUint64(at, BigInt(value), true);
  }
}

function headerOf(first: number, big: boolean): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(HEADER));
  view.setUint16(0, 0x4949);
  view.setUint16(2, big ? 43 : 42, true);
  if (big) {
    view.setUint16(4, 8, true);
    view.setBigUint64(8, BigInt(first), true);
  } else view.setUint32(4, first, true);
  return new Uint8Array(view.buffer);
}
