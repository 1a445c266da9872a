// Fifty slides are opened and closed, as a user does it in a day: what the tab then holds is what it held before.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CDPSession, Page } from '@playwright/test';
import { root } from '../scripts/project.mjs';
import { expect, openEosin, test } from './site.ts';

const KINDS = ['jpeg-rgb.tif', 'jpeg-ycbcr.tif', 'lzw-predictor.tif', 'deflate-big.tif', 'ycbcr-420.jpg'];
const WARM_UP = 10; // slides: code is compiled, workers start, caches fill
const SLIDES = 50;
const MOST_GROWTH = 2e6; // bytes: a picture of each slide would be 66 kB; measured 0.5 MB, of them the list of what was opened

/** Opens so many slides, a file each, and closes each by its tab's button. */
const openAndClose = (page: Page, from: number, count: number): Promise<void> =>
  page.evaluate(
    async ({ files, from, count }) => {
      const frame = () => new Promise(requestAnimationFrame);
      for (let i = from; i < from + count; i++) {
        const { name = '', base64 = '' } = files[i % files.length] ?? {};
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        await window.eosin.open(new File([bytes], `${i}-${name}`));
        const { widthPx = 0, heightPx = 0 } = window.eosin.slide() ?? {};
        await window.eosin.readRegion({ x: 0, y: 0, width: widthPx, height: heightPx });
        await window.eosin.setView({ centre: { x: widthPx / 4, y: heightPx / 4 } }); // what is in view is drawn
        while (window.eosin.slide()) {
          document.querySelector<HTMLElement>('button[aria-label="Close slide"]')?.click();
          await frame();
        }
      }
    },
    {
      files: KINDS.map((name) => ({
        name,
        base64: readFileSync(join(root, 'src/slide/testing/fixtures', name)).toString('base64'),
      })),
      from,
      count,
    },
  );

/** How many objects of a class live in the page after a collection; `which` may narrow it down. */
async function living(session: CDPSession, of: string, which = 'true'): Promise<number> {
  const prototype = await session.send('Runtime.evaluate', { expression: `${of}.prototype` });
  const { objects } = await session.send('Runtime.queryObjects', {
    prototypeObjectId: prototype.result.objectId ?? '',
  });
  const { result } = await session.send('Runtime.callFunctionOn', {
    objectId: objects.objectId ?? '',
    functionDeclaration: `function () { return this.filter((each) => ${which}).length; }`,
    returnByValue: true,
  });
  await session.send('Runtime.releaseObject', { objectId: objects.objectId ?? '' });
  return result.value;
}

async function held(page: Page) {
  const session = await page.context().newCDPSession(page);
  for (let i = 0; i < 2; i++) await session.send('HeapProfiler.collectGarbage'); // finalizers run between
  const { usedSize, backingStorageSize = 0 } = await session.send('Runtime.getHeapUsage');
  const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
  const things: Record<string, number> = {
    workers: page.workers().length,
    canvases: await living(session, 'HTMLCanvasElement'),
    offscreenCanvases: await living(session, 'OffscreenCanvas'),
    contexts2d: await living(session, 'CanvasRenderingContext2D'),
    contextsGl: await living(session, 'WebGL2RenderingContext'),
    bitmaps: await living(session, 'ImageBitmap', 'each.width > 0'),
  };
  await session.detach();
  return { things, nodes, listeners: jsEventListeners, bytes: usedSize + backingStorageSize };
}

test('fifty slides opened and closed leave nothing behind', async ({ page, site }, info) => {
  await openEosin(page, site);
  await openAndClose(page, 0, WARM_UP);
  const before = await held(page);
  await openAndClose(page, WARM_UP, SLIDES);
  const after = await held(page);
  const growth = after.bytes - before.bytes;
  info.annotations.push({ type: 'growth', description: `${(growth / 1e6).toFixed(1)} MB over ${SLIDES} slides` });
  expect(before.things.workers).toBeGreaterThan(0);
  for (const [what, count] of Object.entries(after.things)) {
    expect.soft(count, what).toBeLessThanOrEqual(before.things[what] ?? 0);
  }
  expect.soft(after.nodes, 'nodes').toBeLessThan(before.nodes + SLIDES);
  expect.soft(after.listeners, 'listeners').toBeLessThan(before.listeners + SLIDES);
  expect.soft(growth, 'bytes').toBeLessThan(MOST_GROWTH);
});
