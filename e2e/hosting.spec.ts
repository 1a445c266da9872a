// The site as files on some static host: under any path, small at first sight.
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { analyse } from './findings.ts';
import { offerSibling, SIBLING, SIBLING_REGION } from './sibling.ts';
import { bytesOf, dist, expect, hosting, openEosin, test } from './site.ts';

const FIRST_LOAD_KB = 300; // 1 kB is 1000 bytes

test('the first load is at most 300 kB of JavaScript, workers included', async ({ page }, info) => {
  const host = await hosting({ root: dist, isolation: true });
  try {
    await openEosin(page, host, '');
    await page.evaluate(() => window.eosin.setView({})); // the tiles in view are drawn
    const scripts = [...new Set(host.requests.map(({ path }) => path.split('?')[0] ?? ''))].filter((path) =>
      /\.m?js$/.test(path),
    );
    const sizes = scripts.map((path) => ({
      path,
      kB: gzipSync(bytesOf(join(dist, path)), { level: 9 }).length / 1000,
    }));
    for (const { path, kB } of sizes) console.log(`${kB.toFixed(1).padStart(7)} kB  ${path}`);
    const total = sizes.reduce((sum, { kB }) => sum + kB, 0);
    info.annotations.push({ type: 'first load', description: `${total.toFixed(1)} kB` });
    expect(scripts.length).toBeGreaterThan(0);
    expect(total).toBeLessThanOrEqual(FIRST_LOAD_KB);
    const early = host.requests.filter(({ path }) => /\.(wasm|onnx)$|inference|\/ort/.test(path));
    expect(early, 'the runtime and the model come when they are needed').toEqual([]);
  } finally {
    await host.close();
  }
});

test('a path below the root of a host serves as well: worker, runtime, model', async ({ page }) => {
  const host = await hosting({ root: dist, prefix: '/some/where/deep/', isolation: true });
  try {
    await openEosin(page, host, 'slide=phantom:5');
    const result = await analyse(page, { region: { x: 50_948, y: 40_068, width: 400, height: 400 } });
    expect(result.counts.nuclei).toBeGreaterThan(5);
    const failed = host.requests.filter(({ status, path }) => status >= 400 && !path.endsWith('/favicon.ico'));
    expect(failed).toEqual([]);
  } finally {
    await host.close();
  }
});

test('a host without the headers for threads still computes, with one', async ({ page }) => {
  const host = await hosting({ root: dist });
  try {
    await offerSibling(page);
    await openEosin(page, host, 'slide=phantom:5');
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    const result = await analyse(page, { models: [SIBLING], region: SIBLING_REGION });
    expect(result.deviceName).toMatch(/1 thread/);
    await expect(page.getByText('does not send the two headers that allow several')).toBeVisible();
    expect(result.counts.nuclei).toBeGreaterThan(5);
  } finally {
    await host.close();
  }
});

test('a part that no longer comes, as after an update of the site, is missing alone and told of', async ({
  page,
  site,
}) => {
  await page.route(/\/learn-panel-[^/]*\.js$/, (route) => route.fulfill({ status: 404 }));
  await openEosin(page, site, 'slide=phantom:5');
  await page.getByRole('application').focus();
  await page.keyboard.press('Alt+3');
  await expect(page.getByTestId('notice')).toContainText('A part of this page could not be shown.');
  await expect(page.getByRole('application')).toBeVisible();
  await page.keyboard.press('Alt+1');
  await expect(page.getByRole('region', { name: 'Analyse' })).toBeVisible();
});

test('a part that is asked for offline says so, and comes when the network is back', async ({ page, site }) => {
  await openEosin(page, site);
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Learn', exact: true }).click();
  await expect(page.getByTestId('notice')).toContainText('this computer is offline');
  await page.context().setOffline(false);
  await expect(page.getByRole('heading', { name: 'Labels' })).toBeVisible();
  const styled = (): Promise<boolean> =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')].every(({ sheet }) => sheet !== null),
    );
  await expect.poll(styled, 'its style sheet has come, too').toBe(true);
});
