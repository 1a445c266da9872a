// A run over a slide that holds a million nuclei: the longest that the main thread is kept from anything else.
import { measuring } from './browser.mjs';

const MOST_MS = 50; // a longer step is felt

/** @param {{ browser: import('@playwright/test').Browser, dev: string, tell: (row: object) => void }} context */
export async function rerun({ browser, dev, tell }) {
  const page = await measuring(browser, `${dev}bench/pages/rerun.html`);
  const found = await page.evaluate(() => window.measure());
  await page.close();
  const most = (times) => Math.max(...times);
  const [commit, look, settle, exact] = [found.commit, found.look, found.settle, found.exact].map(most);
  const longest = Math.max(commit, look, settle);
  tell(
    {
      what: `longest step of a run that replaces ${found.nuclei.toLocaleString('en')} nuclei`,
      ours: `${longest.toFixed(0)} ms (a patch ${commit.toFixed(0)}, a look ${look.toFixed(0)}, a turn at the end ${settle.toFixed(0)})`,
      beside: `all columns at once ${exact.toFixed(0)} ms`,
      ratio: longest / MOST_MS,
      note: `of ${MOST_MS} ms`,
    },
    { most: 1 },
  );
  return found;
}
