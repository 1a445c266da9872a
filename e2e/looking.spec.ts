// How a slide is looked at: by its colour profile, one stain, one channel, mirrored, at a place, and by keys of one's own.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { command, openFile } from './actions.ts';
import { expect, openEosin, sharedFile, test } from './site.ts';

/** The grey values across the middle of what is on screen. */
const middleRow = (page: Page): Promise<number[]> =>
  page.evaluate(async () => {
    const bitmap = await createImageBitmap(await window.eosin.snapshot());
    const context = new OffscreenCanvas(bitmap.width, 1).getContext('2d');
    context?.drawImage(bitmap, 0, -Math.floor(bitmap.height / 2));
    const { data = new Uint8ClampedArray() } = context?.getImageData(0, 0, bitmap.width, 1) ?? {};
    return Array.from({ length: data.length / 4 }, (_, i) => data[4 * i + 1] ?? 0);
  });

/** The mean difference of two rows, of 255. */
const differenceOf = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;

test('colours by profile are a switch that says so; a slide without one dims it; a stain, a place, a mirror, the screen', async ({
  page,
  site,
}, info) => {
  const path = sharedFile(info, 'slides/tcga-cr-7395-01a-01-ts1.svs');
  await openEosin(page, site, 'slide=phantom:1');
  const status = page.getByRole('button', { name: 'Colours by profile' });
  const box = page.getByRole('checkbox', { name: "Colours by the slide's profile" });
  await page.keyboard.press('Shift+C');
  await expect(box).toBeDisabled();
  await expect(page.getByText('This slide carries no ICC profile')).toBeVisible();
  await openFile(page, path);
  await page.waitForFunction(() => window.eosin.slide()?.widthPx === 4443);
  await page.keyboard.press('Escape'); // it asks for the pixel size
  await page.keyboard.press('Shift+C');
  await expect(status).toHaveCount(0); // off at first
  await box.check();
  await expect(status).toBeVisible();
  await command(page, 'Show colours as stored');
  await expect(box).not.toBeChecked();
  await expect(status).toHaveCount(0);

  await command(page, 'Show haematoxylin alone');
  await expect(page.getByRole('radio', { name: 'Haematoxylin' })).toBeChecked();
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+g');
  await page.getByRole('dialog', { name: 'Go to coordinates' }).getByRole('textbox').fill('1200 900');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => Math.round(window.eosin.view().centre.x))).toBe(1200);
  const stored = await middleRow(page);
  await command(page, 'Flip left to right');
  await expect.poll(async () => differenceOf(await middleRow(page), stored.toReversed())).toBeLessThan(2);
  expect(differenceOf(await middleRow(page), stored)).toBeGreaterThan(8); // tissue is not its own mirror image
  await command(page, 'Full screen');
  await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(true);
  await command(page, 'Leave the full screen');
  await expect.poll(() => page.evaluate(() => document.fullscreenElement !== null)).toBe(false);
});

test('channels by picker and key, kept with the slide; keys that are chosen hold, also after a reload', async ({
  page,
  site,
  slideHost,
}, info) => {
  sharedFile(info, 'slides/small_vectra.qptiff');
  const query = `slide=${encodeURIComponent(`${slideHost.url}small_vectra.qptiff`)}`;
  await openEosin(page, site, query);
  const shown = () => page.evaluate(() => window.eosin.slide()?.properties['eosin.channel']);
  const picker = page.getByRole('combobox', { name: 'Channel' });
  await expect(picker.getByRole('option')).toHaveCount(3);
  const first = await shown();
  await picker.selectOption('2');
  await expect.poll(shown).not.toBe(first);
  const third = await shown();
  const white = page.getByRole('spinbutton', { name: 'White' });
  await white.fill('60');
  await white.press('Enter');
  await expect(page.getByRole('button', { name: 'Reset', exact: true })).not.toHaveAttribute('aria-disabled');
  await page.keyboard.press('Escape');
  await page.getByRole('application').focus();
  await page.keyboard.press('}'); // round the end
  await expect.poll(shown).toBe(first);
  await expect(white).toHaveValue('255'); // it was set for the other
  await expect(page.getByRole('button', { name: 'display adjusted' })).toHaveCount(0);
  await page.keyboard.press('{');
  await expect.poll(shown).toBe(third);

  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'All keys' });
  const rectangle = sheet.getByRole('button', { name: 'Rectangle: R. Choose another' });
  await expect(rectangle).toBeVisible();
  const all = await sheet.getByRole('button', { name: 'Choose another' }).allInnerTexts();
  expect(all.length).toBeGreaterThan(30);
  expect(new Set(all).size).toBe(all.length); // no two commands begin with the same key
  await rectangle.click();
  await page.keyboard.press('Control+t');
  await expect(sheet.getByText('The browser keeps Ctrl T for itself')).toBeVisible();
  await page.keyboard.press('m');
  await expect(sheet.getByText('M is the key of “Move”')).toBeVisible();
  await page.keyboard.press('m');
  await expect(sheet.getByRole('button', { name: 'Move: no key' })).toBeVisible();

  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  expect(await shown()).toBe(third);
  await page.getByRole('application').focus();
  await page.keyboard.press('r'); // what it came with is nobody's now
  await page.keyboard.press('m');
  await expect(page.getByRole('button', { name: 'Rectangle', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.press('?');
  await sheet.getByRole('button', { name: 'Reset all, 2 changed' }).click();
  await expect(rectangle).toBeVisible();
});

test('focal planes by picker and key, kept with the slide', async ({ page, site }) => {
  await openEosin(page, site);
  const path = join(import.meta.dirname, '../src/slide/testing/fixtures/dicom/lights-full.dcm');
  await openFile(page, path);
  const shown = () => page.evaluate(() => window.eosin.slide()?.properties['eosin.plane']);
  const picker = page.getByRole('combobox', { name: 'Focal plane' });
  await expect(picker.getByRole('option')).toHaveText(['Plane 1 of 3', 'Plane 2 of 3', 'Plane 3 of 3']);
  await expect(picker).toHaveValue('1'); // the middle one
  await page.keyboard.press('Escape');
  await page.getByRole('application').focus();
  await page.keyboard.press(')');
  await expect.poll(shown).toBe('Plane 3');
  await page.keyboard.press(')'); // there is none behind it
  await picker.selectOption('0');
  await expect.poll(shown).toBe('Plane 1');
  await page.getByRole('combobox', { name: 'Channel' }).selectOption('1');
  await expect.poll(() => page.evaluate(() => window.eosin.slide()?.properties['eosin.channel'])).toBe('500 nm');
  expect(await shown()).toBe('Plane 1');
  await page.evaluate(() => window.eosin.open('phantom:1'));
  await openFile(page, path);
  await expect.poll(shown).toBe('Plane 1');
});
