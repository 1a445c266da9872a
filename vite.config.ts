import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// SharedArrayBuffer (threads) needs cross-origin isolation, in dev and preview alike.
export const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './', // works under any sub-path of a static host
  plugins: [react()],
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  server: { headers: isolation },
  preview: { headers: isolation },
  build: { target: 'es2022', sourcemap: true, chunkSizeWarningLimit: 400 },
});
