// Folders of pictures in the workspace Learn: as classes that colour the slide, as bags that attention learns from; what was
// learnt is there after a reload. The pictures are cut from the synthetic slide, so that nothing else is needed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { expect, openEosin, test } from './site.ts';

const SIDE = 512; // level-0 px of a picture

/** PNG of a square of the open slide. */
const picture = async (page: Page, x: number, y: number): Promise<Buffer> =>
  Buffer.from(
    await page.evaluate(
      async ([left, top, side]) => {
        const { widthPx = 0, heightPx = 0 } = window.eosin.slide() ?? {};
        const rect = { x: left * widthPx, y: top * heightPx, width: side, height: side };
        const pixels = await window.eosin.readRegion(rect, 2);
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [pixels.width, pixels.height];
        canvas.getContext('2d')?.putImageData(pixels, 0, 0);
        return canvas.toDataURL('image/png').split(',')[1] ?? '';
      },
      [x, y, SIDE] as const,
    ),
    'base64',
  );

test('class folders colour the slide; bags of pictures train attention, which is kept; its patches are saved', async ({
  page,
  site,
}, info) => {
  await openEosin(page, site, 'slide=phantom:5&device=wasm');
  const [classes, bags] = [info.outputPath('classes'), info.outputPath('bags')];
  const write = (folder: string, name: string, png: Buffer): void => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), png);
  };
  // Tissue in the middle, the slide's edge: any head tells them apart.
  for (const [name, at] of [
    ['Tissue', 0.45],
    ['Edge', 0.01],
  ] as const)
    for (let k = 0; k < 8; k++) {
      const png = await picture(page, at + 0.01 * (k >> 1), at + 0.02 * (k & 1));
      write(join(classes, name), `${k}.png`, png);
      write(join(bags, name, `bag ${k >> 1}`), `${k}.png`, png);
    }
  await page.evaluate(() => window.eosin.setView({ magnification: 20 }));
  await page.keyboard.press('Alt+3');
  await page
    .getByLabel('Encoder', { exact: true })
    .selectOption({ label: 'ResNet-18 to block 3, ImageNet, distilled' });
  await page.getByRole('button', { name: 'Embed the view' }).click();
  await expect(page.getByText(/^\d+ patch(es)? embedded/)).toBeVisible({ timeout: 90_000 });

  await page.getByLabel('Folder of classes').setInputFiles(classes);
  await expect(page.getByText(/^16 pictures/)).toBeVisible({ timeout: 60_000 });
  const legend = page.getByRole('note', { name: 'Legend' });
  await expect(legend).toContainText('Logistic');
  await expect(legend).toContainText(/Tissue\d+ patch/);

  await page.getByRole('radio', { name: 'Slides' }).click();
  await page.getByLabel('Folder of bags').setInputFiles(bags);
  await expect(page.getByLabel(/^Label of bag/)).toHaveCount(8, { timeout: 60_000 });
  await expect(page.getByLabel(/^Label of bag 3/).first()).toHaveValue('Edge');
  await expect(page.getByText(/^Embedding pictures/)).toHaveCount(0);
  await page.getByRole('radio', { name: 'Top 64 adapted' }).click();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByText(/frozen features alone/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/^Training attention/)).toHaveCount(0);
  await expectAccessible(page, 'Learn with a network');

  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  await page.keyboard.press('Alt+3');
  await page.getByRole('radio', { name: 'Slides' }).click();
  await expect(page.getByLabel(/^Label of bag/)).toHaveCount(8);
  await page.getByRole('button', { name: /^Show Plain, top 64 adapted/ }).click();
  await expect(page.getByRole('region', { name: 'Top patches' })).toBeVisible();
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('region', { name: 'Top patches' }).getByRole('button', { name: 'CSV' }).click(),
  ]);
  const [head, ...rows] = readFileSync(await saved.path(), 'utf8')
    .trim()
    .split('\r\n');
  expect(head).toBe('rank,x,y,width,height,attention,weight,"probability of Edge","probability of Tissue"');
  expect(rows.length).toBeGreaterThanOrEqual(4);
});
