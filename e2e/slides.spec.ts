// Real slides, as files and over HTTP ranges: opened, shown, a region analysed.
import { openFile } from './actions.ts';
import { analyse, objectsIn } from './findings.ts';
import { ALONE, bytesOf, expect, openEosin, sharedFile, test } from './site.ts';

// Epidermis, dense with nuclei; inside one patch of the anchored grid.
const CMU_REGION = { x: 1100, y: 1100, width: 500, height: 500 };
const CMU = [
  { file: 'CMU-1-Small-Region.svs', format: /Aperio/, levels: 1, mpp: 0.499 },
  { file: 'derived/cmu-pyramid-jpeg-ycbcr.tif', format: /TIFF/, levels: 5, mpp: 0.499 },
] as const;

for (const { file, format, levels, mpp } of CMU) {
  test(`${file}, picked as a file: shown, analysed`, async ({ page, site }, info) => {
    const path = sharedFile(info, `slides/${file}`);
    await openEosin(page, site);
    await openFile(page, path);
    await page.waitForFunction(() => window.eosin.slide()?.widthPx === 2220);
    const slide = await page.evaluate(() => window.eosin.slide());
    expect(slide).toMatchObject({ widthPx: 2220, heightPx: 2967 });
    expect(slide?.format).toMatch(format);
    expect(slide?.levels.length).toBe(levels);
    expect(slide?.mpp?.x).toBeCloseTo(mpp, 3);

    const result = await analyse(page, { region: CMU_REGION });
    expect(result.failedPatches).toBe(0);
    expect(result.counts.nuclei).toBeGreaterThan(100); // about 0.06 mm² of epidermis
    expect(result.counts.nuclei).toBeLessThan(1000);
    expect((await objectsIn(page, 'nuclei')).length).toBe(result.counts.nuclei);
  });

  test(`${file}, over HTTP ranges: the same findings, few bytes`, async ({ page, site, slideHost }, info) => {
    const path = sharedFile(info, `slides/${file}`);
    await openEosin(page, site);
    const seenBefore = slideHost.requests.length;
    await page.evaluate((url) => window.eosin.open(url), `${slideHost.url}${file}`);
    const opened = slideHost.requests.slice(seenBefore).filter(({ method }) => method === 'GET');
    expect(opened.every(({ status }) => status === 206)).toBe(true);
    expect(opened.length).toBeLessThan(60);
    const overHttp = await analyse(page, { region: CMU_REGION });
    const all = slideHost.requests.slice(seenBefore).filter(({ status }) => status === 206);
    const sent = all.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(sent).toBeLessThan(bytesOf(path).length * 1.1); // no byte twice, but for the rounding to blocks

    // Byte for byte the same slide, so number for number the same objects.
    const asHttp = await objectsIn(page, 'nuclei');
    await page.evaluate(async (url) => {
      const blob = await (await fetch(url)).blob();
      await window.eosin.open(new File([blob], 'the-same-as-a-file'));
    }, `${slideHost.url}${file}`);
    expect(await page.evaluate(() => window.eosin.objects('nuclei').count)).toBe(0); // a slide starts with none
    const asFile = await analyse(page, { region: CMU_REGION });
    expect(asFile.counts).toEqual(overHttp.counts);
    expect(await objectsIn(page, 'nuclei')).toEqual(asHttp);
  });
}

test('a slide that is dropped on the page opens', async ({ page, site }, info) => {
  const path = sharedFile(info, 'slides/CMU-1-Small-Region.svs');
  await openEosin(page, site);
  const files = await page.evaluateHandle((base64) => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], 'dropped.svs'));
    return transfer;
  }, bytesOf(path).toString('base64'));
  for (const type of ['dragenter', 'dragover', 'drop']) await page.dispatchEvent('body', type, { dataTransfer: files });
  await page.waitForFunction(() => window.eosin.slide()?.name === 'dropped.svs');
});

test('tissue of a local file is on screen within a second', { tag: ALONE }, async ({ page, site }, info) => {
  const path = sharedFile(info, 'slides/derived/cmu-pyramid-jpeg-ycbcr.tif');
  await openEosin(page, site);
  const ms = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const from = performance.now();
    await window.eosin.open(new File([bytes], 'local.tif'));
    return performance.now() - from;
  }, bytesOf(path).toString('base64'));
  info.annotations.push({ type: 'ms', description: String(Math.round(ms)) });
  expect(ms).toBeLessThan(1000);
});

test('a GlaS image is a one-level slide: uncalibrated until told, then analysed', async ({ page, site }, info) => {
  const path = sharedFile(info, 'data/glands/glas/testA_1.jpg');
  await openEosin(page, site);
  await openFile(page, path);
  await page.waitForFunction(() => window.eosin.slide()?.widthPx === 775);
  const slide = await page.evaluate(() => window.eosin.slide());
  expect(slide).toMatchObject({ widthPx: 775, heightPx: 522 });
  expect(slide?.levels.length).toBe(1);
  expect(slide?.mpp).toBeUndefined();
  await expect(page.getByText(/uncalibrated/i).first()).toBeVisible();

  const refused = await page.evaluate(() =>
    window.eosin.analyse({ region: { x: 0, y: 0, width: 775, height: 522 } }).then(
      () => 'analysed',
      (error: unknown) => (error instanceof Error ? error.message : 'thrown'),
    ),
  );
  expect(refused).toMatch(/how large its pixels are/);

  await page.evaluate(() => window.eosin.setMpp({ x: 0.62, y: 0.62 }));
  expect(await page.evaluate(() => window.eosin.slide()?.mpp)).toEqual({ x: 0.62, y: 0.62 });
  const result = await analyse(page, { region: { x: 0, y: 0, width: 775, height: 522 } });
  expect(result.counts.glands).toBeGreaterThanOrEqual(3); // its reader saw 9
  expect(result.counts.glands).toBeLessThanOrEqual(27);
  expect(result.counts.nuclei).toBeGreaterThan(100);
});
