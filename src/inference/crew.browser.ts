// Models that are loaded one after the other on the processor: threads that help are there once, and gone with the last.
import { expect, test } from 'vitest';
import type { InferenceWorker } from './realm.ts';
import { HELPERS_TOLD } from './testing/helpers-told.ts';
import { openTestInference, SIBLING } from './testing/sibling.ts';

const { signal } = new AbortController();
const spawn = (): InferenceWorker =>
  new Worker(new URL('./testing/counting.worker.ts', import.meta.url), { type: 'module' });

test('four models keep one crew, and the last one that is released lets it go', { timeout: 120_000 }, async () => {
  const channel = new BroadcastChannel(HELPERS_TOLD);
  const told: { alive: number; most: number }[] = [];
  channel.addEventListener('message', ({ data }) => told.push(data));
  const inference = openTestInference({ spawn });
  const models = [];
  for (let k = 0; k < 4; k++) models.push(await inference.load(SIBLING, { signal, device: 'wasm' }));
  for (const { report } of models) expect(report.deviceName).toMatch(/^WebAssembly, 4 threads, Eosin’s own kernels$/);
  await expect.poll(() => told.at(-1)).toEqual({ alive: 3, most: 3 });
  for (const model of models) model[Symbol.dispose]();
  await expect.poll(() => told.at(-1)).toEqual({ alive: 0, most: 3 });
  channel.close();
  inference[Symbol.dispose]();
});
