// A pyramid on a host far away: all of it is on the stage, small, before its directories are read.
import { join } from 'node:path';
import { largePyramid, servePyramid } from '../scripts/large-pyramid.mjs';
import { root } from '../scripts/project.mjs';
import { expect, test } from './site.ts';

const PICTURE = join(root, 'src/slide/testing/fixtures/ycbcr-444.jpg');

test('the smallest level lies where the slide will be, until that is drawn', async ({ page, site }) => {
  const host = await servePyramid(await largePyramid(PICTURE, { side: 20_000, levels: 8 }), { latencyMs: 200 });
  try {
    await page.addInitScript(() => {
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes)
          for (const node of addedNodes)
            if (node instanceof HTMLCanvasElement && 'early' in node.dataset) {
              const isOpen = window.eosin.slide() !== undefined;
              Reflect.set(window, 'early', { isOpen, side: node.width });
            }
      }).observe(document, { childList: true, subtree: true });
    });
    await page.goto(`${site.url}?drawer=canvas&slide=${encodeURIComponent(`${host.url}pyramid.tif`)}`);
    await page.waitForFunction(() => window.eosin?.slide()?.widthPx === 20_000);
    await expect(page.locator('canvas[data-early]')).toHaveCount(0);
    const early: unknown = await page.evaluate(() => Reflect.get(window, 'early'));
    expect(early).toMatchObject({ isOpen: false, side: 156 });
  } finally {
    await host.close();
  }
});
