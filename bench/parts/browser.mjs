// What the parts of the benchmark share: a page that measures, and the middle of several measurements.

/** A page that puts `measure` on its window. The caller closes it. */
export async function measuring(browser, address) {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error));
  await page.goto(address, { timeout: 120_000 }); // Vite compiles at the first visit
  await page.waitForFunction(() => 'measure' in window, undefined, { timeout: 60_000 });
  return page;
}

/** @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
