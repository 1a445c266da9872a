// Where logs lie, as far as the store of logs needs to know: the origin-private file system, or memory.
import type { RawFile } from './log-file.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

export interface Disk {
  /** Of all logs. */
  names(): Promise<readonly string[]>;
  /** For its caller alone, until closed. Made where `create`; undefined where there is none. */
  open(name: string, options: { create: boolean }): Promise<RawFile | undefined>;
  /** The first bytes of a log that another tab may be writing, as many as there are, and how many there are in all. */
  start(name: string, length: number): Promise<{ readonly bytes: Bytes; readonly size: number }>;
  note(name: string): Promise<Bytes | undefined>;
  /** Another one whenever the log or its note has changed, by whomever. Undefined where that is not known, or there is none. */
  stamp(name: string): Promise<string | undefined>;
  /** All of it or nothing. */
  setNote(name: string, note: Bytes): Promise<void>;
  /** The log and its note. Nothing happens where there is none. */
  remove(name: string): Promise<void>;
  /** undefined where it is not told. */
  freeBytes(): Promise<number | undefined>;
  /** Whoever holds it alone writes the log. Undefined where another does; given back by the call. */
  lock(name: string): Promise<(() => void) | undefined>;
  /** Names that anybody holds. */
  locked(): Promise<ReadonlySet<string>>;
}
