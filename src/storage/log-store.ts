// The logs of one disk: who has which one open, and what waits to be written to it.
import { EosinError } from '#errors/failure.ts';
import type { Bytes, Disk } from './disk.ts';
import { hasRoom, headerEnd, LogFile, type LogSketch, type RawFile } from './log-file.ts';
import { memoryFile } from './memory-disk.ts';
import { packed, unpacked } from './packing.ts';
import type { KeptLog, LogBeginning } from './storage.ts';
import type { Opened, StorageCalls } from './storage-calls.ts';

const READ_BYTES = 256 * 1024; // packed, about as much in one answer
const LONGEST_HEADER = 64 * 1024 * 1024; // bytes: what damage says of its length is not to be believed
const NAME = /^[a-z0-9][a-z0-9-]{0,99}$/;

interface Writing {
  readonly by: number;
  readonly log: LogFile;
  readonly queue: CommitQueue;
  readonly release: () => void;
}

/** What a look at a log nobody writes found; without a header where it is none. */
interface Look {
  readonly stamp: string | undefined; // of before the look
  readonly note: Bytes | undefined;
  readonly sketch: LogSketch | undefined;
}

export class LogStore {
  readonly #disk: Disk;
  readonly #looks = new Map<string, Look>(); // of the last listing: what has not changed since is not read again
  readonly #open = new Map<string, Writing>();
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** What cannot be read is left out. */
  async list(): Promise<KeptLog[]> {
    await Promise.all(this.#turns.values()); // what is being closed is nobody's when it is listed
    const [names, locked] = await Promise.all([this.#disk.names(), this.#disk.locked()]);
    const there = new Set(names);
    for (const name of this.#looks.keys()) if (!there.has(name)) this.#looks.delete(name);
    const all = names.map((name) => this.#inTurn(name, () => this.#sketch(name, locked.has(name))));
    return (await Promise.all(all)).filter((log) => log !== undefined);
  }

  /** See Storage.beginnings. */
  async beginnings(): Promise<LogBeginning[]> {
    await Promise.all(this.#turns.values());
    const names = await this.#disk.names();
    const locked = await this.#disk.locked(); // behind the names: one that is being made is locked, or whole
    const idle = names.filter((name) => !locked.has(name) && !this.#open.has(name));
    return Promise.all(
      idle.map(async (name) => {
        const look = await this.#known(name);
        if (look?.sketch) return { name, header: look.sketch.header, bytes: look.sketch.bytes };
        const file = await this.#beginning(name);
        try {
          return { name, header: LogFile.sketch(file, name).header, bytes: file.size };
        } catch (thrown) {
          if (!(thrown instanceof EosinError)) throw thrown;
          return { name, header: undefined, bytes: file.size };
        }
      }),
    );
  }

  /** @throws EosinError StorageFull, StorageBusy */
  create({ name, by, header, neededBytes }: StorageCalls['create']['in']): Promise<Opened> {
    return this.#held(name, by, async () => {
      await this.#mustBeFree(neededBytes);
      if ((await this.#disk.names()).includes(name)) throw new EosinError({ tag: 'StorageBusy', name });
      const file = await this.#disk.open(name, { create: true });
      if (!file) throw new EosinError({ tag: 'Unexpected', reason: 'The browser made no file.' });
      try {
        if (!hasRoom(file, neededBytes))
          throw new EosinError({ tag: 'StorageFull', neededBytes, freeBytes: undefined });
        return LogFile.create(file, header);
      } catch (thrown) {
        file.close();
        await this.#disk.remove(name);
        throw told(thrown);
      }
    });
  }

  /** @throws EosinError StorageBusy; BadInput where there is none, or it cannot be read */
  open({ name, by, keep }: StorageCalls['open']['in']): Promise<Opened> {
    return this.#held(name, by, async () => {
      const file = await this.#disk.open(name, { create: false });
      if (!file) throw notKept(name);
      try {
        return LogFile.open(file, name, keep);
      } catch (thrown) {
        file.close();
        throw told(thrown);
      }
    });
  }

  /** Resolves once it is on disk, with the number of records there are. @throws EosinError StorageFull, UseAfterDispose */
  async append(name: string, record: Bytes): Promise<number> {
    const { queue } = this.#writing(name);
    return queue.append(packed(record));
  }

  /** @throws EosinError StorageFull where there is no room for so many bytes more */
  async mustFit(name: string, neededBytes: number): Promise<void> {
    const { log, queue } = this.#writing(name);
    await this.#mustBeFree(neededBytes);
    await queue.idle();
    if (!log.hasRoom(neededBytes)) throw new EosinError({ tag: 'StorageFull', neededBytes, freeBytes: undefined });
  }

  /** See StorageCalls. */
  async read(name: string, from: number): Promise<{ records: Bytes[]; count: number }> {
    const { log } = this.#writing(name);
    const { count } = log;
    const kept: Bytes[] = [];
    for (let bytes = 0, i = from; i < count && bytes < READ_BYTES; i++) {
      const record = log.read(i);
      kept.push(record);
      bytes += record.length;
    }
    return { records: await Promise.all(kept.map(unpacked)), count };
  }

  note(name: string): Promise<Bytes | undefined> {
    return this.#disk.note(name);
  }

  async setNote(name: string, note: Bytes): Promise<void> {
    this.#writing(name);
    try {
      await this.#disk.setNote(name, note);
    } catch (thrown) {
      throw told(thrown);
    }
  }

  /** Once what waits to be written is. */
  close({ name, by, discard }: StorageCalls['close']['in']): Promise<void> {
    return this.#inTurn(name, async () => {
      if (this.#open.get(name)?.by !== by) return;
      await this.#close(name);
      if (discard) await this.#disk.remove(name);
    });
  }

  /** @throws EosinError StorageBusy while another tab writes it */
  remove(name: string): Promise<void> {
    return this.#inTurn(name, async () => {
      await this.#close(name);
      const release = await this.#disk.lock(name);
      if (!release) throw new EosinError({ tag: 'StorageBusy', name });
      try {
        await this.#disk.remove(name);
      } finally {
        release();
      }
    });
  }

  async #close(name: string): Promise<void> {
    const writing = this.#open.get(name);
    if (!writing) return;
    this.#open.delete(name);
    await writing.queue.idle();
    writing.log[Symbol.dispose]();
    writing.release();
  }

  /** By the estimate. @throws EosinError StorageFull */
  async #mustBeFree(neededBytes: number): Promise<void> {
    const freeBytes = await this.#disk.freeBytes();
    if (freeBytes !== undefined && neededBytes > freeBytes)
      throw new EosinError({ tag: 'StorageFull', neededBytes, freeBytes });
  }

