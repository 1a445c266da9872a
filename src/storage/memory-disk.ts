// A disk that ends with the tab: where the browser gives none, and for tests.
import type { Bytes, Disk } from './disk.ts';
import type { RawFile } from './log-file.ts';

const BLOCK = 1024 * 1024; // bytes: a log grows without being copied

/** A file in memory; closing leaves it as it is. */
export function memoryFile(): RawFile {
  const blocks: Bytes[] = [];
  let size = 0;

  /** Block by block over [at, at + length). */
  const over = (at: number, length: number, part: (block: Bytes, from: number) => void): void => {
    for (let done = 0; done < length; ) {
      const index = Math.floor((at + done) / BLOCK);
      const offset = (at + done) % BLOCK;
      const count = Math.min(BLOCK - offset, length - done);
      while (blocks.length <= index) blocks.push(new Uint8Array(BLOCK));
      const block = blocks[index];
      if (block) part(block.subarray(offset, offset + count), done);
      done += count;
    }
  };

  return {
    getSize: () => size,
    read(into, { at }) {
      const length = Math.max(0, Math.min(into.length, size - at));
      over(at, length, (block, from) => into.set(block, from));
      return length;
    },
    write(bytes, { at }) {
      if (at > size) over(size, at - size, (block) => block.fill(0));
      over(at, bytes.length, (block, from) => block.set(bytes.subarray(from, from + block.length)));
      size = Math.max(size, at + bytes.length);
      return bytes.length;
    },
    truncate(to) {
      if (to > size) over(size, to - size, (block) => block.fill(0));
      size = to;
      blocks.length = Math.ceil(size / BLOCK);
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
