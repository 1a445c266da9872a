// Two panes of one slide: they go together, each has its own layers, the keys are of the pane in hand.

import { drawn } from './actions.ts';
import { expectAccessible } from './axe.ts';
import { expect, openEosin, test } from './site.ts';

test('side by side: one view, two sets of layers, one picture; Esc closes it', async ({ page, site }) => {
  await openEosin(page, site);
  await page.evaluate(async () => {
    const table = window.eosin.truth('nuclei', { x: 50_000, y: 40_000, width: 800, height: 700 });
    const features = Array.from({ length: table.count }, (_, i) => {
      const [ring = new Float64Array()] = table.polygon(i);
      const corners = Array.from({ length: ring.length / 2 }, (_, k) => [ring[2 * k], ring[2 * k + 1]]);
      const geometry = { type: 'Polygon', coordinates: [[...corners, corners[0]]] };
      return { type: 'Feature', geometry, properties: { objectType: 'detection', name: 'Nucleus' } };
    });
    await window.eosin.importGeoJSON(new Blob([JSON.stringify({ type: 'FeatureCollection', features })]));
    const off = (row: number): number =>
      Math.hypot((table.centroids[2 * row] ?? 0) - 50_400, (table.centroids[2 * row + 1] ?? 0) - 40_350);
    const inTheMiddle = Array.from({ length: table.count }, (_, row) => row).sort((a, b) => off(a) - off(b))[0] ?? 0;
    const [x = 0, y = 0] = table.centroids.subarray(2 * inTheMiddle, 2 * inTheMiddle + 2);
    await window.eosin.setView({ centre: { x, y }, magnification: 10 });
  });
  const width = (): Promise<number> =>
    page.evaluate(async () => (await createImageBitmap(await window.eosin.snapshot())).width);
  const alone = await width();

  await page.getByRole('button', { name: /^Side by side/ }).click();
  const [left, right] = [
    page.getByRole('application', { name: 'Slide', exact: true }),
    page.getByRole('application', { name: 'Slide, right pane' }),
  ];
  await expect(right).toBeVisible();
  const side = page.getByRole('radiogroup', { name: 'Layers of' });
  await expect(side.getByRole('radio', { name: 'Right pane' })).toBeChecked();
  const both = async () => [await left.boundingBox(), await right.boundingBox()] as const;
  await expect.poll(async () => both().then(([a, b]) => Math.abs((a?.width ?? 0) - (b?.width ?? 9)))).toBeLessThan(1.5);

  // The right pane begins with the slide alone; H shows nuclei there and leaves the left as it is.
  const layers = page.getByRole('region', { name: 'Layers' });
  await expect(layers.getByRole('button', { name: 'Show Nuclei' })).toBeVisible();
  await page.keyboard.press('h');
  await expect(layers.getByRole('button', { name: 'Hide Nuclei' })).toBeVisible();
  await page.keyboard.press('h');
  await side.getByRole('radio', { name: 'Left pane' }).click();
  await expect(layers.getByRole('button', { name: 'Hide Nuclei' })).toBeVisible();

  // A box that is drawn on the right chooses by what is shown there.
  await expect(right).not.toHaveAttribute('aria-busy');
  const chosenOnTheRight = async (): Promise<string> => {
    const at = await right.boundingBox();
    if (!at) throw new Error('the right pane has no box');
    await right.focus();
    await page.keyboard.press('s');
    await page.mouse.move(at.x + 60, at.y + 200);
    await page.mouse.down();
    await page.mouse.move(at.x + 200, at.y + 400, { steps: 8 });
    await page.mouse.up();
    await expect(page.getByTestId('notice')).toContainText(/selected|No layer/);
    const said = (await page.getByTestId('notice').textContent()) ?? '';
    await page.keyboard.press('Escape'); // the tool
    await expect(page.getByTestId('notice')).toHaveCount(0, { timeout: 10_000 });
    return said;
  };
  expect(await chosenOnTheRight()).toContain('No layer with objects is shown');
  await page.keyboard.press('h');
  expect(await chosenOnTheRight()).toMatch(/^[1-9]\d* nuclei selected/);
  await page.keyboard.press('Escape'); // what is chosen
  await page.keyboard.press('h');

  // A click picks by what the pane shows that it is in: the nucleus in the middle shows on the left only, then in both.
  const object = page.getByTestId('object');
  const clickInTheMiddleOf = async (pane: typeof left): Promise<void> => {
    const at = await pane.boundingBox();
    if (!at) throw new Error('the pane has no box');
    await page.mouse.click(at.x + at.width / 2, at.y + at.height / 2);
  };
  await clickInTheMiddleOf(left);
  await expect(object).toBeVisible();
  await clickInTheMiddleOf(right);
  await expect(object).toHaveCount(0);
  await page.keyboard.press('h');
  await expect(layers.getByRole('button', { name: 'Hide Nuclei' })).toBeVisible();
  await clickInTheMiddleOf(right);
  await expect(object).toBeVisible();
  await page.keyboard.press('h');
  await clickInTheMiddleOf(right);
  await expect(object).toHaveCount(0);

  // What is dragged on the right moves the left.
  await expect(right).not.toHaveAttribute('aria-busy');
  await drawn(page);
  const before = await page.evaluate(() => window.eosin.view());
  const box = await right.boundingBox();
  if (!box) throw new Error('the right pane has no box');
  await page.mouse.move(box.x + 200, box.y + 300);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 250, { steps: 4 });
  await page.mouse.up();
  const moved = () => page.evaluate(() => window.eosin.view().centre.x);
  await expect.poll(async () => (await moved()) - before.centre.x).toBeGreaterThan(100); // 80 px at 10×
  await expect(side.getByRole('radio', { name: 'Right pane' })).toBeChecked(); // it was taken in hand
  await page.keyboard.press('Shift+X');
  await expect(side.getByRole('radio', { name: 'Left pane' })).toBeChecked();

  expect(Math.abs((await width()) - alone)).toBeLessThanOrEqual(2);
  await expectAccessible(page, 'side by side');
  await page.keyboard.press('Escape');
  await expect(right).toHaveCount(0);
  await expect(side).toHaveCount(0);
  await expect.poll(width).toBe(alone);
});