  #writing(name: string): Writing {
    const writing = this.#open.get(name);
    if (!writing) throw new EosinError({ tag: 'UseAfterDispose', label: name });
    return writing;
  }

  /** Opens a log under its lock. */
  async #held(name: string, by: number, open: () => Promise<LogFile>): Promise<Opened> {
    if (!NAME.test(name)) throw new EosinError({ tag: 'Unexpected', reason: `A log cannot be named ${name}.` });
    return this.#inTurn(name, async () => {
      const release = await this.#disk.lock(name);
      if (!release) throw new EosinError({ tag: 'StorageBusy', name });
      try {
        const log = await open();
        const queue = new CommitQueue(log);
        this.#open.set(name, { by, log, queue, release });
        return { header: log.header, count: log.count, damaged: log.damaged };
      } catch (thrown) {
        release();
        throw thrown;
      }
    });
  }

  async #sketch(name: string, isLocked: boolean): Promise<KeptLog | undefined> {
    const writing = this.#open.get(name);
    if (writing) return { name, note: await this.#disk.note(name), ...writing.log.sketch(), writer: 'here' };
    try {
      if (isLocked) {
        const note = await this.#disk.note(name);
        const file = await this.#beginning(name);
        const { header } = LogFile.sketch(file, name);
        return { name, note, header, marks: undefined, bytes: file.size, torn: false, writer: 'elsewhere' };
      }
      const look = (await this.#known(name)) ?? (await this.#lookAt(name));
      return look?.sketch && { name, note: look.note, ...look.sketch, writer: undefined };
    } catch {
      return undefined; // one that another tab opened meanwhile
    }
  }

  /** The last look, where it is still true. */
  async #known(name: string): Promise<Look | undefined> {
    const look = this.#looks.get(name);
    return look?.stamp !== undefined && look.stamp === (await this.#disk.stamp(name)) ? look : undefined;
  }

  async #lookAt(name: string): Promise<Look | undefined> {
    const stamp = await this.#disk.stamp(name);
    const note = await this.#disk.note(name);
    const file = await this.#disk.open(name, { create: false });
    if (!file) return undefined;
    try {
      const look = { stamp, note, sketch: sketchOf(file, name) };
      this.#looks.set(name, look);
      return look;
    } finally {
      file.close();
    }
  }

  /** As far as its header goes, without opening it: another tab may be writing the log. */
  async #beginning(name: string): Promise<RawFile & { readonly size: number }> {
    const { bytes: first } = await this.#disk.start(name, 64);
    const { bytes, size } = await this.#disk.start(name, Math.min(headerEnd(first), LONGEST_HEADER));
    const file = memoryFile();
    file.write(bytes, { at: 0 });
    return { ...file, size };
  }

  /** Opening, closing and removing one log never overlap. */
  #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(work, work);
    const settled = turn.catch(() => undefined);
    this.#turns.set(name, settled);
    void settled.then(() => {
      if (this.#turns.get(name) === settled) this.#turns.delete(name);
    });
    return turn;
  }
}

