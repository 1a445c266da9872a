// Two maps of values: swiped, subtracted, side by side; an earlier run against the present one; one share of tissue everywhere.
import { drawn } from './actions.ts';
import { expectAccessible } from './axe.ts';
import { analyse } from './findings.ts';
import { square } from './shapes.ts';
import { expect, openEosin, test } from './site.ts';

test('classes and runs are compared on the slide; a share of tissue is one figure', async ({ page, site }) => {
  await openEosin(page, site, 'slide=phantom:8');
  const region = { x: 50_050, y: 40_500, width: 1000, height: 700 };
  await analyse(page, { region: { ...region, width: 500 } });
  const { tissue } = await analyse(page, { region });
  const centre = { x: region.x + region.width / 2, y: region.y + region.height / 2 };
  await page.evaluate((centre) => window.eosin.setView({ centre, magnification: 15 }), centre);

  // What the run says is what the panel says.
  const top = tissue?.share.reduce((best, share, k, all) => (share > (all[best] ?? 0) ? k : best), 0) ?? 0;
  const share = `${Math.round(100 * (tissue?.share[top] ?? 0))} %`;
  const counts = page.getByRole('region', { name: 'Counts' });
  await expect(counts.getByRole('row', { name: tissue?.classes[top] ?? '' })).toContainText(share);

  await page.getByRole('button', { name: 'Tissue classes', exact: true }).click();
  await page.getByRole('button', { name: 'Show Tissue classes' }).click();
  await page.getByLabel('Colours').selectOption('viridis');
  const compare = page.getByLabel('Compare', { exact: true });
  const legend = page.getByRole('note', { name: 'Legend' }).first();
  const slide = page.getByRole('application', { name: 'Slide', exact: true });
  const status = page.getByRole('contentinfo');
  const box = await slide.boundingBox();
  if (!box) throw new Error('the slide has no box');
  const hover = () => page.mouse.move(box.x + box.width / 2 - 90, box.y + box.height / 2 + 31);

  // Two classes of one map.
  await compare.selectOption({ label: 'Normal mucosa' });
  await expect(legend).toContainText('Left of the line');
  await expect(legend).toContainText('Tissue classes: Normal mucosa');
  await page.getByRole('radio', { name: 'Difference' }).click();
  await expect(legend).toContainText('Difference: Tumour less Normal mucosa');
  await hover();
  await expect(status).toContainText(/Tumour \S+ · Normal mucosa \S+ · difference [+−]\d/);
  const isDifference = await page.evaluate(() => {
    const maps = new Map(window.eosin.heatmaps().map(({ name, values }) => [name, values]));
    const [tumour, mucosa, less] = [
      maps.get('Tissue: Tumour'),
      maps.get('Tissue: Normal mucosa'),
      maps.get('Difference: Tumour less Normal mucosa'),
    ];
    return less?.every((value, i) => Object.is(value, Math.fround((tumour?.[i] ?? 0) - (mucosa?.[i] ?? 0))));
  });
  expect(isDifference).toBe(true);

  // The run before this one: it has seen half of the map, and saw it alike.
  const runs = page.locator('#compare-tissue optgroup[label^="Run of"]');
  await expect(runs).toHaveCount(2);
  const earlier = await runs.last().locator('option', { hasText: 'Tumour' }).getAttribute('value');
  await compare.selectOption(earlier);
  await expect(legend).toContainText(/Difference: Tumour less Tumour, run of/);
  await hover();
  await expect(status).toContainText('difference +0.00');
  await page.getByRole('radio', { name: 'Side by side' }).click();
  const right = page.getByRole('application', { name: 'Slide, right pane' });
  await expect(right).toBeVisible();
  await expect(page.getByRole('note', { name: 'Legend' }).last()).toContainText(/Tissue classes, run of .*: Tumour/);
  await drawn(page);
  await expectAccessible(page, 'two maps side by side');
  await page.keyboard.press('Escape');
  await expect(right).toHaveCount(0);
  await expect(legend).toContainText('Right of the line');
  await compare.selectOption('');
  await expect(legend).not.toContainText('line');
});

test('a gland is clicked through what lies on it, and its figures are told', async ({ page, site }) => {
  await openEosin(page, site, 'slide=phantom:8');
  const object = (name: string, ring: number[][]) => ({
    type: 'Feature',
    geometry: { type: 'Polygon', coordinates: [ring] },
    properties: { objectType: 'detection', name },
  });
  const features = [
    object('Gland', square(50_000, 40_000, 400)),
    object('Lumen', square(50_100, 40_100, 200)),
    object('Nucleus', square(50_020, 40_020, 30)),
    object('Nucleus', square(50_320, 40_320, 30)),
  ];
  await page.evaluate(
    async (text) => {
      await window.eosin.importGeoJSON(new Blob([text]));
      await window.eosin.setView({ centre: { x: 50_200, y: 40_200 }, magnification: 10 });
    },
    JSON.stringify({ type: 'FeatureCollection', features }),
  );
  const slide = page.getByRole('application', { name: 'Slide', exact: true });
  const middle = async () => {
    const box = await slide.boundingBox();
    await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2);
  };
  const bubble = page.getByTestId('object');
  await middle();
  await expect(bubble).toContainText('Lumen');
  await middle();
  await expect(bubble).toContainText(/Gland.*Nuclei2.*Lumen share25 %/);
  await page.getByRole('radiogroup', { name: 'Counted in' }).getByRole('radio', { name: 'Object' }).click();
  await expect(page.getByRole('region', { name: 'Counts' }).getByRole('row', { name: /^Lumina/ })).toContainText(
    '25 %',
  );
});
