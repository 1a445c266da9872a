// The table of objects where there are more rows than a page can be tall, and its files read back by others.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { parquetReadObjects } from 'hyparquet';
import { command, scatterPlot } from './actions.ts';
import { bringTruth } from './bring-truth.ts';
import { placeOnScreen } from './on-screen.ts';
import { expect, openEosin, test } from './site.ts';

const MPP = 0.25;
const [ACROSS, DOWN, STEP] = [800, 500, 120]; // nuclei in rows, level-0 px apart
const ROWS = ACROSS * DOWN;

/** Octagons in rows over the slide, of sizes in no order; each third one is of another class. */
const bringMany = (page: Page): Promise<{ imported: number }> =>
  page.evaluate(
    ({ across, down, step }) => {
      const parts: string[] = ['{"type":"FeatureCollection","features":['];
      for (let row = 0; row < down; row++) {
        let text = '';
        for (let col = 0; col < across; col++) {
          const [i, x, y] = [row * across + col, 100 + step * col, 100 + step * row];
          const r = 6 + ((i * 7919) % 400_003) / 20_000; // px: no two are alike
          const corners = Array.from({ length: 9 }, (_, k) => {
            const turn = ((k % 8) * Math.PI) / 4;
            return [x + r * (1 + 0.4 * ((i % 5) / 4)) * Math.cos(turn), y + r * Math.sin(turn)];
          });
          const classification = { name: i % 3 === 0 ? 'Inflammatory' : 'Epithelial' };
          const properties = { objectType: 'detection', name: 'Nucleus', classification };
          const geometry = { type: 'Polygon', coordinates: [corners] };
          text += `${i > 0 ? ',' : ''}${JSON.stringify({ type: 'Feature', geometry, properties })}\n`;
        }
        parts.push(text);
      }
      return window.eosin.importGeoJSON(new Blob([...parts, ']}']));
    },
    { across: ACROSS, down: DOWN, step: STEP },
  );

interface Known {
  readonly largest: number; //  rows
  readonly smallest: number;
  readonly above: number; //    how many are larger than the limit
  readonly limit: number; //    µm²
}

/** By what the console says of each. */
const knownOf = (page: Page): Promise<Known> =>
  page.evaluate(() => {
    const { area = new Float32Array() } = window.eosin.measures('nuclei').columns;
    let [largest, smallest] = [0, 0];
    for (let row = 1; row < area.length; row++) {
      if ((area[row] ?? 0) > (area[largest] ?? 0)) largest = row;
      if ((area[row] ?? 0) < (area[smallest] ?? 0)) smallest = row;
    }
    const limit = 100;
    return { largest, smallest, limit, above: area.reduce((n, value) => n + (value > limit ? 1 : 0), 0) };
  });

const words = (n: number): string => n.toLocaleString('en-US');

test('a table of 400,000: sorted, filtered, gone to and found; plots count all of them', async ({ page, site }) => {
  test.slow();
  await openEosin(page, site);
  expect(await bringMany(page)).toMatchObject({ imported: ROWS });
  await expect(page.getByRole('slider', { name: /Histogram of Area/ })).toBeVisible({ timeout: 60_000 });
  const known = await knownOf(page);
  expect(known.above).toBeGreaterThan(1000);
  await page.getByRole('button', { name: 'Table of objects' }).click();
  const strip = page.getByRole('region', { name: 'Table of objects' });
  const shown = (n: number) => strip.getByText(`${words(n)} nuclei`, { exact: true });
  await expect(shown(ROWS)).toBeVisible({ timeout: 60_000 });
  const table = page.getByRole('grid', { name: /^Nuclei/ });
  await expect(table).toHaveAttribute('aria-rowcount', String(ROWS + 1));
  const chosen = table.getByRole('row', { selected: true });
  const objectOf = chosen.getByRole('gridcell').first();
  const apart = async (row: number): Promise<number> => {
    const { centre } = await page.evaluate(() => window.eosin.view());
    return Math.hypot(centre.x - (100 + STEP * (row % ACROSS)), centre.y - (100 + STEP * Math.floor(row / ACROSS)));
  };

  // by their own order the last one, which stands where no element could be so tall
  await table.focus();
  await page.keyboard.press('End');
  await expect(objectOf).toHaveText(words(ROWS - 1));
  await expect(chosen).toBeInViewport();
  await expect(chosen).toHaveAttribute('aria-rowindex', String(ROWS + 1));
  await expect.poll(() => apart(ROWS - 1)).toBeLessThan(20);

  // sorted: the largest at the top, the smallest at the end, and the slide goes to each
  await table.getByRole('button', { name: /^Area/ }).click();
  const first = table.getByRole('row').nth(1).getByRole('gridcell').first();
  await page.keyboard.press('Escape');
  await table.focus();
  await page.keyboard.press('Home');
  await expect(first).toHaveText(words(known.largest), { timeout: 60_000 });
  await expect(objectOf).toHaveText(words(known.largest));
  await expect.poll(() => apart(known.largest)).toBeLessThan(20);
  await page.keyboard.press('End');
  await expect(objectOf).toHaveText(words(known.smallest));
  await expect(chosen).toBeInViewport();
  await expect.poll(() => apart(known.smallest)).toBeLessThan(20);

  // a click on the slide finds the row
  const wanted = 250 * ACROSS + 400;
  const centre = { x: 100 + STEP * 400, y: 100 + STEP * 250 };
  await page.keyboard.press('Escape');
  await page.evaluate((at) => window.eosin.setView(at), { centre, magnification: 40 });
  const { toPage } = await placeOnScreen(page, MPP);
  const { x, y } = toPage(centre.x, centre.y);
  await page.mouse.click(x, y);
  await expect(objectOf).toHaveText(words(wanted));
  await expect(chosen).toBeInViewport();

  // filtered
  await page.keyboard.press('Escape');
  const filter = page.getByRole('textbox', { name: 'Filter' });
  await filter.fill(`area > ${known.limit}`);
  await expect(shown(known.above)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(`${words(known.above)} marked`)).toBeVisible();
  await filter.fill('');
  await expect(shown(ROWS)).toBeVisible();

  // plots: none leaves any out
  await page.getByText('Show numbers').click();
  await page.getByRole('radio', { name: 'Classes' }).click();
  const inflammatory = Math.ceil(ROWS / 3);
  const bar = page.getByRole('button', { name: new RegExp(`^Inflammatory nuclei ?${words(inflammatory)}`) });
  await expect(bar).toBeVisible();
  await bar.click();
  await expect(shown(inflammatory)).toBeVisible({ timeout: 60_000 });
  await bar.click();
  await page.getByRole('radio', { name: 'Density' }).click();
  const map = page.getByRole('application', { name: /arrows go from square to square/ });
  await map.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByText(/ counted$/)).toBeVisible();
  const { place } = await scatterPlot(page);
  await page.mouse.move(place.x + 1, place.y + 1);
  await page.mouse.down();
  await page.mouse.move(place.x + place.width - 1, place.y + place.height - 1, { steps: 3 });
  await page.mouse.up();
  await expect(shown(ROWS)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(`${words(ROWS)} marked`)).toBeVisible();
});

