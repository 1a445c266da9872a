// Post-processing on workers: any of them takes nuclei, one of its own keeps the mosaics of large objects.
import { type Channel, openChannel, type Port } from '#channel/channel.ts';
import { unhurried } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Postprocessor } from './postprocess/postprocessor.ts';
import { buffersOfCore, buffersOfTask, type PostprocessCalls } from './postprocess/tasks.ts';

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
  const least = (): Thread => pool.reduce((a, b) => (b.waiting < a.waiting ? b : a), pool[0] ?? mosaics);
  return {
    atOnce: nucleiThreads + 1, // each computes one, and one more waits
    patch: (task, { signal }) => least().call('patch', task, signal, buffersOfTask(task)),
    openMosaic: async (setup, { signal }) => {
      const mosaic = ++lastMosaic;
      const worker = mosaics.hold(); // its successor would not know the mosaic
      await worker.call('openMosaic', { mosaic, setup }, { signal });
      return {
        add: async (col, row, core, waits) =>
          void (await worker.call('addCore', { mosaic, col, row, core }, { ...waits, transfer: buffersOfCore(core) })),
        skip: async (col, row, waits) => void (await worker.call('skipCore', { mosaic, col, row }, waits)),
        wanted: (region, waits) => worker.call('wantedCores', { mosaic, region }, waits),
        collect: (final, waits) => worker.call('collect', { mosaic, final }, waits),
        [Symbol.dispose]: () => void worker.call('closeMosaic', { mosaic }, unhurried()).catch(() => undefined),
      };
    },
    [Symbol.dispose]: () => {
      for (const thread of [...pool, mosaics]) thread[Symbol.dispose]();
    },
  };
}

const spawnWorker = (): PostprocessThread =>
  new Worker(new URL('./postprocess/postprocess.worker.ts', import.meta.url), { type: 'module', name: LABEL });

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
    const channel = this.hold();
    this.#waiting++;
    try {
      return await channel.call(call, input, { signal, transfer });
    } finally {
      this.#waiting--;
    }
  }

  /** The worker that runs now: once it has died, every call fails by what it died of. */
  hold(): Channel<PostprocessCalls> {
    if (this.#isDisposed) throw new EosinError({ tag: 'UseAfterDispose', label: LABEL });
    return (this.#running ?? this.#start()).channel;
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
