// A browser without WebGPU: the processor computes, and the screen says why.
import { chromiumArgs, findChromium } from '../scripts/chromium.mjs';
import { analyse } from './findings.ts';
import { offerSibling, SIBLING, SIBLING_REGION } from './sibling.ts';
import { expect, openEosin, test } from './site.ts';

test.use({
  launchOptions: {
    executablePath: findChromium() ?? '',
    args: chromiumArgs.filter((arg) => !/webgpu|swiftshader/.test(arg)),
  },
});

test('without WebGPU the processor computes, and it is said why', async ({ page, site }) => {
  await openEosin(page, site, 'slide=phantom:5');
  const adapter = await page.evaluate(
    async () => ('gpu' in navigator ? await navigator.gpu.requestAdapter() : null) !== null,
  );
  expect(adapter).toBe(false);
  const result = await analyse(page, { region: { x: 50_948, y: 40_068, width: 400, height: 400 } });
  expect(result.device).toBe('wasm');
  expect(result.whyNotGpu).toMatch(/GPU|WebGPU|adapter/);
  expect(result.counts.nuclei).toBeGreaterThan(5);
});

test('asking for WebGPU where there is none still computes, and tells that it was not the GPU', async ({
  page,
  site,
}) => {
  await offerSibling(page);
  await openEosin(page, site, 'slide=phantom:5&device=webgpu');
  const result = await analyse(page, { models: [SIBLING], region: SIBLING_REGION, device: 'webgpu' });
  expect(result.device).toBe('wasm');
  expect(result.whyNotGpu).toMatch(/GPU|WebGPU|adapter/);
  expect(result.whyNotGpu).not.toMatch(/was asked for/);
  await expect(page.getByText(/WebAssembly/).first()).toBeVisible();
});
