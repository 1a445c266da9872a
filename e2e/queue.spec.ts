// Several slides in one queue: a folder that was picked, and files dropped together.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { root } from '../scripts/project.mjs';
import { command } from './actions.ts';
import { offerSibling } from './sibling.ts';
import { expect, openEosin, test } from './site.ts';

const SIDE = 512; // px at 0.5 µm

/** A small slide as a scanner writes it: a disc of pink on glass, which counts as tissue. */
async function slide(seed: number): Promise<string> {
  const disc = `<svg width="${SIDE}" height="${SIDE}"><rect width="100%" height="100%" fill="#f4f2f4"/>
    <circle cx="256" cy="256" r="${160 + 10 * seed}" fill="#c86a9e"/></svg>`;
  const grid = { tile: true, tileWidth: 256, tileHeight: 256, pyramid: true } as const;
  const bytes = await sharp(Buffer.from(disc))
    .removeAlpha()
    .tiff({ ...grid, compression: 'jpeg', quality: 90, xres: 2000, yres: 2000, resolutionUnit: 'cm' })
    .toBuffer();
  return bytes.toString('base64');
}

type Named = Readonly<Record<string, string>>; // base64 by name

const states = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    window.eosin
      .runs()
      .map(({ slide, state, done, total }) => `${slide} ${state} ${done === total && total > 0}`)
      .sort(),
  );

test.beforeEach(({ page }) => offerSibling(page));

/** The browser's own dialogue cannot be clicked here: a folder of the page's own stands for the one that is picked. */
const pickable = (page: Page, files: Named): Promise<void> =>
  page.evaluate(async (named) => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle('picked', { create: true });
    for (const [name, base64] of Object.entries(named)) {
      const handle = await folder.getFileHandle(name, { create: true });
      const writable = await handle.createWritable();
      await writable.write(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
      await writable.close();
    }
    Object.assign(window, { showDirectoryPicker: async () => folder });
  }, files);

test('a folder: each of its slides is analysed in turn, what is no slide is passed over', async ({ page, site }) => {
  const files: Named = { 'a.tif': await slide(1), 'b.tif': await slide(2), 'notes.txt': btoa('no slide') };
  await openEosin(page, site, 'device=wasm');
  await pickable(page, files);
  await command(page, 'Runs: queue, earlier ones, storage');
  await page.getByRole('button', { name: 'Add a folder' }).click();
  await expect(page.getByTestId('notice')).toContainText('2 slides added to the queue.');
  await expect.poll(() => states(page), { timeout: 60_000 }).toEqual(['a.tif done true', 'b.tif done true']);
});

test('files dropped together are queued; one that cannot be read does not hold up the next', async ({ page, site }) => {
  const files: Named = { 'broken.tif': btoa(`II*\0${'x'.repeat(40)}`), 'c.tif': await slide(3) };
  await openEosin(page, site, 'device=wasm');
  const dropped = await page.evaluateHandle((named) => {
    const transfer = new DataTransfer();
    for (const [name, base64] of Object.entries(named))
      transfer.items.add(new File([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))], name));
    return transfer;
  }, files);
  await page.dispatchEvent('body', 'drop', { dataTransfer: dropped });
  await expect
    .poll(() => states(page), { timeout: 60_000 })
    .toEqual(['broken.tif interrupted false', 'c.tif done true']);
});

test('the files of one slide are not queued as several: it is opened, whichever way they come', async ({
  page,
  site,
}) => {
  const folder = join(root, 'src/slide/testing/fixtures/ome-files/channels');
  const files = readdirSync(folder).map((name) => join(folder, name));
  await openEosin(page, site, 'device=wasm');
  await command(page, 'Runs: queue, earlier ones, storage');
  await page.getByLabel('Slides for the queue').setInputFiles(files);
  await expect(page.getByTestId('notice')).toContainText(
    'One slide, which is opened: the queue takes slides of one file each',
  );
  await expect.poll(() => page.evaluate(() => window.eosin.slide()?.name)).toMatch(/\.ome\.tif$/);
  expect(await states(page)).toEqual([]);
});

test('a queue that the page left comes back after a reload, and goes on with one click', async ({ page, site }) => {
  const files: Named = { 'a.tif': await slide(1), 'b.tif': await slide(2), 'c.tif': await slide(3) };
  await openEosin(page, site, 'device=wasm');
  await pickable(page, files);
  await page.route('**/model.onnx', () => undefined); // never answered: nothing begins
  await command(page, 'Runs: queue, earlier ones, storage');
  await page.getByRole('button', { name: 'Add a folder' }).click();
  await expect(page.getByTestId('notice')).toContainText('3 slides added to the queue.');
  const plain = { name: 'plain.tif', mimeType: 'image/tiff', buffer: Buffer.from(await slide(4), 'base64') };
  await page.getByLabel('Slides for the queue').setInputFiles([plain]);
  await expect(page.getByTestId('notice')).toContainText('1 slide added to the queue.');

  await page.unroute('**/model.onnx');
  await openEosin(page, site, 'device=wasm');
  await expect(page.getByTestId('notice')).toContainText('3 slides of the queue were not finished');
  await command(page, 'Runs: queue, earlier ones, storage');
  const lost = page.getByRole('listitem').filter({ hasText: 'plain.tif' }).first();
  await expect(lost).toContainText('a page cannot keep a file that was handed to it. Add it again.');
  await page.getByRole('button', { name: 'Resume all' }).click();
  await expect
    .poll(() => states(page), { timeout: 60_000 })
    .toEqual(['a.tif done true', 'b.tif done true', 'c.tif done true', 'plain.tif interrupted false']);
  await openEosin(page, site, 'device=wasm'); // and nothing comes back of what is done
  await command(page, 'Runs: queue, earlier ones, storage');
  await expect(page.getByRole('listitem').filter({ hasText: 'c.tif' }).first()).toContainText('Done');
  await expect(page.getByRole('button', { name: 'Resume all' })).toHaveCount(0);
});
