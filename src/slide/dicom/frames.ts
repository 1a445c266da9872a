// Where the frames of a DICOM file lie: by its offset tables where it has them, by walking over the frames where not.

import type { Waits } from '#channel/waits.ts';
import type { ByteSource } from '../byte-source.ts';
import { joined } from '../joined.ts';
import type { PixelElement } from './dataset.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** The stored bytes of frame `index`, from 0. Rejects with any error when they are not there. */
export type FrameReader = (index: number, waits: Waits) => Promise<Bytes>;

const ITEM = 0xfffee000;
const WINDOW = 64 * 1024; //            bytes read at once while walking
const MOST_FRAME = 64 * 1024 * 1024; // bytes of one

/** Frames one after the other, without any packing. */
export function nativeFrames(source: ByteSource, pixels: PixelElement, frameBytes: number): FrameReader {
  return (index, waits) => {
    if (pixels.length !== undefined && (index + 1) * frameBytes > pixels.length)
      throw new Error('the file holds too few pixels');
    return source.read(pixels.at + index * frameBytes, frameBytes, waits);
  };
}

/** Places of all frames, where the file lists them in 64 bits. */
export interface ExtendedTable {
  readonly offsets: readonly number[]; // from the first frame's item
  readonly lengths: readonly number[]; // bytes of each frame, without item headers
}

export function encapsulatedFrames(
  source: ByteSource,
  pixels: PixelElement,
  frames: number,
  extended: ExtendedTable | undefined,
): FrameReader {
  const headerAt = async (at: number, waits: Waits): Promise<{ tag: number; length: number }> => {
    return itemIn(await source.read(at, 8, waits), 0);
  };
  let table: Promise<{ first: number; offsets: readonly number[] }> | undefined;
  const basicTable = async (waits: Waits): Promise<{ first: number; offsets: readonly number[] }> => {
    const { tag, length } = await headerAt(pixels.at, waits);
    if (tag !== ITEM || length > 4 * frames) throw new Error('its offset table is damaged');
    const bytes = await source.read(pixels.at + 8, length, waits);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const offsets = Array.from({ length: length / 4 }, (_, i) => view.getUint32(i * 4, true));
    const grows = offsets.every((offset, i) => i === 0 || offset > (offsets[i - 1] ?? 0));
    return { first: pixels.at + 8 + length, offsets: grows ? offsets : [] }; // 32 bits overflow in files over 4 GB
  };
  const tableOf = (waits: Waits) => {
    table ??= basicTable(waits).catch((thrown: unknown) => {
      table = undefined;
      throw thrown;
    });
    return table;
  };
  const walk = walker(source);

  return async (index, waits) => {
    const { first, offsets } = await tableOf(waits);
    if (extended) {
      const [offset, length] = [extended.offsets[index], extended.lengths[index]];
      if (offset === undefined || length === undefined || length > MOST_FRAME)
        throw new Error('it is not in the table');
      return listedFrame(source, first + offset, length, waits);
    }
    const offset = offsets[index];
    if (offset === undefined) return walk(first, index, waits);
    const next = offsets[index + 1];
    return fragmentsOf(source, headerAt, first + offset, next === undefined ? undefined : first + next, waits);
  };
}

/** A frame in one item. Its length is the item's own: writers differ in whether the table counts the item's header too. */
async function listedFrame(source: ByteSource, from: number, length: number, waits: Waits): Promise<Bytes> {
  const bytes = await source.read(from, Math.min(length + 8, source.size - from), waits);
  if (bytes.length < 8) throw new Error('it lies beyond the end of the file');
  const { tag, length: own } = itemIn(bytes, 0);
  if (tag !== ITEM) throw new Error('the place where it should be holds something else');
  return bytes.subarray(8, 8 + Math.min(own, length));
}

const itemIn = (bytes: Bytes, at: number): { tag: number; length: number } => {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 8);
  return { tag: view.getUint16(0, true) * 0x10000 + view.getUint16(2, true), length: view.getUint32(4, true) };
};

