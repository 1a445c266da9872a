// Encoders and attention on real tissue: what the model looked at, and what if some of it were not there.
import type { Page } from '@playwright/test';
import { drawn, openFile } from './actions.ts';
import { bytesOf, expect, openEosin, sharedFile, test } from './site.ts';

const GLAS = 'data/glands/glas/testA_1.jpg';
const GLAS_MPP = 0.62; // µm, GlaS at 20×

/** The row of the layer, whose sections then take the place of Analyse. */
const selectAttention = (page: Page) => page.getByRole('button', { name: 'Attention', exact: true }).click();

const strip = (page: Page) => page.getByRole('region', { name: 'Top patches' });
const prediction = (page: Page) => page.getByTestId('prediction');

async function stageBox(page: Page) {
  const box = await page.getByRole('application').boundingBox();
  if (!box) throw new Error('the slide has no box');
  return box;
}

/** Where a level-0 point lies on the page. */
async function onPage(page: Page, x: number, y: number) {
  const box = await stageBox(page);
  const { view, mpp } = await page.evaluate(() => ({ view: window.eosin.view(), mpp: window.eosin.slide()?.mpp?.x }));
  const zoom = ((mpp ?? 1) * view.magnification) / 10;
  return {
    x: box.x + box.width / 2 + (x - view.centre.x) * zoom,
    y: box.y + box.height / 2 + (y - view.centre.y) * zoom,
  };
}

/** Draws a closed line around a rectangle of the slide. */
async function lasso(page: Page, { x, y, width, height }: { x: number; y: number; width: number; height: number }) {
  await page.getByRole('button', { name: /^(What if this were not here|And this)\?$/ }).click();
  const corners = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ] as const;
  const points = await Promise.all(corners.map(([px, py]) => onPage(page, px, py)));
  const [first] = points;
  if (!first) throw new Error('a ring has corners');
  await page.mouse.move(first.x, first.y);
  await page.mouse.down();
  for (const point of [...points.slice(1), first]) await page.mouse.move(point.x, point.y, { steps: 6 });
  await page.mouse.up();
}

/** Strip, jump, lasso, put back: on whatever is attended now. */
async function walkThrough(page: Page): Promise<void> {
  await expect(strip(page)).toBeVisible({ timeout: 90_000 });
  await expect(page.getByText(/^Embedding/)).toHaveCount(0, { timeout: 90_000 });
  await expect(page.getByRole('note', { name: 'Legend' })).toContainText('Attention, by rank');

  // The strip jumps to the place.
  const patches = strip(page).getByRole('button', { name: /^Patch \d+ attention/ });
  expect(await patches.count()).toBeGreaterThanOrEqual(8);
  await page.evaluate(() => window.eosin.setView({ magnification: 20 }));
  const before = await page.evaluate(() => window.eosin.view().centre);
  await patches.nth(0).click();
  await expect(patches.nth(0)).toHaveAttribute('aria-current', 'true');
  await drawn(page);
  const first = await page.evaluate(() => window.eosin.view().centre);
  await patches.nth(2).click();
  await drawn(page);
  const third = await page.evaluate(() => window.eosin.view().centre);
  const moved = Math.hypot(first.x - before.x, first.y - before.y) + Math.hypot(third.x - first.x, third.y - first.y);
  expect(moved).toBeGreaterThan(20); // level-0 px

  // The patch beneath the pointer, told by the status bar.
  const { x, y } = await onPage(page, third.x, third.y);
  await page.mouse.move(x, y);
  await page.mouse.move(x + 1, y + 1);
  await expect(page.getByText(/^Patch \d+ of \d+, attention 0?\.?\d/)).toBeVisible();

  // Tissue around it is lassoed out: the prediction is another, and comes back with it.
  await page.keyboard.press('Escape');
  const whole = await prediction(page).textContent();
  await lasso(page, { x: third.x - 130, y: third.y - 130, width: 260, height: 260 });
  await expect(prediction(page)).toContainText(/Without [\d,]+ patch/);
  await expect(prediction(page)).toContainText('With all');
  await expect(page.getByRole('list', { name: 'Left out' })).toContainText(/Piece 1: \d+ patch/);
  await page.getByRole('button', { name: 'Put back piece 1' }).click();
  await expect(prediction(page)).toHaveText(whole ?? '');
}

