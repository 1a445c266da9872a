// What a tab holds: over a run on a whole slide of 100,000 × 80,000 px with a stand-in for the network, over a hundred small
// runs in a row, and what the network's own session needs beside that.
import { join } from 'node:path';
import { root } from '../../scripts/project.mjs';
import { serve } from '../../scripts/serve.mjs';
import { measuring } from './browser.mjs';
import { MODEL } from './model.mjs';
import { MOST_BYTES, peakOf, usedBytes } from './peak.mjs';
import { rendererBytes } from './processes.mjs';

const RUNS = 100;
const WARM_UP = 20; // runs: caches fill, code is compiled

const gb = (bytes) => `${(bytes / 1e9).toFixed(2)} GB`;

/** A browser of its own, so that nothing else is counted. */
async function inBrowser(launch, address, work) {
  const browser = await launch(['--enable-precise-memory-info']);
  try {
    return await work(browser, await measuring(browser, address));
  } finally {
    await browser.close();
  }
}

/**
 * @param {{ share?: number }} context `share` of the slide's side, for a quick look
 */
export async function memory({ launch, dev, tell, share = 1 }) {
  const page = `${dev}bench/pages/whole-slide.html`;
  const whole = await inBrowser(launch, page, async (browser, tab) => {
    const { found, peak } = await peakOf(browser, () => tab.evaluate((of) => window.measure(of), share));
    return { ...found, peak: peak(), after: await usedBytes(tab) };
  });
  const small = await inBrowser(launch, page, async (_, tab) => {
    await tab.evaluate((times) => window.again(times), WARM_UP);
    const before = await usedBytes(tab);
    const found = await tab.evaluate((times) => window.again(times), RUNS - WARM_UP);
    return { ...found, before, after: await usedBytes(tab) };
  });
  const models = await serve({ root: join(root, 'public'), cors: true });
  const session = await inBrowser(launch, `${dev}bench/pages/runtime.html`, async (browser, tab) => {
    const idle = await rendererBytes(browser);
    const asked = { folder: `${models.url}models/${MODEL}`, threads: 2, repeats: 2 };
    const { peak } = await peakOf(browser, () => tab.evaluate((of) => window.measure(of), asked));
    return { idle, peak: peak() };
  });
  await models.close();
  report({ whole, small, session, tell });
  return { whole, small, session };
}

function report({ whole, small, session, tell }) {
  const network = session.peak - session.idle;
  const count = (value) => value.toLocaleString('en');
  tell(
    {
      what: `memory, ${count(whole.patches)} patches with a stand-in for the network`,
      ours: `${gb(whole.peak)} at most, ${gb(whole.after)} in use afterwards`,
      beside: `the network’s session ${gb(network)} more`,
      ratio: (whole.peak + network) / MOST_BYTES,
      note: `of 1.5 GB, both together; ${count(whole.nuclei)} nuclei, ${count(whole.glands)} glands, ${whole.seconds.toFixed(0)} s`,
    },
    { most: 1 },
  );
  tell(
    {
      what: `memory after ${RUNS} small runs in a row`,
      ours: `${(small.after / 1e6).toFixed(1)} MB in use`,
      beside: `${(small.before / 1e6).toFixed(1)} MB after the first ${WARM_UP}`,
      ratio: small.after / small.before,
      note: 'times as much',
    },
    { most: 1.1 },
  );
}
