// Post-processing on workers: any of them takes nuclei, one of its own keeps the mosaics of large objects.
import { type Channel, openChannel, type Port } from '#channel/channel.ts';
import { EosinError } from '#errors/failure.ts';
import type { Postprocessor } from './postprocess/postprocessor.ts';
import type { CoreTask, NucleiTask, PostprocessCalls } from './postprocess/tasks.ts';

const LABEL = 'Post-processing';

/** A worker as far as this needs it. */
export interface PostprocessThread extends Port {
  terminate(): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
}

export interface PostprocessOptions {
  readonly spawn?: () => PostprocessThread;
  readonly nucleiThreads?: number;
}

/** Threads start when first needed; one that dies fails what it was doing, and the next task starts a new one. */
export function openPostprocess({ spawn = spawnWorker, nucleiThreads = 1 }: PostprocessOptions = {}): Postprocessor {
  const pool = Array.from({ length: nucleiThreads }, () => new Thread(spawn));
  const mosaics = new Thread(spawn);
  let lastMosaic = 0;
  return {
    nuclei: (task, { signal }) => {
      const least = pool.reduce((a, b) => (b.waiting < a.waiting ? b : a), pool[0] ?? mosaics);
      return least.call('nuclei', task, signal, buffersOfNuclei(task));
    },
    openMosaic: async (setup, { signal }) => {
      const mosaic = ++lastMosaic;
      await mosaics.call('openMosaic', { mosaic, setup }, signal);
      return {
        add: async (core, waits) =>
          void (await mosaics.call('addCore', { mosaic, core }, waits.signal, buffersOfCore(core))),
        skip: async (col, row, waits) => void (await mosaics.call('skipCore', { mosaic, col, row }, waits.signal)),
        collect: (final, waits) => mosaics.call('collect', { mosaic, final }, waits.signal),
        [Symbol.dispose]: () => mosaics.tell('closeMosaic', { mosaic }),
      };
    },
    [Symbol.dispose]: () => {
      for (const thread of [...pool, mosaics]) thread[Symbol.dispose]();
    },
  };
}

const spawnWorker = (): PostprocessThread =>
  new Worker(new URL('./postprocess/postprocess.worker.ts', import.meta.url), { type: 'module', name: LABEL });

const buffersOfNuclei = ({ packed, types }: NucleiTask): ArrayBuffer[] => [
  packed.buffer,
  ...(types ? [types.packed.buffer] : []),
];

const buffersOfCore = ({ maps }: CoreTask): ArrayBuffer[] => [
  maps.glands.buffer,
  ...(maps.lumina ? [maps.lumina.buffer] : []),
];

/** One worker, started with its first call. */
class Thread implements Disposable {
  readonly #spawn: () => PostprocessThread;
  #running: { readonly worker: PostprocessThread; readonly channel: Channel<PostprocessCalls> } | undefined;
  #waiting = 0;
  #isDisposed = false;

  constructor(spawn: () => PostprocessThread) {
    this.#spawn = spawn;
  }

  /** Calls that have not come back. */
  get waiting(): number {
    return this.#waiting;
  }

  async call<K extends keyof PostprocessCalls>(
    call: K,
    input: PostprocessCalls[K]['in'],
    signal: AbortSignal,
    transfer: Transferable[] = [],
  ): Promise<PostprocessCalls[K]['out']> {
    if (this.#isDisposed) throw new EosinError({ tag: 'UseAfterDispose', label: LABEL });
    const { channel } = this.#running ?? this.#start();
    this.#waiting++;
    try {
      return await channel.call(call, input, { signal, transfer });
    } finally {
      this.#waiting--;
    }
  }

  /** Says something to the worker if it runs; nobody waits for the answer. */
  tell<K extends keyof PostprocessCalls>(call: K, input: PostprocessCalls[K]['in']): void {
    if (!this.#running) return;
    const { signal } = new AbortController();
    this.#running.channel.call(call, input, { signal }).catch(() => undefined);
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#stop({ tag: 'UseAfterDispose', label: LABEL });
  }

  #start(): { worker: PostprocessThread; channel: Channel<PostprocessCalls> } {
    const worker = this.#spawn();
    const running = { worker, channel: openChannel<PostprocessCalls>(worker) };
    worker.addEventListener('error', (event) => {
      if (this.#running !== running) return;
      this.#stop({ tag: 'WorkerDied', label: LABEL, reason: event.message || 'it could not be started' });
    });
    this.#running = running;
    return running;
  }

  #stop(failure: Parameters<Channel<PostprocessCalls>['close']>[0]): void {
    this.#running?.channel.close(failure);
    this.#running?.worker.terminate();
    this.#running = undefined;
  }
}