/** Undefined where it is no log. */
function sketchOf(file: RawFile, name: string): LogSketch | undefined {
  try {
    return LogFile.sketch(file, name);
  } catch (thrown) {
    if (thrown instanceof EosinError) return undefined;
    throw thrown;
  }
}

interface Waiting {
  readonly record: Promise<Bytes>;
  resolve(count: number): void;
  reject(reason: unknown): void;
}

/** Group commit: what came in while the last flush went on is written, and flushed, together. */
class CommitQueue {
  readonly #log: LogFile;
  #waiting: Waiting[] = [];
  #committing: Promise<void> | undefined;

  constructor(log: LogFile) {
    this.#log = log;
  }

  /** The record may still be being packed: its place in the line is taken now. */
  append(record: Promise<Bytes>): Promise<number> {
    record.catch(() => undefined); // told when its turn comes
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
      this.#committing ??= this.#commitAll();
    });
  }

  async idle(): Promise<void> {
    await this.#committing;
  }

  async #commitAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, 0)); // those that wait in the port's line join in
      const group = this.#waiting;
      this.#waiting = [];
      try {
        const records = await Promise.all(group.map(({ record }) => record));
        const before = this.#log.count;
        this.#log.append(records);
        for (const [i, { resolve }] of group.entries()) resolve(before + i + 1);
      } catch (thrown) {
        for (const { reject } of group) reject(told(thrown));
      }
    }
    this.#committing = undefined;
  }
}

/** What the disk said, as a failure. How much is free is not told: where a disk is full, estimates say otherwise. */
function told(thrown: unknown): unknown {
  if (!(thrown instanceof DOMException)) return thrown;
  const cause = { cause: thrown };
  if (thrown.name === 'QuotaExceededError')
    return new EosinError({ tag: 'StorageFull', neededBytes: undefined, freeBytes: undefined }, cause);
  return new EosinError({ tag: 'Unexpected', reason: `The browser's storage failed: ${thrown.message}` }, cause);
}

const notKept = (name: string): EosinError =>
  new EosinError({
    tag: 'BadInput',
    what: name,
    seen: 'it is not kept in this browser any more',
    todo: 'Start the run again.',
  });
