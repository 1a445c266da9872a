// What the interface saves, read back from its bytes by others: report, maps as OME-TIFF, embeddings, the picture of the view.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { unzipSync } from 'fflate';
import { fromArrayBuffer } from 'geotiff';
import { command, openFile } from './actions.ts';
import { analyse } from './findings.ts';
import { expect, openEosin, sharedFile, test } from './site.ts';

const REGION = { x: 850, y: 1050, width: 400, height: 400 }; // level-0 px, of tissue
const SLIDE = { widthPx: 2220, heightPx: 2967 };
const UM = 0.499; // of a pixel

/** By the command list, to the downloads. */
async function saved(page: Page, name: string): Promise<{ name: string; path: string; bytes: Buffer }> {
  const saving = page.waitForEvent('download');
  await command(page, name);
  const file = await saving;
  await expect(page.getByTestId('notice')).toContainText(`${file.suggestedFilename()} is in your downloads`);
  const path = await file.path();
  return { name: file.suggestedFilename(), path, bytes: readFileSync(path) };
}

/** Rows of the report's tables, cell by cell. */
const tableRows = (html: string): string[][] =>
  [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<td[^>]*>(.*?)<\/td>/gs)].map(([, cell = '']) => cell.replaceAll(/<[^>]*>/g, '').trim()),
  );

const numberIn = (text = ''): number => Number(text.replaceAll(',', ''));

async function imageOf(bytes: Buffer) {
  const tiff = await fromArrayBuffer(new Uint8Array(bytes).buffer);
  const image = await tiff.getImage(0);
  const description = String(await image.fileDirectory.loadValue('ImageDescription'));
  const of = (name: string): number => Number(new RegExp(`${name}="([^"]*)"`).exec(description)?.[1]);
  return { pages: await tiff.getImageCount(), image, of };
}

/** Header and values of a .npy file. */
function array(bytes: Uint8Array = new Uint8Array()): { type: string; shape: number[]; values: Float32Array } {
  const length = 10 + (bytes[8] ?? 0) + 256 * (bytes[9] ?? 0);
  const header = Buffer.from(bytes.subarray(10, length)).toString('latin1');
  const [, type = '', shape = ''] = /'descr': '(.*?)'.*'shape': \((.*?)\)/.exec(header) ?? [];
  return { type, shape: shape.split(',').map(Number), values: new Float32Array(bytes.slice(length).buffer) };
}

