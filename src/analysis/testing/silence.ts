// Time for tests in which a slide falls silent: by turns of the event loop, so that a busy machine is never taken for one.
import type { Waits } from '#channel/waits.ts';
import { type Wait, waitByClock } from '../retry.ts';

const LONG_MS = 30_000; //  a wait as long as this ends when nothing goes on any more
const QUIET_TURNS = 6; //   a stand-in's read or run takes one

/** Short waits are over three hundred times as fast as the clock. */
export function untilSilent(): Wait {
  const waiting = new Set<() => void>();
  let [changes, isWatching] = [0, false];

  const watch = async (): Promise<void> => {
    isWatching = true;
    for (let [quiet, seen] = [0, changes]; waiting.size > 0; quiet = changes === seen ? quiet + 1 : 0) {
      if (quiet >= QUIET_TURNS) for (const end of waiting) end();
      seen = changes;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    isWatching = false;
  };

  const whenSilent = ({ signal }: Waits): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        waiting.delete(end);
        resolve();
      };
      changes++;
      waiting.add(end);
      signal.addEventListener('abort', () => {
        changes++;
        waiting.delete(end);
        reject(signal.reason);
      });
      if (!isWatching) void watch();
    });

  return (ms, waits) => (ms >= LONG_MS ? whenSilent(waits) : waitByClock(ms / 300, waits));
}
