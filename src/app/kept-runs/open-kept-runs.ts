// Joins the storage of bytes and the journal of patches: runs on disk, or for as long as the tab lives.
import { MARK, openJournal } from '#analysis/journal-codec.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import { memoryStorage, openStorage } from '#storage/open-storage.ts';
import type { KeptLog, OpenLog, Storage } from '#storage/storage.ts';
import type { KeptRun, KeptRuns, OpenRun, RunNote } from './kept-runs.ts';
import { headerFromBytes, headerToBytes, noteFromBytes, noteToBytes } from './run-json.ts';

/** On disk; in memory, with why, where the browser gives no disk. @throws the signal's reason */
export async function openKeptRuns({ signal }: Waits): Promise<KeptRuns> {
  const { storage, whyNot } = await openStorage({ signal, shelf: 'runs', persist: () => navigator.storage.persist() });
  return storage ? keptIn(storage, undefined) : memoryKeptRuns(whyNot);
}

/** @param whyNotKept why they are not on disk */
export const memoryKeptRuns = (whyNotKept: string): KeptRuns => keptIn(memoryStorage(), whyNotKept);

/** The storage is taken over. */
export function keptIn(storage: Storage, whyNotKept: string | undefined): KeptRuns {
  const opened = (log: OpenLog, note: RunNote): OpenRun => {
    let now = note;
    return {
      header: headerFromBytes(log.header),
      journal: openJournal(log),
      records: log.kept,
      mustFit: (neededBytes, waits) => log.mustFit(neededBytes, waits),
      get note() {
        return now;
      },
      async setNote(next, waits) {
        await log.setNote(noteToBytes(next), waits);
        now = next;
      },
      [Symbol.dispose]: () => log[Symbol.dispose](),
    };
  };

  return {
    whyNotKept,
    room: (waits) => storage.room(waits),
    async list(waits) {
      const runs = (await storage.list(waits)).flatMap((log) => runOf(log) ?? []);
      return runs.sort((a, b) => b.header.created - a.header.created);
    },
    async unreadable(waits) {
      const logs = await storage.beginnings(waits);
      return logs.filter(({ header }) => !isHeader(header)).map(({ name: id, bytes }) => ({ id, bytes }));
    },
    async begin(header, options) {
      const log = await named(storage.create(header.id, headerToBytes(header), options));
      const run = opened(log, { state: 'running', failed: [] });
      try {
        await run.setNote(run.note, options);
      } catch (thrown) {
        run[Symbol.dispose]();
        await storage.remove(header.id, unhurried()).catch(() => undefined);
        throw thrown;
      }
      return run;
    },
    async goOn(id, waits) {
      const log = await named(storage.open(id, waits));
      try {
        return opened(log, noteFromBytes(await log.note(waits)));
      } catch (thrown) {
        log[Symbol.dispose]();
        throw thrown;
      }
    },
    remove: (id, waits) => named(storage.remove(id, waits)),
    [Symbol.dispose]: () => storage[Symbol.dispose](),
  };
}

function isHeader(bytes: KeptLog['header'] | undefined): boolean {
  if (!bytes) return false;
  try {
    headerFromBytes(bytes);
    return true;
  } catch (thrown) {
    if (thrown instanceof EosinError) return false;
    throw thrown;
  }
}

/** Undefined where its header cannot be read. */
function runOf({ header: bytes, note, marks, bytes: size, writer }: KeptLog): KeptRun | undefined {
  try {
    const header = headerFromBytes(bytes);
    const { state, failed } = noteFromBytes(note);
    return {
      header,
      state: state === 'running' && writer === undefined ? 'interrupted' : state,
      done: marks?.reduce((sum, mark) => sum + (mark === MARK.patch ? 1 : 0), 0),
      failed,
      bytes: size,
      writer,
    };
  } catch (thrown) {
    if (thrown instanceof EosinError) return undefined;
    throw thrown;
  }
}

/** Failures tell of the run: a log's name says nothing to anybody. */
async function named<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (!(thrown instanceof EosinError)) throw thrown;
    const { failure } = thrown;
    const cause = { cause: thrown };
    if (failure.tag === 'StorageBusy') throw new EosinError({ ...failure, name: 'this run' }, cause);
    throw failure.tag === 'BadInput' ? new EosinError({ ...failure, what: 'The run' }, cause) : thrown;
  }
}

// Measured, deflated: some 60 bytes a nucleus (journal-codec.test.ts), 6,000 of them in a mm² of crowded tissue; 80 kB a mm²
// of core maps where it is full of glands with lumina, taken twice for those that are unsure; tissue classes and frames.
const NUCLEI_BYTES_MM2 = 360_000;
const LARGE_BYTES_MM2 = 80_000;
const PATCH_BYTES = 6000;

/** What a run of so many patches will about take on disk, rather more than less. @param window model px */
export function estimateBytes(patches: number, { input, tasks }: PatchManifest, window: number): number {
  const areaMm2 = (((window - 2 * input.margin) * input.mpp) / 1000) ** 2;
  const perMm2 =
    (tasks.nuclei ? NUCLEI_BYTES_MM2 : 0) + (tasks.glands ? LARGE_BYTES_MM2 : 0) + (tasks.lumina ? LARGE_BYTES_MM2 : 0);
  return Math.ceil(patches * (PATCH_BYTES + perMm2 * areaMm2));
}
