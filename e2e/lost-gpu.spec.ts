// A GPU device that is destroyed in the middle of a run, on the built site with Chromium's software adapter.
import type { Page } from '@playwright/test';
import { analyse } from './findings.ts';
import { offerSibling, SIBLING, SIBLING_REGION } from './sibling.ts';
import { expect, openEosin, test } from './site.ts';

/** In the worker that computes: keeps its device, and destroys it when told to. */
const HOOK = `
const ask = GPUAdapter.prototype.requestDevice;
let device;
GPUAdapter.prototype.requestDevice = async function (...wanted) {
  return (device = await ask.apply(this, wanted));
};
new BroadcastChannel('the gpu').onmessage = () => device?.destroy();
`;

async function hookWorkers(page: Page): Promise<void> {
  await page.route('**/inference.worker-*.js', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${await response.text()}\n${HOOK}` });
  });
  // What each worker is asked, in order; a judged golden patch is noted with its answer.
  await page.addInitScript(() => {
    const workers: string[][] = [];
    const told: string[] = [];
    Object.assign(window, { workers, told });
    const Original = Worker;
    window.Worker = class extends Original {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        if (!String(url).includes('inference')) return;
        const calls: string[] = [];
        const names = new Map<number, string>();
        workers.push(calls);
        const post = this.postMessage;
        this.postMessage = (...given: [{ id: number; call?: string }]) => {
          const [{ id, call }] = given;
          if (call) {
            names.set(id, call);
            calls.push(call);
          }
          post.apply(this, given);
        };
        this.addEventListener('message', ({ data }) => {
          const call = names.get(data?.id);
          if (call !== undefined && 'out' in data) calls.push(`${call} answered`);
        });
      }
    };
    new MutationObserver(() => {
      const bar = document.querySelector('[aria-label="Run"]')?.textContent ?? '';
      const sentence = /Starting the GPU again, nothing is lost/.exec(bar)?.[0];
      if (sentence && told.at(-1) !== sentence) told.push(sentence);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
}

test('device.destroy() in the middle of a run: it is told, the golden patch runs again, the end is the same', async ({
  page,
  site,
}) => {
  await hookWorkers(page);
  await offerSibling(page);
  await openEosin(page, site, 'slide=phantom:5&device=webgpu');
  const asked = { models: [SIBLING], region: SIBLING_REGION, device: 'webgpu' as const };
  const sound = await analyse(page, asked);
  expect(sound.device).toBe('webgpu');
  const expected = await page.evaluate(() => window.eosin.resultHash());
  const { result, before } = await page.evaluate(async (asked) => {
    let destroyed = 0;
    const off = window.eosin.on('progress', ({ done }) => {
      if (destroyed > 0 || done < 1) return;
      destroyed = done;
      new BroadcastChannel('the gpu').postMessage('destroy');
    });
    const { device, patches, failedPatches } = await window.eosin.analyse(asked);
    off();
    return { result: { device, patches, failedPatches }, before: destroyed };
  }, asked);
  expect(before).toBeGreaterThanOrEqual(1);
  expect(before).toBeLessThan(3);
  expect(result).toEqual({ device: 'webgpu', patches: 3, failedPatches: 0 });
  expect(await page.evaluate(() => window.eosin.resultHash())).toBe(expected);

  expect(await page.evaluate(() => Reflect.get(window, 'told'))).toContain('Starting the GPU again, nothing is lost');
  const workers: string[][] = await page.evaluate(() => Reflect.get(window, 'workers'));
  expect(workers).toHaveLength(2);
  const [, second = []] = workers;
  const judged = second.indexOf('judge answered');
  expect(judged).toBeGreaterThan(-1);
  expect(second.indexOf('run')).toBeGreaterThan(judged); // no patch was asked of the new device before
  await expect(page.getByRole('region', { name: 'Trust' })).toContainText('trusted');
});
