// Slides beside each other, their labels, and an address that does not open: what a reader of slides meets in a day.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { root } from '../scripts/project.mjs';
import { openFile } from './actions.ts';
import { analyse } from './findings.ts';
import { bytesOf, expect, hosting, openEosin, sharedFile, test } from './site.ts';

const REGION = { x: 1000, y: 920, width: 300, height: 300 };
const SLIDE = 'CMU-1-Small-Region.svs';

const tabs = (page: Page) => page.getByRole('navigation', { name: 'Open slides' });

test('two slides in tabs: going back brings view and findings; the label shows when asked for', async ({
  page,
  site,
}, info) => {
  const path = sharedFile(info, `slides/${SLIDE}`);
  await openEosin(page, site, 'slide=phantom:1');
  await openFile(page, path);
  await page.waitForFunction(() => window.eosin.slide()?.widthPx === 2220);
  const { counts } = await analyse(page, { region: REGION });
  expect(counts.nuclei).toBeGreaterThan(20);
  await page.evaluate(() => window.eosin.setView({ centre: { x: 1100, y: 1000 }, magnification: 20 }));

  await tabs(page).getByRole('button', { name: 'Sample 1, synthetic', exact: true }).click();
  await page.waitForFunction(() => window.eosin.slide()?.format === 'Synthetic');
  expect(await page.evaluate(() => window.eosin.objects('nuclei').count)).toBe(0);
  await tabs(page).getByRole('button', { name: SLIDE, exact: true }).click();
  await page.waitForFunction(() => window.eosin.slide()?.widthPx === 2220);
  const back = await page.evaluate(() => ({
    view: window.eosin.view(),
    nuclei: window.eosin.objects('nuclei').count,
  }));
  expect(back.nuclei).toBe(counts.nuclei);
  expect(back.view.magnification).toBeCloseTo(20, 3);
  expect(back.view.centre.x).toBeCloseTo(1100, 0);

  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('textbox').fill('Show the label');
  await page.keyboard.press('Enter');
  const sheet = page.getByRole('dialog', { name: SLIDE });
  await expect(sheet.getByRole('img')).toHaveCount(0);
  await sheet.getByRole('button', { name: 'Show label' }).click();
  await expect(sheet.getByRole('img', { name: 'The slide’s label' })).toBeVisible();
  const label = await page.evaluate(async () => {
    const { width, height } = await window.eosin.associatedImage('label');
    return [width, height];
  });
  expect(label).toEqual([387, 463]);

  await tabs(page).getByRole('button', { name: 'Close slide' }).click();
  await page.waitForFunction(() => window.eosin.slide()?.format === 'Synthetic');
});

test('the doctor: a host that sends whole files is downloaded from, one without CORS gets its lines', async ({
  page,
  site,
}, info) => {
  const path = sharedFile(info, `slides/${SLIDE}`);
  const slides = join(root, '../shared/slides');
  const whole = await hosting({ root: slides, cors: true, ranges: false });
  const closed = await hosting({ root: slides });
  try {
    await page.goto(`${site.url}?drawer=canvas&slide=${encodeURIComponent(`${closed.url}${SLIDE}`)}`);
    const card = page.getByRole('alert');
    await expect(card.getByText(/gave no answer that the browser lets this page see/)).toBeVisible();
    await card.getByRole('radio', { name: 'Caddy' }).click();
    await expect(card.getByText('Access-Control-Expose-Headers')).toBeVisible();

    const told = await page.evaluate((url) => window.eosin.diagnose(url), `${whole.url}${SLIDE}`);
    expect(told.ok).toBe(false);
    expect(told.steps.find(({ ok }) => !ok)?.seen).toMatch(
      /began to send the whole file; that was stopped. It is 1.9 MB/,
    );
    await page.evaluate((url) => window.eosin.open(url).catch(() => undefined), `${whole.url}${SLIDE}`);
    await card.getByRole('button', { name: 'Download the whole file (1.9 MB)' }).click();
    await page.waitForFunction(() => window.eosin.slide()?.widthPx === 2220);
    await expect(card).toHaveCount(0);
    const sent = whole.requests.at(-1)?.bytes;
    expect(sent).toBe(bytesOf(path).length);
  } finally {
    await whole.close();
    await closed.close();
  }
});
