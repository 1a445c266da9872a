// Bytes that can be read in parts: a file, a URL. A source knows bytes and nothing of formats.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { GatheredReads } from './gathered-reads.ts';

export interface ByteSource {
  readonly name: string; //     a file's name, for messages
  readonly size: number; //     bytes
  readonly identity: string; // of other content another one: size with an ETag, or with name, time and first bytes of a file
  /**
   * Exactly these bytes, not to be changed. They may be part of a larger buffer: who keeps them takes them out of it, see alone.
   * @throws EosinError CorruptSlide when the range leaves the source; Unreachable, NotFound, SlideChanged; the signal's reason
   */
  read(offset: number, length: number, waits: Waits): Promise<Uint8Array<ArrayBuffer>>;
  /** These bytes will be read soon: they travel with what is read meanwhile. Absent where a read costs little. */
  expect?(offset: number, length: number, waits: Waits): Promise<void>;
  /** These bytes turned out to be broken: the next read fetches them again. Absent where nothing is kept. */
  forget?(offset: number, length: number): void;
  /** What was read so far is all that opening takes: the next opening of the same address need not fetch it. */
  remember?(): Promise<void>;
}

/** How much of a source its fingerprint takes at each end, and its identity where nothing else tells it. */
export const HEAD_BYTES = 64 * 1024;
/** How much of a source its format is told by. */
export const FIRST_BYTES = 16 * 1024;

/** Throws CorruptSlide, saying how many bytes are missing, unless the range lies within the source. */
export function assertInside(source: Pick<ByteSource, 'name' | 'size'>, offset: number, length: number): void {
  const inside = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (inside && offset + length <= source.size) return;
  const missing = offset + length - source.size;
  const reason = inside
    ? `it ends at byte ${said(source.size)}, and ${said(missing)} more ${missing === 1 ? 'byte is' : 'bytes are'} needed: it is cut short or damaged`
    : 'it points to a place that no file can have: it is damaged';
  throw new EosinError({ tag: 'CorruptSlide', name: source.name, reason });
}

const said = (bytes: number): string => bytes.toLocaleString('en-US');

/** To be kept: what is part of a larger buffer would keep all of it. */
export const alone = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();

/** Two FNV-1a lanes over the bytes, as 16 hexadecimal digits: tells files apart, protects from nobody. */
export function fingerprint(bytes: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte ^ (a >>> 24), 0x01000193);
  }
  return [a, b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}

/** A file or any other Blob. It is read in place, never as a whole. */
export async function openBlobSource(blob: Blob, { signal }: Waits): Promise<ByteSource> {
  const name = 'name' in blob && typeof blob.name === 'string' && blob.name !== '' ? blob.name : 'The file';
  const { size } = blob;
  const slice = async (offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    try {
      return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
    } catch (thrown) {
      throw new EosinError({ tag: 'SlideChanged', name }, { cause: thrown }); // the browser's NotReadableError
    }
  };
  const reads = new GatheredReads(slice);
  signal.throwIfAborted();
  const head = await slice(0, Math.min(size, HEAD_BYTES));
  signal.throwIfAborted();
  return {
    name,
    size,
    // Pictures that are not packed may begin alike, and be as long: the name and the time of writing tell them apart.
    identity: `${size}-${fingerprint(head)} ${'lastModified' in blob ? blob.lastModified : ''} ${name}`,
    async read(offset, length, waits) {
      assertInside({ name, size }, offset, length);
      return reads.read(offset, length, waits);
    },
  };
}
