import type { Shift } from './crew.ts';
import type { OpenHelpers } from './kernel-space.ts';

/** The module and the memory first, then run after run. */
export type ToHelper =
  | { readonly module: WebAssembly.Module; readonly memory: WebAssembly.Memory }
  | { readonly shift: Shift; readonly scratch: number };

const START_MS = 10_000; // one that takes longer is done without

/** @param threads in all, with the one that asks; undefined where that is the only one */
export function helpersFor(threads: number): OpenHelpers | undefined {
  if (threads < 2) return undefined;
  return (module, memory) => {
    const ready: Worker[] = [];
    const lost = new Map<Worker, () => void>(); // what ends it, while it is there
    const tell = (worker: Worker, message: ToHelper): void => worker.postMessage(message);
    const start = (): Promise<void> =>
      new Promise((resolve) => {
        const worker = new Worker(new URL('./helper.worker.ts', import.meta.url), {
          type: 'module',
          name: 'inference helper',
        });
        const lose = (): void => {
          worker.terminate();
          lost.delete(worker);
          const at = ready.indexOf(worker);
          if (at >= 0) ready.splice(at, 1);
          clearTimeout(late);
          resolve();
        };
        const late = setTimeout(lose, START_MS);
        lost.set(worker, lose);
        // Its one message: it has the module and the memory.
        worker.addEventListener('message', () => {
          ready.push(worker);
          clearTimeout(late);
          resolve();
        });
        // One that does not start, or fails, is done without; unheard, its error would end the worker that asked for it.
        worker.addEventListener('error', (event) => {
          event.preventDefault();
          lose();
        });
        tell(worker, { module, memory });
      });
    const started = Promise.all(Array.from({ length: threads - 1 }, start)).then(() => undefined);
    return {
      started,
      get count() {
        return ready.length;
      },
      join(shift, scratch) {
        ready.forEach((worker, i) => {
          const mine = scratch[i];
          if (mine !== undefined) tell(worker, { shift, scratch: mine });
        });
      },
      [Symbol.dispose]() {
        for (const lose of [...lost.values()]) lose();
      },
    };
  };
}
