// What the browser keeps for Eosin between visits, as its users see it: named logs, each with a header and a small note.
import type { Waits } from '#channel/waits.ts';
import type { RecordLog } from './record-log.ts';

/** Logs of one kind lie together, apart from the others. */
export const SHELVES = ['runs', 'learning', 'models', 'annotations', 'measures'] as const;
export type Shelf = (typeof SHELVES)[number];

export interface Room {
  /** What the browser says: Chromium promises 10 GB whatever there is. Undefined where it says nothing. */
  readonly freeBytes: number | undefined;
  readonly usedBytes: number; //  by this site
  readonly persisted: boolean; // false: the browser may clear it when the disk gets full
}

/** A log as listed: nothing of its records is read but where each begins. */
export interface KeptLog {
  readonly name: string;
  readonly header: Uint8Array<ArrayBuffer>;
  readonly note: Uint8Array<ArrayBuffer> | undefined;
  /** The first byte of each record, by which its owner tells them apart. Undefined while another tab writes the log. */
  readonly marks: Uint8Array<ArrayBuffer> | undefined;
  readonly bytes: number; // on disk
  readonly torn: boolean; // something behind the last whole record will be dropped when it is opened
  readonly writer: 'here' | 'elsewhere' | undefined; // who has it open: this storage, or another tab
}

/** A log by its beginning alone. */
export interface LogBeginning {
  readonly name: string;
  readonly header: Uint8Array<ArrayBuffer> | undefined; // undefined: damaged, no log, or one of another version
  readonly bytes: number; //                               on disk
}

/** A log that this tab writes, until it is disposed. */
export interface OpenLog extends RecordLog, Disposable {
  readonly name: string;
  readonly header: Uint8Array<ArrayBuffer>;
  readonly kept: number; //    records there when it was opened
  readonly damaged: number; // records that were there and are not any more: their bytes had changed on disk
  /** Before much is appended. @throws EosinError StorageFull where so many bytes more would not fit */
  mustFit(neededBytes: number, waits: Waits): Promise<void>;
  /** undefined where none was set. */
  note(waits: Waits): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Replaces the note: all of it or nothing. Copied. */
  setNote(note: Uint8Array<ArrayBuffer>, waits: Waits): Promise<void>;
}

export interface Storage extends Disposable {
  readonly kind: 'disk' | 'memory'; // memory ends with the tab
  room(waits: Waits): Promise<Room>;
  /** What cannot be read is left out. */
  list(waits: Waits): Promise<readonly KeptLog[]>;
  /** Of all that nobody writes now, also of what cannot be read: it takes room, and can be removed by its name. */
  beginnings(waits: Waits): Promise<readonly LogBeginning[]>;
  /**
   * A new log. The first one asks the browser to keep what is stored here.
   * @param name lower-case letters, digits and hyphens
   * @param options.neededBytes what it will about take: refused now rather than in the middle
   * @throws EosinError StorageFull; StorageBusy where the name is taken
   */
  create(
    name: string,
    header: Uint8Array<ArrayBuffer>,
    options: Waits & { readonly neededBytes: number },
  ): Promise<OpenLog>;
  /** To read and go on. @throws EosinError StorageBusy while another tab writes it; BadInput where there is none, or no log */
  open(name: string, waits: Waits): Promise<OpenLog>;
  /** Nothing happens where there is none. @throws EosinError StorageBusy while another tab writes it */
  remove(name: string, waits: Waits): Promise<void>;
}
