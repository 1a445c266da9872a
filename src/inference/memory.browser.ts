// A hundred models loaded, run and released in one worker's life: what lives on the GPU afterwards is what lived there
// after the first few. Counted on the device itself, so that the runtime's own buffers are among them.
import * as ort from 'onnxruntime-web/webgpu';
import { expect, test } from 'vitest';
import { openChannel } from '#channel/channel.ts';
import { type Gpu, openGpu } from '#gpu/gpu.ts';
import { countLive } from '#gpu/testing/counting.ts';
import type { PatchManifest } from './manifest.ts';
import type { Patch } from './model.ts';
import { configureOrt } from './ort-files.ts';
import { parsePatchManifest } from './parse-manifest.ts';
import type { InferenceCalls, ModelSource } from './protocol.ts';
import { serveInference } from './serve-inference.ts';
import { SIBLING, speckled } from './testing/sibling.ts';

const { signal } = new AbortController();
const ROUNDS = 6;

async function siblingSource(): Promise<ModelSource<PatchManifest>> {
  const blob = async (name: string): Promise<Blob> => (await fetch(`${SIBLING}${name}`)).blob();
  const manifest = parsePatchManifest(JSON.parse(await (await blob('model.json')).text()));
  const golden = { input: await blob(manifest.golden.image), outputs: await blob(manifest.golden.outputs) };
  return { manifest, model: await blob(manifest.file), golden };
}

const patch = (seed: number): Patch => ({
  tiles: [{ image: speckled(40, 40, seed), x: 0, y: 0 }],
  x: 0,
  y: 0,
  scaleX: 1,
  scaleY: 1,
  size: 32,
});

test('a hundred loads, runs and releases do not grow', { timeout: 900_000 }, async () => {
  configureOrt(ort);
  let opened: Gpu | undefined;
  let live: ReturnType<typeof countLive> | undefined;
  const { port1, port2 } = new MessageChannel();
  serveInference(port2, {
    ort,
    async openGpu() {
      opened = await openGpu({ software: true });
      live = countLive(opened.device);
      return opened;
    },
  });
  port1.start();
  port2.start();
  const worker = openChannel<InferenceCalls>(port1);
  const source = await siblingSource();
  const now = () => [live?.buffers(), live?.textures(), live?.bytes()];
  const seen: ReturnType<typeof now>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await worker.call('load', { key: round, source, device: 'webgpu', software: true, precision: 'fp32' }, { signal });
    await worker.call('batch', { key: round, batch: 2 }, { signal });
    const runs = [1, 2, 3].map((seed) =>
      worker.call('run', { key: round, patch: patch(seed), outputs: ['nuclei', 'tissue'] }, { signal }),
    );
    const [first, , third] = await Promise.all(runs); // two of them in one run
    expect(first?.nuclei?.dims).toEqual([1, 1, 64, 64]);
    expect(third?.nuclei?.dims).toEqual([1, 1, 64, 64]);
    expect(third?.nuclei?.data).not.toEqual(first?.nuclei?.data);
    await worker.call('release', { key: round }, { signal });
    seen.push(now());
  }
  console.log(JSON.stringify(seen), performance.now());
  const [buffers, textures, bytes] = seen[2] ?? [];
  expect(buffers).toBeGreaterThan(0); // the count counts
  expect(textures).toBe(0);
  expect(seen.at(-1)).toEqual([buffers, textures, bytes]);
  opened?.device.destroy();
});
