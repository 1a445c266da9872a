// Are the outlines where the nuclei are, in the slide's pixels and on the screen?
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { drawn } from './actions.ts';
import { analyse, type Found, type Grey, greyOf, objectsIn } from './findings.ts';
import { placeOnScreen } from './on-screen.ts';
import { boxOf, eachCell, isInside, type Rect } from './shapes.ts';
import { expect, openEosin, sharedFile, test } from './site.ts';

const FARTHEST = 8; // px that objects are moved by, either way

/** How much darker the insides of all objects are than all else, where the objects are moved by (dx, dy), whole px. */
function contrastOf(objects: readonly Found[], { values, width, height }: Grey, region: Rect) {
  // Moved by whole pixels an object covers the same pixels, elsewhere: they are looked for once, beyond the edges too.
  const wide = {
    x: region.x - FARTHEST,
    y: region.y - FARTHEST,
    width: width + 2 * FARTHEST,
    height: height + 2 * FARTHEST,
  };
  const inside = new Set<number>();
  for (const { ring } of objects) eachCell(ring, wide, 1, (index) => inside.add(index));
  const xs = Int32Array.from(inside, (index) => (index % wide.width) - FARTHEST);
  const ys = Int32Array.from(inside, (index) => Math.floor(index / wide.width) - FARTHEST);
  const all = values.reduce((sum, value) => sum + value, 0);
  return (dx: number, dy: number): number => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < xs.length; i++) {
      const [x, y] = [(xs[i] ?? 0) + dx, (ys[i] ?? 0) + dy];
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      sum += values[y * width + x] ?? 0;
      count++;
    }
    return (all - sum) / (values.length - count || 1) - sum / (count || 1);
  };
}

/** Nuclei are dark: of all places near their own, the objects fit best where they are. */
async function expectOnNuclei(page: Page, region: Rect, pxPerUm: number): Promise<void> {
  const objects = await objectsIn(page, 'nuclei');
  const grey = await greyOf(page, region);
  expect([grey.width, grey.height]).toEqual([region.width, region.height]);
  const contrastAt = contrastOf(objects, grey, region);
  const here = contrastAt(0, 0);
  expect(here).toBeGreaterThan(15); // of 255
  const best = { contrast: here, dx: 0, dy: 0 };
  for (let dx = -FARTHEST; dx <= FARTHEST; dx++)
    for (let dy = -FARTHEST; dy <= FARTHEST; dy++) {
      const contrast = contrastAt(dx, dy);
      if (contrast > best.contrast) Object.assign(best, { contrast, dx, dy });
    }
  expect(Math.hypot(best.dx, best.dy) / pxPerUm, JSON.stringify(best)).toBeLessThanOrEqual(0.75); // µm; the network reads at 0.5
}

test('nuclei of a real slide lie on dark pixels', async ({ page, site, slideHost }, info) => {
  sharedFile(info, 'slides/CMU-1-Small-Region.svs');
  await openEosin(page, site);
  await page.evaluate((url) => window.eosin.open(url), `${slideHost.url}CMU-1-Small-Region.svs`);
  const region = { x: 1100, y: 1100, width: 500, height: 500 }; // inside one core
  await analyse(page, { region });
  await expectOnNuclei(page, region, 2);
});

/** Where the page looks different with nuclei shown: the largest difference of a channel, by page pixel. */
async function drawnByNuclei(page: Page): Promise<(x: number, y: number) => number> {
  const shoot = async () => {
    await drawn(page);
    return sharp(await page.screenshot())
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
  };
  const shown = await shoot();
  await page.getByRole('application').focus();
  await page.keyboard.press('h');
  const hidden = await shoot();
  await page.keyboard.press('h');
  const { width, height } = shown.info;
  return (x, y) => {
    let most = 0;
    for (let row = Math.floor(y) - 1; row <= Math.floor(y) + 1; row++)
      for (let col = Math.floor(x) - 1; col <= Math.floor(x) + 1; col++) {
        if (row < 0 || col < 0 || row >= height || col >= width) continue;
        for (let c = 0; c < 3; c++) {
          const i = 3 * (row * width + col) + c;
          most = Math.max(most, Math.abs((shown.data[i] ?? 0) - (hidden.data[i] ?? 0)));
        }
      }
    return most;
  };
}

