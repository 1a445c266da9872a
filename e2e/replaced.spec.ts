// A file that a host replaces while it is being read: told once, opened again with one click; nothing computed is lost.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { analyse } from './findings.ts';
import { offerSibling, SIBLING } from './sibling.ts';
import { expect, hosting, openEosin, sharedFile, test } from './site.ts';

const PYRAMID = 'slides/derived/cmu-pyramid-jpeg-ycbcr.tif';
const REGION = { x: 1200, y: 1200, width: 200, height: 200 };
const OTHER = 'slides/derived/cmu-subifd.ome.tif';

const notice = (page: Page) => page.getByTestId('notice');
const nuclei = (page: Page) => page.evaluate(() => window.eosin.objects('nuclei').count);

test('a file that is replaced in mid-read is told once, and opened again with one click', async ({
  page,
  site,
}, info) => {
  const folder = mkdtempSync(join(tmpdir(), 'eosin-replaced-'));
  const path = join(folder, 'slide.tif');
  cpSync(sharedFile(info, PYRAMID), path);
  const host = await hosting({ root: folder, cors: true });
  try {
    await offerSibling(page);
    await openEosin(page, site, `device=wasm&slide=${encodeURIComponent(`${host.url}slide.tif`)}`);
    const { counts } = await analyse(page, { models: [SIBLING], region: REGION });
    expect(counts.nuclei).toBeGreaterThan(0);

    // The same bytes, written later: the host gives them another ETag.
    writeFileSync(path, readFileSync(path));
    await page.evaluate(() => window.eosin.setView({ centre: { x: 600, y: 2400 }, magnification: 20 }));
    await expect(notice(page)).toContainText('slide.tif was replaced or removed while it was open');
    await expect(notice(page)).toHaveCount(1);
    expect(await nuclei(page)).toBe(counts.nuclei);
    await notice(page).getByRole('button', { name: 'Open it again' }).click();
    await expect(notice(page)).toHaveCount(0);
    await expect.poll(() => page.evaluate(() => window.eosin.gaps())).toEqual([]);
    await expect.poll(() => nuclei(page)).toBe(counts.nuclei);
    const { centre, magnification } = await page.evaluate(() => window.eosin.view());
    expect([Math.round(centre.x), Math.round(centre.y), Math.round(magnification ?? 0)]).toEqual([600, 2400, 20]);
    await page.evaluate(() => window.eosin.setView({ centre: { x: 600, y: 2400 }, magnification: 20 }));
    expect(await page.evaluate(() => window.eosin.gaps())).toEqual([]);

    // Another slide in its place: what was found on the first one is not shown on it, and stays in the list.
    cpSync(sharedFile(info, OTHER), path);
    await page.evaluate(() => window.eosin.setView({ centre: { x: 1900, y: 300 }, magnification: 40 }));
    await notice(page).getByRole('button', { name: 'Open it again' }).click();
    await expect(notice(page)).toContainText('slide.tif is another file than before');
    expect(await page.evaluate(() => window.eosin.slide()?.format)).toBe('OME-TIFF');
    expect(await nuclei(page)).toBe(0);
    expect(await page.evaluate(() => window.eosin.runs().map(({ state }) => state))).toEqual(['done']);
  } finally {
    await host.close();
    rmSync(folder, { recursive: true });
  }
});
