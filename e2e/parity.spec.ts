// The same small network on WebGPU (Chromium's software adapter) and on WASM, end to end on the built site.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/project.mjs';
import { analyse, objectsIn } from './findings.ts';
import { match } from './shapes.ts';
import { offerSibling, SIBLING_REGION } from './sibling.ts';
import { expect, openEosin, test } from './site.ts';

const MANIFEST = JSON.parse(readFileSync(join(root, 'e2e/fixtures/models/cerberus-sibling/model.json'), 'utf8'));

test('WebGPU and WASM agree on the sibling, end to end', async ({ page, site }) => {
  expect(MANIFEST.parameters).toBeLessThanOrEqual(10_000);
  expect(MANIFEST.input.window).toBe(64);
  await offerSibling(page);
  await openEosin(page, site, 'slide=phantom:5');
  // Without an adapter this test would compare WASM with itself.
  expect(await page.evaluate(async () => (await navigator.gpu.requestAdapter()) !== null)).toBe(true);

  const onWasm = await analyse(page, { models: [MANIFEST.id], region: SIBLING_REGION, device: 'wasm' });
  const wasmNuclei = (await objectsIn(page, 'nuclei')).map(({ ring }) => ring);
  const onGpu = await analyse(page, { models: [MANIFEST.id], region: SIBLING_REGION, device: 'webgpu' });
  const gpuNuclei = (await objectsIn(page, 'nuclei')).map(({ ring }) => ring);
  expect(onWasm.device).toBe('wasm');
  expect(onGpu.device).toBe('webgpu');
  expect(onGpu.models).toEqual(onWasm.models);
  expect([onGpu.patches, onWasm.patches]).toEqual([3, 3]);

  // Rounding to 8 bits may move a border by a pixel, so objects are compared, not bytes.
  expect(wasmNuclei.length).toBeGreaterThan(5);
  const { truePositives } = match(gpuNuclei, wasmNuclei, SIBLING_REGION, 1);
  expect(truePositives / Math.max(wasmNuclei.length, gpuNuclei.length)).toBeGreaterThanOrEqual(0.95);
  for (const [i, share] of (onWasm.tissue?.share ?? []).entries()) expect(onGpu.tissue?.share[i]).toBeCloseTo(share, 2);
});
