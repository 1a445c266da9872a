// What the storage worker offers: types only, what both threads know.
import type { Waits } from '#channel/waits.ts';
import type { KeptLog, LogBeginning } from './storage.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface Opened {
  readonly header: Bytes;
  readonly count: number; //   records
  readonly damaged: number; // records passed over
}

export type StorageCalls = {
  /** Rejects where there is no disk to be had. */
  probe: { in: undefined; out: undefined };
  list: { in: undefined; out: readonly KeptLog[] };
  beginnings: { in: undefined; out: readonly LogBeginning[] };
  /** `by` is whose the log is now: one number for each opening. */
  create: { in: { name: string; by: number; header: Bytes; neededBytes: number }; out: Opened };
  /** `keep`: see LogFile.open. */
  open: { in: { name: string; by: number; keep: number | undefined }; out: Opened };
  /** How many records there are with it. */
  append: { in: { name: string; record: Bytes }; out: number };
  /** Rejects with StorageFull where so many bytes more would not fit. */
  mustFit: { in: { name: string; neededBytes: number }; out: undefined };
  /** From the one numbered `from` on, some of them; `count` is how many there are in all. */
  read: { in: { name: string; from: number }; out: { records: Bytes[]; count: number } };
  note: { in: { name: string }; out: Bytes | undefined };
  setNote: { in: { name: string; note: Bytes }; out: undefined };
  /** Nothing happens where it is not theirs. `discard`: and is removed. */
  close: { in: { name: string; by: number; discard: boolean }; out: undefined };
  remove: { in: { name: string }; out: undefined };
};

/** Calls to the store of logs. `life` changes when a worker ends: what was open in it is not in the next one. */
export interface StorageLink {
  readonly life: number;
  call<K extends keyof StorageCalls>(
    call: K,
    input: StorageCalls[K]['in'],
    waits: Waits,
  ): Promise<StorageCalls[K]['out']>;
}
