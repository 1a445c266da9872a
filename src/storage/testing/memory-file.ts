// A file in memory that fails when told to.
import type { RawFile } from '../log-file.ts';
import { memoryFile as plainFile } from '../memory-disk.ts';

export interface Faults {
  /** The disk is full once the file would grow beyond this. */
  quota?: number;
  /** And does not say so, as in Chromium. */
  silent?: boolean;
  /** At most so many bytes are taken by one write. */
  shortWrites?: () => number;
  /** At most so many bytes are given by one read. */
  shortReads?: () => number;
  flushFails?: () => boolean;
  truncateFails?: () => boolean;
}

export interface MemoryFile extends RawFile {
  bytes(): Uint8Array<ArrayBuffer>; // a copy
  readonly writes: number[]; //        sizes
  readonly flushes: () => number;
  readonly readBytes: () => number;
}

export function memoryFile(content: Uint8Array<ArrayBuffer> = new Uint8Array(0), faults: Faults = {}): MemoryFile {
  const file = plainFile();
  file.write(content, { at: 0 });
  const writes: number[] = [];
  let [flushes, readBytes] = [0, 0];
  return {
    ...file,
    writes,
    flushes: () => flushes,
    readBytes: () => readBytes,
    bytes: () => {
      const all = new Uint8Array(file.getSize());
      file.read(all, { at: 0 });
      return all;
    },
    read(into, options) {
      const got = file.read(into.subarray(0, faults.shortReads?.() ?? into.length), options);
      readBytes += got;
      return got;
    },
    write(given, { at }) {
      const part = given.subarray(0, faults.shortWrites?.() ?? given.length);
      const { quota = Number.POSITIVE_INFINITY } = faults;
      if (at + part.length > quota) {
        file.write(part.subarray(0, Math.max(0, quota - at)), { at: Math.min(at, quota) }); // it may take a part before it says so
        if (faults.silent) return part.length;
        throw new DOMException('The disk is full.', 'QuotaExceededError');
      }
      writes.push(part.length);
      return file.write(part, { at });
    },
    truncate(size) {
      if (faults.truncateFails?.()) throw new DOMException('made to fail', 'InvalidStateError');
      const { quota = Number.POSITIVE_INFINITY, silent } = faults;
      if (size <= Math.max(quota, file.getSize())) return file.truncate(size);
      if (!silent) throw new DOMException('The disk is full.', 'QuotaExceededError');
    },
    flush() {
      if (faults.flushFails?.()) throw new DOMException('made to fail', 'InvalidStateError');
      flushes++;
    },
  };
}
