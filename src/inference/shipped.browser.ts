import * as ort from 'onnxruntime-web/webgpu';
import { expect, test } from 'vitest';
import { openGpu } from '#gpu/gpu.ts';
import index from '../../public/models/index.json';
import { readsPatches } from './manifest.ts';
import { configureOrt } from './ort-files.ts';
import { parseManifest } from './parse-manifest.ts';
import { onGpu } from './patch-ways.ts';
import { openSession } from './session.ts';

// Networks that read features are not among them: they are far too small for a GPU and always run on WASM.
test('every shipped patch model’s session is made on WebGPU with nothing left to the CPU', {
  timeout: 400_000,
}, async () => {
  const gpu = await openGpu({ software: true }); // throws NoGpu where there is no adapter
  configureOrt(ort);
  const made: string[] = [];
  for (const id of index) {
    const folder = `/models/${id}/`;
    const manifest = parseManifest(await (await fetch(`${folder}model.json`)).json());
    if (!readsPatches(manifest)) continue;
    const onnx = new Uint8Array(await (await fetch(`${folder}${manifest.file}`)).arrayBuffer());
    const ways = onGpu(ort, gpu, 'fp32');
    // openSession sets disable_cpu_ep_fallback for every session on a GPU: the runtime refuses a graph with an operator
    // that WebGPU lacks.
    const session = await openSession({ ort, manifest, onnx, ways, gpu: gpu.device, deviceName: gpu.name });
    made.push(session.manifest.id);
    await session.release();
  }
  expect(made).toContain('cerberus-lite');
  expect(made.length).toBeGreaterThanOrEqual(4); // and the encoders
});
