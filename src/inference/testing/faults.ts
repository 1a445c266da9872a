import type { InferenceWorker } from '../realm.ts';
import { spawnInference } from '../spawn-inference.ts';

export type Fault = 'zeros' | 'dies' | 'busy' | 'wrong' | 'device-lost' | 'no-kernels';

/** Workers with these faults, one after the other, then sound ones. `started` counts them all. */
export function faultyWorkers(...faults: Fault[]) {
  const workers = {
    started: 0,
    spawn(): InferenceWorker {
      workers.started++;
      const name = faults.shift();
      if (name === undefined) return spawnInference();
      return new Worker(new URL('./faulty.worker.ts', import.meta.url), { type: 'module', name });
    },
  };
  return workers;
}
