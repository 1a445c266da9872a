// What the workbench does with runs: types only. The list of runs is in the run store (`stores.run`, field `list`): plain
// values, so a panel renders again when they change; all that is done to a run goes through RunSession by its id.
import type { Waits } from '#channel/waits.ts';
import type { Failure } from '#errors/failure.ts';
import type { Views } from '#inference/model.ts';
import type { ValueGrid } from '#objects/grid.ts';
import type { Rect } from '#units/rect.ts';
import type { RunResult } from '../console.d.ts';
import type { RegionsAsked } from '../regions-asked.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import type { DeviceChoice } from '../stores/settings-store.ts';
import type { ModelsAsked } from './models-asked.ts';

/**
 * 'interrupted': it stopped without being told to (reload, crash, closed tab or slide, a failure that would not pass: then
 * `problem` says which). All but 'queued', 'running' and 'done' can be resumed.
 */
export type RunState = 'queued' | 'running' | 'paused' | 'interrupted' | 'done' | 'cancelled';

/** A patch that could not be computed. */
export interface FailedPatch {
  readonly core: Rect; //      level-0 px
  readonly why: string; //     a sentence
}

export interface RunSummary {
  readonly id: string; //                        the same after a reload
  readonly slide: string; //                     its name
  readonly onOpenSlide: boolean; //              of the slide on screen: it can be shown
  readonly canOpen: boolean; //                  it can go on without the slide on screen: its source is at hand
  readonly state: RunState;
  readonly region: RegionChoice; //              'rectangle' for any part that was drawn or given
  readonly asked: Rect | undefined; //           level-0 px, around all that was asked for; undefined until it is planned
  readonly model: { readonly id: string; readonly sha256: string };
  readonly views: Views; //                      of each patch
  readonly created: number; //                   ms of Date.now()
  readonly done: number; //                      patches committed or failed
  readonly total: number; //                     0 until it is planned
  readonly failed: readonly FailedPatch[];
  readonly problem: Failure | undefined; //      why it stopped or could not start
  readonly kept: 'on disk' | 'in memory'; //     in memory: gone with the tab
  readonly bytes: number; //                     on disk, about; 0 in memory
  readonly shown: boolean; //                    its objects are on the slide now
  readonly isLeft: boolean; //                   it waited in the queue when the page was left, and can be resumed
  readonly together: string | undefined; //      id of the first of the models that run together, of each of them
}

/** Where runs are kept. */
export interface RunStorage {
  readonly freeBytes: number | undefined; //     as the browser estimates it
  readonly usedBytes: number;
  readonly unreadable: { readonly count: number; readonly bytes: number }; // runs that take room and cannot be listed
  readonly persisted: boolean; //                false: the browser may clear it when the disk is full
  readonly whyMemory: string | undefined; //     a sentence, where nothing can be kept on disk
}

export interface RunAsked {
  readonly model?: string | undefined;
  /** Further models that find objects, each a run of its own over the same tiles; the first one's objects are shown. */
  readonly others?: readonly string[] | undefined;
  /** The attention model to take along; 'none', or undefined: as the settings say. */
  readonly attention?: string | undefined;
  readonly region?: Rect | RegionChoice | undefined; // default 'view'
  readonly device?: DeviceChoice | undefined;
  /** Of each patch; undefined: as the settings say. */
  readonly views?: Views | undefined;
  /** Not kept on disk: also where the disk is full. */
  readonly inMemory?: boolean | undefined;
}

export interface Queued {
  readonly runs: readonly string[]; //    ids; of several models the first one's
  readonly leftOut: readonly string[]; // names of slides of several files, which the queue does not take
}

/** Slides to be analysed one after the other without being on screen. */
export interface QueueAsked {
  readonly model?: string | undefined; //        undefined: the chosen one
  readonly others?: readonly string[] | undefined; // as RunAsked has them, on each slide
  readonly device?: DeviceChoice | undefined;
}

/** A folder, or several. Of plain files the queue keeps names alone, of handles and addresses the way back to the slide. */
export type SlideSources =
  | readonly (string | Blob | FileSystemFileHandle | FileSystemDirectoryHandle)[]
  | FileSystemDirectoryHandle;

