// Texts of a file are texts wherever they are shown: none becomes an element, an attribute that runs, or an address.
import type { Page } from '@playwright/test';
import { command } from './actions.ts';
import { placeOnScreen } from './on-screen.ts';
import { square } from './shapes.ts';
import { expect, openEosin, test } from './site.ts';

const AT = { x: 50_000, y: 40_000 };
const MPP = 0.25;
const SIDE = 200; // level-0 px of each object
const IMG = '<img src=x onerror="window.injected=1">';
const TEXTS = [
  IMG,
  '"><script>window.injected=1</script>',
  'javascript:window.injected=1',
  '{{constructor.constructor("window.injected=1")()}}',
  `'"--></style><svg onload=window.injected=1>`,
  '</title></textarea><iframe srcdoc="<script>parent.injected=1</script>">',
];

/** An annotation and a nucleus for each text, which stands wherever a feature may hold one; then what is refused with it. */
function hostileFile(): string {
  const each = TEXTS.flatMap((text, k) =>
    [text, 'Nucleus'].map((name, row) => ({
      type: 'Feature',
      id: text,
      geometry: { type: 'Polygon', coordinates: [square(AT.x + 300 * k, AT.y + 300 * row, SIDE)] },
      properties: {
        objectType: row === 0 ? 'annotation' : 'detection',
        name,
        classification: { name: text, color: [40 * k, 200, 0] },
        measurements: Object.fromEntries(TEXTS.map((other, n) => [other, k + n])),
        metadata: { [text]: text, note: text },
        [text]: text,
      },
    })),
  );
  const refused = TEXTS.map((text) => ({ type: text, geometry: { type: text, coordinates: [] }, properties: {} }));
  return JSON.stringify({ type: 'FeatureCollection', name: IMG, features: [...each, ...refused] });
}

/** What such texts would be as markup. `data-` and `aria-` attributes may hold any text. */
function foreignParts(scope: ParentNode): string[] {
  const bad = 'script:not([src]), iframe, object, embed, base, img[src="x"], svg[onload], [srcdoc]';
  const found = Array.from(scope.querySelectorAll(bad), ({ outerHTML }) => outerHTML.slice(0, 120));
  for (const element of scope.querySelectorAll('*'))
    for (const { name, value } of element.attributes)
      if (
        /^on/i.test(name) ||
        (/^(href|src|action|formaction|xlink:href|style)$/i.test(name) && /injected/.test(value))
      )
        found.push(`${element.tagName} ${name}=${value}`);
  return found;
}

/** Sees every element that is ever in the page, also what is gone by the time of a look. */
const watch = (page: Page): Promise<unknown> =>
  page.addInitScript(`
    window.foreign = [];
    const foreignParts = ${foreignParts.toString()};
    const known = new Set();
    new MutationObserver(() => {
      for (const part of foreignParts(document)) if (!known.has(part)) { known.add(part); window.foreign.push(part); }
    }).observe(document, { subtree: true, childList: true, attributes: true });
  `);

const seen = (page: Page): Promise<unknown> =>
  page.evaluate(() => ({ foreign: Reflect.get(window, 'foreign'), injected: Reflect.get(window, 'injected') }));

