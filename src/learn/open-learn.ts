// Learning on a worker of its own.
import type { Waits } from '#channel/waits.ts';
import { type Spawned, spawned, WorkerSet } from '#channel/worker-set.ts';
import type { Features } from './features.ts';
import type { LearnCalls, Long } from './learn-calls.ts';
import type { Progress } from './steps.ts';

const LABEL = 'Learning';

export interface LearnOptions {
  /** For all features held and what is computed from them; the browser may give less. */
  readonly budgetBytes: number;
  readonly spawn?: (budgetBytes: number) => Spawned;
}

export interface ToldWaits extends Waits {
  readonly onProgress?: (progress: Progress) => void;
}

type Short = Exclude<keyof LearnCalls, Long | 'keep'>;

export interface Learn extends Disposable {
  /**
   * Features move to the worker, and are gone here; others of that name are replaced.
   * @throws EosinError BadInput where a feature is no number or the budget is spent
   */
  keep(set: string, features: Features, waits: Waits): Promise<LearnCalls['keep']['out']>;
  /** @throws EosinError BadInput; WorkerDied, after which the sets have to be kept again */
  ask<K extends Short>(call: K, input: LearnCalls[K]['in'], waits: Waits): Promise<LearnCalls[K]['out']>;
  /**
   * One after the other; an abort rejects at once and ends the work within a moment.
   * @param input is given the port by which progress is told
   * @throws as `ask`
   */
  run<K extends Long>(
    call: K,
    input: (tell: MessagePort) => LearnCalls[K]['in'],
    waits: ToldWaits,
  ): Promise<LearnCalls[K]['out']>;
}

/** The worker starts with the first call; after one that died, the next call starts another. */
export function openLearn({ budgetBytes, spawn = spawnWorker }: LearnOptions): Learn {
  const workers = new WorkerSet<LearnCalls>(() => spawn(budgetBytes), LABEL);
  const channel = () => (workers.members[0] ?? workers.start()).channel;
  return {
    keep: async (set, { values, rows, cols }, { signal }) => {
      const { buffer } = values;
      const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === values.byteLength;
      const given = isWhole ? buffer : Float32Array.from(values).buffer; // of a part, the rest stays with its owner
      const asked = { set, values: new Float32Array(given), rows, cols };
      return channel().call('keep', asked, { signal, transfer: [given] });
    },
    ask: async (call, input, { signal }) => channel().call(call, input, { signal }),
    run: async (call, input, { signal, onProgress }) => {
      const { port1: heard, port2: tell } = new MessageChannel();
      heard.onmessage = ({ data }: MessageEvent<Progress>) => {
        if (!signal.aborted) onProgress?.(data);
      };
      try {
        return await channel().call(call, input(tell), { signal, transfer: [tell] });
      } finally {
        heard.close();
      }
    },
    [Symbol.dispose]: () => workers.close(),
  };
}

const spawnWorker = (budgetBytes: number): Spawned =>
  spawned(new Worker(new URL('./learn.worker.ts', import.meta.url), { type: 'module', name: String(budgetBytes) }));
