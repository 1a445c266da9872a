// A page of the benchmark as it would be shipped: Vite's development server hands out each module by itself when it is asked for,
// and so what a page loads when it is needed took half of what was timed.
import { join } from 'node:path';
import { build } from 'vite';
import { root } from '../../scripts/project.mjs';
import { serve } from '../../scripts/serve.mjs';

/** @param {string} name of a page in bench/pages. @returns its address, and what ends its server */
export async function builtPage(name) {
  const folder = join(root, '.cache/bench/pages', name);
  const input = join(root, `bench/pages/${name}.html`);
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production'; // the development server of the benchmark has set another
  try {
    await build({
      root,
      logLevel: 'error',
      publicDir: false,
      build: { outDir: folder, emptyOutDir: true, rolldownOptions: { input } },
    });
  } finally {
    process.env.NODE_ENV = NODE_ENV;
  }
  const site = await serve({ root: folder, isolation: true });
  return { url: `${site.url}bench/pages/${name}.html`, close: site.close };
}
