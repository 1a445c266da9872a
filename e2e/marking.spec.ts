// Plot, table and slide show the same objects: what is brushed in one is marked in the others, by mouse, and a measure colours them.
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { command, drawn, scatterPlot } from './actions.ts';
import { bringTruth } from './bring-truth.ts';
import { placeOnScreen } from './on-screen.ts';
import { isInside } from './shapes.ts';
import { expect, openEosin, test } from './site.ts';

const REGION = { x: 50_000, y: 40_000, width: 1500, height: 1200 };
const MPP = 0.25;

interface Nucleus {
  readonly ring: readonly number[];
  readonly centroid: readonly [number, number];
  readonly area: number;
  readonly circularity: number;
}

/** By row. */
const nucleiOf = (page: Page): Promise<Nucleus[]> =>
  page.evaluate(() => {
    const table = window.eosin.objects('nuclei');
    const { area, circularity } = window.eosin.measures('nuclei').columns;
    return Array.from({ length: table.count }, (_, i) => ({
      ring: Array.from(table.polygon(i)[0] ?? []),
      centroid: [table.centroids[2 * i] ?? 0, table.centroids[2 * i + 1] ?? 0] as const,
      area: area?.[i] ?? Number.NaN,
      circularity: circularity?.[i] ?? Number.NaN,
    }));
  });

type Colour = readonly [r: number, g: number, b: number];

/** The colours of the page on the corners of nuclei, none of them under a panel. */
async function outlineColours(page: Page, nuclei: readonly Nucleus[]): Promise<(nucleus: Nucleus) => Colour[]> {
  await page.mouse.move(5, 5);
  await drawn(page);
  const { data, info } = await sharp(await page.screenshot())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { toPage } = await placeOnScreen(page, MPP);
  const of = new Map(
    nuclei.map((nucleus) => {
      const { ring } = nucleus;
      const colours = ring.flatMap((x, i): Colour[] => {
        if (i % 2 === 1) return [];
        const at = toPage(x, ring[i + 1] ?? 0);
        const k = 3 * (Math.floor(at.y) * info.width + Math.floor(at.x));
        return [[data[k] ?? 0, data[k + 1] ?? 0, data[k + 2] ?? 0]];
      });
      return [nucleus, colours];
    }),
  );
  return (nucleus) => of.get(nucleus) ?? [];
}

/** Of the corners, how many are white. */
const whiteShare = (colours: readonly Colour[]): number =>
  colours.filter((colour) => Math.min(...colour) > 225).length / colours.length;

