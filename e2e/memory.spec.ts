// Runs in a row give back what they take: pictures, maps, sessions, logs. Counted is what is in use after a collection, in
// the page and in all of its workers.
import type { Page } from '@playwright/test';
import { offerSibling, SIBLING, SIBLING_CORE } from './sibling.ts';
import { expect, openEosin, test } from './site.ts';

const WARM_UP = 15; // runs: code is compiled, caches fill
const RUNS = 45; //    more
/** 4 × 3 patches. One run's maps and tiles are some 5 MB: what each run kept of them would show ten times over. */
const REGION = { x: 47_616, y: 37_632, width: 4 * SIBLING_CORE, height: 3 * SIBLING_CORE };
const MOST_GROWTH = 12e6; // bytes; the list of runs grows by some kilobytes each

const analyse = (page: Page, times: number): Promise<number> =>
  page.evaluate(
    async ([model, region, count]) => {
      let patches = 0;
      for (let i = 0; i < count; i++)
        patches += (await window.eosin.analyse({ models: [model], region, device: 'wasm' })).patches;
      return patches;
    },
    [SIBLING, REGION, times] as const,
  );

async function bytesInUse(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.detach();
  return page.evaluate(async () => {
    if (!('measureUserAgentSpecificMemory' in performance)) throw new Error('This browser does not measure memory.');
    const measure = performance.measureUserAgentSpecificMemory;
    if (typeof measure !== 'function') throw new Error('This browser does not measure memory.');
    const { bytes }: { bytes: number } = await measure.call(performance);
    return bytes;
  });
}

test('sixty runs in a row do not grow', async ({ page, site }, info) => {
  await offerSibling(page);
  await openEosin(page, site);
  expect(await analyse(page, WARM_UP)).toBe(WARM_UP * 12);
  const before = await bytesInUse(page);
  expect(await analyse(page, RUNS)).toBe(RUNS * 12);
  const growth = (await bytesInUse(page)) - before;
  info.annotations.push({ type: 'growth', description: `${(growth / 1e6).toFixed(1)} MB over ${RUNS} runs` });
  console.log(`${(before / 1e6).toFixed(1)} MB in use, ${(growth / 1e6).toFixed(1)} MB more after ${RUNS} runs`);
  expect(growth).toBeLessThan(MOST_GROWTH);
});
