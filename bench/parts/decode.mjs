// Every tile of a scanned slide, by our reader, by geotiff with its pool, and by the browser's bare decoder.
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { root } from '../../scripts/project.mjs';
import { serve } from '../../scripts/serve.mjs';
import { measuring, median } from './browser.mjs';

const SLIDE = join(root, '../shared/slides/CMU-1-Small-Region.svs');

export async function decode({ browser, dev, tell, leaveOut }) {
  if (!existsSync(SLIDE)) {
    leaveOut('Tile decoding is left out: ../shared/slides is not here.');
    return undefined;
  }
  const host = await serve({ root: dirname(SLIDE), cors: true });
  const page = await measuring(browser, `${dev}bench/pages/decode.html`);
  const found = await page.evaluate(([url]) => window.measure(url, 32), [`${host.url}${basename(SLIDE)}`]);
  await page.close();
  await host.close();
  // What counts is the middle of the rounds, and of their ratios to the bare decoder.
  const ms = (of) => median(found.rounds.map((round) => round[of]));
  const ratio = (of, to) => median(found.rounds.map((round) => round[of] / round[to]));
  const geotiff = median(found.geotiff);
  const each = (all) => `${(all / found.tiles).toFixed(2)} ms a tile`;
  tell(
    {
      what: `decode ${found.tiles} JPEG tiles to bitmaps`,
      ours: each(ms('bitmaps')),
      beside: `geotiff with its pool ${each(geotiff)}`,
      ratio: geotiff / ms('bitmaps'),
      note: `times faster, as the viewer gets them; pixels differ by ${found.difference} at most`,
    },
    { least: 10 },
  );
  tell(
    {
      what: 'the same, both to RGBA arrays',
      ours: each(ms('rgba')),
      beside: `geotiff with its pool ${each(geotiff)}`,
      ratio: geotiff / ms('rgba'),
      note: 'times faster',
    },
    { least: 4 },
  );
  tell(
    {
      what: 'the same to bitmaps, beside the bare decoder',
      ours: each(ms('bitmaps')),
      beside: `${found.bareName} ${each(ms('bare'))}`,
      ratio: ratio('bitmaps', 'bare'),
      note:
        `times its time, reading and cutting included (${ratio('decoded', 'bare').toFixed(2)} without), as the viewer gets ` +
        `them: the look for damage follows, and ends after ${ratio('looked', 'bare').toFixed(2)} times; ` +
        `${ratio('bitmaps', 'bareBitmaps').toFixed(2)} times where it makes bitmaps, too`,
    },
    { most: 1.2 },
  );
  tell({
    what: 'the same, each when it is known to be whole',
    ours: each(ms('awaited')),
    beside: `${found.bareName} ${each(ms('bare'))}`,
    ratio: ratio('awaited', 'bare'),
    note: 'times its time, the look for damage included, as all that computes gets them',
  });
  return found;
}
