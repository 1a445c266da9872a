// Tiles that are not read: told by the console, listed in a card, tried again; and what an address takes the second time.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { root } from '../scripts/project.mjs';
import { command, openFile } from './actions.ts';
import { expect, openEosin, sharedFile, test } from './site.ts';

const PYRAMID = 'derived/cmu-pyramid-jpeg-ycbcr.tif';

const gaps = (page: Page) => page.evaluate(() => window.eosin.gaps());

test('a damaged tile is told, listed and tried again; its neighbours are shown', async ({ page, site }) => {
  await openEosin(page, site);
  const bytes = readFileSync(join(root, 'src/slide/testing/fixtures/jpeg-rgb.tif'));
  const first = bytes.indexOf(Buffer.from([0xff, 0xda])); // behind it begin the codes of the tile that is stored first, the third of the first row
  bytes.fill(0xff, first + 20, first + 120);
  await openFile(page, { name: 'damaged.tif', mimeType: 'image/tiff', buffer: bytes });
  await page.waitForFunction(() => window.eosin.slide()?.name === 'damaged.tif');
  await expect.poll(async () => (await gaps(page)).length).toBe(1);
  const [gap] = await gaps(page);
  expect(gap).toEqual({ level: 0, col: 2, row: 0, why: expect.stringMatching(/\w{3,}/) });
  await command(page, 'List the tiles that were not read');
  await expect(page.getByText('1 tile was not read')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Level 0, row 1, column 3' })).toBeVisible();
  await page.getByRole('button', { name: 'Retry it' }).click();
  await expect.poll(() => gaps(page)).toEqual([gap]); // the file is as it was
});

test('tiles that a host did not send come when they are tried again', async ({ page, site, slideHost }, info) => {
  sharedFile(info, `slides/${PYRAMID}`);
  await openEosin(page, site);
  const url = `${slideHost.url}${PYRAMID}`;
  await page.evaluate((url) => window.eosin.open(url), url);
  await page.route(url, (route) => route.abort());
  await page.evaluate(() => window.eosin.setView({ centre: { x: 1500, y: 2000 }, magnification: 20 }));
  await expect.poll(async () => (await gaps(page)).length).toBeGreaterThan(0);
  await command(page, 'List the tiles that were not read');
  await page.unroute(url);
  await page.getByRole('button', { name: /^Retry/ }).click();
  await expect.poll(() => gaps(page)).toEqual([]);
  await expect(page.getByText('not read')).toHaveCount(0);
});

test('an address that was opened before takes one byte to open after a reload', async ({
  page,
  site,
  slideHost,
}, info) => {
  sharedFile(info, `slides/${PYRAMID}`);
  const query = `slide=${encodeURIComponent(`${slideHost.url}${PYRAMID}`)}`;
  await openEosin(page, site, query);
  const kept = () => page.evaluate(async () => (await (await caches.open('eosin-headers-1')).keys()).length);
  await expect.poll(kept).toBe(1);
  await page.evaluate(() => window.eosin.setView({})); // resolves when what is in view is drawn: nothing is on its way
  const seen = slideHost.requests.length;
  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide()?.levels.length === 5);
  await page.evaluate(() => window.eosin.setView({}));
  const [opening, ...others] = slideHost.requests.slice(seen);
  expect(opening).toMatchObject({ status: 206, range: 'bytes=0-0', bytes: 1 });
  expect(others.filter(({ range }) => range?.startsWith('bytes=0-'))).toEqual([]);
});
