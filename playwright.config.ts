import { defineConfig } from '@playwright/test';
import { chromiumArgs, findChromium } from './scripts/chromium.mjs';

const isCI = process.env.CI === 'true';

// Journeys on the built site (dist), which each worker serves itself (e2e/site.ts). One browser at a time, unless --workers
// says otherwise: `npm test` runs two, and those that hold times alone. Nothing is tried twice: a test that passes only
// sometimes has failed.
export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results',
  workers: 1,
  fullyParallel: true, // no journey stands on what another left
  retries: 0,
  forbidOnly: isCI,
  timeout: 300_000, // two at a time on a slow machine take longer than one
  expect: { timeout: 30_000 }, // of a condition that comes: a busy machine takes longer
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['list'], ['json']] : [['list']],
  use: {
    browserName: 'chromium',
    headless: true,
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1,
    locale: 'en-GB',
    colorScheme: 'dark',
    contextOptions: { reducedMotion: 'reduce' },
    actionTimeout: 30_000,
    navigationTimeout: 30_000,
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: { executablePath: findChromium() ?? '', args: chromiumArgs, timeout: 30_000 },
  },
});
