// The network alone, fed from memory, against the whole workbench on a slide, in turn in one browser: what reading,
// composing, post-processing and committing cost. The bare session is the same kernels on the same threads, timed before and
// after each of the runs: a machine that others use changes its speed within a minute.
import { basename, dirname, join } from 'node:path';
import { root } from '../../scripts/project.mjs';
import { serve } from '../../scripts/serve.mjs';
import { benchSlide } from './bench-slide.mjs';
import { measuring, median } from './browser.mjs';
import { MODEL, modelInput } from './model.mjs';
import { builtSite } from './site.mjs';
import { printStages, stagesOf } from './stages.mjs';

const COLS = 3;
const ROWS = 6; // the ends of a run, its first patch’s reading and its last one’s finishing, weigh little in a whole slide
const WHOLE_SLIDE = 500; // patches: a third of 100,000 × 80,000 px at 0.25 µm is tissue
const TIMES = 5; // runs of the pipeline over the slide, a bare session between any two, before the first, after the last: many
//                 short ones, for a machine that others use changes its speed within one that is long
const REPEATS = 3; // windows of a bare session

/** Of the bare session's rate, where post-processing shares the cores with one thread more; of the machine; of the pixels. */
const LEAST = { withOne: 0.95, withTwo: 0.85, gflops: [20, 35], kept: 0.8 };
const MOST_SECONDS_PER_MM2 = 10; // all tasks, two threads

/** Slides of whole windows, so that each computed pixel is one of the kept share. */
const SLIDES = [
  { mpp: 0.5, threads: 1 },
  { mpp: 0.5, threads: 2 },
  { mpp: 0.25, threads: 2 },
];

/** Seconds of a window each. */
async function bareSession(page, models, threads) {
  return page.evaluate((asked) => window.measure(asked), {
    folder: `${models}models/${MODEL}`,
    threads,
    repeats: REPEATS,
  });
}

/** The workbench with the slide open and the golden patch tried. */
async function workbench(browser, site, slideUrl) {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error));
  await page.goto(`${site}?slide=${encodeURIComponent(slideUrl)}&drawer=canvas`);
  await page.waitForFunction(() => window.eosin?.slide() !== undefined && window.eosin.models().length > 0);
  await analysed(page, 0.05);
  return page;
}

/** A run over `share` of the slide's sides from its corner. */
const analysed = (page, share) =>
  page.evaluate(
    async ([model, part]) => {
      const { widthPx, heightPx } = window.eosin.slide();
      const region = { x: 0, y: 0, width: widthPx * part, height: heightPx * part };
      const finished = []; // ms, of each patch
      const deaf = window.eosin.on('progress', ({ done }) => {
        while (done > finished.length) finished.push(performance.now());
      });
      const result = await window.eosin.analyse({ models: [model], region, device: 'wasm' });
      deaf();
      const { patches, failedPatches, seconds, deviceName, areaMm2, counts } = result;
      return { patches, failedPatches, seconds, deviceName, areaMm2, counts, finished };
    },
    [MODEL, share],
  );

async function wholePipeline({ browser, stages }, page) {
  if (!stages) return analysed(page, 1);
  const { found, threads } = await stagesOf(
    browser,
    page,
    () => analysed(page, 1),
    () => analysed(page, 0.3),
  );
  return { ...found, stages: threads };
}

/** The runs, each with the bare session's seconds of a window beside it: the middle of those just before and just after it. */
async function pair(context, { mpp, threads }) {
  const { window, margin, mpp: modelMpp } = modelInput();
  const core = ((window - 2 * margin) * modelMpp) / mpp;
  const { path, from } = await benchSlide({ width: COLS * core, height: ROWS * core, mpp });
  const slides = await serve({ root: dirname(path), cors: true });
  const site = await serve({ root: join(root, 'dist'), isolation: threads > 1 }); // without isolation: one thread
  const barePage = await measuring(context.browser, `${context.dev}bench/pages/runtime.html`);
  const page = await workbench(context.browser, site.url, `${slides.url}${basename(path)}`);
  try {
    const bare = [await bareSession(barePage, context.models, threads)];
    const runs = [];
    for (let i = 0; i < TIMES; i++) {
      const whole = await wholePipeline(context, page);
      bare.push(await bareSession(barePage, context.models, threads));
      const bareSeconds = median([...bare[i].seconds, ...bare[i + 1].seconds]);
      runs.push({ whole, bareSeconds, ratio: (bareSeconds * whole.patches) / whole.seconds });
    }
    return { mpp, threads, from, runs, gflop: bare[0].gflop };
  } finally {
    await Promise.all([page.close(), barePage.close(), site.close(), slides.close()]);
  }
}

