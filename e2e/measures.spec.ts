// Measures of what a slide holds: right by another reckoning, filtered, plotted, in a table, coloured by stain.
import { expectAccessible } from './axe.ts';
import { bringTruth } from './bring-truth.ts';
import { objectsIn } from './findings.ts';
import { eachCell, type Ring } from './shapes.ts';
import { expect, openEosin, test } from './site.ts';

const REGION = { x: 50_000, y: 40_000, width: 1500, height: 1200 };
const MPP = 0.25;
const FILTER = 'area > 30 and class == "nucleus" and in_gland';

const isIn = (ring: Ring, [x, y]: readonly [number, number]): boolean => {
  let inside = false;
  eachCell(ring, { x: x - 0.5, y: y - 0.5, width: 1, height: 1 }, 1, () => {
    inside = true;
  });
  return inside;
};

test('measures of a slide: reckoned, filtered, plotted, sorted, read from its pixels', async ({ page, site }) => {
  await openEosin(page, site);
  await bringTruth(page, REGION);
  await page.evaluate((at) => window.eosin.setView(at), { centre: { x: 50_750, y: 40_600 }, magnification: 10 });
  const nuclei = await objectsIn(page, 'nuclei');
  const glands = await objectsIn(page, 'glands');
  expect(nuclei.length).toBeGreaterThan(100);
  expect(glands.length).toBeGreaterThan(1);

  const measured = await page.evaluate(() => {
    const { names, columns } = window.eosin.measures('nuclei');
    const { centroids } = window.eosin.objects('nuclei');
    return {
      names,
      area: Array.from(columns.area ?? []),
      inGland: Array.from(columns.in_gland ?? []),
      centroids: Array.from(centroids),
    };
  });
  expect(measured.names).toEqual(expect.arrayContaining(['area', 'circularity', 'solidity', 'gland']));
  expect(measured.names).not.toContain('haematoxylin_mean');
  // by counting cells of half a pixel, and by looking at every gland
  const oracle = new Map(
    nuclei.map(({ ring, centroid }) => {
      let cells = 0;
      const [x, y] = centroid;
      eachCell(ring, { x: x - 100, y: y - 100, width: 200, height: 200 }, 0.5, () => cells++);
      return [
        centroid.join(),
        { area: cells * 0.25 * MPP * MPP, inGland: glands.some((gland) => isIn(gland.ring, centroid)) },
      ];
    }),
  );
  let chosen = 0;
  for (const [row, area] of measured.area.entries()) {
    const expected = oracle.get(`${measured.centroids[2 * row]},${measured.centroids[2 * row + 1]}`);
    expect(area / (expected?.area ?? 0)).toBeCloseTo(1, 1);
    expect(measured.inGland[row] === 1).toBe(expected?.inGland);
    if (area > 30 && expected?.inGland) chosen++;
  }
  expect(await page.evaluate((filter) => window.eosin.select(filter), FILTER)).toEqual({ count: chosen });
  const wrong = page.evaluate(() => window.eosin.select('aera > 30').then(() => '', String));
  expect(await wrong).toContain('at column 1 there is aera, which is no measure. Did you mean area?');

  // the plot, by keys
  const plot = page.getByRole('slider', { name: /Histogram of Area/ });
  await plot.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  const said = page.getByText(/are marked white on the slide/);
  await expect(said).toBeVisible();
  const marked = (await said.textContent())?.match(/^([\d,]+) nuclei/)?.[1];
  await expect(page.getByText(`${marked} marked`)).toBeVisible(); // the status bar says the same
  await page.getByText('Show numbers').click();
  await expect(page.getByRole('cell', { name: 'Median' })).toBeVisible();

  // the table: the plot's filter stands in its box, a mistake is told where it is, a row goes to its object and back
  await page.getByRole('button', { name: 'Table of objects' }).click();
  const box = page.getByRole('textbox', { name: 'Filter' });
  await expect(box).toHaveValue(/^area >= [\d.]+ and area <= [\d.]+$/);
  await box.fill('area > 30 and clas == "nucleus"');
  await expect(page.getByRole('alert')).toHaveText('Column 15: clas, which is no measure. Did you mean class?');
  await box.fill(FILTER);
  const strip = page.getByRole('region', { name: 'Table of objects' });
  await expect(strip.getByText(`${chosen.toLocaleString('en')} nuclei`, { exact: true })).toBeVisible();
  const table = page.getByRole('grid', { name: /Nuclei/ });
  await table.getByRole('button', { name: /^Area/ }).click();
  const largest = Math.max(...measured.area.filter((_, row) => measured.inGland[row] === 1));
  const written = largest.toFixed(largest < 100 ? 1 : 0);
  await expect(table.getByRole('row').nth(1).getByRole('gridcell').nth(2)).toHaveText(written);
  await table.getByRole('row').nth(1).click();
  await expect(page.getByTestId('object')).toContainText('In gland');
  await expect(table.getByRole('row', { selected: true })).toHaveCount(1);
  await page.keyboard.press('ArrowDown');
  await expect(table.getByRole('row').nth(2)).toHaveAttribute('aria-selected', 'true');
  await expectAccessible(page, 'the table of objects');

  // stains, from the slide's pixels
  await page.getByLabel('Measure', { exact: true }).selectOption({ label: 'Haematoxylin' });
  await page.getByLabel('Stain vectors').selectOption({ label: 'My own' });
  await page.getByRole('button', { name: 'Measure stains' }).click();
  await expect(page.getByRole('slider', { name: /Histogram of Haematoxylin, OD/ })).toBeVisible({ timeout: 60_000 });
  const stains = await page.evaluate(() => {
    const { haematoxylin_mean: h, eosin_mean: e } = window.eosin.measures('nuclei').columns;
    return Array.from(h ?? [], (value, row) => value / (e?.[row] ?? 0));
  });
  expect(stains.length).toBe(nuclei.length);
  expect(stains.filter((ratio) => ratio > 1).length).toBeGreaterThan(0.9 * nuclei.length); // nuclei are blue

  // nothing of it is lost with the page
  const known = (): Promise<readonly number[]> =>
    page.evaluate(() => Array.from(window.eosin.measures('nuclei').columns.haematoxylin_mean ?? []));
  const before = await known();
  await page.reload();
  await expect(page.getByTestId('notice')).toContainText('as you brought them');
  await expect(plot).toBeVisible(); // the code of measures has come
  await expect.poll(known).toEqual(before);
  await page.getByLabel('Measure', { exact: true }).selectOption({ label: 'Haematoxylin' });
  await expect(page.getByLabel('Stain vectors')).toHaveValue('hand');
});