test('a real slide: attention beside a run, the strip, the lasso', async ({ page, site, slideHost }, info) => {
  sharedFile(info, 'slides/CMU-1-Small-Region.svs');
  await openEosin(page, site);
  await page.evaluate((url) => window.eosin.open(url), `${slideHost.url}CMU-1-Small-Region.svs`);
  const result = await page.evaluate(async () => {
    const region = { x: 1100, y: 1100, width: 800, height: 800 }; // inside one core
    const { attention, models, patches } = await window.eosin.analyse({
      models: ['cerberus-lite', 'attention-crc'],
      region,
    });
    return {
      models: models.map(({ id }) => id),
      patches,
      count: attention?.count,
      raw: Array.from(attention?.raw ?? []),
      boxes: Array.from(attention?.boxes ?? []),
      prediction: attention?.prediction ?? {},
    };
  });
  expect(result.models).toEqual(['cerberus-lite', 'resnet18-simclr', 'attention-crc']);
  expect(result.patches).toBeGreaterThan(0);
  expect(result.count).toBeGreaterThanOrEqual(8);
  expect(result.raw.length).toBe(result.count);
  expect(result.raw.every(Number.isFinite)).toBe(true);
  expect(result.boxes.length).toBe(4 * (result.count ?? 0));
  expect(result.boxes[2]).toBeCloseTo(112 / 0.499, 3); // 112 px of 1 µm, as float32
  expect(Object.values(result.prediction).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  await selectAttention(page);
  await walkThrough(page);
});

test('a GlaS image: attention by itself, from its panel; another encoder beside it', async ({ page, site }, info) => {
  const path = sharedFile(info, GLAS);
  await openEosin(page, site);
  await openFile(page, path);
  await page.waitForFunction(() => window.eosin.slide()?.widthPx === 775);
  await page.evaluate((mpp) => window.eosin.setMpp({ x: mpp, y: mpp }), GLAS_MPP);
  await selectAttention(page);
  await page.getByRole('button', { name: 'Compute attention here' }).click();
  await walkThrough(page);

  // The twin on ImageNet features: beside it by a line that moves, then as the difference of ranks.
  const first = await prediction(page).textContent();
  await page.getByLabel('Compare').selectOption({ value: 'attention-crc-imagenet' });
  const legend = page.getByRole('note', { name: 'Legend' });
  await expect(legend).toContainText('Right of the line:', { timeout: 60_000 });
  await expect(page.getByText(/^Embedding/)).toHaveCount(0, { timeout: 60_000 });
  const line = page.getByRole('application').locator('..').getByRole('slider');
  await expect(line).toBeVisible();
  const at = await line.getAttribute('aria-valuenow');
  await line.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(line).not.toHaveAttribute('aria-valuenow', at ?? '');
  await page.getByRole('radio', { name: 'Difference' }).click();
  await expect(legend).toContainText('Difference of ranks');
  await expect(line).toHaveCount(0);
  expect(await prediction(page).textContent()).toBe(first); // what is compared changes nothing of what is shown
});

test('the console: embed, features, attend; nothing is embedded twice; pictures are rows', async ({
  page,
  site,
  slideHost,
}, info) => {
  sharedFile(info, 'slides/CMU-1-Small-Region.svs');
  const picture = bytesOf(sharedFile(info, GLAS)).toString('base64');
  await openEosin(page, site);
  await page.evaluate((url) => window.eosin.open(url), `${slideHost.url}CMU-1-Small-Region.svs`);
  const seen = await page.evaluate(async (picture) => {
    const encoder = 'resnet18-simclr';
    const region = { x: 1100, y: 1100, width: 800, height: 800 }; // inside one core
    const embedded = await window.eosin.embed({ encoder, region });
    const { rows, dims, values, boxes } = window.eosin.features(embedded.set, 'block3');
    const all = await window.eosin.attend('attention-crc', embedded.set);
    const without = await window.eosin.attend('attention-crc', embedded.set, all.top.slice(0, 4));
    const again = await window.eosin.embed({ encoder, region });
    const same = window.eosin.features(again.set, 'block3').values;
    const bytes = Uint8Array.from(atob(picture), (char) => char.charCodeAt(0));
    const files = [1, 2].map((n) => new File([bytes], `picture-${n}.jpg`, { type: 'image/jpeg' }));
    const pictures = await window.eosin.embed({ encoder, images: files });
    const last = window.eosin.features(pictures.set);
    const half = last.values.length / 2;
    return {
      embedded,
      rows,
      dims,
      count: values.length,
      boxes: Array.from(boxes),
      all: { ...all, raw: Array.from(all.raw) },
      without: { ...without, raw: Array.from(without.raw) },
      equal: same.length === values.length && same.every((value, i) => value === values[i]),
      tasks: window.eosin.models().map(({ task, mpp }) => [task, mpp] as const),
      pictures,
      alike: last.values.subarray(0, half).every((value, i) => value === last.values[half + i]),
      dimsOfLast: last.dims,
    };
  }, picture);
  expect(seen.embedded.dims).toEqual({ block1: 64, block2: 128, block3: 256, block4: 512 });
  expect([seen.rows, seen.dims, seen.count]).toEqual([seen.embedded.rows, 256, 256 * seen.embedded.rows]);
  expect(seen.boxes.length).toBe(4 * seen.rows);
  expect(seen.equal).toBe(true);
  const raw = seen.all.raw;
  expect(seen.all.top).toEqual(raw.map((_, row) => row).sort((a, b) => (raw[b] ?? 0) - (raw[a] ?? 0)));
  expect(seen.without.raw).toEqual(raw); // the logits are what they are, whatever is left out
  expect(seen.without.top).toEqual(seen.all.top.slice(4));
  expect(seen.without.prediction).not.toEqual(seen.all.prediction);
  expect(seen.tasks).toContainEqual(['encoder', 1]);
  expect(seen.tasks.some(([task, mpp]) => task === 'attention' && mpp === undefined)).toBe(true);
  expect(seen.pictures.rows).toBe(2);
  expect(seen.dimsOfLast).toBe(512);
  expect(seen.alike).toBe(true); // the same picture twice is the same row twice
});

test('what does not fit, or is too little, is said plainly; nothing is lost', async ({
  page,
  site,
  slideHost,
}, info) => {
  sharedFile(info, 'slides/CMU-1-Small-Region.svs');
  await openEosin(page, site);
  await page.evaluate((url) => window.eosin.open(url), `${slideHost.url}CMU-1-Small-Region.svs`);
  const refused = await page.evaluate(async () => {
    const said = async (work: Promise<unknown>): Promise<string> => {
      try {
        await work;
        return 'nothing';
      } catch (error) {
        return error instanceof Error ? error.message : 'thrown';
      }
    };
    const few = await window.eosin.embed({
      encoder: 'resnet18-simclr',
      region: { x: 900, y: 900, width: 500, height: 500 },
    });
    const other = await window.eosin.embed({
      encoder: 'resnet18-imagenet-distilled',
      region: { x: 900, y: 900, width: 500, height: 500 },
    });
    return {
      rows: few.rows,
      few: await said(window.eosin.attend('attention-crc', few.set)),
      other: await said(window.eosin.attend('attention-crc', other.set)),
      noSet: await said(window.eosin.attend('attention-crc', 'none')),
      noModel: await said(window.eosin.attend('cerberus-lite', few.set)),
      kept: window.eosin.features(few.set).rows,
    };
  });
  expect(refused.rows).toBeLessThan(8);
  expect(refused.few).toMatch(new RegExp(`only ${refused.rows} patches of tissue, attention needs 8.*larger`));
  expect(refused.other).toMatch(/attention-crc.*resnet18-imagenet-distilled.*resnet18-simclr/);
  expect(refused.noSet).toMatch(/none named none/);
  expect(refused.noModel).toMatch(/cerberus-lite is of the task segmentation/);
  expect(refused.kept).toBe(refused.rows);

  // The same from the panel.
  await selectAttention(page);
  await page.getByLabel('Encoder').selectOption({ value: 'resnet18-imagenet-distilled' });
  await expect(page.getByRole('alert')).toContainText(/attention-crc.*resnet18-simclr/);
  await page.getByLabel('Encoder').selectOption({ value: 'resnet18-simclr' });
  await expect(page.getByRole('alert')).toHaveCount(0);
});
