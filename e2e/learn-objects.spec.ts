// Learning on nuclei: a run finds them, clicks label them, a head colours them; after a reload all of it is there again.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { unzipSync } from 'fflate';
import { expectAccessible } from './axe.ts';
import { expect, openEosin, sharedFile, test } from './site.ts';

const CMU = 'CMU-1-Small-Region.svs';
const REGION = { x: 1160, y: 780, width: 300, height: 300 }; // in one core of 384 px: epidermis and dermis
const VIEW = { centre: { x: 1310, y: 930 }, magnification: 25 };

/** Centres of the nuclei and their areas, px on the screen, the largest first. */
async function nucleiOnScreen(page: Page): Promise<(readonly [x: number, y: number])[]> {
  const box = await page.getByRole('application').boundingBox();
  if (!box) throw new Error('the slide has no box');
  const places = await page.evaluate(() => {
    const { centre, magnification } = window.eosin.view();
    const zoom = (magnification * (window.eosin.slide()?.mpp?.x ?? 1)) / 10; // CSS px a level-0 px
    const { count, centroids, polygon } = window.eosin.objects('nuclei');
    const areaOf = (ring: Float64Array): number => {
      let twice = 0;
      for (let k = 0, last = ring.length - 2; k < ring.length; last = k, k += 2)
        twice += (ring[last] ?? 0) * (ring[k + 1] ?? 0) - (ring[k] ?? 0) * (ring[last + 1] ?? 0);
      return Math.abs(twice) / 2;
    };
    return Array.from({ length: count }, (_, i) => ({
      x: ((centroids[2 * i] ?? 0) - centre.x) * zoom,
      y: ((centroids[2 * i + 1] ?? 0) - centre.y) * zoom,
      area: areaOf(polygon(i)[0] ?? new Float64Array()),
    })).sort((a, b) => b.area - a.area);
  });
  return places.map(({ x, y }) => [box.x + box.width / 2 + x, box.y + box.height / 2 + y] as const);
}

async function openObjects(page: Page): Promise<void> {
  await page.evaluate((view) => window.eosin.setView(view), VIEW);
  await page.keyboard.press('Alt+3');
  await page.getByRole('radio', { name: 'Objects' }).click();
}

test('nuclei of two classes labelled by clicks, a head that colours them, saved; after a reload the same figure', async ({
  page,
  site,
  slideHost,
}, info) => {
  sharedFile(info, `slides/${CMU}`);
  await openEosin(page, site, `slide=${encodeURIComponent(`${slideHost.url}${CMU}`)}&device=wasm`);
  await openObjects(page);
  const section = page.getByRole('region', { name: 'Objects' });
  await expect(section).toContainText('There are no nuclei yet. Analyse a region first');
  const { counts } = await page.evaluate(
    (region) => window.eosin.analyse({ models: ['cerberus-lite'], region }),
    REGION,
  );
  expect(counts.nuclei).toBeGreaterThanOrEqual(40);
  await section.getByRole('button', { name: 'Read the view' }).click();
  await expect(section).toContainText(`${counts.nuclei} of ${counts.nuclei} nuclei read, kept on this disk`, {
    timeout: 90_000,
  });

  for (const name of ['Large', 'Small']) {
    await page.getByRole('button', { name: 'Class', exact: true }).click();
    const field = page.getByLabel(/^Name of class/).last();
    await field.fill(name);
    await field.press('Enter');
  }
  await page.getByRole('application').focus();
  const nuclei = await nucleiOnScreen(page);
  for (const [key, some] of [
    ['1', nuclei.slice(0, 10)],
    ['2', nuclei.slice(-10)],
  ] as const) {
    await page.keyboard.press(key);
    for (const at of some) await page.mouse.click(...at);
  }
  const legend = page.getByRole('note', { name: 'Legend' });
  await expect(legend).toContainText('Logistic'); // begun by itself
  await expect(legend).toContainText(/Large\d+ nucle/);
  await expect(legend).toContainText(/Small\d+ nucle/);
  const learnt = page.getByText(/^Learnt from 20 labels/);
  await expect(learnt).toBeVisible();
  const row = page.getByRole('row').filter({ hasText: 'Logistic' });
  const figure = /0\.\d\d.*0\.\d\d to (0\.\d\d|1\.00)|1\.00/;
  await expect(row).toContainText(figure);
  const numbers = async (): Promise<string[]> => (await row.getByRole('cell').allTextContents()).slice(1, 6);
  const before = await numbers();
  const said = await legend.textContent();
  await expectAccessible(page, 'Learn on objects');

  await page.keyboard.press('Control+z'); // the last label
  await expect(page.getByText(/^Learnt from 19 labels/)).toBeVisible();
  await page.keyboard.press('Control+Shift+z');
  await expect(learnt).toBeVisible();
  const colour = page.getByRole('switch', { name: 'Colour by head' });
  await colour.uncheck();
  await expect(legend).toHaveCount(0); // the run's own classes again
  await colour.check();
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save Logistic as ONNX' }).click(),
  ]);
  expect(saved.suggestedFilename()).toMatch(/^head-\d+-cerberus-lite-nuclei\.zip$/);
  const files = unzipSync(readFileSync(await saved.path()));
  const manifest = JSON.parse(new TextDecoder().decode(files['model.json']));
  expect(manifest.input).toMatchObject({ channels: 64, encoder: { id: 'cerberus-lite', output: 'nuclei' } });
  expect(manifest.summary).toContain('learnt in Eosin from 20 labelled nuclei');

  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  await page.route('**/*.onnx', (route) => route.abort()); // nothing is computed without it
  await openObjects(page);
  await section.getByRole('button', { name: 'Show the last run' }).click();
  await expect(section).toContainText(`${counts.nuclei} of ${counts.nuclei} nuclei read, kept on this disk`);
  await expect(learnt).toBeVisible();
  await expect.poll(numbers).toEqual(before);
  await expect(legend).toHaveText(said ?? '');

  // The console takes them as it takes patches, and says what cannot be.
  const console = await page.evaluate(async (region) => {
    const said = (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        (error: Error) => error.message,
      );
    const { set, rows, dims } = await window.eosin.embed({ encoder: 'cerberus-lite', region });
    const head = await window.eosin.trainHead({ set });
    const { probabilities } = await window.eosin.predict(head.head, set);
    return {
      rows,
      dims,
      classes: head.classes,
      labels: head.confusion.flat().reduce((sum, n) => sum + n, 0),
      said: probabilities.length,
      elsewhere: await said(
        window.eosin.embed({ encoder: 'cerberus-lite', region: { x: 0, y: 0, width: 50, height: 50 } }),
      ),
      glands: await said(window.eosin.embed({ encoder: 'cerberus-lite/glands', region })),
    };
  }, REGION);
  expect(console).toMatchObject({ rows: counts.nuclei, dims: { nuclei: 64 }, classes: ['Large', 'Small'], labels: 20 });
  expect(console.said).toBe(2 * console.rows);
  expect(console.elsewhere).toMatch(/there are no nuclei in the region/);
  expect(console.glands).toMatch(/no glands/);
});
