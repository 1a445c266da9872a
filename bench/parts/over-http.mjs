// A slide of 60,000 px on a host 50 ms away: first full view, a jump to full resolution, requests, and a pan's longest task.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { askedTwice, largePyramid, servePyramid } from '../../scripts/large-pyramid.mjs';
import { root } from '../../scripts/project.mjs';
import { measuring, median } from './browser.mjs';
import { builtPage } from './built-page.mjs';

const TISSUE = join(root, '../shared/slides/CMU-1-Small-Region.svs');
const LATENCY_MS = 50;
const REPEATS = 3;
const SHOWN = 6; // the finest level that the first view shows, of 9: 937 px wide

/** One after the other, each on a page of its own, so that nothing is remembered. */
async function timed(browser, address, host) {
  const all = [];
  for (let i = 0; i < REPEATS; i++) {
    const page = await measuring(browser, address);
    host.asked.length = 0;
    host.sent.length = 0;
    all.push(await page.evaluate((url) => window.measure(url), `${host.url}?${i}`));
    await page.close();
  }
  return {
    firstView: median(all.map((one) => one.firstView)),
    jump: median(all.map((one) => one.jump)),
    all,
    ranges: [...host.asked], // of the last one
    sent: [...host.sent], //    likewise
  };
}

/** Ranges that begin in a level's tiles. The first request reads the start of the file, whatever lies there. */
const within = (ranges, levels) =>
  ranges.slice(1).filter(({ from }) => levels.some(({ tiles }) => from >= tiles.from && from < tiles.to)).length;

export async function overHttp({ ask, browser, dev, tell, leaveOut }) {
  if (!existsSync(TISSUE)) {
    leaveOut('Reading over HTTP is left out: ../shared/slides is not here.');
    return undefined;
  }
  const asked = [];
  const sent = [];
  const pyramid = await largePyramid(TISSUE);
  const host = await servePyramid(pyramid, {
    latencyMs: LATENCY_MS,
    onRequest: (range) => asked.push({ ...range, at: Date.now() }),
    onSent: (range) => sent.push(range),
  });
  const counted = { url: host.url, asked, sent };
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
    const { shownAt, filledAt } = ours.all.at(-1);
    const before = ours.ranges.filter(({ at }) => at <= shownAt);
    const twice = askedTwice(ours.ranges.filter(({ at }) => at <= filledAt));
    const again = askedTwice(ours.ranges) - twice; // what was given up while the view moved, and wanted after all
    const sentTwice = askedTwice(ours.sent); // of what is given up before its answer begins, nothing is sent
    tell({
      what: 'requests until the first full view there',
      ours: String(before.length),
      beside: '',
      ratio: undefined,
      note: `20 at most; ${ours.ranges.length} with the jump and the pan; ${twice} bytes asked for twice until the jump, ${again} in the pan, of which ${sentTwice} were sent twice`,
    });
    ask('requests until the first full view over HTTP', before.length, { most: 20 });
    ask('requests for levels not shown yet', within(before, pyramid.levels.slice(0, SHOWN)), { most: 0 });
    ask('bytes asked for twice over HTTP, until the jump', twice, { most: 0 });
    const longest = Math.max(...ours.all.map((one) => one.longest));
    tell({
      what: 'longest task while panning there',
      ours: longest === 0 ? 'none over 50 ms' : ms(longest),
      beside: '',
      ratio: undefined,
      note: `${ours.all.reduce((sum, one) => sum + one.longTasks, 0)} over 50 ms in ${REPEATS} pans`,
    });
    ask('longest task while panning over HTTP, ms', longest, { most: 50 });
    return { ours, geotiff };
  } finally {
    await Promise.all([host.close(), page.close()]);
  }
}
