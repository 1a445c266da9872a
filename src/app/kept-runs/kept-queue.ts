// Slides of the queue as they outlive the tab: what was asked for each, and the way back to its file.
import type { Waits } from '#channel/waits.ts';
import type { Views } from '#inference/model.ts';
import type { HeldFile } from '../runs/run-source.ts';
import type { DeviceChoice } from '../stores/settings-store.ts';

/** By which a plain file is known again when it is added anew: no page can keep the file itself. */
export interface PlainFile {
  readonly name: string;
  readonly bytes: number;
  readonly modified: number; // ms of Date.now()
}

/** What one model finds on one slide. */
export interface QueuedSlide {
  readonly run: string; //         id
  readonly created: number; //     ms of Date.now()
  readonly slide: string; //       its name
  readonly source: string | HeldFile | PlainFile;
  readonly model: string;
  readonly device: DeviceChoice;
  readonly views: Views; //                 of each patch
  readonly together: string | undefined; // id of the first of the models that run together, of each of them
}

export const isPlain = (source: QueuedSlide['source']): source is PlainFile =>
  typeof source === 'object' && 'bytes' in source;

/** Kept until forgotten: a slide stays in it while a run of it has something left to compute. */
export interface KeptQueue extends Disposable {
  keep(slides: readonly QueuedSlide[], waits: Waits): Promise<void>;
  /** Nothing happens where there are none. */
  forget(runs: readonly string[], waits: Waits): Promise<void>;
  /** Those of tabs that are gone, in the order they were asked for; they are this tab's from now on. */
  takeOver(waits: Waits): Promise<readonly QueuedSlide[]>;
}
