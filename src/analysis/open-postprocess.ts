// Post-processing on workers: any of them takes nuclei, one of its own keeps the mosaics of large objects.
import { type Channel, openChannel, type Port } from '#channel/channel.ts';
import { unlessSilent } from '#channel/unless-silent.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Postprocessor } from './postprocess/postprocessor.ts';
import { buffersOfCore, buffersOfPool, buffersOfTask, type PostprocessCalls } from './postprocess/tasks.ts';

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
  /** A thread that gives no answer for so long counts as dead. */
  readonly silentSeconds?: number;
}

const SILENT_SECONDS = 60; // the slowest task takes two, and one more may wait before it

/** Threads start when first needed; one that dies fails what it was doing, and the next task starts a new one. */
export function openPostprocess({
  spawn = spawnWorker,
  nucleiThreads = 1,
  silentSeconds = SILENT_SECONDS,
}: PostprocessOptions = {}): Postprocessor {
  const pool = Array.from({ length: nucleiThreads }, () => new Thread(spawn, silentSeconds));
  const mosaics = new Thread(spawn, silentSeconds);
  let lastMosaic = 0;
  const least = (): Thread => pool.reduce((a, b) => (b.waiting < a.waiting ? b : a), pool[0] ?? mosaics);
  return {
    atOnce: nucleiThreads + 1, // each computes one, and one more waits
    patch: (task, { signal }) => least().call('patch', task, signal, buffersOfTask(task)),
    pool: (task, { signal }) => least().call('pool', task, signal, buffersOfPool(task)),
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
  readonly #silentSeconds: number;
  #running: Running | undefined;
  #waiting = 0;
  #isDisposed = false;

  constructor(spawn: () => PostprocessThread, silentSeconds: number) {
    this.#spawn = spawn;
    this.#silentSeconds = silentSeconds;
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
    const running = this.hold();
    this.#waiting++;
    try {
      return await running.call(call, input, { signal, transfer });
    } finally {
      this.#waiting--;
    }
  }

  /** The worker that runs now: once it has died, every call fails by what it died of. */
  hold(): Running {
    if (this.#isDisposed) throw new EosinError({ tag: 'UseAfterDispose', label: LABEL });
    this.#running ??= this.#start();
    return this.#running;
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true;
    this.#running?.end({ tag: 'UseAfterDispose', label: LABEL });
    this.#running = undefined;
  }

  #start(): Running {
    const worker = this.#spawn();
    const running = new Running(worker, this.#silentSeconds, (reason) => {
      running.end({ tag: 'WorkerDied', label: LABEL, reason });
      if (this.#running === running) this.#running = undefined;
    });
    worker.addEventListener('error', (event) => running.died(event.message || 'it could not be started'));
    return running;
  }
}

/** A worker that has not died. */
class Running {
  readonly #worker: PostprocessThread;
  readonly #channel: Channel<PostprocessCalls>;
  readonly #silentSeconds: number;
  readonly died: (reason: string) => void;

  constructor(worker: PostprocessThread, silentSeconds: number, died: (reason: string) => void) {
    this.#worker = worker;
    this.#channel = openChannel<PostprocessCalls>(worker);
    this.#silentSeconds = silentSeconds;
    this.died = died;
  }

  call<K extends keyof PostprocessCalls>(
    call: K,
    input: PostprocessCalls[K]['in'],
    options: Waits & { readonly transfer?: Transferable[] },
  ): Promise<PostprocessCalls[K]['out']> {
    return unlessSilent(this.#channel.call(call, input, options), this.#silentSeconds, this.died);
  }

  end(failure: Parameters<Channel<PostprocessCalls>['close']>[0]): void {
    this.#channel.close(failure);
    this.#worker.terminate();
  }
}
