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
    const bytes = await source.read(at, 8, waits);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    return { tag: view.getUint16(0, true) * 0x10000 + view.getUint16(2, true), length: view.getUint32(4, true) };
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
      return source.read(first + offset + 8, length, waits);
    }
    const offset = offsets[index];
    if (offset === undefined) {
      const { at, length } = await walk(first, index, waits);
      return source.read(at, length, waits);
    }
    const next = offsets[index + 1];
    return fragmentsOf(source, headerAt, first + offset, next === undefined ? undefined : first + next, waits);
  };
}

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

/** Finds frames without a table: each item tells where the next one is. What was found is kept. */
function walker(source: ByteSource) {
  const found: { at: number; length: number }[] = [];
  let next: number | undefined;
  let going: Promise<void> = Promise.resolve();

  const walkTo = async (first: number, index: number, waits: Waits): Promise<void> => {
    let at = next ?? first;
    let start = 0;
    let bytes: Bytes = new Uint8Array(0);
    while (found.length <= index) {
      if (at < start || at + 8 > start + bytes.length || bytes.length === 0) {
        start = at;
        bytes = await source.read(at, Math.max(8, Math.min(WINDOW, source.size - at)), waits);
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset + at - start, 8);
      const tag = view.getUint16(0, true) * 0x10000 + view.getUint16(2, true);
      const length = view.getUint32(4, true);
      if (tag !== ITEM || length > MOST_FRAME) throw new Error('the frames end before it');
      found.push({ at: at + 8, length });
      at += 8 + length;
      next = at;
    }
  };
  return async (first: number, index: number, waits: Waits): Promise<{ at: number; length: number }> => {
    // One walk at a time; each goes on from where the one before it came.
    const mine = going.catch(() => undefined).then(() => walkTo(first, index, waits));
    going = mine.catch(() => undefined);
    if (!found[index]) await mine;
    const place = found[index];
    if (!place) throw new Error('the file does not hold it');
    return place;
  };
}
