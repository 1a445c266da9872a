import { test } from 'vitest';
import { openTestInference, SIBLING } from './testing/sibling.ts';
test('stress', { timeout: 400_000 }, async () => {
  const { signal } = new AbortController();
  const times: number[] = [];
  for (let i = 0; i < 15; i++) {
    const t = performance.now();
    using inference = openTestInference({ patience: { loadSeconds: 90, runSeconds: 30, cancelSeconds: 2 } });
    try { using model = await inference.load(SIBLING, { signal, device: 'wasm' }); void model; times.push(Math.round(performance.now() - t)); }
    catch (e) { times.push(-Math.round(performance.now() - t)); console.log(String(e)); }
  }
  console.log(times.join(' '));
});
