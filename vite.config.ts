import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

// SharedArrayBuffer (threads) needs cross-origin isolation, in dev and preview alike.
export const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Whoever hosts the site passes on the terms of what is in it. */
const licences: Plugin = {
  name: 'licences',
  apply: 'build',
  generateBundle() {
    for (const fileName of ['LICENSE', 'NOTICE', 'THIRD_PARTY.md'])
      this.emitFile({ type: 'asset', fileName: `licences/${fileName}`, source: readFileSync(fileName, 'utf8') });
  },
};

export default defineConfig({
  base: './', // works under any sub-path of a static host
  plugins: [react(), licences],
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  server: { headers: isolation },
  preview: { headers: isolation },
  build: {
    target: 'es2022',
    sourcemap: true,
    chunkSizeWarningLimit: 400,
    // All that the first page needs lies in one file: dozens of small ones, shared with parts that come later, pack worse.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first', tags: ['$initial'] }] } } },
  },
});
