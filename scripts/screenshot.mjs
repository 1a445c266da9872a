// `npm run screenshot`: docs/screenshot.png, the picture of the README: the sample, analysed, as it stands on screen.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import sharp from 'sharp';
import { chromiumArgs, findChromium } from './chromium.mjs';
import { isBuilt, root } from './project.mjs';
import { serve } from './serve.mjs';

const VIEW = { centre: { x: 50_400, y: 40_300 }, magnification: 14 };
const LIMIT_MS = 300_000;

const executablePath = findChromium();
if (!executablePath || !isBuilt()) {
  console.error(
    executablePath ? 'dist is not of these sources: build first (npm start does).' : 'No Chromium was found.',
  );
  process.exit(1);
}
const site = await serve({ root: join(root, 'dist'), isolation: true });
const browser = await chromium.launch({ executablePath, args: chromiumArgs });
try {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 }, colorScheme: 'dark' });
  page.setDefaultTimeout(LIMIT_MS);
  await page.goto(`${site.url}?slide=phantom:1&drawer=canvas`);
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  await page.evaluate(async (view) => {
    await window.eosin.setView(view);
    await window.eosin.analyse({ models: ['cerberus-lite'], region: 'view' });
    await window.eosin.setView(view);
  }, VIEW);
  await page.mouse.move(700, 400);
  await page.waitForTimeout(1000); // counts on screen follow four times a second
  mkdirSync(join(root, 'docs'), { recursive: true });
  // 256 colours: a third of the size, and no difference to see.
  await sharp(await page.screenshot())
    .png({ palette: true, effort: 10 })
    .toFile(join(root, 'docs/screenshot.png'));
} finally {
  await browser.close();
  await site.close();
}
