import { defineConfig } from '@playwright/test';
import { chromiumArgs, findChromium } from './scripts/chromium.mjs';

const isCI = process.env.CI === 'true';

// Journeys on the built site (dist), which each worker serves itself (e2e/site.ts). Two at a time: what one of them waits for
// (a page, a picture, one thread of a run) leaves most of a core to the other; those that measure time go alone
// (e2e/turns.ts). Nothing is tried twice: a test that passes only sometimes has failed.
export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  workers: 2,
  globalSetup: './e2e/turns.ts',
  retries: 0,
  forbidOnly: isCI,
  timeout: 180_000,
  expect: { timeout: 15_000 },
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['list'], ['json']] : [['list']],
  use: {
    browserName: 'chromium',
    headless: true,
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1,
    locale: 'en-GB',
    colorScheme: 'dark',
    contextOptions: { reducedMotion: 'reduce' },
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findChromium() ?? '', args: chromiumArgs, timeout: 30_000 },
  },
});
