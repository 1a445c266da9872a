import { expect, test } from 'vitest';
import { openChannel } from '#channel/channel.ts';
import { parsePatchManifest } from '../parse-manifest.ts';
import { SIBLING } from '../testing/sibling.ts';
import { pictureOf } from './testing/networks.ts';
import type { ThreadsCalls } from './testing/threads-calls.ts';

const { signal } = new AbortController();
const SIDE = 256;

const isSame = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.prototype.every.call(a, (value, i) => Object.is(value, b[i]));

test('one thread, two and four give the same bytes, run after run, and so does each helper alone', {
  timeout: 120_000,
}, async () => {
  expect(crossOriginIsolated).toBe(true); // else memory is not shared
  const manifest = parsePatchManifest(await (await fetch(`${SIBLING}model.json`)).json());
  const onnx = new Uint8Array(await (await fetch(`${SIBLING}${manifest.file}`)).arrayBuffer());
  const outputs = manifest.outputs.map(({ name }) => name);
  const worker = new Worker(new URL('./testing/threads.worker.ts', import.meta.url), { type: 'module' });
  try {
    const channel = openChannel<ThreadsCalls>(worker);
    const asked = {
      onnx,
      input: manifest.input.name,
      outputs,
      picture: new Float32Array(pictureOf(SIDE, SIDE)),
      side: SIDE,
    };
    const alone = await channel.call('run', { ...asked, threads: 1, times: 1, byOneHelper: false }, { signal });
    const [wanted = []] = alone.runs;
    expect(wanted).toHaveLength(outputs.length);
    for (const threads of [2, 4])
      for (const byOneHelper of [false, true]) {
        const together = await channel.call('run', { ...asked, threads, times: 6, byOneHelper }, { signal });
        expect(together.threads).toBe(threads);
        for (const run of together.runs)
          for (const [i, data] of run.entries()) expect(isSame(data, wanted[i] ?? [])).toBe(true);
      }
  } finally {
    worker.terminate();
  }
});
