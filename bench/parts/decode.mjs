// Every tile of a scanned slide, by our reader and by geotiff's own decoder.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from '../../scripts/project.mjs';
import { serve } from '../../scripts/serve.mjs';
import { measuring } from './browser.mjs';

const SLIDE = join(root, '../shared/slides/CMU-1-Small-Region.svs');

export async function decode({ browser, dev, tell }) {
  if (!existsSync(SLIDE)) {
    console.log('Tile decoding is left out: ../shared/slides is not here.');
    return undefined;
  }
  const host = await serve({ root: dirname(SLIDE), cors: true });
  const page = await measuring(browser, `${dev}bench/pages/decode.html`);
  const found = await page.evaluate(([url]) => window.measure(url, 3), [`${host.url}${basename(SLIDE)}`]);
  await page.close();
  await host.close();
  tell({
    what: `decode ${found.tiles} JPEG tiles`,
    ours: `${(found.ours / found.tiles).toFixed(2)} ms a tile`,
    beside: `geotiff ${(found.geotiff / found.tiles).toFixed(2)} ms a tile`,
    ratio: found.geotiff / found.ours,
    note: `times faster; pixels differ by ${found.difference} at most`,
  });
  return found;
}
