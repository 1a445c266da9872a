import * as ort from 'onnxruntime-web/webgpu';
import { expect, test } from 'vitest';
import { openGpu } from '#gpu/gpu.ts';
import { configureOrt } from './ort-files.ts';
import { parsePatchManifest } from './parse-manifest.ts';
import { openSession } from './session.ts';
import { SHIPPED } from './testing/sibling.ts';

test('the shipped model’s session is made on WebGPU with nothing left to the CPU', { timeout: 200_000 }, async () => {
  const gpu = await openGpu({ software: true }); // throws NoGpu where there is no adapter
  configureOrt(ort);
  const manifest = parsePatchManifest(await (await fetch(`${SHIPPED}model.json`)).json());
  const onnx = new Uint8Array(await (await fetch(`${SHIPPED}${manifest.file}`)).arrayBuffer());
  const compose = () => {
    throw new Error('nothing is run here');
  };
  // openSession sets disable_cpu_ep_fallback for every session on a GPU: the runtime refuses a graph with an operator
  // that WebGPU lacks.
  const session = await openSession({ ort, manifest, onnx, compose, gpu: gpu.device, deviceName: gpu.name });
  expect(session.manifest.id).toBe('cerberus-lite');
  await session.release();
});
