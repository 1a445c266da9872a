// A real GPU, where there is one: the whole pipeline in the tab, and each network alone in the tab and in the native
// runtime's WebGPU provider (on Linux it needs a Vulkan driver). Software adapters are no GPUs.
import { basename, dirname, join } from 'node:path';
import { root } from '../../scripts/project.mjs';
import { serve } from '../../scripts/serve.mjs';
import { benchSlide } from './bench-slide.mjs';
import { measuring, median } from './browser.mjs';
import { MODEL, manifestOf, modelInput } from './model.mjs';
import { HOW_TO_INSTALL, hasNative, nativeRuns } from './native.mjs';
import { builtSite } from './site.mjs';

const FLAGS = ['--enable-features=Vulkan', '--ignore-gpu-blocklist'];
const REPEATS = 10;
const MODELS = [MODEL, 'resnet18-simclr', 'efficientnet-lite0-imagenet'];
const [COLS, ROWS] = [12, 8]; // cores of the slide
/** What is asked of a discrete GPU: seconds a mm² for all tasks, and times as long as the native runtime on the same one. */
const MOST = { secondsPerMm2: 0.2, ofNative: 1.5 };

/** Asked on a page of our own: WebGPU is there on secure origins alone. */
const adapterIn = (page) =>
  page.evaluate(async () => {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) return undefined;
    const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
    const name = description || [vendor, architecture, device].filter(Boolean).join(' ');
    const software =
      isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(`${name} ${vendor} ${architecture}`);
    return { name, software, half: adapter.features.has('shader-f16') };
  });

export async function gpu({ launch, dev, tell, ask, leaveOut }) {
  const browser = await launch(FLAGS);
  try {
    const page = await measuring(browser, `${dev}bench/pages/runtime.html`);
    const adapter = await adapterIn(page);
    await page.close();
    if (adapter && !adapter.software) {
      const pipeline = await inTab(browser, adapter, { tell, ask });
      return { adapter, pipeline, networks: await networks(browser, dev, adapter, { tell, leaveOut }) };
    }
    const seen = adapter ? `only ${adapter.name}, which computes on the processor` : 'no adapter';
    leaveOut(`No GPU in the browser: it offers ${seen}.`);
    return { adapter: undefined, networks: await nativeAlone(tell, leaveOut) };
  } finally {
    await browser.close();
  }
}

/** The workbench over a slide; what it chose by measuring (window, batch, precision) is what it uses. */
async function inTab(browser, adapter, { tell, ask }) {
  await builtSite();
  const { window, margin } = modelInput();
  const core = window - 2 * margin;
  const { path, from } = await benchSlide({ width: COLS * core, height: ROWS * core, mpp: modelInput().mpp });
  const slides = await serve({ root: dirname(path), cors: true });
  const site = await serve({ root: join(root, 'dist'), isolation: true });
  const page = await browser.newPage();
  await page.goto(`${site.url}?slide=${encodeURIComponent(`${slides.url}${basename(path)}`)}`);
  await page.waitForFunction(() => window.eosin?.slide() !== undefined && window.eosin.models().length > 0);
  const runs = [];
  for (const part of [0.2, 1]) {
    const found = await page.evaluate(
      async ([model, share]) => {
        const { widthPx, heightPx } = window.eosin.slide();
        const region = { x: 0, y: 0, width: widthPx * share, height: heightPx * share };
        const { patches, seconds, deviceName, areaMm2 } = await window.eosin.analyse({
          models: [model],
          region,
          device: 'webgpu',
        });
        const { precision } = (await window.eosin.trust?.(model)) ?? {};
        return { patches, seconds, deviceName, areaMm2, precision };
      },
      [MODEL, part],
    );
    runs.push(found);
  }
  await Promise.all([page.close(), site.close(), slides.close()]);
  const { patches, seconds, areaMm2, precision = 'fp32' } = runs[1];
  tell({
    what: `whole pipeline, ${MODEL}, ${adapter.name}, ${precision}`,
    ours: `${(patches / seconds).toFixed(2)} patches/s, ${(seconds / areaMm2).toFixed(2)} s/mm²`,
    beside: '',
    ratio: undefined,
    note: from,
  });
  ask(`s/mm² of the whole pipeline on ${adapter.name}`, seconds / areaMm2, { most: MOST.secondsPerMm2 });
  return runs[1];
}

/** Bare sessions, float32, one window a run. */
async function networks(browser, dev, adapter, { tell, leaveOut }) {
  const models = await serve({ root: join(root, 'public'), cors: true });
  const found = {};
  for (const id of MODELS) {
    const page = await measuring(browser, `${dev}bench/pages/runtime.html`);
    const asked = { folder: `${models.url}models/${id}`, threads: 1, repeats: REPEATS, provider: 'webgpu' };
    const tab = median((await page.evaluate((of) => window.measure(of), asked)).seconds);
    await page.close();
    const peer = await nativeSeconds(id, leaveOut);
    found[id] = { tab, peer };
    const beside = peer === undefined ? '' : `onnxruntime-node ${rate(id, peer)}`;
    const ratio = peer === undefined ? undefined : tab / peer;
    const note = peer === undefined ? 'float32, alone' : 'times as long as native, float32';
    tell(
      { what: `${id} alone, ${adapter.name}`, ours: `tab ${rate(id, tab)}`, beside, ratio, note },
      { most: MOST.ofNative },
    );
  }
  await models.close();
  return found;
}

async function nativeAlone(tell, leaveOut) {
  const found = {};
  for (const id of MODELS) {
    const seconds = await nativeSeconds(id, leaveOut);
    if (seconds === undefined) return undefined;
    found[id] = seconds;
    tell({
      what: `${id} alone, native WebGPU`,
      ours: rate(id, seconds),
      beside: '',
      ratio: undefined,
      note: 'float32',
    });
  }
  return found;
}

/** Median of the native runtime's WebGPU provider; undefined, and the reason told, where it has no GPU. */
async function nativeSeconds(id, leaveOut) {
  if (!hasNative()) {
    leaveOut(`The native runtime is left out: it is not installed. ${HOW_TO_INSTALL}`);
    return undefined;
  }
  try {
    return median(await nativeRuns({ id, provider: 'webgpu', repeats: REPEATS }));
  } catch (thrown) {
    const reason = /adapter|vulkan|device/i.test(thrown.message) ? 'it finds no adapter' : thrown.message.trim();
    leaveOut(`No GPU in the native runtime: ${reason}.`);
    return undefined;
  }
}

function rate(id, seconds) {
  const { window, margin = 0, mpp } = manifestOf(id).input;
  const mm2 = (((window - 2 * margin) * mpp) / 1000) ** 2;
  return `${(1 / seconds).toFixed(2)} patches/s, ${(seconds / mm2).toFixed(2)} s/mm²`;
}
