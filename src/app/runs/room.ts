// What runs take of the browser's storage, also those that cannot be read any more.

import { unhurried, type Waits } from '#channel/waits.ts';
import { failureOf } from '#errors/failure.ts';
import type { KeptRuns } from '../kept-runs/kept-runs.ts';
import type { RunStorage } from './runs-api.ts';

export async function roomOf(disk: KeptRuns, waits: Waits): Promise<RunStorage> {
  const [{ freeBytes, usedBytes, persisted }, unreadable] = await Promise.all([
    disk.room(waits),
    disk.unreadable(waits),
  ]);
  return {
    freeBytes,
    usedBytes,
    unreadable: { count: unreadable.length, bytes: unreadable.reduce((sum, { bytes }) => sum + bytes, 0) },
    persisted,
    whyMemory: disk.whyNotKept,
  };
}

/** Those that another tab has begun to write meanwhile stay. */
export async function removeUnreadable(disk: KeptRuns): Promise<void> {
  for (const { id } of await disk.unreadable(unhurried())) {
    try {
      await disk.remove(id, unhurried());
    } catch (thrown) {
      if (failureOf(thrown).tag !== 'StorageBusy') throw thrown;
    }
  }
}
