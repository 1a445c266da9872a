// axe on every state of the page that a journey passes through, dark and light.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';
import { root } from '../scripts/project.mjs';
import { analyse } from './findings.ts';
import { expect, openEosin, test } from './site.ts';

declare global {
  interface Window {
    readonly axe: { run(context: Document, options: object): Promise<AxeResults> };
  }
}

async function expectAccessible(page: Page, state: string): Promise<void> {
  await page.addScriptTag({ path: join(root, 'node_modules/axe-core/axe.min.js') });
  const violations = await page.evaluate(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const results = await window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
    return results.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, help, nodes }) => ({ id, help, where: nodes.slice(0, 4).map(({ html }) => html.slice(0, 200)) }));
  });
  expect.soft(violations, state).toEqual([]);
}

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