export interface RunTold {
  readonly run: string;
  readonly done: number;
  readonly total: number;
  readonly patchesPerSecond: number;
  readonly secondsLeft: number | undefined;
  readonly failed: number;
}

export interface Trusted {
  readonly device: string;
  readonly precision: 'fp32' | 'fp16';
  readonly maxDifference: number;
  readonly verdict: 'trusted' | 'fell back' | 'refused';
  readonly why: string | undefined;
}

/**
 * One run computes at a time, the others wait in the order asked. What is said of an id that is not there: EosinError
 * BadInput. Where no id is given, the run that computes is meant, else the latest of the open slide.
 */
export interface RunSession {
  readonly regions: RegionsAsked;
  /** As the store has it, and up to the moment. */
  list(): readonly RunSummary[];
  /** Resolves once earlier runs are in the list, those of the open slide marked, or could not be looked up. */
  lookedUp(): Promise<void>;

  /** Which models one run is asked for by their ids. @throws EosinError BadInput for what one run cannot do */
  modelsAsked(ids: readonly string[]): Promise<ModelsAsked>;
  /**
   * Waits for the runs before it. A cancelled or paused run resolves with what was done.
   * @throws EosinError StorageFull before anything is computed; what the run stopped by; the signal's reason
   */
  analyse(asked: RunAsked, waits: Waits): Promise<RunResult>;
  /** The same from a button: a full disk becomes a notice that offers to go on in memory. */
  analyseChoice(choice: RegionChoice): Promise<void>;
  /** The run that a full disk refused, now in memory. */
  analyseInMemory(): Promise<void>;
  canRunInMemory(): boolean;

  /** At once: patches in work are computed again later. */
  pause(run?: string): Promise<void>;
  /**
   * What was committed is not computed again; the end is the same, bit for bit. Failed patches are tried anew. A slide
   * that is not on screen is opened behind it where its source is at hand.
   * @throws EosinError BadInput where it cannot be resumed (its slide must be opened first, another tab writes it)
   */
  resume(run: string | undefined, waits: Waits): Promise<RunResult>;
  /** A run of the open slide waits to go on. */
  canResume(): boolean;
  /** Settles at once, keeps what was found. A run that waits in the queue leaves it. */
  cancel(run?: string): Promise<RunResult>;
  /** Puts a run of the open slide back onto it, without computing. */
  show(run: string, waits: Waits): Promise<RunResult>;
  /**
   * The tissue map that a run found, to compare with: nothing on screen changes.
   * @throws EosinError BadInput where it has none
   */
  tissueOf(run: string, waits: Waits): Promise<ValueGrid>;
  /** From the list and the disk. What it found stays on the slide while that is open. */
  remove(run: string): Promise<void>;
  removeFinished(): Promise<void>;
  /** What is on the disk of runs whose header cannot be read. */
  removeUnreadable(): Promise<void>;

  /**
   * One run over all tissue for each slide, kept on disk, found again when the slide is opened. Resolves once they are
   * queued; one that fails never holds up the next. Those that were not begun when the page is left come back
   * into the list, each with what it needs to go on.
   * @throws EosinError BadInput where a folder holds no slide
   */
  enqueue(sources: SlideSources, asked: QueueAsked, waits: Waits): Promise<Queued>;

  /** The queue of a page that was left goes on. From a click: the browser may ask whether its files may be read. */
  resumeQueue(): Promise<void>;

  /** What is in view is analysed as the view moves, in memory; other runs go first. */
  live(on: boolean): void;

  /** SHA-256 of what a run found, whatever the order of its patches. */
  resultHash(run: string | undefined, waits: Waits): Promise<string>;
  /** Loads the model where that is still to do; `anew` runs its golden patch again. The trust card follows. */
  trust(model: string, waits: Waits & { readonly anew?: boolean }): Promise<Trusted>;
  /** Whole cores of the patches that runs have finished on the open slide, as shown, level-0 px: what the seams are of. */
  cores(): readonly Rect[];
  onProgress(tell: (told: RunTold) => void): () => void;
}
