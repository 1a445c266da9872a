// How soon the user sees something: from asking for the view until the first nuclei in it are on screen, beside one patch of
// the bare session. The view may take a patch's time and 0.3 s; a small window about its centre goes first where patches are slow.
import { basename, dirname, join } from 'node:path';
import { root } from '../../scripts/project.mjs';
import { serve } from '../../scripts/serve.mjs';
import { benchSlide } from './bench-slide.mjs';
import { measuring, median } from './browser.mjs';
import { MODEL, modelInput } from './model.mjs';
import { builtSite } from './site.mjs';

const SIDE = 6144; //    px of the slide, at 0.5 µm
const REPEATS = 3;
const MARGIN_S = 0.3; // what may pass beside the patch
// Views of tissue with nuclei that nobody has analysed: the epidermis of the scanned picture, which is mirrored at its edges.
const PLACES = [
  { x: 1250, y: 1170 },
  { x: 5690, y: 1170 },
  { x: 3190, y: 4764 },
];
const NEAR = 300; // px of the slide around the centre that must show nuclei after the run
const MAGNIFICATION = 10;

/** Seconds until nuclei of the view are found and a frame was drawn since. The run goes on to its end: nothing of it is left for the next. */
function firstSeen([model, centre, near]) {
  const { eosin } = window;
  return eosin.setView({ centre, magnification: 10 }).then(async () => {
    const before = eosin.objects('nuclei').count;
    const started = performance.now();
    const run = eosin.analyse({ models: [model], region: 'view', device: 'wasm' });
    while (eosin.objects('nuclei').count <= before) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const seconds = (performance.now() - started) / 1000;
    await run;
    const { count, centroids } = eosin.objects('nuclei');
    const isThere = Array.from({ length: count }, (_, i) =>
      Math.hypot((centroids[2 * i] ?? 0) - centre.x, (centroids[2 * i + 1] ?? 0) - centre.y),
    ).some((distance) => distance < near);
    if (!isThere) throw new Error(`No nuclei were found around ${centre.x}, ${centre.y}: look elsewhere.`);
    return seconds;
  });
}

/** @param {{ browser: import('@playwright/test').Browser, dev: string, tell: (row: object) => void }} context */
export async function view({ browser, dev, tell }) {
  await builtSite();
  const { path, from } = await benchSlide({ width: SIDE, height: SIDE, mpp: 0.5 });
  const [models, slides, site] = await Promise.all([
    serve({ root: join(root, 'public'), cors: true }),
    serve({ root: dirname(path), cors: true }),
    serve({ root: join(root, 'dist'), isolation: true }),
  ]);
  try {
    const bare = await measuring(browser, `${dev}bench/pages/runtime.html`);
    const asked = { folder: `${models.url}models/${MODEL}`, threads: 2, repeats: REPEATS };
    const runs = await bare.evaluate((of) => window.measure(of), asked);
    await bare.close();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (error) => console.error(error));
    await page.goto(`${site.url}?slide=${encodeURIComponent(`${slides.url}${basename(path)}`)}&drawer=canvas`);
    await page.waitForFunction(() => window.eosin?.slide() !== undefined && window.eosin.models().length > 0);
    // Loads the model and tries its golden patch.
    await page.evaluate(
      (model) =>
        window.eosin.analyse({ models: [model], region: { x: 0, y: 0, width: 900, height: 900 }, device: 'wasm' }),
      MODEL,
    );
    const seconds = [];
    for (const place of PLACES) seconds.push(await page.evaluate(firstSeen, [MODEL, place, NEAR]));
    await page.close();
    const [ours, patch] = [median(seconds), median(runs.seconds)];
    tell(
      {
        what: 'first nuclei of the view on screen',
        ours: `${ours.toFixed(2)} s (${seconds.map((each) => each.toFixed(2)).join(', ')})`,
        beside: `one patch of the bare session ${patch.toFixed(2)} s, and ${MARGIN_S} s`,
        ratio: ours / (patch + MARGIN_S),
        note: `of that; ${from} at ${MAGNIFICATION}×, window ${modelInput().window} px, 2 threads`,
      },
      { most: 1 },
    );
    return { seconds, bare: runs.seconds };
  } finally {
    await Promise.all([models.close(), slides.close(), site.close()]);
  }
}
