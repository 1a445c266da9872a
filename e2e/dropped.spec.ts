// Files and folders that are dropped, or picked together: one slide opens, several are queued, what is none is told.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Page } from '@playwright/test';
import { root } from '../scripts/project.mjs';
import { bytesOf, expect, openEosin, test } from './site.ts';

const fixtures = join(root, 'src/slide/testing/fixtures');

type Named = readonly (readonly [name: string, base64: string])[];
const named = (folder: string, files: readonly string[]): Named =>
  files.map((file) => [basename(file), bytesOf(join(fixtures, folder, file)).toString('base64')]);
const text = (name: string, of: string): Named => [[name, Buffer.from(of).toString('base64')]];

const NOTES = [...text('notes.txt', 'No slide.'), ...text('README', 'No slide.'), ...text('cells.csv', 'x,y')];
const OME = named('ome-files/channels', readdirSync(join(fixtures, 'ome-files/channels')));
const DICOM = named('dicom', ['concatenation-1.dcm', 'concatenation-2.dcm']);

async function drop(page: Page, files: Named): Promise<void> {
  const transfer = await page.evaluateHandle((all) => {
    const made = new DataTransfer();
    for (const [name, base64] of all)
      made.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name));
    return made;
  }, files);
  await page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
}

const pick = async (page: Page, files: Named): Promise<void> => {
  await page.getByRole('button', { name: 'Open a slide' }).first().click();
  await page.getByLabel('Slide file').setInputFiles(
    files.map(([name, base64]) => ({
      name,
      mimeType: 'application/octet-stream',
      buffer: Buffer.from(base64, 'base64'),
    })),
  );
};

const opened = (page: Page) =>
  page.evaluate(() => {
    const { format, properties } = window.eosin.slide() ?? {};
    return [format, properties?.['eosin.missingFiles']];
  });

for (const [how, take] of [
  ['dropped', drop],
  ['picked', pick],
] as const) {
  test(`files of one slide that are ${how} together, with notes beside them, open as one`, async ({ page, site }) => {
    await openEosin(page, site);
    await take(page, [...NOTES, ...OME]);
    await expect.poll(() => opened(page)).toEqual(['OME-TIFF', undefined]);
    await expect(page.getByRole('combobox', { name: 'Channel' })).toBeVisible();
    await take(page, [...DICOM, ...NOTES]);
    await expect.poll(() => opened(page)).toEqual(['DICOM WSI', undefined]);
    expect(await page.evaluate(() => window.eosin.runs())).toEqual([]);
  });
}