test('report, maps, embeddings and picture say what the run found', async ({ page, site, slideHost }, info) => {
  sharedFile(info, 'slides/CMU-1-Small-Region.svs');
  await openEosin(page, site, `slide=${encodeURIComponent(`${slideHost.url}CMU-1-Small-Region.svs`)}&device=wasm`);
  const run = await analyse(page, { region: REGION });
  expect(run.counts.nuclei).toBeGreaterThan(10);
  await page.evaluate(
    ({ x, y, width, height }) =>
      window.eosin.setView({ centre: { x: x + width / 2, y: y + height / 2 }, magnification: 20 }),
    REGION,
  );
  const embedded = await page.evaluate(async (region) => {
    const { rows } = await window.eosin.embed({ encoder: 'resnet18-simclr', region });
    return rows;
  }, REGION);

  const report = await saved(page, 'Save a report to read and print');
  const html = report.bytes.toString('utf8');
  const rows = tableRows(html);
  for (const [kind, title] of [
    ['nuclei', 'Nucleus'],
    ['glands', 'Gland'],
    ['lumina', 'Lumen'],
  ] as const) {
    const counted = rows.filter(([cell]) => cell === title).map(([, , n]) => numberIn(n));
    expect(
      counted.reduce((sum, n) => sum + n, 0),
      kind,
    ).toBe(run.counts[kind]);
  }
  const [model] = run.models;
  expect(rows.map((row) => row.at(-1))).toContain(model?.sha256);
  expect(html).toContain(`Computed on ${run.deviceName} in`);
  expect(html).toContain(`${run.patches} of ${run.patches}`);
  expect(html).toContain('2,220 × 2,967 px');
  expect(rows.map(([, region]) => region)).toContain('a drawn region: x 850 to 1,250, y 1,050 to 1,450 px');
  expect(html).toMatch(/<img src="data:image\/png;base64,/);

  const picture = await saved(page, 'Save this view as a picture');
  const box = await page.locator('.openseadragon-container').boundingBox();
  expect([picture.bytes.readUInt32BE(16), picture.bytes.readUInt32BE(20)]).toEqual([box?.width, box?.height]);

  const features = await saved(page, 'Save embeddings of patches for NumPy');
  expect(features.name).toMatch(/resnet18-simclr\.npz$/);
  const arrays = unzipSync(features.bytes);
  const boxes = array(arrays['boxes.npy']);
  expect([boxes.type, boxes.shape]).toEqual(['<f4', [embedded, 4]]);
  for (let k = 0; k < embedded; k++) {
    const [x = -1, y = -1, width = 0, height = 0] = boxes.values.subarray(4 * k, 4 * k + 4);
    expect([width * UM, height * UM]).toEqual([expect.closeTo(112, 0), expect.closeTo(112, 0)]);
    expect(x < REGION.x + REGION.width && x + width > REGION.x).toBe(true);
    expect(y < REGION.y + REGION.height && y + height > REGION.y).toBe(true);
  }
  for (const [block, channels] of [
    ['block1', 64],
    ['block2', 128],
    ['block3', 256],
    ['block4', 512],
  ] as const) {
    const { type, shape, values } = array(arrays[`${block}.npy`]);
    expect([type, shape, values.length]).toEqual(['<f4', [embedded, channels], embedded * channels]);
    expect(values.every(Number.isFinite)).toBe(true);
  }

  const tissue = await saved(page, 'Save the tissue map as OME-TIFF');
  const map = await imageOf(tissue.bytes);
  expect(map.pages).toBe(run.tissue?.classes.length);
  const cell = map.of('PhysicalSizeX');
  const [left, top] = [map.of('PositionX') / UM, map.of('PositionY') / UM];
  expect(left).toBeLessThanOrEqual(REGION.x);
  expect(top).toBeLessThanOrEqual(REGION.y);
  expect(left + (map.image.getWidth() * cell) / UM).toBeGreaterThanOrEqual(REGION.x + REGION.width);
  expect(top + (map.image.getHeight() * cell) / UM).toBeGreaterThanOrEqual(REGION.y + REGION.height);

  const labels = await saved(page, 'Save nuclei as a label image, OME-TIFF');
  const { image, of } = await imageOf(labels.bytes);
  expect([image.getWidth(), image.getHeight()]).toEqual([SLIDE.widthPx, SLIDE.heightPx]);
  expect(of('PhysicalSizeX')).toBeCloseTo(UM, 3);
  const [values] = await image.readRasters();
  if (typeof values === 'number' || values === undefined) throw new Error('no values');
  const found = new Set(values);
  found.delete(0);
  expect(found.size).toBeGreaterThan(0.95 * run.counts.nuclei); // some lie wholly under others
  const at = await page.evaluate(() => {
    const { centroids, count } = window.eosin.objects('nuclei');
    return Array.from({ length: count }, (_, k): [number, number] => [
      centroids[2 * k] ?? 0,
      centroids[2 * k + 1] ?? 0,
    ]);
  });
  const own = at.filter(([x, y], row) => values[Math.floor(y) * SLIDE.widthPx + Math.floor(x)] === row + 1).length;
  expect(own).toBeGreaterThan(0.9 * run.counts.nuclei); // a centroid may lie outside of its outline

  // Eosin opens the label image as a slide, on which everything lies where it lay.
  await openFile(page, { name: labels.name, mimeType: 'image/tiff', buffer: labels.bytes });
  await page.waitForFunction((name) => window.eosin.slide()?.name === name, labels.name);
  expect(await page.evaluate(() => window.eosin.slide())).toMatchObject({
    ...SLIDE,
    mpp: { x: expect.closeTo(UM, 3), y: expect.closeTo(UM, 3) },
  });
});
