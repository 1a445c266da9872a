// axe on every state of the page that a journey passes through, dark and light.
import { expectAccessible } from './axe.ts';
import { analyse } from './findings.ts';
import { expect, openEosin, test } from './site.ts';

for (const colorScheme of ['dark', 'light'] as const) {
  test(`no serious violation, ${colorScheme}`, async ({ page, site }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await openEosin(page, site, 'slide=phantom:5');
    await expectAccessible(page, 'open');
    await analyse(page, { region: { x: 50_200, y: 40_200, width: 500, height: 500 } });
    await expectAccessible(page, 'after a run');
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('dialog').first()).toBeVisible();
    await expectAccessible(page, 'the list of commands');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });
}

test('the whole of it by keyboard: analyse, cancel, layers, zoom', async ({ page, site }) => {
  await openEosin(page, site, 'slide=phantom:5');
  await page.evaluate(() => window.eosin.setView({ centre: { x: 50_400, y: 40_400 }, magnification: 20 }));
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
