// Runs in a row give back what they take: pictures, maps, logs. Counted is what the page's own thread holds after a
// collection, arrays included; `npm run bench -- memory` counts the workers too, which takes Chromium minutes to tell.
import type { Page } from '@playwright/test';
import { offerSibling, SIBLING, SIBLING_CORE } from './sibling.ts';
import { expect, openEosin, test } from './site.ts';

const WARM_UP = 6; // runs: code is compiled, caches fill
const RUNS = 10; //   more
/**
 * 2 × 2 patches in the middle of a stored tile, which the patches around them share. One run's maps and picture are some
 * 2 MB: what each run kept of them would show several times over.
 */
const TILE = 512;
const CORNER = { x: 93 * TILE + SIBLING_CORE, y: 73 * TILE + SIBLING_CORE };
const REGION = { ...CORNER, width: 2 * SIBLING_CORE, height: 2 * SIBLING_CORE };
const MOST_GROWTH = 6e6; // bytes, less than a third of that; the list of runs grows by some kilobytes each

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
  const { usedSize, backingStorageSize = 0 } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize + backingStorageSize;
}

test('runs in a row do not grow', async ({ page, site }, info) => {
  test.setTimeout(300_000); // a minute where nothing else runs
  await offerSibling(page);
  await openEosin(page, site);
  expect(await analyse(page, WARM_UP)).toBe(WARM_UP * 4);
  const before = await bytesInUse(page);
  expect(await analyse(page, RUNS)).toBe(RUNS * 4);
  const growth = (await bytesInUse(page)) - before;
  info.annotations.push({ type: 'growth', description: `${(growth / 1e6).toFixed(1)} MB over ${RUNS} runs` });
  console.log(`${(before / 1e6).toFixed(1)} MB in use, ${(growth / 1e6).toFixed(1)} MB more after ${RUNS} runs`);
  expect(growth).toBeLessThan(MOST_GROWTH);
});