/** A frame in one or more items, up to where the next frame starts or no item follows. */
async function fragmentsOf(
  source: ByteSource,
  headerAt: (at: number, waits: Waits) => Promise<{ tag: number; length: number }>,
  from: number,
  end: number | undefined,
  waits: Waits,
): Promise<Bytes> {
  if (end !== undefined && end - from > MOST_FRAME) throw new Error(`it claims ${end - from} bytes`);
  if (end !== undefined && end > from) await source.read(from, end - from, waits); // at once; the parts below are there then
  const parts: Bytes[] = [];
  let total = 0;
  for (let at = from; end === undefined || at < end; ) {
    if (at + 8 > source.size && parts.length > 0) break;
    const { tag, length } = await headerAt(at, waits);
    if (tag !== ITEM && parts.length > 0) break;
    total += length;
    if (tag !== ITEM || total > MOST_FRAME) throw new Error('the place where it should be holds something else');
    parts.push(await source.read(at + 8, length, waits));
    at += 8 + length;
  }
  const [only] = parts;
  return parts.length === 1 && only ? only : joined(parts);
}

/** Where the items of a frame lie: mostly one. */
type Fragments = { at: number; length: number }[];

/**
 * Finds frames without a table: each item tells where the next one is. What was found is kept. An item that does not start
 * as a picture does, behind one that does not end as one, goes on with it.
 */
function walker(source: ByteSource): (first: number, index: number, waits: Waits) => Promise<Bytes> {
  const found: Fragments[] = [];
  let starts = false; // the first item starts as a picture does
  let next: number | undefined;
  let ended = false;
  let going: Promise<void> = Promise.resolve();

  const walkTo = async (first: number, index: number, waits: Waits): Promise<void> => {
    let at = next ?? first;
    let start = 0;
    let bytes: Bytes = new Uint8Array(0);
    while (found.length <= index && !ended) {
      if (at - BEHIND < start || at + AHEAD > start + bytes.length) {
        start = Math.max(0, Math.min(at, source.size) - BEHIND);
        bytes = await source.read(start, Math.min(WINDOW, source.size - start), waits);
      }
      const from = at - start;
      const { tag, length } = from + 8 <= bytes.length ? itemIn(bytes, from) : { tag: 0, length: 0 };
      ended = tag !== ITEM || length > MOST_FRAME;
      if (ended) return;
      const isStart = startsPicture(bytes, from + 8);
      if (found.length === 0) starts = isStart;
      const last = found.at(-1);
      if (last && starts && !isStart && !endsPicture(bytes.subarray(0, from))) last.push({ at: at + 8, length });
      else found.push([{ at: at + 8, length }]);
      at += 8 + length;
      next = at;
    }
  };
  /** One walk at a time; each goes on from where the one before it came. */
  const walk = async (first: number, index: number, waits: Waits): Promise<void> => {
    const mine = going.catch(() => undefined).then(() => walkTo(first, index, waits));
    going = mine.catch(() => undefined);
    if (!found[index]) await mine;
  };
  const bytesOf = async (fragments: Fragments, waits: Waits): Promise<Bytes> => {
    if (fragments.reduce((sum, { length }) => sum + length, 0) > MOST_FRAME)
      throw new Error('it is longer than frames are');
    const parts = await Promise.all(fragments.map(({ at, length }) => source.read(at, length, waits)));
    const [only] = parts;
    return parts.length === 1 && only ? only : joined(parts);
  };
  return async (first, index, waits) => {
    await walk(first, index, waits);
    const fragments = found[index];
    if (!fragments) throw new Error('the frames end before it');
    const bytes = await bytesOf(fragments, waits);
    if (!starts || endsPicture(bytes)) return bytes;
    await walk(first, index + 1, waits); // up to where the next one starts
    return bytesOf(fragments, waits);
  };
}

const BEHIND = 4; // bytes that tell how the item before ends
const AHEAD = 12; // bytes that tell what an item starts with

/** JPEG, or a JPEG 2000 codestream. */
const startsPicture = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0xff && (bytes[at + 1] === 0xd8 || (bytes[at + 1] === 0x4f && bytes[at + 2] === 0xff));

/** Both end with the same marker; a frame may be filled up to a whole number of words. */
const endsPicture = (bytes: Uint8Array): boolean => {
  const end = bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length;
  return bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9;
};
