// A slide of 60,000 px on a host 50 ms away: first full view, a jump to full resolution, requests, and a pan's longest task.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { largePyramid, servePyramid } from '../../scripts/large-pyramid.mjs';
import { root } from '../../scripts/project.mjs';
import { measuring, median } from './browser.mjs';
import { builtPage } from './built-page.mjs';

const TISSUE = join(root, '../shared/slides/CMU-1-Small-Region.svs');
const LATENCY_MS = 50;
const REPEATS = 3;

/** One after the other, each on a page of its own, so that nothing is remembered. */
async function timed(browser, address, host) {
  const all = [];
  for (let i = 0; i < REPEATS; i++) {
    const page = await measuring(browser, address);
    host.asked.length = 0;
    all.push(await page.evaluate((url) => window.measure(url), `${host.url}?${i}`));
    await page.close();
  }
  const requests = host.asked.length;
  return {
    firstView: median(all.map((one) => one.firstView)),
    jump: median(all.map((one) => one.jump)),
    requests,
    all,
  };
}

export async function overHttp({ ask, browser, dev, tell }) {
  if (!existsSync(TISSUE)) {
    console.log('Reading over HTTP is left out: ../shared/slides is not here.');
    return undefined;
  }
  const asked = [];
  const host = await servePyramid(await largePyramid(TISSUE), {
    latencyMs: LATENCY_MS,
    onRequest: (range) => asked.push(range),
  });
  const counted = { url: host.url, asked };
  const page = await builtPage('over-http');
  try {
    const ours = await timed(browser, page.url, counted);
    const geotiff = await timed(browser, `${dev}bench/pages/over-http-peer.html`, counted);
    const ms = (value) => `${Math.round(value)} ms`;
    tell({
      what: `first full view of 60,000 px over HTTP, ${LATENCY_MS} ms away`,
      ours: ms(ours.firstView),
      beside: `GeoTIFFTileSource ${ms(geotiff.firstView)}`,
      ratio: geotiff.firstView / ours.firstView,
      note: 'times sooner; 1,300 ms at most',
    });
    ask('first full view over HTTP, ms', ours.firstView, { most: 1300 });
    tell({
      what: 'a jump to full resolution there',
      ours: ms(ours.jump),
      beside: `GeoTIFFTileSource ${ms(geotiff.jump)}`,
      ratio: geotiff.jump / ours.jump,
      note: 'times sooner; 350 ms at most',
    });
    ask('jump over HTTP, ms', ours.jump, { most: 350 });
    const longest = Math.max(...ours.all.map((one) => one.longest));
    tell({
      what: 'longest task while panning there',
      ours: longest === 0 ? 'none over 50 ms' : ms(longest),
      beside: '',
      ratio: undefined,
      note: `${ours.all.reduce((sum, one) => sum + one.longTasks, 0)} over 50 ms in ${REPEATS} pans`,
    });
    return { ours, geotiff };
  } finally {
    await Promise.all([host.close(), page.close()]);
  }
}
