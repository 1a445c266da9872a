// What the user sees of models and runs: the choice of a model, the trust card, seams, the list of runs, Live.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { analyse, objectsIn } from './findings.ts';
import { offerSibling, SIBLING, SIBLING_CORE, SIBLING_REGION, siblingGolden } from './sibling.ts';
import { dist, expect, openEosin, sharedFile, test } from './site.ts';

const panel = (page: Page, name: string) => page.getByRole('dialog', { name, exact: true });

test('a model is chosen by keyboard, with size, licence and figures in sight', async ({ page, site }) => {
  await openEosin(page, site);
  const pick = page.getByRole('button', { name: 'Model: Cerberus lite. Choose a model' });
  await pick.focus();
  await page.keyboard.press('Enter');
  const models = panel(page, 'Models');
  await expect(models).toBeVisible();
  const cerberus = models.getByRole('radio', { name: /Cerberus lite/ });
  await expect(cerberus).toBeChecked();
  const manifest = JSON.parse(readFileSync(join(dist, 'models/cerberus-lite/model.json'), 'utf8'));
  const entry = models.getByRole('radiogroup', { name: 'Outlines objects' });
  await expect(entry).toContainText(`${(manifest.bytes / 1e6).toFixed(1)} MB`);
  await expect(entry).toContainText(manifest.licence);
  await expect(entry).toContainText(manifest.metrics[0].value.toFixed(3));

  const attention = models.getByRole('radiogroup', { name: 'Attention' });
  await attention.getByRole('radio', { checked: true }).focus();
  const before = await attention.getByRole('radio', { checked: true }).textContent();
  await page.keyboard.press('ArrowDown');
  const after = attention.getByRole('radio', { checked: true });
  await expect(after).toBeFocused();
  expect(await after.textContent()).not.toBe(before);
  await page.keyboard.press('ArrowUp');
  await expect(attention.getByRole('radio', { checked: true })).toHaveText(before ?? '');
  await expectAccessible(page, 'models');

  await models.getByRole('button', { name: 'Card of Cerberus lite' }).click();
  const card = panel(page, `${manifest.name} ${manifest.version}`);
  await expect(card.getByRole('heading', { name: 'Intended use' })).toBeVisible();
  await expect(card).toContainText('not for diagnosis');
  await expect(card.getByRole('heading', { name: 'Limits' })).toBeVisible();
  await expect(card).not.toContainText('**'); // its Markdown is read, not shown
  await card.getByText('How it was trained').click();
  await expectAccessible(page, 'a card');
  await card.getByRole('button', { name: 'All models' }).click();
  await expect(models).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(pick).toBeFocused();
});

test('trust: what computed, how far off it was, and the check again', async ({ page, site }) => {
  await offerSibling(page);
  await openEosin(page, site, 'slide=phantom:5&device=wasm');
  await analyse(page, { models: [SIBLING], region: SIBLING_REGION });
  const trust = page.getByRole('region', { name: 'Trust' });
  await expect(trust).toContainText('The processor computes correctly. A test patch ran first: it is off by');
  await expect(trust).toContainText('full precision (fp32)');
  await expect(trust).toContainText('trusted');
  await trust.getByRole('button', { name: /Check again/ }).click();
  await expect(page.getByTestId('notice')).toContainText('Checked again: it computes correctly.');
});

test('trust: a model that no device computes as it should is refused, until its test patch comes out right', async ({
  page,
  site,
}) => {
  await offerSibling(page);
  const damaged = '**/models/*/golden.bin';
  const body = Buffer.from(siblingGolden().map((byte) => 255 - byte));
  await page.route(damaged, (route) => route.fulfill({ body }));
  await openEosin(page, site, 'slide=phantom:5&device=wasm');
  await expect(analyse(page, { models: [SIBLING], region: SIBLING_REGION })).rejects.toThrow('wrong numbers');
  const trust = page.getByRole('region', { name: 'Trust' });
  await expect(trust).toContainText('This device gave wrong numbers on the test patch');
  await expect(trust).toContainText('refused');
  const said = await page.evaluate((id) => window.eosin.trust(id), SIBLING);
  expect(said).toMatchObject({ device: 'wasm', verdict: 'refused', why: expect.stringContaining('wrong numbers') });
  expect(said.maxDifference).toBeGreaterThan(0.1);
  await page.unroute(damaged);
  await trust.getByRole('button', { name: /Check again/ }).click();
  await expect(trust).toContainText('The processor computes correctly');
});

