// An inference worker that is made up, over real ports: what each call answers is the test's.
import { type Handlers, serve } from '#channel/channel.ts';
import type { GpuFound, InferenceCalls } from '../protocol.ts';
import type { InferenceWorker } from '../realm.ts';

export const FAKE_GPU: GpuFound = {
  name: 'a fake GPU',
  adapter: 'fake-1',
  software: false,
  half: false,
  limits: { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 },
};

const refused = (): never => {
  throw new Error('nobody should ask this');
};

/** Answers that a sound worker on a GPU gives; each can be replaced. `asked` is every call that was made, in order. */
export function fakeWorker(answers: Partial<Handlers<InferenceCalls>> = {}) {
  const { port1, port2 } = new MessageChannel();
  const asked: string[] = [];
  let ended = false;
  port2.addEventListener('message', ({ data }: MessageEvent<{ call?: string; in?: unknown }>) => {
    if (data.call && data.call !== 'lost') asked.push(describe(data.call, data.in));
  });
  serve<InferenceCalls>(port2, {
    gpu: () => FAKE_GPU,
    load: ({ device }) => ({
      name: device === 'webgpu' ? FAKE_GPU.name : 'a processor',
      adapter: device,
      elementsPerPx: 16,
    }),
    judge: () => ({ maxDifference: 0.001, wrong: undefined }),
    time: ({ window, batch }) => ({ seconds: (batch * window ** 2) / 1e9 }),
    batch: () => undefined,
    loadRows: refused,
    run: () => ({ outputs: {} }),
    runRows: refused,
    release: () => undefined,
    settle: () => undefined,
    lost: () => new Promise(() => undefined),
    ...answers,
  });
  port1.start();
  port2.start();
  const terminate = (): void => {
    ended = true;
    port1.close();
  };
  const worker: InferenceWorker = Object.assign(port1, { terminate });
  return { worker, asked, ended: () => ended };
}

/** 'load webgpu fp16', 'time 2 × 1024', 'batch 2', 'judge' */
function describe(call: string, input: unknown): string {
  if (typeof input !== 'object' || input === null) return call;
  const said = 'precision' in input && 'device' in input ? ` ${input.device} ${input.precision}` : '';
  const batch = 'batch' in input ? ` ${input.batch}` : '';
  return `${call}${said}${batch}${'window' in input ? ` × ${input.window}` : ''}`;
}
