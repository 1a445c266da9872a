// Maps are subtracted on a worker: of a whole slide it takes the better part of a second.
import type { Waits } from '#channel/waits.ts';
import { spawned, WorkerSet } from '#channel/worker-set.ts';
import type { Difference } from './grid-difference.ts';
import { buffersOfMaps, type SubtractAsked, type SubtractCalls } from './subtract-calls.ts';

export interface Subtracting {
  /** The maps are taken over. @throws the signal's reason; EosinError WorkerDied */
  difference(asked: SubtractAsked, waits: Waits): Promise<Difference>;
  /** Gives the worker back until the next is asked for; what is asked for now fails. */
  rest(): void;
}

export function openSubtract(): Subtracting {
  const workers = new WorkerSet<SubtractCalls>(spawnWorker, 'The subtraction of maps');
  return {
    difference: (asked, { signal }) => {
      const { channel } = workers.members[0] ?? workers.start();
      return channel.call('difference', asked, { signal, transfer: buffersOfMaps([asked.here, asked.there]) });
    },
    rest: () => workers.stop(),
  };
}

const spawnWorker = () =>
  spawned(new Worker(new URL('./subtract.worker.ts', import.meta.url), { type: 'module', name: 'eosin maps' }));
