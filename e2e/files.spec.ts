// Out to files and in again: GeoJSON by dropping it, what was brought is kept with the slide.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { command } from './actions.ts';
import { square } from './shapes.ts';
import { expect, openEosin, test } from './site.ts';

const REGION = { x: 50_000, y: 40_000, width: 1500, height: 1200 };
const MADE = {
  region: REGION,
  withHole: [square(REGION.x, REGION.y, 600), square(REGION.x + 200, REGION.y + 200, 100)],
};

/** The truth of a region as another program would write it, and an annotation with a hole. */
const truthAsGeoJSON = (page: Page): Promise<string> =>
  page.evaluate(({ region, withHole }) => {
    const features = (['nuclei', 'glands', 'lumina'] as const).flatMap((kind) => {
      const table = window.eosin.truth(kind, region);
      return Array.from({ length: table.count }, (_, i) => {
        const [ring = new Float64Array()] = table.polygon(i);
        const corners = Array.from({ length: ring.length / 2 }, (_, k) => [ring[2 * k], ring[2 * k + 1]]);
        return {
          type: 'Feature',
          geometry: { type: 'Polygon', coordinates: [[...corners, corners[0]]] },
          properties: {
            objectType: 'detection',
            name: { nuclei: 'Nucleus', glands: 'Gland', lumina: 'Lumen' }[kind],
            classification: { name: table.classes[table.classIndex[i] ?? 0]?.name, color: [255, 122, 26] },
          },
        };
      });
    });
    const annotation = {
      type: 'Feature',
      geometry: { type: 'Polygon', coordinates: withHole },
      properties: {
        objectType: 'annotation',
        name: '<b>Edge</b>',
        classification: { name: 'Tumor', color: [200, 0, 0] },
      },
    };
    const crossing = {
      ...annotation,
      geometry: {
        type: 'Polygon',
        coordinates: [
          [
            [0, 0],
            [9, 9],
            [9, 0],
            [0, 9],
            [0, 0],
          ],
        ],
      },
    };
    return JSON.stringify({ type: 'FeatureCollection', features: [...features, annotation, crossing] });
  }, MADE);

/** Lets go of a file over the page. */
async function drop(page: Page, name: string, text: string): Promise<void> {
  const data = await page.evaluateHandle(
    ({ name, text }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], name));
      return transfer;
    },
    { name, text },
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}

const hash = (page: Page): Promise<string> => page.evaluate(() => window.eosin.resultHash());

test('GeoJSON goes out and comes back, and stays with its slide', async ({ page, site }) => {
  await openEosin(page, site);
  await page.evaluate(
    (region) => window.eosin.setView({ centre: { x: region.x + 600, y: region.y + 500 }, magnification: 20 }),
    REGION,
  );
  const truth = await truthAsGeoJSON(page);
  await drop(page, 'truth.geojson', truth);
  await expect(page.getByTestId('notice')).toContainText(
    /nuclei, .*1 annotation from truth.geojson. 1 feature was not taken/,
  );
  await page.getByRole('button', { name: 'See which' }).click();
  await expect(page.getByRole('dialog')).toContainText('its outline crosses itself at x 4.5, y 4.5');
  await page.keyboard.press('Escape');
  const rings = await page.evaluate(() => window.eosin.objects('annotations').polygon(0).length);
  expect(rings).toBe(2);
  const before = await hash(page);

  const saving = page.waitForEvent('download');
  await command(page, 'Save objects as GeoJSON for QuPath');
  const saved = readFileSync(await (await saving).path(), 'utf8');

  // The same file again changes nothing. After a reload all of it is there, bit for bit; what was saved adds nothing to it.
  await drop(page, 'truth.geojson', truth);
  await expect(page.getByTestId('notice')).toContainText('Nothing new in truth.geojson');
  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  await expect(page.getByTestId('notice')).toContainText(/nuclei.* of truth.geojson, as you brought them/);
  expect(await hash(page)).toBe(before);
  expect(await page.evaluate(() => window.eosin.objects('annotations').count)).toBe(1);
  await drop(page, 'saved.geojson', saved);
  await expect(page.getByTestId('notice')).toContainText('Nothing new in saved.geojson');
  expect(await hash(page)).toBe(before);

  // The session holds all of it: in a window that knows nothing of it, beside the same slide; beside another it says why not.
  const session = page.waitForEvent('download');
  await page.keyboard.press('Control+s');
  const file = readFileSync(await (await session).path()).toString('base64');
  const other = await page.context().browser()?.newContext({ baseURL: site.url });
  const fresh = await other?.newPage();
  if (!fresh) throw new Error('no other window');
  await openEosin(fresh, site, 'slide=phantom:2');
  const open = (encoded: string) =>
    fresh.evaluate(async (text) => {
      const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
      return window.eosin.openSession(new Blob([bytes]));
    }, encoded);
  expect(await open(file)).toEqual({
    matches: false,
    why: expect.stringMatching(/another slide: it was saved on phantom:1 .* phantom:2/),
  });
  await fresh.evaluate(() => window.eosin.open('phantom:1'));
  expect(await open(file)).toEqual({ matches: true, why: undefined });
  expect(await hash(fresh)).toBe(before);
  expect(await fresh.evaluate(() => window.eosin.objects('annotations').count)).toBe(1);
  const [csv, report] = await fresh.evaluate(async () => [
    await (await window.eosin.exportCSV('nuclei')).text(),
    await (await window.eosin.exportReport()).text(),
  ]);
  expect(csv?.split('\r\n')[0]).toContain('class,centroid_x_px,centroid_y_px,area_um2,');
  expect(report).toContain('Content-Security-Policy');
  await other?.close();
});
