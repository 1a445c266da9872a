// What a user does with mouse and keyboard, where more than one journey does it.
import { expect, type Page } from '@playwright/test';

/** The button that opens a slide, then a file. */
export async function openFile(
  page: Page,
  file: string | { name: string; mimeType: string; buffer: Buffer },
): Promise<void> {
  await page.getByRole('button', { name: 'Open a slide' }).first().click();
  await page.getByLabel('Slide file').setInputFiles(file);
}

/** The command list: typed for, then taken. */
export async function command(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k');
  const search = page.getByRole('dialog').getByRole('textbox');
  await search.fill(name);
  await page.getByRole('dialog').getByText(name, { exact: true }).first().click();
  await expect(search).toHaveCount(0);
}

/** The two frames after which what was asked for is drawn. */
export const drawn = (page: Page): Promise<unknown> =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** Shows circularity by area as a scatter plot. @returns it, and where it is on the page, CSS px */
export async function scatterPlot(page: Page) {
  await page.getByRole('radio', { name: 'Scatter' }).click();
  await page.getByLabel('Measure up the plot').selectOption({ label: 'Circularity' });
  const plot = page.getByRole('img', { name: /^Area, µm² across, Circularity up/ });
  await plot.scrollIntoViewIfNeeded();
  const place = await plot.boundingBox();
  if (!place) throw new Error('the plot has no box');
  return { plot, place };
}