/** The run of the middle ratio. */
const middleOf = (runs) => [...runs].sort((a, b) => a.ratio - b.ratio)[runs.length >> 1];

/** What a run takes beside so many times what lies between two patches: before the first window, and after the last one. */
function endsOf({ seconds, patches, finished }) {
  const between = (finished.at(-1) - finished[0]) / 1000 / (finished.length - 1);
  const ends = seconds - patches * between;
  return { between, ends, share: (of) => ends / (ends + of * between) };
}

/**
 * @param {{ browser: import('@playwright/test').Browser, dev: string, tell: (row: object) => void, stages: boolean }} context
 */
export async function inference(context) {
  await builtSite();
  const models = await serve({ root: join(root, 'public'), cors: true });
  const found = [];
  for (const slide of SLIDES) found.push(await pair({ ...context, models: models.url }, slide));
  await models.close();
  const { tell, ask } = context;
  const { window, margin } = modelInput();
  const kept = (1 - (2 * margin) / window) ** 2;
  for (const { mpp, threads, from, runs, gflop } of found) {
    const { whole, bareSeconds, ratio } = middleOf(runs);
    const seconds = whole.seconds / whole.patches;
    const wanted = `${threads} thread${threads > 1 ? 's' : ''}`;
    if (!whole.deviceName.includes(wanted)) throw new Error(`${wanted} were asked for, ${whole.deviceName} computed.`);
    if (runs.some((run) => run.whole.failedPatches > 0)) throw new Error('Patches failed.');
    const { between, ends, share } = endsOf(whole);
    const ratios = runs.map((run) => run.ratio.toFixed(3)).join(', ');
    tell(
      {
        what: `whole pipeline, ${whole.deviceName}, slide at ${mpp} µm`,
        ours: `${(1 / seconds).toFixed(3)} patches/s, ${(whole.seconds / whole.areaMm2).toFixed(1)} s/mm²`,
        beside: `bare session ${(1 / bareSeconds).toFixed(3)} patches/s, ${(gflop / bareSeconds).toFixed(1)} GFLOP/s`,
        ratio,
        note: `of the bare session’s rate, the middle of ${ratios}; ${from}, window ${window} px, ${(100 * kept).toFixed(1)} % of the pixels kept`,
      },
      { least: threads > 1 ? LEAST.withTwo : LEAST.withOne },
    );
    if (threads === 2)
      ask(`s/mm² of the whole pipeline, 2 threads, slide at ${mpp} µm`, whole.seconds / whole.areaMm2, {
        most: MOST_SECONDS_PER_MM2,
      });
    const percent = (of) => `${(100 * share(of)).toFixed(1)} %`;
    console.log(
      `  Its ends took ${ends.toFixed(2)} s: ${percent(whole.patches)} of it, ${percent(WHOLE_SLIDE)} of ${WHOLE_SLIDE} patches; between them ${(bareSeconds / between).toFixed(3)} of the bare session’s rate`,
    );
    if (whole.stages) printStages(whole.stages, whole);
  }
  const [one, two] = found.map(({ runs, gflop }) => ({
    gflop,
    bareSeconds: median(runs.map((run) => run.bareSeconds)),
  }));
  tell({
    what: 'bare session, 2 threads to 1',
    ours: `${(two.gflop / two.bareSeconds).toFixed(1)} GFLOP/s`,
    beside: `${(one.gflop / one.bareSeconds).toFixed(1)} GFLOP/s`,
    ratio: one.bareSeconds / two.bareSeconds,
    note: 'times faster',
  });
  ask('GFLOP/s of the bare session, 1 thread', one.gflop / one.bareSeconds, { least: LEAST.gflops[0] });
  ask('GFLOP/s of the bare session, 2 threads', two.gflop / two.bareSeconds, { least: LEAST.gflops[1] });
  ask('share of the computed pixels that is kept', kept, { least: LEAST.kept });
  return found;
}
