// Runs that outlive the tab: what was asked, how far it came, and every finished patch.
import type { Journal } from '#analysis/journal.ts';
import type { Waits } from '#channel/waits.ts';
import type { Views } from '#inference/model.ts';
import type { Room } from '#storage/storage.ts';
import type { MppXY } from '#units/units.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a run is: all that decides its result. Written once, at its beginning. */
export interface RunHeader {
  readonly id: string;
  readonly slide: { readonly fingerprint: string; readonly name: string };
  readonly model: { readonly id: string; readonly sha256: string };
  readonly window: number; //  model px: cores are cut by it, so going on must use the same
  readonly views: Views; //    of each patch
  readonly mpp: MppXY; //      of level 0
  readonly region: Json; //    regionToJson
  readonly device: string; //  'webgpu' or 'wasm', with the precision where it matters: 'webgpu fp16'
  readonly total: number; //   patches planned
  readonly created: number; // ms of Date.now()
  /** What else the app wants to find again: the choice of region, models that ran together. */
  readonly more?: Json;
}

/** Where a run stands. Rewritten as it goes on; what is true of its patches is told by the journal alone. */
export interface RunNote {
  readonly state: 'running' | 'paused' | 'done' | 'cancelled';
  readonly failed: readonly FailedPatch[];
}

export interface FailedPatch {
  readonly col: number;
  readonly row: number;
  readonly attempts: number;
  readonly why: string; // a sentence
}

/** A run as the list shows it. */
export interface KeptRun {
  readonly header: RunHeader;
  /** 'interrupted': it was running, and nobody runs it any more. */
  readonly state: RunNote['state'] | 'interrupted';
  readonly done: number | undefined; //          patches committed; undefined while another tab writes it
  readonly failed: readonly FailedPatch[];
  readonly bytes: number;
  readonly writer: 'here' | 'elsewhere' | undefined;
}

/** A run that this tab writes. Disposing lets go of it; what was appended stays. */
export interface OpenRun extends Disposable {
  readonly header: RunHeader;
  readonly note: RunNote;
  readonly journal: Journal;
  /** Of the journal when it was opened, those around what was planned among them. */
  readonly records: number;
  /** Before it goes on. @param neededBytes see estimateBytes @throws EosinError StorageFull */
  mustFit(neededBytes: number, waits: Waits): Promise<void>;
  setNote(note: RunNote, waits: Waits): Promise<void>;
}

/** What is left of a run that cannot be read: its header is damaged, or another version of Eosin wrote it. */
export interface UnreadableRun {
  readonly id: string;
  readonly bytes: number;
}

export interface KeptRuns extends Disposable {
  /** Why runs are kept for this tab only; undefined where they are kept on disk. */
  readonly whyNotKept: string | undefined;
  room(waits: Waits): Promise<Room>;
  /** Newest first. Those that cannot be read are left out. */
  list(waits: Waits): Promise<readonly KeptRun[]>;
  /** Those that the list leaves out: they take room, and can be removed. */
  unreadable(waits: Waits): Promise<readonly UnreadableRun[]>;
  /**
   * A new run, its note says 'running'.
   * @param options.neededBytes see estimateBytes
   * @throws EosinError StorageFull, StorageBusy
   */
  begin(header: RunHeader, options: Waits & { readonly neededBytes: number }): Promise<OpenRun>;
  /** @throws EosinError StorageBusy where another tab writes it; BadInput where it is not kept, or cannot be read */
  goOn(id: string, waits: Waits): Promise<OpenRun>;
  /** @throws EosinError StorageBusy */
  remove(id: string, waits: Waits): Promise<void>;
}
