import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, findChromium } from './scripts/chromium.mjs';
import { isolation } from './vite.config.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: 'node', include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'], environment: 'node', testTimeout: 30_000 },
      },
      {
        optimizeDeps: { exclude: ['onnxruntime-web'] },
        server: { headers: isolation },
        worker: { format: 'es' },
        test: {
          name: 'browser',
          include: ['src/**/*.browser.ts'],
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: findChromium() ?? '', args: chromiumArgs } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
