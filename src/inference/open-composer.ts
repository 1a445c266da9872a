// Composing for WASM in a worker of its own: the session computes one patch while the next one is read back and resampled.
import { type Spawned, spawned, WorkerSet } from '#channel/worker-set.ts';
import type { ComposeCalls } from './compose-calls.ts';
import type { Composer } from './model.ts';
import { closeImages, imagesOf } from './patch-images.ts';

const MOST_IDLE = 3; // arrays: one computes, one waits, one is written

/** Shared memory that patches are written into in turn: 18 MB each that are made, moved and collected cost as much as composing. */
class Room {
  readonly #idle: SharedArrayBuffer[] = [];

  take(floats: number): Float32Array<SharedArrayBuffer> {
    const bytes = floats * Float32Array.BYTES_PER_ELEMENT;
    const at = this.#idle.findIndex(({ byteLength }) => byteLength >= bytes);
    const [memory = new SharedArrayBuffer(bytes)] = at < 0 ? [] : this.#idle.splice(at, 1);
    return new Float32Array(memory, 0, floats);
  }

  giveBack(memory: SharedArrayBuffer): void {
    this.#idle.push(memory);
    if (this.#idle.length <= MOST_IDLE) return;
    this.#idle.sort((a, b) => b.byteLength - a.byteLength).pop();
  }
}

export interface ComposerParts {
  readonly spawn?: () => Spawned;
  /** Memory can be shared: the page is isolated. */
  readonly shared?: boolean;
}

/**
 * The worker starts with the first patch; one that dies fails what it held with WorkerDied, and the next patch starts
 * another.
 */
export function openComposer({
  spawn = spawnComposer,
  shared = globalThis.crossOriginIsolated,
}: ComposerParts = {}): Composer {
  const workers = new WorkerSet<ComposeCalls>(spawn, 'Preparing patches');
  const room = shared ? new Room() : undefined;
  return {
    async compose(patch, input, { signal }) {
      try {
        signal.throwIfAborted();
        workers.throwIfClosed();
        const [worker = workers.start()] = workers.members;
        const { mean, std } = input;
        const asked = { patch, input: { mean, std }, into: room?.take(3 * patch.size ** 2) };
        return await worker.channel.call('compose', asked, { signal, transfer: imagesOf(patch) });
      } finally {
        closeImages(patch); // stubs, once transferred
      }
    },
    giveBack({ buffer }) {
      if (room && buffer instanceof SharedArrayBuffer) room.giveBack(buffer);
    },
    [Symbol.dispose]: () => workers.close(),
  };
}

const spawnComposer = (): Spawned =>
  spawned(new Worker(new URL('./compose.worker.ts', import.meta.url), { type: 'module', name: 'eosin compose' }));
