// The same ONNX file in the native runtime and in the tab, by Eosin's own kernels as the tab computes it and by the runtime's
// WASM, on the same threads, in turn.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../scripts/child.mjs';
import { root } from '../../scripts/project.mjs';
import { serve } from '../../scripts/serve.mjs';
import { measuring, median } from './browser.mjs';
import { MODEL, manifestOf } from './model.mjs';

const FOLDER = join(root, 'bench/native');
const THREADS = 2;
const REPEATS = 2; // each time
const ROUNDS = 2;

export const hasNative = () => existsSync(join(FOLDER, 'node_modules/onnxruntime-node'));
export const HOW_TO_INSTALL = 'npm ci in bench/native installs it (290 MB).';

/**
 * @param {{ id?: string, provider: 'cpu' | 'webgpu', threads?: number, repeats: number }} asked
 * @returns {Promise<number[]>} seconds of each run
 */
export async function nativeRuns({ id = MODEL, provider, threads = 1, repeats }) {
  const { file, input, outputs } = manifestOf(id);
  const wanted = outputs.filter(({ kind }) => kind !== 'features').map(({ name }) => name);
  const model = join(root, 'public/models', id, file);
  const asked = [model, input.name, input.window, wanted.join(), provider, threads, repeats].map(String);
  const options = { seconds: 240, quiet: true, cwd: FOLDER };
  const { code, output } = await run(process.execPath, ['run.mjs', ...asked], options);
  if (code !== 0) throw new Error(output);
  return JSON.parse(output.trim().split('\n').at(-1)).seconds;
}

export async function native({ browser, dev, tell, leaveOut }) {
  if (!hasNative()) {
    leaveOut(`The native runtime is left out: it is not installed. ${HOW_TO_INSTALL}`);
    return undefined;
  }
  const models = await serve({ root: join(root, 'public'), cors: true });
  const [inTab, byRuntime, natively] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    const page = await measuring(browser, `${dev}bench/pages/runtime.html`);
    const asked = { folder: `${models.url}models/${MODEL}`, threads: THREADS, repeats: REPEATS };
    const tabRuns = (provider) => page.evaluate((of) => window.measure(of), { ...asked, provider });
    inTab.push(...(await tabRuns('own')).seconds);
    byRuntime.push(...(await tabRuns('wasm')).seconds);
    await page.close();
    natively.push(...(await nativeRuns({ provider: 'cpu', threads: THREADS, repeats: REPEATS })));
  }
  await models.close();
  const [tab, runtime, peer] = [median(inTab), median(byRuntime), median(natively)];
  tell(
    {
      what: `${MODEL} in the tab and in the native runtime, CPU, ${THREADS} threads`,
      ours: `Eosin’s WASM ${tab.toFixed(2)} s a window`,
      beside: `onnxruntime-node ${peer.toFixed(2)} s`,
      ratio: tab / peer,
      note: `times as long; onnxruntime-web’s WASM ${runtime.toFixed(2)} s, ${(runtime / peer).toFixed(2)} times`,
    },
    { most: 2.5 },
  );
  return { inTab, byRuntime, natively };
}