/** RFC 4180: rows of fields. */
function rowsOfCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = '', end = ''] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') rows.push(row);
    if (end !== ',') row = [];
  }
  return rows;
}

const UNITS = new Map([
  ['µm²', '_um2'],
  ['µm', '_um'],
  ['°', '_deg'],
]);

test('measures as CSV and as Parquet: another reader finds each column as the window has it', async ({
  page,
  site,
}) => {
  await openEosin(page, site);
  await bringTruth(page, { x: 50_000, y: 40_000, width: 1500, height: 1200 });
  await page.evaluate(() => {
    const ring = [
      [48_000, 40_000],
      [48_060, 40_000],
      [48_060, 40_060],
      [48_000, 40_000],
    ];
    const feature = {
      type: 'Feature',
      geometry: { type: 'Polygon', coordinates: [ring] },
      properties: {
        objectType: 'detection',
        name: 'Nucleus',
        classification: { name: 'Odd, "quoted"' },
        measurements: { 'Positive %': 12.5 },
      },
    };
    return window.eosin.importGeoJSON(new Blob([JSON.stringify(feature)]));
  });
  const known = await page.evaluate(() => {
    const { names, units, columns } = window.eosin.measures('nuclei');
    const { count, classes, classIndex, centroids } = window.eosin.objects('nuclei');
    return {
      ...{ count, names, units, centroids: Array.from(centroids) },
      columns: Object.fromEntries(names.map((name) => [name, Array.from(columns[name] ?? [])])),
      classes: Array.from(classIndex, (of) => classes[of]?.name),
    };
  });
  expect(known.count).toBeGreaterThan(100);
  const own = known.names.filter((name) => !name.startsWith('positive'));
  const column = (name: string): readonly number[] => known.columns[name] ?? [];
  const expected = new Map<string, readonly (number | string | undefined)[]>([
    ['class', known.classes],
    ['centroid_x_px', known.classes.map((_, row) => known.centroids[2 * row])],
    ['centroid_y_px', known.classes.map((_, row) => known.centroids[2 * row + 1])],
    ...own.map((name): [string, readonly number[]] => {
      const unit = known.units[known.names.indexOf(name)] ?? '';
      return [`${name}${unit && (UNITS.get(unit) ?? `(${unit})`)}`, column(name)];
    }),
    ['Positive %', known.classes.map((of) => (of === 'Odd, "quoted"' ? 12.5 : Number.NaN))],
  ]);
  expect(expected.size).toBeGreaterThan(15);

  const saved = async (name: string): Promise<Buffer> => {
    const saving = page.waitForEvent('download');
    await command(page, name);
    return readFileSync(await (await saving).path());
  };
  const [head = [], ...rows] = rowsOfCsv((await saved('Save measures of nuclei as CSV')).toString('utf8'));
  expect(head).toEqual([...expected.keys()]);
  expect(rows).toHaveLength(known.count);
  for (const [k, [name, values]] of [...expected].entries()) {
    const written = rows.map((row) => row[k] ?? '');
    if (name === 'class') expect(written).toEqual(values);
    else {
      const single = name !== 'Positive %' && !name.startsWith('centroid');
      const read = written.map((text) =>
        text === '' ? Number.NaN : single ? Math.fround(Number(text)) : Number(text),
      );
      expect(read, name).toEqual(values);
    }
  }

  const parquet = await saved('Save measures of nuclei as Parquet');
  const table = await parquetReadObjects({ file: new Uint8Array(parquet).buffer });
  expect(Object.keys(table[0] ?? {})).toEqual([...expected.keys()]);
  expect(table).toHaveLength(known.count);
  for (const [name, values] of expected) {
    const read = table.map((row): unknown => row[name]);
    expect(read, name).toEqual(values);
  }
});
