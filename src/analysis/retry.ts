// What is worth trying again, and how long to wait before.
import type { Waits } from '#channel/waits.ts';
import type { Failure } from '#errors/failure.ts';

/** Resolves after so many milliseconds; rejects with the signal's reason. Tests bring their own. */
export type Wait = (ms: number, waits: Waits) => Promise<void>;

const BACK_OFF_SECONDS = [0.5, 2, 8];

/**
 * Seconds until a patch that failed for the `attempts`th time is tried again; undefined where that would not help.
 * The network, the device and the workers come back. A device that dies may hand back wrong numbers first, and is another
 * one the next time: wrong numbers get a second chance, no more. All else would be the same again.
 */
export function secondsUntilRetry({ tag }: Failure, attempts: number): number | undefined {
  switch (tag) {
    case 'Unreachable':
    case 'TimedOut':
    case 'DeviceLost':
    case 'WorkerDied':
      return BACK_OFF_SECONDS[attempts - 1];
    case 'ModelWrong':
      return attempts === 1 ? BACK_OFF_SECONDS[0] : undefined;
    default:
      return undefined;
  }
}

/** By the clock of the machine. */
export const waitByClock: Wait = (ms, { signal }) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal.addEventListener('abort', onAbort, { once: true });
  });
