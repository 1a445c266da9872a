import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, findChromium } from './scripts/chromium.mjs';
import { isolation } from './vite.config.ts';

const isCI = process.env.CI === 'true';

export default defineConfig({
  test: {
    allowOnly: !isCI,
    passWithNoTests: false,
    maxWorkers: '100%', // of the processors: by itself Vitest leaves one alone, half of a small machine
    projects: [
      {
        test: {
          name: 'node',
          include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'scripts/**/*.test.ts', 'e2e/**/*.test.ts'],
          environment: 'node',
          testTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } }, // of a condition that comes: a busy machine takes longer than a second
        },
      },
      {
        // Found late, a package makes Vite reload the page in the middle of a test: those that tests meet are named here.
        optimizeDeps: {
          exclude: ['onnxruntime-web'],
          include: [
            '@cornerstonejs/codec-openjpeg/decodewasmjs',
            'fast-xml-parser',
            'fflate',
            'geotiff',
            'openseadragon',
            'react',
            'react-dom/client',
            'react/jsx-dev-runtime',
            '@mantine/core',
            '@mantine/hooks',
            '@tabler/icons-react',
            'zarrita',
            'zustand',
            'zustand/vanilla',
          ],
        },
        server: { headers: isolation },
        worker: { format: 'es' },
        test: {
          name: 'browser',
          include: ['src/**/*.browser.ts', 'src/**/*.browser.tsx'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } },
          maxWorkers: 2, // pages, each with a disk of its own: most of what is tested here is one thread's work
          browser: {
            enabled: true,
            headless: true,
            api: { host: '127.0.0.1' }, // by number: a bare system may not know the name localhost
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: findChromium() ?? '', args: chromiumArgs } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
