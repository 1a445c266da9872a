import type { Shift } from './crew.ts';
import type { OpenHelpers } from './engine.ts';

/** The module and the memory first, then run after run. */
export type ToHelper =
  | { readonly module: WebAssembly.Module; readonly memory: WebAssembly.Memory }
  | { readonly shift: Shift; readonly scratch: number };

/** @param threads in all, with the one that asks; undefined where that is the only one */
export function helpersFor(threads: number): OpenHelpers | undefined {
  if (threads < 2) return undefined;
  return (module, memory) => {
    const workers = Array.from(
      { length: threads - 1 },
      () => new Worker(new URL('./helper.worker.ts', import.meta.url), { type: 'module', name: 'inference helper' }),
    );
    const tell = (worker: Worker, message: ToHelper): void => worker.postMessage(message);
    for (const worker of workers) {
      // One that does not start is done without; unheard, its error would end the worker that asked for it.
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        worker.terminate();
        const at = workers.indexOf(worker);
        if (at >= 0) workers.splice(at, 1);
      });
      tell(worker, { module, memory });
    }
    return {
      get count() {
        return workers.length;
      },
      join(shift, scratch) {
        workers.forEach((worker, i) => {
          const mine = scratch[i];
          if (mine !== undefined) tell(worker, { shift, scratch: mine });
        });
      },
      [Symbol.dispose]() {
        for (const worker of workers) worker.terminate();
      },
    };
  };
}
