// What goes wrong at a user's, each with the sentence that says what was seen and what to do; the page stays usable.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { root } from '../scripts/project.mjs';
import { openFile } from './actions.ts';
import { analyse, refusalOf } from './findings.ts';
import { offerSibling, SIBLING, SIBLING_REGION } from './sibling.ts';
import { bytesOf, dist, expect, hosting, openEosin, sharedFile, test } from './site.ts';

const SMALL = { x: 50_948, y: 40_068, width: 400, height: 400 };

/** The slide that was open is still there, moves, and can be read. */
async function expectViewable(page: Page): Promise<void> {
  expect(await page.evaluate(() => window.eosin.slide()?.format)).toBe('Synthetic');
  await page.evaluate(() => window.eosin.setView({ centre: { x: 50_400, y: 40_400 }, magnification: 20 }));
  const size = await page.evaluate(
    async () => (await window.eosin.readRegion({ x: 50_400, y: 40_400, width: 32, height: 16 })).data.length,
  );
  expect(size).toBe(32 * 16 * 4);
}

/** That, and it can be analysed. */
async function expectUsable(page: Page): Promise<void> {
  await expectViewable(page);
  await expect(page.getByRole('button', { name: 'Analyse this view' })).toBeEnabled();
}

const pick = (page: Page, name: string, buffer: Buffer) =>
  openFile(page, { name, mimeType: 'application/octet-stream', buffer });

/** Findings made before the fault; `expectKept` sees whether they are still there. */
async function withFindings(page: Page) {
  const { counts } = await analyse(page, { models: [SIBLING], region: SIBLING_REGION });
  expect(counts.nuclei).toBeGreaterThan(5);
  return async () => expect(await page.evaluate(() => window.eosin.objects('nuclei').count)).toBe(counts.nuclei);
}

test('a file that is no slide; nothing computed is lost', async ({ page, site }) => {
  await offerSibling(page);
  await openEosin(page, site, 'slide=phantom:5&device=wasm');
  const expectKept = await withFindings(page);
  for (const [name, bytes, seen] of [
    ['notes.txt', Buffer.from('Dear colleague, the slide is in the cupboard.'), /notes\.txt is not a slide/],
    ['page.svs', Buffer.from('<!doctype html><title>Sign in</title>'), /page\.svs is not a slide.*HTML/i],
    ['empty.svs', Buffer.alloc(0), /empty\.svs.*(empty|0 bytes)/i],
  ] as const) {
    await pick(page, name, bytes);
    await expect(page.getByText(seen).first()).toBeVisible();
    await expectUsable(page);
    await expectKept();
  }
});

test('a truncated slide says how much is missing', async ({ page, site }, info) => {
  const whole = bytesOf(sharedFile(info, 'slides/CMU-1-Small-Region.svs'));
  await openEosin(page, site);
  await pick(page, 'cut.svs', whole.subarray(0, 700_000));
  await expect(page.getByText(/cut\.svs.*(missing|cut|ends|short)/i).first()).toBeVisible();
  await expectUsable(page);
});

// One page for all of them: what one refusal left behind would show in the next.
test('addresses that do not open, each with its reason; the slide that was open stays', async ({
  page,
  site,
  slideHost,
}, info) => {
  sharedFile(info, 'slides/CMU-1-Small-Region.svs');
  const slides = join(root, '../shared/slides');
  const closed = await hosting({ root: slides });
  const whole = await hosting({ root: slides, cors: true, ranges: false });
  const gone = await hosting({ root: dist });
  await gone.close();
  try {
    await openEosin(page, site);
    for (const [what, address, tag, message] of [
      ['it answers 404', `${slideHost.url}gone.svs`, 'NotFound', /answered 404.*gone\.svs.*Check the address/],
      [
        'the host does not allow other pages to read (CORS)',
        `${closed.url}CMU-1-Small-Region.svs`,
        'Unreachable',
        /CORS.*Access-Control-Allow-Origin/,
      ],
      ['the host is not there', `${gone.url}slide.svs`, 'Unreachable', /./],
      [
        'the host sends whole files only: told after some kilobytes, not after gigabytes',
        `${whole.url}CMU-1-Small-Region.svs`,
        'NoRanges',
        /whole files only \(1\.9 MB here\).*enable byte ranges/,
      ],
    ] as const)
      await test.step(what, async () => {
        const said = await refusalOf(page, address);
        expect(said.tag).toBe(tag);
        expect(said.message).toMatch(message);
        await expectUsable(page);
      });
  } finally {
    await closed.close();
    await whole.close();
  }
});

test('a URL pasted in the address opens, or says why not', async ({ page, site, slideHost }) => {
  await page.goto(`${site.url}?drawer=canvas&slide=${encodeURIComponent(`${slideHost.url}gone.svs`)}`);
  await expect(page.getByText(/answered 404/).first()).toBeVisible();
});

/** What analysing says of a model that is broken. */
const analysisRefusal = (page: Page) =>
  page.evaluate(async (region) => {
    try {
      await window.eosin.analyse({ region });
      return 'analysed';
    } catch (error) {
      if (!(error instanceof Error) || !('failure' in error)) throw error;
      return `${JSON.stringify(error.failure)} ${error.message}`;
    }
  }, SMALL);

test('a model file that is an HTML page, then mended', async ({ page, site }) => {
  await offerSibling(page);
  await openEosin(page, site, 'slide=phantom:5&device=wasm');
  await page.route('**/models/*/*.onnx', (route) =>
    route.fulfill({
      status: 200,
      contentType: 'text/html',
      body: '<!doctype html><title>Sign in to the hospital network</title>',
    }),
  );
  const said = await analysisRefusal(page);
  expect(said).toContain('"tag":"ModelInvalid"');
  expect(said).toMatch(/HTML/i);
  await expectUsable(page);
  await page.unroute('**/models/*/*.onnx');
  expect((await analyse(page, { models: [SIBLING], region: SIBLING_REGION })).counts.nuclei).toBeGreaterThan(5);
});

test('a model file that is another one', async ({ page, site }) => {
  await openEosin(page, site);
  await page.route('**/models/*/*.onnx', async (route) => {
    const body = await (await route.fetch()).body();
    const at = Math.floor(body.length / 2);
    body[at] = (body[at] ?? 0) ^ 1; // one bit
    await route.fulfill({ status: 200, contentType: 'application/octet-stream', body });
  });
  const said = await analysisRefusal(page);
  expect(said).toContain('"tag":"ModelHash"');
  expect(said).toMatch(/SHA-256/);
  await expectUsable(page);
});

test('a model that computes something else than its golden patch says', async ({ page, site }) => {
  await openEosin(page, site);
  await page.route('**/models/*/golden.bin', async (route) => {
    const body = await (await route.fetch()).body();
    await route.fulfill({ status: 200, contentType: 'application/octet-stream', body: Buffer.alloc(body.length) });
  });
  expect(await analysisRefusal(page)).toContain('"tag":"ModelWrong"');
  await expectUsable(page);
});

test('a manifest that is damaged', async ({ page, site }) => {
  await openEosin(page, site);
  const manifest = JSON.parse(readFileSync(join(dist, 'models/cerberus-lite/model.json'), 'utf8'));
  manifest.input.mpp = 'half';
  await page.route('**/models/*/model.json', (route) => route.fulfill({ json: manifest }));
  await page.reload();
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  const said = await analysisRefusal(page);
  expect(said).toContain('"tag":"ModelInvalid"');
  expect(said).toMatch(/mpp/);
  await expectViewable(page); // without a model there is nothing to analyse with
});
