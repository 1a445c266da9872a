import { failureOf } from '#errors/failure.ts';

/**
 * A worker that does not come up, or not in time, gets a successor; the successor's failure is told.
 * @param signal whoever no longer wants it: then there is no second time
 */
export async function loadTwice<T>(load: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await load();
  } catch (thrown) {
    signal.throwIfAborted();
    const { tag } = failureOf(thrown);
    if (tag !== 'TimedOut' && tag !== 'WorkerDied') throw thrown;
    return load();
  }
}
