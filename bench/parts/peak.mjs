// What a tab holds at most while something lasts, and what is in use after it.
import { rendererBytes } from './processes.mjs';

export const MOST_BYTES = 1.5e9; // of a tab in all
const EVERY_MS = 500;

/** The most that the renderer holds while `work` lasts. */
export async function peakOf(browser, work) {
  let peak = 0;
  let isOver = false;
  const watch = (async () => {
    while (!isOver) {
      peak = Math.max(peak, (await rendererBytes(browser)) ?? Number.NaN);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  })();
  try {
    return { found: await work(), peak: () => peak };
  } finally {
    isOver = true;
    await watch;
  }
}

/** Bytes of JavaScript and WebAssembly that are still in use, of the page and its workers. */
export async function usedBytes(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.detach();
  return page.evaluate(async () => (await performance.measureUserAgentSpecificMemory()).bytes);
}
