// A disk that ends with the tab: where the browser gives none, and for tests.
import type { Bytes, Disk } from './disk.ts';
import type { RawFile } from './log-file.ts';

const BLOCK = 1024 * 1024; // bytes: a log grows without being copied

/** A file in memory; closing leaves it as it is. */
export function memoryFile(): RawFile {
  const blocks = new Map<number, Bytes>(); // those that something was written to; the others are zeros
  let size = 0;

  /** Block by block over [at, at + length). */
  const over = (at: number, length: number, part: (index: number, offset: number, from: number, n: number) => void) => {
    for (let done = 0; done < length; ) {
      const index = Math.floor((at + done) / BLOCK);
      const offset = (at + done) % BLOCK;
      const count = Math.min(BLOCK - offset, length - done);
      part(index, offset, done, count);
      done += count;
    }
  };
  const made = (index: number): Bytes => {
    const block = blocks.get(index) ?? new Uint8Array(BLOCK);
    blocks.set(index, block);
    return block;
  };

  return {
    getSize: () => size,
    read(into, { at }) {
      const length = Math.max(0, Math.min(into.length, size - at));
      over(at, length, (index, offset, from, count) => {
        const block = blocks.get(index)?.subarray(offset, offset + count);
        if (block) into.set(block, from);
        else into.fill(0, from, from + count);
      });
      return length;
    },
    write(bytes, { at }) {
      over(at, bytes.length, (index, offset, from, count) =>
        made(index).set(bytes.subarray(from, from + count), offset),
      );
      size = Math.max(size, at + bytes.length);
      return bytes.length;
    },
    truncate(to) {
      if (to < size) {
        for (const index of [...blocks.keys()]) if (index * BLOCK >= to) blocks.delete(index);
        blocks.get(Math.floor(to / BLOCK))?.fill(0, to % BLOCK); // what is behind the end is zeros, should it grow again
      }
      size = to;
    },
    flush: () => undefined,
    close: () => undefined,
  };
}

export function memoryDisk(): Disk {
  const files = new Map<string, RawFile>();
  const notes = new Map<string, Bytes>();
  const held = new Set<string>();
  return {
    names: async () => [...files.keys()],
    open: async (name, { create }) => {
      const known = files.get(name);
      if (known || !create) return known;
      const made = memoryFile();
      files.set(name, made);
      return made;
    },
    start: async (name, length) => {
      const file = files.get(name);
      const size = file?.getSize() ?? 0;
      const bytes = new Uint8Array(Math.min(length, size));
      file?.read(bytes, { at: 0 });
      return { bytes, size };
    },
    note: async (name) => notes.get(name)?.slice(),
    stamp: async () => undefined, // to read it again costs nothing
    setNote: async (name, note) => void notes.set(name, note.slice()),
    remove: async (name) => {
      files.delete(name);
      notes.delete(name);
    },
    freeBytes: async () => undefined,
    lock: async (name) => {
      if (held.has(name)) return undefined;
      held.add(name);
      return () => void held.delete(name);
    },
    locked: async () => new Set(held),
  };
}
