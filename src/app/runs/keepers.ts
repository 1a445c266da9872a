// Where runs are kept: on disk, or for as long as the tab lives.
import type { Waits } from '#channel/waits.ts';
import type { KeptQueue } from '../kept-runs/kept-queue.ts';
import type { KeptRuns } from '../kept-runs/kept-runs.ts';
import { openKeptQueue } from '../kept-runs/open-kept-queue.ts';
import { memoryKeptRuns, openKeptRuns } from '../kept-runs/open-kept-runs.ts';
import { lockSlide } from './slide-lock.ts';

export interface Keepers {
  readonly disk: KeptRuns; //   memory too, where there is no disk: whyNotKept then says why
  readonly memory: KeptRuns;
  readonly queue: KeptQueue | undefined; // undefined where the browser keeps none
  /** The right to write a slide's runs to the disk; undefined where another tab has it. */
  readonly lock: (fingerprint: string) => Promise<Disposable | undefined>;
}

export async function openKeepers(waits: Waits): Promise<Keepers> {
  const [disk, queue] = await Promise.all([openKeptRuns(waits), openKeptQueue(waits)]);
  return { disk, memory: memoryKeptRuns('These runs were asked to stay in memory.'), queue, lock: lockSlide };
}