test('markup in a GeoJSON file is shown as text everywhere, and never becomes part of the page', async ({
  page,
  site,
}) => {
  await watch(page);
  await openEosin(page, site);
  const before = await seen(page);
  expect(before).toEqual({ foreign: [], injected: undefined });
  await page.evaluate(
    (at) => window.eosin.setView({ centre: { x: at.x + 850, y: at.y + 300 }, magnification: 10 }),
    AT,
  );
  const expectClean = async (where: string): Promise<void> => expect(await seen(page), where).toEqual(before);
  /** The station shows the text, and nothing of it is more than text. */
  const station = async (where: string, shown: ReturnType<Page['locator']>, texts = TEXTS): Promise<void> => {
    for (const text of texts) await expect(shown, where).toContainText(text);
    await expectClean(where);
  };

  await test.step('the notice and the list of what was refused', async () => {
    const data = await page.evaluateHandle(
      ({ name, text }) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([text], name));
        return transfer;
      },
      { name: `${IMG}.geojson`, text: hostileFile() },
    );
    await page.dispatchEvent('body', 'drop', { dataTransfer: data });
    const notice = page.getByTestId('notice');
    await expect(notice).toContainText(/6 nuclei, .*6 annotations from .*6 features were not taken/);
    await station('the notice', notice, [IMG]);
    await page.getByRole('button', { name: 'See which' }).click();
    const list = page.getByRole('dialog');
    await station(
      'the refused',
      list,
      TEXTS.map((text) => text.slice(0, 40)),
    );
    await page.keyboard.press('Escape');
  });

  const panel = page.getByRole('complementary').first();
  await test.step('the layers, their colours and the counts', async () => {
    await station('the layers', panel);
    for (const layer of ['Nuclei', 'Annotations']) {
      await panel.getByRole('button', { name: layer, exact: true }).click();
      const colours = panel.getByRole('group', { name: 'Colours' });
      await station(`the colours of ${layer}`, colours);
      await panel.getByRole('button', { name: layer, exact: true }).click();
    }
    for (const text of TEXTS) {
      await panel
        .getByRole('button', { name: `Hide ${text}` })
        .first()
        .click();
      await panel
        .getByRole('button', { name: `Show ${text}` })
        .first()
        .click();
    }
    await expectClean('classes hidden and shown');
  });

  await test.step('the bubble of an object', async () => {
    for (const [k, text] of TEXTS.entries()) {
      const { toPage } = await placeOnScreen(page, MPP);
      const { x, y } = toPage(AT.x + 300 * k + SIDE / 2, AT.y + SIDE / 2);
      await page.mouse.click(x, y);
      await station('the bubble', page.getByTestId('object'), [...TEXTS.slice(0, 5), text]);
    }
    await page.keyboard.press('Escape');
  });

  await test.step('the plots, and the legend of colours by a measure', async () => {
    const legend = page.getByRole('note', { name: 'Legend' });
    for (const text of TEXTS) {
      await page.getByLabel('Measure', { exact: true }).selectOption({ label: text });
      await expect(page.getByRole('slider', { name: `Histogram of ${text}` })).toBeVisible();
      await page.getByRole('button', { name: `Colour by ${text.toLowerCase()}` }).click();
      await station('the legend', legend, [text.toLowerCase()]);
      await page.getByRole('button', { name: 'Colour by class again' }).click();
      await page
        .getByLabel('Of which objects')
        .selectOption({ label: `${text.charAt(0).toUpperCase()}${text.slice(1)} nuclei` });
      await expectClean('the histogram of a class');
      await page.getByLabel('Of which objects').selectOption({ label: 'All nuclei' });
    }
    await page.getByRole('radio', { name: 'Scatter' }).click();
    await page.getByLabel('Measure up the plot').selectOption({ label: IMG });
    await expect(page.getByRole('img', { name: `${IMG} up` })).toBeVisible();
    await expectClean('the scatter plot');
    await page.getByRole('radio', { name: 'Density' }).click();
    await expectClean('the density map');
    await page.getByRole('radio', { name: 'Classes' }).click();
    const bars = panel.getByRole('listitem').getByRole('button');
    await station('the class bars', panel);
    for (const text of TEXTS) {
      const bar = bars.filter({ hasText: text }).first();
      await bar.click();
      await expect(bar).toHaveAttribute('aria-pressed', 'true');
      await expect(page.getByText('1 marked'), text).toBeVisible();
    }
    await expectClean('classes chosen by their bars');
  });

  await test.step('the table', async () => {
    await command(page, 'Unmark all objects');
    await page.getByRole('button', { name: 'Table of objects' }).click();
    const strip = page.getByRole('region', { name: 'Table of objects' });
    for (const kind of ['Nuclei', 'Annotations']) {
      await strip.getByLabel('Objects in the table').selectOption({ label: kind });
      await station(`the table of ${kind}`, strip.getByRole('grid'));
    }
    await strip.getByRole('textbox', { name: 'Filter' }).fill(`class == ${IMG}`);
    await expect(page.getByRole('alert')).toBeVisible();
    await expectClean('a filter that is wrong');
    await page.getByRole('button', { name: 'Close the table', exact: true }).click();
  });

  await test.step('the picture and the report', async () => {
    const [size, report] = await page.evaluate(async () => [
      (await window.eosin.snapshot()).size,
      await (await window.eosin.exportReport()).text(),
    ]);
    expect(size).toBeGreaterThan(1000);
    await expectClean('the picture');
    const sheet = await page.context().newPage();
    await watch(sheet);
    await sheet.goto(site.url); // an address of its own, so that the watch begins
    const bare = String(report).replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''); // escaped, not only forbidden
    await sheet.setContent(bare);
    await station('the report', sheet.locator('body'));
    for (const text of TEXTS) await expect(sheet.locator('td', { hasText: text }).first()).toBeVisible();
    expect(await sheet.evaluate(() => Reflect.get(window, 'injected'))).toBeUndefined();
    expect(await sheet.evaluate(`(${foreignParts.toString()})(document)`)).toEqual([]);
    await sheet.close();
  });

  await test.step('what was kept, after a reload', async () => {
    await page.reload();
    await expect(page.getByTestId('notice')).toContainText('as you brought them');
    await station('the layers again', panel);
  });
});
