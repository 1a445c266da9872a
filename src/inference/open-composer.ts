// Composing for WASM in a worker of its own: the session computes one patch while the next one is read back and resampled.
import { type Spawned, spawned, WorkerSet } from '#channel/worker-set.ts';
import type { ComposeCalls } from './compose-calls.ts';
import type { Composer } from './model.ts';
import { closeImages, imagesOf } from './patch-images.ts';

/**
 * The worker starts with the first patch; one that dies fails what it held with WorkerDied, and the next patch starts
 * another.
 */
export function openComposer(spawn: () => Spawned = spawnComposer): Composer {
  const workers = new WorkerSet<ComposeCalls>(spawn, 'Preparing patches');
  return {
    async compose(patch, input, { signal }) {
      try {
        signal.throwIfAborted();
        workers.throwIfClosed();
        const [worker = workers.start()] = workers.members;
        const { mean, std } = input;
        const asked = { patch, input: { mean, std } };
        return await worker.channel.call('compose', asked, { signal, transfer: imagesOf(patch) });
      } finally {
        closeImages(patch); // stubs, once transferred
      }
    },
    [Symbol.dispose]: () => workers.close(),
  };
}

const spawnComposer = (): Spawned =>
  spawned(new Worker(new URL('./compose.worker.ts', import.meta.url), { type: 'module', name: 'eosin compose' }));