test('outlines are drawn where the view puts them, upright and turned', async ({ page, site }) => {
  await openEosin(page, site, 'slide=phantom:8');
  await analyse(page, { region: { x: 50_700, y: 39_900, width: 500, height: 500 } });
  for (const rotation of [0, 30]) {
    const view = { centre: { x: 50_950, y: 40_150 }, magnification: 40, rotation };
    await page.evaluate((view) => window.eosin.setView(view), view);
    await expectDrawnInPlace(page);
  }
});

async function expectDrawnInPlace(page: Page): Promise<void> {
  const { box, toPage } = await placeOnScreen(page, 0.25);
  const difference = await drawnByNuclei(page);

  // HUD, navigator and inspector cover the slide's edges: look well inside.
  const middle = { x: box.x + 220, y: box.y + 220, width: box.width - 440, height: box.height - 360 };
  const nuclei = (await objectsIn(page, 'nuclei')).filter(({ ring }) => {
    const onPage = ring.map((value, i) => {
      const { x, y } = i % 2 === 0 ? toPage(value, ring[i + 1] ?? 0) : toPage(ring[i - 1] ?? 0, value);
      return i % 2 === 0 ? x : y;
    });
    return isInside(boxOf(onPage), middle);
  });
  expect(nuclei.length).toBeGreaterThan(5);
  const vertices = nuclei.flatMap(({ ring }) =>
    ring.flatMap((x, i) => (i % 2 === 0 ? [toPage(x, ring[i + 1] ?? 0)] : [])),
  );
  const hits = (dx: number, dy: number) =>
    vertices.filter(({ x, y }) => difference(x + dx, y + dy) > 24).length / vertices.length;
  const here = hits(0, 0);
  expect(here).toBeGreaterThan(0.95);
  // Anywhere else they would fit worse, in every direction.
  for (const [dx, dy] of [
    [7, 0],
    [-7, 0],
    [0, 7],
    [0, -7],
  ] as const)
    expect(hits(dx, dy), `${dx}, ${dy}`).toBeLessThan(here - 0.2);
}

test('nuclei of the sample lie on dark pixels; layers go and come', async ({ page, site }) => {
  await openEosin(page, site, 'slide=phantom:8');
  const region = { x: 50_100, y: 40_000, width: 1200, height: 1200 }; // inside one core
  const { counts } = await analyse(page, { region });
  await expectOnNuclei(page, region, 4);
  expect(counts.glands).toBeGreaterThan(0);
  await page.evaluate(() => window.eosin.setView({ centre: { x: 50_700, y: 40_600 }, magnification: 15 }));
  const { box } = await placeOnScreen(page, 0.25);
  const clip = { x: box.x + 220, y: box.y + 220, width: box.width - 440, height: box.height - 360 };
  const shoot = async () => {
    await page.mouse.move(5, 5);
    await drawn(page);
    return sharp(await page.screenshot({ clip }))
      .removeAlpha()
      .raw()
      .toBuffer();
  };
  /** Share of all channel values that are another colour. */
  const changed = (a: Buffer, b: Buffer): number =>
    a.filter((value, i) => Math.abs(value - (b[i] ?? 0)) > 24).length / a.length;
  const eye = (does: 'hide' | 'show', name: string) =>
    page
      .getByRole('button', { name: new RegExp(`^${does} ${name}$`, 'i') })
      .first()
      .click();
  let shown = await shoot();
  const settling = async (): Promise<number> => {
    const before = shown;
    shown = await shoot();
    return changed(before, shown);
  };
  await expect.poll(settling).toBe(0); // two pictures in a row are alike
  const different = async (): Promise<number> => changed(shown, await shoot());
  for (const name of ['nuclei', 'glands']) {
    await eye('hide', name);
    await expect.poll(different, `${name} hidden`).toBeGreaterThan(0.004);
    await eye('show', name);
    await expect.poll(different, `${name} shown again`).toBeLessThan(0.001);
  }
});
