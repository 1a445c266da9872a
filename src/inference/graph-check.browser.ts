// A graph that the provider is known to compute wrongly never reaches it: the load is refused, in a sentence.
import * as ort from 'onnxruntime-web/webgpu';
import { expect, test, vi } from 'vitest';
import { openChannel } from '#channel/channel.ts';
import { openGpu } from '#gpu/gpu.ts';
import { configureOrt } from './ort-files.ts';
import { parsePatchManifest } from './parse-manifest.ts';
import type { InferenceCalls } from './protocol.ts';
import { serveInference } from './serve-inference.ts';
import { onnxBytes } from './testing/onnx-bytes.ts';
import { SIBLING } from './testing/sibling.ts';

test('a graph with the wrong channel counts is refused at load on a GPU, before any session is made', async () => {
  configureOrt(ort);
  const created = vi.spyOn(ort.InferenceSession, 'create');
  const { port1: worker, port2: page } = new MessageChannel();
  serveInference(worker, { ort, openGpu });
  const channel = openChannel<InferenceCalls>(page);
  for (const port of [worker, page]) port.start();
  const manifest = parsePatchManifest(await (await fetch(`${SIBLING}model.json`)).json());
  const wrong = onnxBytes(
    [{ op: 'Conv', name: 'stem', inputs: ['image', 'w'], output: 'y' }],
    { w: [32, 6, 3, 3] },
    true,
  );
  const nothing = new Blob();
  const load = channel.call(
    'load',
    {
      key: 1,
      source: { manifest, model: new Blob([wrong]), golden: { input: nothing, outputs: nothing } },
      device: 'webgpu',
      software: true,
      precision: 'fp32',
    },
    { signal: new AbortController().signal },
  );
  await expect(load).rejects.toMatchObject({
    failure: { tag: 'NoGpu', reason: expect.stringMatching(/stem with 6 → 32 channels wrongly on WebGPU; padded/) },
  });
  expect(created).not.toHaveBeenCalled();
  for (const port of [worker, page]) port.close();
});