test('Shift G: the patch grid, and how many objects touch a seam, as counted here from the outlines', async ({
  page,
  site,
}) => {
  await offerSibling(page);
  await openEosin(page, site, 'slide=phantom:5');
  await page.evaluate(() => window.eosin.setView({ centre: { x: 50_112, y: 40_384 }, magnification: 40 }));
  await page.getByRole('application').focus();
  await page.keyboard.press('Shift+G');
  await expect(page.getByTestId('notice')).toContainText('Nothing is analysed yet');
  await analyse(page, { models: [SIBLING], region: SIBLING_REGION, device: 'wasm' });
  await page.keyboard.press('Shift+G');
  const legend = page.getByRole('note', { name: 'Legend' });
  await expect(legend).toContainText('3 patches of 32 µm');

  const seams = [315, 316].map((row) => row * SIBLING_CORE);
  let touching = 0;
  let all = 0;
  for (const kind of ['nuclei', 'glands', 'lumina'] as const)
    for (const { ring } of await objectsIn(page, kind)) {
      all++;
      const ys = ring.filter((_, i) => i % 2 === 1);
      const [low, high] = [Math.min(...ys), Math.max(...ys)];
      if (seams.some((y) => low <= y + 1 && high >= y - 1)) touching++;
    }
  expect(all).toBeGreaterThan(5);
  await expect(legend).toContainText(`${touching} of ${all} object`);
  await expectAccessible(page, 'the patch grid');
  await page.keyboard.press('Shift+G');
  await expect(legend).toHaveCount(0);
});

