// Learning on a real slide: labels, heads, encoders side by side, attention; what was done is there after a reload.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { openFile } from './actions.ts';
import { expectAccessible } from './axe.ts';
import { expect, openEosin, sharedFile, test } from './site.ts';

const CMU = 'CMU-1-Small-Region.svs';
const GLAS = 'data/glands/glas/testA_1.jpg';
const GLAS_MPP = 0.62; // µm, GlaS at 20×
/** Epidermis above, dermis below. */
const REGION = { x: 300, y: 300, width: 1570, height: 1570 }; // 7 × 7 patches of 112 µm

interface Embedded {
  readonly set: string;
  readonly rows: number;
  readonly seconds: number;
}

const embed = (page: Page, encoder: string): Promise<Embedded> =>
  page.evaluate(
    async ([id, region]) => {
      const began = performance.now();
      const { set, rows } = await window.eosin.embed({ encoder: id, region });
      return { set, rows, seconds: (performance.now() - began) / 1000 };
    },
    [encoder, REGION] as const,
  );

test('open, embed, label 40 patches, train, predict, compare four blocks of two encoders, reload, go on', async ({
  page,
  site,
  slideHost,
}, info) => {
  sharedFile(info, `slides/${CMU}`);
  const open = () => page.evaluate((url) => window.eosin.open(url), `${slideHost.url}${CMU}`);
  await openEosin(page, site, 'device=wasm');
  await open();
  const first = await embed(page, 'resnet18-simclr');
  expect(first.rows).toBeGreaterThanOrEqual(45);

  const learnt = await page.evaluate(async (set) => {
    const { boxes, rows } = window.eosin.features(set);
    // Which half of the region a patch lies in: what is above differs from what is below, and everybody can check it.
    const order = Array.from({ length: rows }, (_, row) => row).sort(
      (a, b) => (boxes[4 * a + 1] ?? 0) - (boxes[4 * b + 1] ?? 0),
    );
    window.eosin.label(set, order.slice(0, 20), 'Above');
    window.eosin.label(set, order.slice(-20), 'Below');
    const head = await window.eosin.trainHead({ set, block: 'block3', folds: 5 });
    const { classes, probabilities } = await window.eosin.predict(head.head, set);
    const right = [...order.slice(0, 20), ...order.slice(-20)].filter(
      (row, i) => (probabilities[2 * row] ?? 0) > 0.5 === i < 20,
    ).length;
    return { head, classes, right, similar: window.eosin.neighbours(set, order[0] ?? 0, 5) };
  }, first.set);
  expect(learnt.classes).toEqual(['Above', 'Below']);
  expect(learnt.head.macroF1).toBeGreaterThan(0.5); // better than a guess on blocks that were left out
  expect(learnt.head.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(40);
  expect(learnt.right).toBeGreaterThanOrEqual(32);
  expect(learnt.similar).toHaveLength(5);

  const second = await embed(page, 'resnet18-imagenet-distilled');
  expect(second.rows).toBe(first.rows);
  const compared = await page.evaluate(
    async ([a, b]) => {
      const sets = [
        ...['block1', 'block2', 'block3', 'block4'].map((block) => ({ set: a, block })),
        ...['block1', 'block2', 'block3'].map((block) => ({ set: b, block })),
      ];
      const { matrix } = await window.eosin.cka(sets);
      const ranked = await window.eosin.rankEncoders({ sets: [a, b] });
      const other = await window.eosin.trainHead({ set: b });
      return { matrix: [...matrix], ranked, otherLabels: other.confusion.flat().reduce((sum, n) => sum + n, 0) };
    },
    [first.set, second.set] as const,
  );
  for (let i = 0; i < 7; i++) expect(compared.matrix[8 * i]).toBeCloseTo(1, 5);
  expect(compared.matrix.every((value) => value > 0 && value < 1 + 1e-6)).toBe(true);
  expect(compared.ranked).toHaveLength(7);
  expect(compared.ranked[0]?.secondsPerPatch).toBeGreaterThan(0);
  expect(compared.otherLabels).toBe(40); // labels hold for every encoder

  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  await open();
  const again = await embed(page, 'resnet18-simclr');
  expect(again.rows).toBe(first.rows);
  info.annotations.push({
    type: 'embedding',
    description: `${first.seconds.toFixed(1)} s, again ${again.seconds.toFixed(1)} s`,
  });
  const trained = await page.evaluate((set) => window.eosin.trainHead({ set, block: 'block3', folds: 5 }), again.set);
  expect(trained.macroF1).toBeCloseTo(learnt.head.macroF1, 6); // the same features, labels and folds, bit for bit
  expect(trained.confusion).toEqual(learnt.head.confusion);
});

test('a GlaS image: overlapping patches, 40 labels, a head; bags of them, attention, and its top patches', async ({
  page,
  site,
}, info) => {
  const path = sharedFile(info, GLAS);
  await openEosin(page, site, 'device=wasm');
  await openFile(page, path);
  await page.waitForFunction(() => window.eosin.slide()?.format === 'JPEG' || window.eosin.slide()?.widthPx === 775);
  await page.evaluate((mpp) => window.eosin.setMpp({ x: mpp, y: mpp }), GLAS_MPP);
  const learnt = await page.evaluate(async () => {
    const { widthPx = 0, heightPx = 0 } = window.eosin.slide() ?? {};
    const region = { x: 0, y: 0, width: widthPx, height: heightPx };
    const { set, rows } = await window.eosin.embed({ encoder: 'resnet18-imagenet-distilled', region, stridePx: 66 });
    const { boxes } = window.eosin.features(set);
    const order = Array.from({ length: rows }, (_, row) => row).sort(
      (a, b) => (boxes[4 * a] ?? 0) - (boxes[4 * b] ?? 0),
    );
    window.eosin.label(set, order.slice(0, 20), 'Left');
    window.eosin.label(set, order.slice(-20), 'Right');
    const head = await window.eosin.trainHead({ set });
    // Bags: each a third of one side's patches, in turn.
    const sides = [order.slice(0, rows / 2), order.slice(rows / 2)];
    const bags = sides.flatMap((side, which) =>
      Array.from({ length: 6 }, (_, k) => ({
        set,
        rows: side.filter((_row, i) => i % 3 === k % 3 || i % 2 === k % 2),
        label: which === 0 ? 'left' : 'right',
      })),
    );
    const attention = await window.eosin.trainAttention({ bags, folds: 3, gated: true });
    const said = await window.eosin.attend(attention.model, set);
    return {
      rows,
      head,
      attention,
      classes: Object.keys(said.prediction),
      sum: Object.values(said.prediction).reduce((sum, p) => sum + p, 0),
      top: said.top.slice(0, 8).map((row) => [...boxes.slice(4 * row, 4 * row + 2)]),
      refused: await window.eosin.trainAttention({ bags: bags.slice(0, 6) }).catch((error: Error) => error.message),
    };
  });
  expect(learnt.rows).toBeGreaterThanOrEqual(60);
  expect(learnt.head.confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(40);
  expect(learnt.head.macroF1).toBeGreaterThan(0.5);
  expect(learnt.attention.auc).toBeGreaterThan(0.5);
  expect(learnt.attention.curve).toHaveLength(10);
  expect([learnt.classes, Math.round(1e6 * learnt.sum) / 1e6]).toEqual([['left', 'right'], 1]);
  expect(learnt.top).toHaveLength(8);
  expect(learnt.refused).toMatch(/all 6 are of one class/);
  // The table of heads, with a long name and a long encoder, has room for its buttons.
  await page.keyboard.press('Alt+3');
  for (const viewport of [
    { width: 1920, height: 1080 },
    { width: 1280, height: 800 },
  ]) {
    await page.setViewportSize(viewport);
    const remove = await page.getByRole('button', { name: 'Remove Logistic, by script' }).boundingBox();
    expect((remove?.x ?? 0) + (remove?.width ?? Number.POSITIVE_INFINITY)).toBeLessThanOrEqual(viewport.width);
  }
});

test('the workspace Learn: classes, labels drawn on the slide, a head that colours it, saved, and there after a reload', async ({
  page,
  site,
  slideHost,
}, info) => {
  sharedFile(info, `slides/${CMU}`);
  const address = `slide=${encodeURIComponent(`${slideHost.url}${CMU}`)}&device=wasm`;
  await openEosin(page, site, address);
  await page.keyboard.press('Alt+3');
  await page
    .getByLabel('Encoder', { exact: true })
    .selectOption({ label: 'ResNet-18 to block 3, ImageNet, distilled' });
  await page.getByRole('button', { name: 'Embed all tissue' }).click();
  await expect(page.getByText(/^\d+ patches embedded, kept on this disk/)).toBeVisible({ timeout: 90_000 });
  for (const name of ['Epidermis', 'Dermis']) {
    await page.getByRole('button', { name: 'Class', exact: true }).click();
    const field = page.getByLabel(/^Name of class/).last();
    await field.fill(name);
    await field.press('Enter');
  }
  await page.getByRole('application').focus();
  const drawAround = async (key: string, from: readonly [number, number], to: readonly [number, number]) => {
    const box = await page.getByRole('application').boundingBox();
    if (!box) throw new Error('the slide has no box');
    const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
    await page.keyboard.press(key);
    await expect(page.getByRole('button', { name: new RegExp(`key ${key}$`) })).toHaveAttribute('aria-pressed', 'true');
    await page.keyboard.press('r');
    await page.mouse.move(...at(from));
    await page.mouse.down();
    await page.mouse.move(...at(to), { steps: 6 });
    await page.mouse.up();
  };
  await drawAround('1', [0.49, 0.2], [0.58, 0.42]);
  await drawAround('2', [0.28, 0.8], [0.52, 0.97]);
  const legend = page.getByRole('note', { name: 'Legend' });
  await expect(legend).toContainText('Logistic'); // begun by itself
  await expect(legend).toContainText(/Epidermis\d+ patch/);
  await expect(page.getByRole('cell', { name: 'Logistic', exact: true })).toBeVisible();
  await page.keyboard.press('Control+z'); // the second drawing
  await expect(legend).toContainText('Labels');
  await page.keyboard.press('Control+Shift+z');
  await expect(legend).toContainText('Logistic');

  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save Logistic as ONNX' }).click(),
  ]);
  expect(saved.suggestedFilename()).toMatch(/^head-\d+-resnet18-imagenet-distilled-block2\.zip$/);
  const [labels] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save', exact: true }).click(),
  ]);
  const geojson = JSON.parse(readFileSync(await labels.path(), 'utf8'));
  expect(geojson.features.length).toBeGreaterThanOrEqual(4);
  expect(geojson.features[0].properties.classification.name).toMatch(/^(Epidermis|Dermis)$/);

  await expectAccessible(page, 'Learn with a head');
  const counts = await page.locator('aside').getByText(/^\d+$/).allTextContents();
  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  await page.keyboard.press('Alt+3');
  await expect(page.getByLabel(/^Name of class/).first()).toHaveValue('Epidermis');
  await expect(page.getByText(/^\d+ patches embedded, kept on this disk/)).toBeVisible();
  expect((await page.locator('aside').getByText(/^\d+$/).allTextContents()).slice(0, 2)).toEqual(counts.slice(0, 2));
  await expect(page.getByRole('note', { name: 'Legend' })).toContainText('Logistic'); // trained again from the labels

  // A head of the shelf, once its encoder has seen the slide; and the picture of those features.
  await page.getByLabel('Encoder', { exact: true }).selectOption({ label: 'EfficientNet-Lite0, ImageNet' });
  await page.getByRole('button', { name: 'Embed all tissue' }).click();
  await expect(page.getByText(/^\d+ patches embedded, kept on this disk/)).toBeVisible({ timeout: 90_000 });
  await page.getByRole('button', { name: 'Show Colorectal tiles, five classes on the slide' }).click();
  await expect(page.getByRole('note', { name: 'Legend' })).toContainText('Tubular adenoma');
  await page.getByRole('region', { name: 'Picture of the features' }).getByRole('button', { name: 'Compute' }).click();
  const plot = page.getByRole('img', { name: /^Patches by their features/ });
  await plot.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByText(/^\d+ patch(es)? framed on the slide/)).toBeVisible();
  await page.getByRole('button', { name: 'Hide Colorectal tiles, five classes' }).click();

  await page
    .getByLabel('Encoder', { exact: true })
    .selectOption({ label: 'ResNet-18 to block 3, ImageNet, distilled' });

  // Labels come back from the file too: in place of what is there, each class by its name.
  await page.getByRole('button', { name: /^Remove Epidermis/ }).click();
  await expect(page.getByLabel(/^Name of class/)).toHaveCount(1);
  await page.getByLabel('Labels file').setInputFiles({
    name: 'labels.geojson',
    mimeType: 'application/geo+json',
    buffer: Buffer.from(JSON.stringify(geojson)),
  });
  await expect(page.getByLabel(/^Name of class/)).toHaveCount(2);
  await expect(page.getByTestId('notice')).toContainText(/patches labelled/);
});
