// Runs in one worker's life: what lives on the GPU is the same after the last as after the first few, and nothing once a model
// is released, however often it is loaded. Counted on the device itself, so that the runtime's own buffers are among them.
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
const RUNS = [20, 4, 4]; // of each load, two patches a time: what a run leaves shows in the first, what a load leaves in all
const FEW = 10; //          runs, after which everything has its buffers

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

test('many runs of a load do not grow, and a release leaves nothing, three times', { timeout: 900_000 }, async () => {
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
  const now = () => ({ buffers: live?.buffers(), textures: live?.textures(), bytes: live?.bytes() });
  for (const [load, runs] of RUNS.entries()) {
    await worker.call('load', { key: load, source, device: 'webgpu', software: true, precision: 'fp32' }, { signal });
    await worker.call('batch', { key: load, batch: 2 }, { signal });
    const busy: ReturnType<typeof now>[] = [];
    for (let k = 0; k < runs; k += 2) {
      const [first, second] = await Promise.all(
        [k + 1, k + 2].map((seed) =>
          worker.call('run', { key: load, patch: patch(seed), outputs: ['nuclei', 'tissue'] }, { signal }),
        ),
      );
      expect(first?.outputs.nuclei?.dims).toEqual([1, 1, 64, 64]);
      expect(second?.outputs.nuclei?.data).not.toEqual(first?.outputs.nuclei?.data); // apart again after one run of both
      busy.push(now());
    }
    const [afterFew, afterAll] = [busy[Math.min(runs, FEW) / 2 - 1], busy.at(-1)];
    expect(afterFew?.buffers).toBeGreaterThan(0); // weights, inputs, staging: the count counts
    expect(afterFew?.textures).toBe(1);
    expect(afterAll).toEqual(afterFew);
    await worker.call('release', { key: load }, { signal });
    expect(now()).toEqual({ buffers: 0, textures: 0, bytes: 0 });
  }
  opened?.device.destroy();
});
