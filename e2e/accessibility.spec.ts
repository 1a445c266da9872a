// axe on every state of the page that a journey passes through, dark and light, on a small screen and a large one.
import { expectAccessible } from './axe.ts';
import { analyse } from './findings.ts';
import { offerSibling, SIBLING, SIBLING_REGION } from './sibling.ts';
import { expect, openEosin, test } from './site.ts';

const SMALL = { width: 1280, height: 800 };
const LARGE = { width: 1920, height: 1080 };

test.beforeEach(({ page }) => offerSibling(page)); // what is found does not matter here

for (const colorScheme of ['dark', 'light'] as const) {
  test(`no serious violation, ${colorScheme}`, async ({ page, site }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await openEosin(page, site, 'slide=phantom:5&device=wasm');
    await expectAccessible(page, 'open');
    await page.evaluate(() => window.eosin.setView({ centre: { x: 50_112, y: 40_384 }, magnification: 40 }));
    await analyse(page, { models: [SIBLING], region: SIBLING_REGION });
    await expect(page.getByRole('region', { name: 'Trust' })).toContainText('trusted');
    await page.getByRole('application').focus();
    await page.keyboard.press('Shift+G');
    await expect(page.getByRole('note', { name: 'Legend' })).toContainText('3 patches');
    for (const size of [SMALL, LARGE]) {
      await page.setViewportSize(size);
      await expectAccessible(page, `after a run, its trust and its seams, ${size.width} px`);
    }
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('dialog').first()).toBeVisible();
    await expectAccessible(page, 'the list of commands');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });
}

test('the whole of it by keyboard: analyse, cancel, layers, zoom', async ({ page, site }) => {
  await openEosin(page, site, 'slide=phantom:5&device=wasm');
  await page.evaluate(() => window.eosin.setView({ centre: { x: 50_112, y: 40_384 }, magnification: 20 }));
  const slide = page.getByRole('application');
  await slide.focus();
  const before = await page.evaluate(() => window.eosin.view());
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => page.evaluate(() => window.eosin.view().centre.x)).toBeGreaterThan(before.centre.x);
  await page.keyboard.press('+');
  await expect.poll(() => page.evaluate(() => window.eosin.view().magnification)).toBeGreaterThan(before.magnification);
  await page.keyboard.press('Enter');
  await expect
    .poll(() => page.evaluate(() => window.eosin.objects('nuclei').count), { timeout: 120_000 })
    .toBeGreaterThan(5);
});