test('a box in the scatter plot marks the slide, a click on the slide finds the row, a row its object, a measure colours', async ({
  page,
  site,
}) => {
  await openEosin(page, site);
  await bringTruth(page, REGION);
  await page.evaluate((at) => window.eosin.setView(at), { centre: { x: 50_700, y: 40_500 }, magnification: 40 });
  const nuclei = await nucleiOf(page);
  const { box, toPage } = await placeOnScreen(page, MPP);
  const clear = { x: box.x + 220, y: box.y + 220, width: box.width - 440, height: box.height - 420 };
  const seen = nuclei.filter(({ centroid }) => {
    const { x, y } = toPage(...centroid);
    return isInside({ x: x - 30, y: y - 30, width: 60, height: 60 }, clear);
  });
  expect(seen.length).toBeGreaterThan(10);

  // the scatter plot, by mouse: the rounder half, of middling and larger ones
  const { plot, place } = await scatterPlot(page);
  await page.mouse.move(place.x + 0.2 * place.width, place.y + 0.05 * place.height);
  await page.mouse.down();
  await page.mouse.move(place.x + 0.7 * place.width, place.y + 0.5 * place.height, { steps: 5 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Table of objects' }).click();
  const filter = page.getByRole('textbox', { name: 'Filter' });
  await expect(filter).toHaveValue(/^area >= \S+ and area <= \S+ and circularity >= \S+ and circularity <= \S+$/);
  const [least = 0, most = 0, flattest = 0, roundest = 0] =
    (await filter.inputValue()).match(/[\d.]+(e-?\d+)?/g)?.map(Number) ?? [];
  const isBrushed = ({ area, circularity }: Nucleus): boolean =>
    area >= least && area <= most && circularity >= flattest && circularity <= roundest;
  const brushed = nuclei.filter(isBrushed).length;
  expect(brushed).toBeGreaterThan(0.1 * nuclei.length);
  expect(brushed).toBeLessThan(0.9 * nuclei.length);
  await expect(page.getByText(`${brushed.toLocaleString('en')} marked`)).toBeVisible();
  const strip = page.getByRole('region', { name: 'Table of objects' });
  await expect(strip.getByText(`${brushed.toLocaleString('en')} nuclei`, { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Close the table', exact: true }).click();
  await page.evaluate((at) => window.eosin.setView(at), { centre: { x: 50_700, y: 40_500 }, magnification: 40 });
  const marked = await outlineColours(page, seen);
  const share = (of: readonly Nucleus[]): number =>
    of.reduce((sum, nucleus) => sum + whiteShare(marked(nucleus)), 0) / of.length;
  expect(share(seen.filter(isBrushed))).toBeGreaterThan(0.7);
  expect(share(seen.filter((nucleus) => !isBrushed(nucleus)))).toBeLessThan(0.3);

  // a click beside the brush lets go; then the slide finds the row
  await plot.click({ position: { x: 2, y: 2 } });
  await expect(page.getByText(/ marked$/)).toHaveCount(0);
  await page.getByRole('button', { name: 'Table of objects' }).click();
  const table = page.getByRole('grid', { name: /^Nuclei/ });
  await table.getByRole('button', { name: /^Area/ }).click(); // largest first: the row is far down
  const now = await placeOnScreen(page, MPP);
  const small = seen.filter(({ centroid }) => now.toPage(...centroid).y < now.box.y + now.box.height - 60);
  const wanted = small.reduce((a, b) => (b.area < a.area ? b : a));
  const target = now.toPage(...wanted.centroid);
  await page.mouse.click(target.x, target.y);
  const row = table.getByRole('row', { selected: true });
  await expect(row).toHaveCount(1);
  await expect(row).toBeInViewport();
  await expect(row.getByRole('gridcell').first()).toHaveText(nuclei.indexOf(wanted).toLocaleString('en'));

  // a row goes to its object
  await page.keyboard.press('Escape');
  await page.evaluate((at) => window.eosin.setView(at), { centre: { x: 20_000, y: 20_000 }, magnification: 40 });
  await table.focus();
  await page.keyboard.press('Home');
  const largest = nuclei.reduce((a, b) => (b.area > a.area ? b : a));
  const apart = async (): Promise<number> => {
    const { centre } = await page.evaluate(() => window.eosin.view());
    return Math.hypot(centre.x - largest.centroid[0], centre.y - largest.centroid[1]);
  };
  await expect.poll(apart).toBeLessThan(100); // level-0 px
  await expect(page.getByTestId('object')).toBeVisible();

  // colours by the measure of the plot: another look on the slide, its steps in the legend, and back
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Close the table', exact: true }).click();
  await page.evaluate((at) => window.eosin.setView(at), { centre: { x: 50_700, y: 40_500 }, magnification: 40 });
  const legend = page.getByRole('note', { name: 'Legend' });
  await expect(legend).toHaveCount(0);
  const byClass = await outlineColours(page, seen);
  await page.getByRole('button', { name: 'Colour by area' }).click();
  await expect(legend).toContainText('Nuclei, area');
  await expect(legend).toContainText('µm²');
  const steps = await legend.locator('i').evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
  expect(new Set(steps).size).toBe(10);
  const colours = steps.map((step) => step.match(/\d+/g)?.map(Number) ?? []);
  const isNear = (a: readonly number[], b: readonly number[]): boolean =>
    a.every((value, c) => Math.abs(value - (b[c] ?? 0)) < 24);
  const byArea = await outlineColours(page, seen);
  const ofScale = (of: (nucleus: Nucleus) => Colour[]): number => {
    const all = seen.flatMap(of);
    return all.filter((colour) => colours.some((step) => isNear(step, colour))).length / all.length;
  };
  expect(ofScale(byArea)).toBeGreaterThan(0.6);
  expect(ofScale(byClass)).toBeLessThan(0.3);
  await page.getByRole('button', { name: 'Colour by class again' }).click();
  await expect(legend).toHaveCount(0);
});

interface Spot {
  readonly x: number; // page px
  readonly y: number;
  readonly row: number;
}

/** Twice the area of the triangle, positive where the spot lies right of the way from p to q on the page. */
const turnOf = (a: Spot, [px, py]: readonly number[], [qx, qy]: readonly number[]): number =>
  ((qx ?? 0) - (px ?? 0)) * (a.y - (py ?? 0)) - ((qy ?? 0) - (py ?? 0)) * (a.x - (px ?? 0));

/** In a convex line that runs clockwise on the page; undefined within 2 px of an edge, where a hand is not sure either. */
function isWithin(spot: Spot, corners: readonly (readonly [number, number])[]): boolean | undefined {
  const side = corners.map((from, k) => {
    const to = corners[(k + 1) % corners.length] ?? from;
    return turnOf(spot, from, to) / Math.hypot(to[0] - from[0], to[1] - from[1]);
  });
  const least = Math.min(...side);
  return Math.abs(least) < 2 ? undefined : least > 0;
}

test('a box and a lasso on the slide choose what lies in them, with Shift and Alt; the table shows just that', async ({
  page,
  site,
}) => {
  await openEosin(page, site);
  await bringTruth(page, REGION);
  await page.getByRole('button', { name: 'Table of objects' }).click();
  const strip = page.getByRole('region', { name: 'Table of objects' });
  await page.evaluate((at) => window.eosin.setView(at), { centre: { x: 50_700, y: 40_500 }, magnification: 40 });
  const nuclei = await nucleiOf(page);
  const { toPage } = await placeOnScreen(page, MPP);
  const spots = nuclei.map(({ centroid }, row): Spot => ({ ...toPage(...centroid), row }));
  const boxOf = (x: number, y: number, w: number, h: number): [number, number][] => [
    [x, y],
    [x + w, y],
    [x + w, y + h],
    [x, y + h],
  ];
  /** The line, moved until no nucleus is so near to it that one could not say; with what lies in it. */
  const clearOf = (corners: readonly [number, number][]) => {
    for (let dy = 0; dy < 40; dy++)
      for (let dx = 0; dx < 40; dx++) {
        const moved = corners.map(([x, y]): [number, number] => [x + dx, y + dy]);
        const among = spots.map((spot) => isWithin(spot, moved));
        if (!among.includes(undefined)) return { moved, rows: spots.filter((_, k) => among[k]).map(({ row }) => row) };
      }
    throw new Error('nuclei are everywhere');
  };
  const expectChosen = async (rows: ReadonlySet<number>): Promise<void> => {
    const n = rows.size.toLocaleString('en');
    await expect(page.getByTestId('notice')).toHaveText(`${n} nuclei selected.`);
    await expect(page.getByText(`${n} marked`)).toBeVisible();
    await expect(strip.getByText(`${n} nuclei`, { exact: true })).toBeVisible();
    const shown = await strip
      .getByRole('row')
      .evaluateAll((all) => all.slice(1).map((row) => Number(row.querySelector('td')?.textContent?.replace(',', ''))));
    expect(shown).toEqual([...rows].sort((a, b) => a - b).slice(0, shown.length));
  };
  const drag = async (path: readonly [number, number][], held?: 'Shift' | 'Alt'): Promise<void> => {
    const [[x, y] = [0, 0], ...rest] = path;
    await page.mouse.move(x, y);
    if (held) await page.keyboard.down(held);
    await page.mouse.down();
    for (const to of rest) await page.mouse.move(...to, { steps: 8 });
    await page.mouse.up();
    if (held) await page.keyboard.up(held);
  };
  const acrossOf = ([from, , to]: readonly [number, number][]): [number, number][] => (from && to ? [from, to] : []);

  await page.getByRole('application').focus();
  await page.keyboard.press('s');
  const first = clearOf(boxOf(120, 120, 260, 140));
  expect(first.rows.length).toBeGreaterThan(5);
  await drag(acrossOf(first.moved));
  const chosen = new Set(first.rows);
  await expectChosen(chosen);

  const second = clearOf(boxOf(300, 180, 240, 160));
  expect(second.rows.some((row) => chosen.has(row))).toBe(true); // they overlap
  await drag(acrossOf(second.moved), 'Shift');
  for (const row of second.rows) chosen.add(row);
  await expectChosen(chosen);

  const third = clearOf(boxOf(200, 100, 160, 140));
  await drag(acrossOf(third.moved), 'Alt');
  for (const row of third.rows) chosen.delete(row);
  expect(chosen.size).toBeLessThan(new Set([...first.rows, ...second.rows]).size);
  await expectChosen(chosen);

  // a lasso instead, and then nothing
  await page.keyboard.press('Shift+S');
  const triangle = clearOf([
    [200, 120],
    [520, 200],
    [260, 360],
  ]);
  expect(triangle.rows.length).toBeGreaterThan(5);
  await drag([...triangle.moved, ...triangle.moved.slice(0, 1)]);
  await expectChosen(new Set(triangle.rows));
  await page.keyboard.press('Escape');
  await command(page, 'Select nothing');
  await expect(page.getByText(/ marked$/)).toHaveCount(0);
  await expect(strip.getByText(`${nuclei.length.toLocaleString('en')} nuclei`, { exact: true })).toBeVisible();
});
