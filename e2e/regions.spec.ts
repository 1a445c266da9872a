// What is analysed: drawn by polygon, rectangle and free line, or all tissue as the user changed it.
import type { Page } from '@playwright/test';
import { drawn } from './actions.ts';
import { objectsIn } from './findings.ts';
import { offerSibling } from './sibling.ts';
import { expect, openEosin, test } from './site.ts';

type At = readonly [x: number, y: number];

/** A place of the slide area, by shares of its width and height, CSS px of the page. */
async function placer(page: Page): Promise<(at: At) => [number, number]> {
  const box = await page.getByRole('application').boundingBox();
  if (!box) throw new Error('no slide area');
  return ([x, y]) => [box.x + x * box.width, box.y + y * box.height];
}

/** CSS px of the page to level-0 px, while the view is upright. */
async function slidePoint(page: Page, [x, y]: readonly [number, number]): Promise<[number, number]> {
  const box = await page.getByRole('application').boundingBox();
  const { centre, perPx } = await page.evaluate(() => {
    const view = window.eosin.view();
    return { centre: view.centre, perPx: 10 / view.magnification / (window.eosin.slide()?.mpp?.x ?? 1) };
  });
  if (!box) throw new Error('no slide area');
  return [centre.x + (x - box.x - box.width / 2) * perPx, centre.y + (y - box.y - box.height / 2) * perPx];
}

async function drag(page: Page, points: readonly (readonly [number, number])[]): Promise<void> {
  const [first, ...rest] = points;
  if (!first) return;
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const point of rest) await page.mouse.move(...point, { steps: 3 });
  await page.mouse.up();
}

const isInside = (ring: readonly (readonly [number, number])[], x: number, y: number): boolean => {
  let inside = false;
  for (const [k, [qx, qy]] of ring.entries()) {
    const [px, py] = ring.at(k - 1) ?? [0, 0];
    if (py > y !== qy > y && x < px + ((y - py) * (qx - px)) / (qy - py)) inside = !inside;
  }
  return inside;
};

test('a polygon less a rectangle is analysed: every nucleus lies in it, and its area is exact', async ({
  page,
  site,
}) => {
  await offerSibling(page); // where nuclei are cut off matters here, not which are found
  await openEosin(page, site, 'slide=phantom:5&device=wasm');
  await page.evaluate(() => window.eosin.setView({ centre: { x: 50_112, y: 40_384 }, magnification: 20 }));
  const at = await placer(page);
  const corners = (
    [
      [0.35, 0.3],
      [0.62, 0.34],
      [0.6, 0.66],
      [0.38, 0.6],
    ] as const
  ).map(at);
  await page.keyboard.press('p');
  for (const corner of corners) await page.mouse.click(...corner);
  await page.mouse.click(...at([0.1, 0.9]));
  await page.keyboard.press('Backspace'); // that one was a slip
  await page.keyboard.press('Enter');
  await expect(page.getByRole('radio', { name: 'Drawn' })).toBeChecked();
  await expect(page.getByText('1 piece drawn')).toBeVisible();
  await page.keyboard.press('r');
  await page.keyboard.down('Alt');
  const bite = (
    [
      [0.45, 0.4],
      [0.53, 0.5],
    ] as const
  ).map(at);
  await drag(page, bite);
  await page.keyboard.up('Alt');
  await page.keyboard.press('m');
  await expect(page.getByText('1 piece drawn, 1 piece taken away')).toBeVisible();
  const ring = await Promise.all(corners.map((corner) => slidePoint(page, corner)));
  const [[left, top] = [0, 0], [right, bottom] = [0, 0]] = await Promise.all(bite.map((p) => slidePoint(page, p)));
  const shoelace = ring.reduce((sum, [x, y], k) => {
    const [px, py] = ring.at(k - 1) ?? [0, 0];
    return sum + (px * y - x * py) / 2;
  }, 0);
  const mm2 = (shoelace - (right - left) * (bottom - top)) * (0.25 / 1000) ** 2;
  const told = page.locator('dt', { hasText: 'Area' }).locator('xpath=following-sibling::dd[1]').first();
  await expect.poll(async () => Number.parseFloat((await told.textContent()) ?? '')).toBeCloseTo(mm2, 3);
  const isIn = (x: number, y: number): boolean =>
    isInside(ring, x, y) && !(x >= left && x < right && y >= top && y < bottom);

  await page.getByRole('button', { name: 'Analyse what is drawn' }).click();
  await page.waitForFunction(() => window.eosin.objects('nuclei').count > 0, undefined, { timeout: 120_000 });
  await expect(page.getByRole('button', { name: 'Cancel' })).toHaveCount(0, { timeout: 120_000 });
  const nuclei = await objectsIn(page, 'nuclei');
  expect(nuclei.length).toBeGreaterThan(10);
  const outside = nuclei.filter(({ centroid: [x, y] }) => !isIn(x, y));
  expect(outside).toEqual([]);
});

test('tissue changes at once: the brush paints, undo takes it back, Automatic takes all back', async ({
  page,
  site,
}) => {
  await openEosin(page, site);
  await page.keyboard.press('0');
  await page.getByRole('radio', { name: 'All tissue' }).click();
  const sentence = page.getByText(/mm² tissue in \d+ pieces?/);
  await expect(sentence).toBeVisible({ timeout: 60_000 });
  const area = async (): Promise<number> => Number.parseFloat((await sentence.textContent()) ?? '');
  const before = await area();
  const at = await placer(page);
  await page.keyboard.press('b');
  for (let k = 0; k < 6; k++) await page.keyboard.press(']');
  await drag(
    page,
    (
      [
        [0.1, 0.1],
        [0.3, 0.12],
        [0.3, 0.2],
      ] as const
    ).map(at),
  );
  await expect.poll(area).toBeGreaterThan(before * 1.05);
  const painted = await area();
  await page.keyboard.down('Alt');
  await drag(
    page,
    (
      [
        [0.1, 0.1],
        [0.2, 0.11],
      ] as const
    ).map(at),
  );
  await page.keyboard.up('Alt');
  await expect.poll(area).toBeLessThan(painted);
  await page.keyboard.press('Control+z');
  await expect.poll(area).toBe(painted);
  await page.keyboard.press('m');
  await page.getByRole('button', { name: 'Adjust' }).click();
  const threshold = page.getByRole('slider', { name: 'Threshold' });
  await threshold.focus();
  for (let k = 0; k < 12; k++) await page.keyboard.press('ArrowRight');
  await expect.poll(area).toBeLessThan(painted);
  await page.getByRole('button', { name: 'Automatic' }).click();
  await expect.poll(area).toBe(before);
  await drawn(page);
});
