// A log as a file. Append-only:
//
//   "EOSINLOG"  8 bytes
//   version     uint32, 1
//   records     one after the other up to the end; the first one is the header
//
// A record is
//
//   length      uint32, of the payload
//   crc         uint32, CRC-32 of the payload
//   check       uint32, CRC-32 of the 8 bytes before it: a length that is not to be believed ends the file
//   payload
//
// All little-endian. What does not check out at the end is a write that was cut off: it is dropped. A payload that does not
// check out in the middle has changed on disk: that record is passed over, those behind it stand.

import { crc32 } from '#checksum/crc32.ts';
import { EosinError } from '#errors/failure.ts';

/** A file opened for itself alone: the part of FileSystemSyncAccessHandle that a log needs. */
export interface RawFile {
  getSize(): number;
  /** As many bytes as there are, and how many those were. */
  read(into: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  /**
   * May write fewer bytes than given. @throws QuotaExceededError and others. Chromium (156) does not where its quota is
   * reached: it answers as if all were written, and the file ends at the quota. Only its size tells.
   */
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number;
  /** Likewise: beyond the quota Chromium leaves the size as it is, and says nothing. */
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

type Bytes = Uint8Array<ArrayBuffer>;

interface Place {
  readonly at: number; // of the payload
  readonly length: number;
  readonly crc: number;
}

const MAGIC = new TextEncoder().encode('EOSINLOG');
const VERSION = 1;
const START = MAGIC.length + 4;
const FRAME = 12; // bytes before a payload
const MAX_PAYLOAD = 256 * 1024 * 1024;
const PAGE = 4096; // bytes read at once while walking from frame to frame
const GATHER_BYTES = 1024 * 1024; // what one write takes together at most, but for a record that is larger

/** What a listing wants to know of a log. */
export interface LogSketch {
  readonly header: Bytes;
  readonly marks: Bytes; // the first byte of each record; 0 of an empty one
  readonly bytes: number;
  readonly torn: boolean;
}

export class LogFile implements Disposable {
  readonly header: Bytes;
  /** Records that were passed over. */
  readonly damaged: number;
  readonly #file: RawFile;
  readonly #places: Place[];
  #end: number;
  #isCut = true; // nothing of a refused record is left behind the end

  private constructor(file: RawFile, header: Bytes, places: Place[], end: number, damaged: number) {
    this.#file = file;
    this.header = header;
    this.#places = places;
    this.#end = end;
    this.damaged = damaged;
  }

  /** Takes the file over and empties it. The log is on disk. @throws what the file throws */
  static create(file: RawFile, header: Bytes): LogFile {
    const start = new Uint8Array(START + FRAME + header.length);
    start.set(MAGIC);
    new DataView(start.buffer).setUint32(MAGIC.length, VERSION, true);
    frame(header, start, START);
    file.truncate(0);
    writeAll(file, start, 0);
    file.flush();
    return new LogFile(file, header, [], start.length, 0);
  }

  /**
   * Takes the file over, checks every byte of it, and cuts off what an interrupted write left behind.
   * @param keep records to keep at most: those behind were never answered for
   * @throws EosinError BadInput where it is no log, or one of another version
   */
  static open(file: RawFile, name: string, keep = Number.POSITIVE_INFINITY): LogFile {
    const { places } = walk(file, name);
    const [head, ...records] = places;
    const header = head && payloadOf(file, head);
    if (!header) throw unreadable(name, 'its beginning is damaged');
    const kept = records.map((place) => ({ place, isWhole: payloadOf(file, place) !== undefined }));
    let last = kept.findLastIndex(({ isWhole }) => isWhole) + 1; // behind the last whole one nothing was ever answered for
    const whole = kept.slice(0, last).filter(({ isWhole }) => isWhole);
    const over = whole[keep];
    if (over) last = kept.indexOf(over);
    const lastPlace = kept[last - 1]?.place ?? head;
    const newEnd = lastPlace.at + lastPlace.length;
    if (newEnd < file.getSize()) {
      file.truncate(newEnd);
      file.flush();
    }
    const good = whole.slice(0, Math.min(keep, whole.length)).map(({ place }) => place);
    return new LogFile(file, header, good, newEnd, last - good.length);
  }

  /** Without reading more of the records than where each begins. @throws EosinError BadInput where it is no log */
  static sketch(file: RawFile, name: string): LogSketch {
    const { places, marks, end } = walk(file, name);
    const head = places[0];
    const header = head && payloadOf(file, head);
    if (!header) throw unreadable(name, 'its beginning is damaged');
    const bytes = file.getSize();
    return { header, marks: marks.slice(1), bytes, torn: end < bytes };
  }

  get count(): number {
    return this.#places.length;
  }

  /** The same as a listing tells, of a log that is open. */
  sketch(): LogSketch {
    const marks = new Uint8Array(this.count);
    for (const [i, { at, length }] of this.#places.entries()) {
      if (length > 0) this.#file.read(marks.subarray(i, i + 1), { at });
    }
    return { header: this.header, marks, bytes: this.#end, torn: false };
  }

  /**
   * Puts these behind the others, with one write and one flush where they are small: all of them or, when it throws, none.
   * @throws what the file throws
   */
  append(records: readonly Bytes[]): void {
    if (!this.#isCut) this.#cutBack(); // else what was refused could come back behind what is written now
    const places: Place[] = [];
    let end = this.#end;
    try {
      for (const group of gathered(records)) {
        const size = group.reduce((sum, { length }) => sum + FRAME + length, 0);
        const out = new Uint8Array(size);
        let at = 0;
        for (const record of group) {
          const crc = frame(record, out, at);
          places.push({ at: end + at + FRAME, length: record.length, crc });
          at += FRAME + record.length;
        }
        writeAll(this.#file, out, end);
        end += size;
      }
      this.#file.flush();
    } catch (thrown) {
      this.#isCut = false;
      try {
        this.#cutBack();
      } catch {
        // the next append tries again
      }
      throw thrown;
    }
    this.#places.push(...places);
    this.#end = end;
  }

  /** Whether so many bytes more would fit: see hasRoom. What a crash leaves of the try is dropped when it is opened. */
  hasRoom(bytes: number): boolean {
    return hasRoom(this.#file, bytes, this.#end);
  }

  /** A copy. @throws EosinError BadInput where it has changed on disk since the log was opened */
  read(index: number): Bytes {
    const place = this.#places[index];
    if (!place) throw new RangeError(`The log has no record ${index}`);
    const payload = payloadOf(this.#file, place);
    if (!payload) throw unreadable('A record', 'it changed on disk while it was open');
    return payload;
  }

  sizeOf(index: number): number {
    return this.#places[index]?.length ?? 0;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #cutBack(): void {
    this.#file.truncate(this.#end);
    this.#isCut = true;
  }
}

/** Where the header of a log ends, by the first bytes of the file; how many bytes tell that where they are fewer. */
export function headerEnd(first: Bytes): number {
  const known = START + FRAME;
  return first.length < known ? known : known + new DataView(first.buffer).getUint32(START, true);
}

function* gathered(records: readonly Bytes[]): Generator<Bytes[]> {
  let group: Bytes[] = [];
  let size = 0;
  for (const record of records) {
    if (record.length > MAX_PAYLOAD) throw new RangeError(`A record of ${record.length} bytes is too long`);
    if (size > 0 && size + record.length > GATHER_BYTES) {
      yield group;
      [group, size] = [[], 0];
    }
    group.push(record);
    size += FRAME + record.length;
  }
  if (group.length > 0) yield group;
}

/** Writes the record with its frame into `out` and returns its CRC. */
function frame(record: Bytes, out: Bytes, at: number): number {
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  const crc = crc32(record);
  view.setUint32(at, record.length, true);
  view.setUint32(at + 4, crc, true);
  view.setUint32(at + 8, crc32(out.subarray(at, at + 8)), true);
  out.set(record, at + FRAME);
  return crc;
}

function writeAll(file: RawFile, bytes: Bytes, from: number): void {
  for (let done = 0; done < bytes.length; ) {
    const wrote = file.write(bytes.subarray(done), { at: from + done });
    if (!(wrote > 0)) throw fullDisk();
    done += wrote;
  }
  if (file.getSize() < from + bytes.length) throw fullDisk();
}

/**
 * Whether the disk has room for so many bytes: the browser's own answer, which its estimates are not.
 * @param end of what stays in the file
 */
export function hasRoom(file: RawFile, bytes: number, end = 0): boolean {
  try {
    file.truncate(end + bytes);
    return file.getSize() >= end + bytes;
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'QuotaExceededError') return false;
    throw thrown;
  } finally {
    file.truncate(end);
  }
}

const fullDisk = (): DOMException => new DOMException('The disk took no more bytes.', 'QuotaExceededError');

/** Undefined where its bytes are not the ones that were written. */
function payloadOf(file: RawFile, { at, length, crc }: Place): Bytes | undefined {
  const payload = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const got = file.read(payload.subarray(done), { at: at + done });
    if (!(got > 0)) return undefined;
    done += got;
  }
  return crc32(payload) === crc ? payload : undefined;
}

/** From frame to frame, as far as they are to be believed. */
function walk(file: RawFile, name: string): { places: Place[]; marks: Bytes; end: number } {
  const size = file.getSize();
  const window = new Window(file, size);
  const start = window.at(0, START);
  if (!start || !MAGIC.every((byte, i) => start.getUint8(i) === byte)) throw unreadable(name, 'it is no log of Eosin');
  const version = start.getUint32(MAGIC.length, true);
  if (version !== VERSION)
    throw unreadable(name, `it is of version ${version}, and this Eosin reads version ${VERSION}`);
  const places: Place[] = [];
  const marks: number[] = [];
  let end = START;
  for (;;) {
    const head = window.at(end, FRAME);
    if (!head || crc32(new Uint8Array(head.buffer, head.byteOffset, 8)) !== head.getUint32(8, true)) break;
    const length = head.getUint32(0, true);
    if (length > MAX_PAYLOAD || end + FRAME + length > size) break;
    places.push({ at: end + FRAME, length, crc: head.getUint32(4, true) });
    marks.push(length > 0 ? (window.at(end + FRAME, 1)?.getUint8(0) ?? 0) : 0);
    end += FRAME + length;
  }
  return { places, marks: Uint8Array.from(marks), end };
}

/** Small reads, of a page at most, out of one buffer. */
class Window {
  readonly #file: RawFile;
  readonly #size: number;
  readonly #buffer = new Uint8Array(PAGE);
  #from = 0;
  #to = 0;

  constructor(file: RawFile, size: number) {
    this.#file = file;
    this.#size = size;
  }

  /** Valid until the next call; undefined where the file ends before. */
  at(offset: number, length: number): DataView<ArrayBuffer> | undefined {
    if (offset + length > this.#size) return undefined;
    if (offset < this.#from || offset + length > this.#to) {
      [this.#from, this.#to] = [offset, offset];
      while (this.#to < offset + length) {
        const got = this.#file.read(this.#buffer.subarray(this.#to - offset), { at: this.#to });
        if (!(got > 0)) return undefined;
        this.#to += got;
      }
    }
    return new DataView(this.#buffer.buffer, offset - this.#from, length);
  }
}

const unreadable = (name: string, seen: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: name, seen, todo: 'Remove it from the list, and start the run again.' });