test('the list of runs: what was done, and removing it only after a second word', async ({ page, site }) => {
  await offerSibling(page);
  await openEosin(page, site, 'slide=phantom:5');
  await page.keyboard.press('q');
  const runs = panel(page, 'Runs');
  await expect(runs).toContainText('No run yet.');
  await expect(runs).toContainText('Nothing runs.');
  await page.keyboard.press('Escape');
  await analyse(page, { models: [SIBLING], region: SIBLING_REGION, device: 'wasm' });
  await page.keyboard.press('q');
  const row = runs.getByRole('listitem').filter({ hasText: 'Sample 5, synthetic' });
  await expect(row).toHaveCount(1);
  await expect(row).toContainText('Done');
  await expect(row).toContainText('3 patches');
  await expect(row).toContainText('on the slide now');
  await expectAccessible(page, 'the list of runs');
  await row.getByRole('button', { name: /^Remove/ }).click();
  await expect(row.getByRole('button', { name: 'Keep' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(row).toHaveCount(1);
  await row.getByRole('button', { name: /^Remove/ }).click();
  await row.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(row).toHaveCount(0);
  expect(await page.evaluate(() => window.eosin.objects('nuclei').count)).toBeGreaterThan(0); // stays on the slide
});

test('runs that cannot be read say what room they take, and go after a second word', async ({ page, site }) => {
  await offerSibling(page);
  await openEosin(page, site, 'slide=phantom:5&device=wasm');
  const logs = (write: readonly string[]): Promise<string[]> =>
    page.evaluate(async (names) => {
      let folder = await navigator.storage.getDirectory();
      for (const name of ['eosin', 'runs']) folder = await folder.getDirectoryHandle(name, { create: true });
      for (const name of names) {
        const stream = await (await folder.getFileHandle(`${name}.log`, { create: true })).createWritable();
        await stream.write(new Uint8Array(400_000).fill(88));
        await stream.close();
      }
      const there: string[] = [];
      for await (const name of folder.keys()) there.push(name);
      return there;
    }, write);
  await logs(['damaged', 'of another version']);
  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  await page.keyboard.press('q');
  const runs = panel(page, 'Runs');
  await expect(runs).toContainText('2 runs cannot be read (800 kB): damaged, or written by another version of Eosin.');
  await expectAccessible(page, 'runs that cannot be read');
  await runs.getByRole('button', { name: 'Remove what cannot be read' }).click();
  await expect(runs).toContainText('Remove 2 runs that cannot be read for good?');
  await runs.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(runs).not.toContainText('cannot be read');
  expect(await logs([])).toEqual([]);
});

test('slides from the disk queue; one is taken out, the other cancelled, both are said', async ({
  page,
  site,
}, info) => {
  const first = sharedFile(info, 'slides/CMU-1-Small-Region.svs');
  const second = sharedFile(info, 'slides/tcga-cr-7395-01a-01-ts1.svs');
  await offerSibling(page);
  await openEosin(page, site, 'slide=phantom:5&device=wasm');
  await page.keyboard.press('q');
  const runs = panel(page, 'Runs');
  await runs.getByLabel('Slides for the queue').setInputFiles([first, second]);
  await expect(page.getByTestId('notice')).toContainText('2 slides added to the queue.');
  const one = runs.getByRole('listitem').filter({ hasText: 'CMU-1-Small-Region.svs' });
  const two = runs.getByRole('listitem').filter({ hasText: 'tcga-cr-7395-01a-01-ts1.svs' });
  await expect(two).toContainText('Waits');
  await two.getByRole('button', { name: /^Take out/ }).click();
  await expect(two).not.toContainText('Waits');
  await expect(one).toContainText(/\d+ of [\d,]+ patches/, { timeout: 60_000 });
  await one.getByRole('button', { name: /^Cancel/ }).click();
  await expect(one).toContainText('Cancelled');
  await expect(one.getByRole('button', { name: /^Resume/ })).toBeEnabled();
});

/** As from the disk, all at once. */
const drop = (page: Page, names: readonly string[]): Promise<void> =>
  page.evaluate((names) => {
    const dropped = new DataTransfer();
    for (const name of names) dropped.items.add(new File(['not a slide'], name));
    for (const kind of ['dragenter', 'drop'])
      window.dispatchEvent(new DragEvent(kind, { dataTransfer: dropped, bubbles: true, cancelable: true }));
  }, names);

test('several files dropped on the page go into the queue; each that is no slide says so', async ({ page, site }) => {
  await offerSibling(page);
  await openEosin(page, site, 'slide=phantom:5');
  await drop(page, ['notes.txt', 'table.csv']);
  await expect(page.getByTestId('notice')).toContainText('Choose slide files, or a folder of them;');
  await drop(page, ['first.svs', 'second.svs']);
  const runs = panel(page, 'Runs');
  for (const name of ['first.svs', 'second.svs']) {
    const row = runs.getByRole('listitem').filter({ hasText: name }).first();
    await expect(row).toContainText('Stopped'); // the first holds up nothing
    await expect(row).toContainText(`${name} is not a slide that Eosin knows`);
  }
});

test('Live: what is in view is analysed as the view moves, and nothing else', async ({
  page,
  site,
  slideHost,
}, info) => {
  sharedFile(info, 'slides/CMU-1-Small-Region.svs');
  await offerSibling(page);
  await openEosin(page, site, `slide=${slideHost.url}CMU-1-Small-Region.svs&device=wasm`);
  const at = (y: number): Promise<void> =>
    page.evaluate((y) => window.eosin.setView({ centre: { x: 1100, y }, magnification: 40 }), y);
  const near = (y: number): Promise<number> =>
    page.evaluate((y) => {
      const { centroids, count } = window.eosin.objects('nuclei');
      return Array.from({ length: count }, (_, i) => centroids[2 * i + 1] ?? 0).filter((cy) => Math.abs(cy - y) < 150)
        .length;
    }, y);
  await at(600);
  await page.getByRole('application').focus();
  await page.keyboard.press('v');
  const live = page.getByRole('button', { name: 'Live', exact: true });
  await expect(live).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(() => near(600), { timeout: 60_000 }).toBeGreaterThan(5);
  expect(await near(2300)).toBe(0);
  await at(2300);
  await expect.poll(() => near(2300), { timeout: 60_000 }).toBeGreaterThan(5);
  expect(await near(1500)).toBe(0); // between the two views nobody looked
  await live.click();
  await expect(live).toHaveAttribute('aria-pressed', 'false');
});

test('patches that were not computed: why, where, and only those again', async ({ page, site, slideHost }, info) => {
  sharedFile(info, 'slides/CMU-1-Small-Region.svs');
  await offerSibling(page);
  await openEosin(page, site, `slide=${slideHost.url}CMU-1-Small-Region.svs&device=wasm`);
  // What is seen now is read and stays right; what comes later is cut to zeros on its way, until the host is mended.
  await page.evaluate(() => window.eosin.setView({ centre: { x: 500, y: 500 }, magnification: 40 }));
  let broken = true;
  await page.route(`${slideHost.url}**`, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    await route.fulfill({ response, body: broken ? Buffer.alloc(body.length) : body });
  });
  const region = { x: 400, y: 400, width: 200, height: 1500 };
  const result = await analyse(page, { models: [SIBLING], region });
  expect(result.failedPatches).toBeGreaterThan(0);
  expect(result.patches).toBeGreaterThan(0);
  const counts = page.getByRole('region', { name: 'Counts' });
  await expect(counts).toContainText(`${result.failedPatches} patches were not computed. Counts leave out`);
  await counts.locator('summary').first().click();
  await expect(counts).toContainText('would not decode');
  const before = await page.evaluate(() => window.eosin.view().centre.y);
  await counts
    .getByRole('button', { name: /^x .* µm$/ })
    .last()
    .click();
  await expect.poll(() => page.evaluate(() => window.eosin.view().centre.y)).toBeGreaterThan(before);
  await expectAccessible(page, 'not computed');

  await page.evaluate(() => window.eosin.setView({})); // what was asked for there has come, damaged, before the host is mended
  broken = false;
  await counts.getByRole('button', { name: /^Retry only these/ }).click();
  await expect(counts).not.toContainText('not computed', { timeout: 60_000 });
  const [run] = await page.evaluate(() => window.eosin.runs());
  expect(run).toMatchObject({ state: 'done', done: result.patches + result.failedPatches });
  await page.unrouteAll({ behavior: 'ignoreErrors' }); // what the view still reads needs no answer
});
