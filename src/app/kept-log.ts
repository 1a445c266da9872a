// A log of a shelf as its owner wants it.
import type { Waits } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import type { OpenLog, Storage } from '#storage/storage.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface WantedLog {
  readonly name: string;
  readonly header: Bytes;
  readonly neededBytes: number; // that should be free where it is made
}

/**
 * To read and go on, made where there is none. One of another header, or none that can be read, is of another Eosin: it makes
 * room. @throws EosinError StorageBusy while another tab has it; StorageFull
 */
export async function keptLog(storage: Storage, wanted: WantedLog, waits: Waits): Promise<OpenLog> {
  try {
    const log = await storage.open(wanted.name, waits);
    if (isSame(log.header, wanted.header)) return log;
    log[Symbol.dispose]();
  } catch (thrown) {
    waits.signal.throwIfAborted();
    if (failureOf(thrown).tag !== 'BadInput') throw thrown;
  }
  return newLog(storage, wanted, waits);
}

/** An empty one in the place of what there was, which nobody has open. @throws as `keptLog` */
export async function newLog(
  storage: Storage,
  { name, header, neededBytes }: WantedLog,
  { signal }: Waits,
): Promise<OpenLog> {
  await storage.remove(name, { signal });
  return storage.create(name, header, { signal, neededBytes });
}

export const bytesOf = (value: object): Bytes => new TextEncoder().encode(JSON.stringify(value));

/** What a note says; undefined where there is none, or it is torn, or of another program. */
export function readNote(note: Bytes | undefined): unknown {
  if (!note) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(note));
  } catch {
    return undefined;
  }
}

/** As a part of a log's name; the whole of it stands in the header. */
export const nameable = (fingerprint: string, letters: number): string =>
  fingerprint
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '-')
    .slice(0, letters);

/** @param what 'the annotations of this slide' */
export const whyNotOnDisk = (thrown: unknown, what: string): string => {
  const failure = failureOf(thrown);
  if (failure.tag === 'StorageBusy') return `Another tab of Eosin keeps ${what}.`;
  if (failure.tag === 'StorageFull') return 'The disk is full.';
  return thrown instanceof EosinError ? thrown.message : 'The browser gives this page no disk.';
};

const isSame = (a: Bytes, b: Bytes): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
