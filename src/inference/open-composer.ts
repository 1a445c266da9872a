// Composing for WASM in a worker of its own: the session computes one patch while the next one is read back and resampled.
import { movable } from '#channel/movable.ts';
import { unlessSilent } from '#channel/unless-silent.ts';
import { type Spawned, spawned, WorkerSet } from '#channel/worker-set.ts';
import type { ComposeCalls } from './compose-calls.ts';
import type { Composer } from './model.ts';
import { closeImages, imagesOf } from './patch-images.ts';
import { canShare, RoundMemory } from './round-memory.ts';

const SILENT_SECONDS = 60; // a patch takes a tenth of one, and two more may wait before it
const MOST_IDLE = 3; // arrays: one computes, one waits, one is written

export interface ComposerParts {
  readonly spawn?: () => Spawned;
  /** Memory can be shared: the page is isolated. */
  readonly shared?: boolean;
  /** A worker that gives no answer for so long counts as dead. */
  readonly silentSeconds?: number;
}

/**
 * The worker starts with the first patch; one that dies fails what it held with WorkerDied, and the next patch starts
 * another.
 */
export function openComposer({
  spawn = spawnComposer,
  shared = canShare(),
  silentSeconds = SILENT_SECONDS,
}: ComposerParts = {}): Composer {
  const workers = new WorkerSet<ComposeCalls>(spawn, 'Preparing patches');
  const memory = new RoundMemory(MOST_IDLE, shared);
  return {
    async compose(patch, input, { signal }) {
      using _working = memory.working();
      try {
        signal.throwIfAborted();
        workers.throwIfClosed();
        const [worker = workers.start()] = workers.members;
        const { mean, std } = input;
        const floats = 3 * patch.size ** 2;
        const into = new Float32Array(memory.take(floats * Float32Array.BYTES_PER_ELEMENT), 0, floats);
        const transfer = [...imagesOf(patch), ...movable([into.buffer])];
        const values = worker.channel.call('compose', { patch, input: { mean, std }, into }, { signal, transfer });
        return await unlessSilent(values, silentSeconds, (reason) => workers.died(worker, reason));
      } finally {
        closeImages(patch); // stubs, once transferred
      }
    },
    giveBack: ({ buffer }) => memory.giveBack(buffer),
    [Symbol.dispose]: () => workers.close(),
  };
}

const spawnComposer = (): Spawned =>
  spawned(new Worker(new URL('./compose.worker.ts', import.meta.url), { type: 'module', name: 'eosin compose' }));
