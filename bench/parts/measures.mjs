// Measures of a million nuclei: a few seconds in a worker, and a page that answers meanwhile.
import { measuring } from './browser.mjs';

const MOST_SECONDS = 5; // of all shapes
const MOST_BYTES = 250e6; // of objects and measures

/** @param {{ browser: import('@playwright/test').Browser, dev: string, tell: (row: object) => void }} context */
export async function measures({ browser, dev, tell }) {
  const page = await measuring(browser, `${dev}bench/pages/measures.html`);
  const found = await page.evaluate(() => window.measure());
  await page.close();
  const { shape, neighbours, gland } = found.seconds;
  const nuclei = found.nuclei.toLocaleString('en');
  const most = { most: 1 };
  tell(
    {
      what: `eight measures of shape of ${nuclei} nuclei`,
      ours: `${shape.toFixed(1)} s`,
      beside: `distances to four classes ${neighbours.toFixed(1)} s, glands ${gland.toFixed(1)} s`,
      ratio: shape / MOST_SECONDS,
      note: `of ${MOST_SECONDS} s; the page waits ${found.longestMs.toFixed(0)} ms at most`,
    },
    most,
  );
  tell(
    {
      what: `a filter of four conditions over ${nuclei} nuclei`,
      ours: `${found.filterMs.toFixed(0)} ms`,
      beside: `a column sorted ${found.orderMs.toFixed(0)} ms`,
      ratio: found.filterMs / 1000,
      note: `of 1 s; ${found.chosen.toLocaleString('en')} chosen`,
    },
    most,
  );
  const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  tell(
    {
      what: `bytes of ${nuclei} nuclei with their measures`,
      ours: mb(found.objectBytes + found.measureBytes),
      beside: `columns ${mb(found.objectBytes)}, measures ${mb(found.measureBytes)}`,
      ratio: (found.objectBytes + found.measureBytes) / MOST_BYTES,
      note: 'of 250 MB',
    },
    most,
  );
  return found;
}
