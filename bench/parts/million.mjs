// A million nuclei on one slide: what it takes to show them, to move among them, to colour and to choose them; and the same
// scene in Annotorious, ten times as many at a time until a frame takes too long.
import { measuring, median } from './browser.mjs';
import { usedBytes } from './peak.mjs';
import { scriptingOf } from './scripting.mjs';

const COUNT = 1_000_000;
const MAGNIFICATIONS = [1.25, 2.5, 5, 10, 20, 40];
const OF_ANNOTATIONS = [1.25, 2.5, 5, 20]; // fewer: they are drawn as nuclei are, and that is what is to be seen
const ROUNDS = 3;
const CHANGES = ['colour', 'opacity', 'classes', 'threshold'];
const CHOSEN = 100_000;
const VIEW = { width: 1600, height: 1000 };
/** Of the peer: a scene that takes longer to load, or whose frame takes longer, is its limit. */
const LIMIT_LOAD_S = 60;
const LIMIT_FRAME_MS = 500;

const at = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(share * values.length))];
const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** @param {{ browser: import('@playwright/test').Browser, dev: string, tell: (row: object) => void }} context */
export async function million({ browser, dev, tell }) {
  const page = await measuring(browser, `${dev}bench/pages/million.html`);
  await page.setViewportSize(VIEW);
  const idle = await usedBytes(page);
  const made = await page.evaluate((count) => window.measure.make({ of: 'nuclei', count }), COUNT);
  const held = (await usedBytes(page)) - idle;
  const first = await page.evaluate(() => window.measure.first());
  const views = [];
  for (const magnification of MAGNIFICATIONS) {
    await page.evaluate((to) => window.measure.show(to), magnification);
    for (const how of ['pan', 'zoom']) views.push({ magnification, how, ...(await moved(browser, page, how)) });
    Object.assign(views.at(-1), await changed(page));
  }
  const picks = await page.evaluate(() => window.measure.pick());
  const chosen = await page.evaluate((count) => window.measure.choose(count), CHOSEN);
  const painted = (await usedBytes(page)) - idle - held;
  await page.close();
  const row = (what, seen, asked, note) =>
    tell(
      { what, ours: ms(seen), beside: `asked for: ${ms(asked)}`, ratio: seen / asked, note: `of that; ${note}` },
      { most: 1 },
    );
  const worst = (of) => worstOf(views, of);
  const script = worst(({ scriptMs }) => scriptMs);
  const sharp = worst(({ sharpMs }) => sharpMs);
  row(
    'a million nuclei: scripts of the page, a frame, 95th percentile',
    script.scriptMs,
    8,
    `worst: ${script.how} at ${script.magnification}×`,
  );
  row(
    'a million nuclei: sharp after the view stops',
    sharp.sharpMs,
    300,
    `worst: ${sharp.how} at ${sharp.magnification}×`,
  );
  const jump = worst(({ jumpMs }) => jumpMs ?? 0);
  row('a million nuclei: sharp after a jump to another place', jump.jumpMs, 300, `worst: at ${jump.magnification}×`);
  row('a million nuclei: first picture', first, 1500, 'the whole slide, from handing the objects over');
  for (const change of CHANGES) {
    const slowest = worst(({ style }) => style?.[change] ?? 0);
    row(`a million nuclei: change of ${change}`, slowest.style[change], 100, `worst: at ${slowest.magnification}×`);
  }
  row(
    'a million nuclei: hit test, 99th percentile',
    at(picks, 0.99),
    1,
    `median ${ms(median(picks))}, longest ${ms(Math.max(...picks))}`,
  );
  row(`a million nuclei: box around ${chosen.box.toLocaleString('en')}`, chosen.boxMs, 200, '4 corners');
  row(`a million nuclei: lasso around ${chosen.lasso.toLocaleString('en')}`, chosen.lassoMs, 200, '400 corners');
  tell(
    {
      what: 'a million nuclei: memory of the objects',
      ours: `${(held / 1e6).toFixed(0)} MB`,
      beside: 'asked for: 250 MB',
      ratio: held / 250e6,
      note: `of that; columns ${(made.bytes / 1e6).toFixed(0)} MB with outlines of 24 vertices, the rest the index of places and the slide; with what was painted of them in all these views ${(painted / 1e6).toFixed(0)} MB more`,
    },
    { most: 1 },
  );
  const cells = await annotations(browser, dev);
  row(
    'a million annotations, cells of five classes: scripts of the page, a frame, 95th percentile',
    cells.script.scriptMs,
    8,
    `worst: ${cells.script.how} at ${cells.script.magnification}×`,
  );
  row(
    'a million annotations: sharp after the view stops',
    cells.sharp.sharpMs,
    300,
    `worst: ${cells.sharp.how} at ${cells.sharp.magnification}×`,
  );
  row('a million annotations: first picture', cells.first, 1500, 'the whole slide, from handing the objects over');
  row(
    'a million annotations: change of classes',
    cells.filter.classes,
    100,
    `worst: at ${cells.filter.magnification}×`,
  );
  const peer = await annotorious(browser, dev);
  const best = peer.filter(({ limit }) => limit === undefined).at(-1);
  const over = peer.find(({ limit }) => limit !== undefined);
  tell({
    what: 'the same scene in Annotorious',
    ours: `${COUNT.toLocaleString('en')} objects`,
    beside: best ? `${best.count.toLocaleString('en')}, frame ${ms(best.frameMs)} at the 95th percentile` : 'none',
    ratio: best ? COUNT / best.count : undefined,
    note: over
      ? `times as many; at ${over.count.toLocaleString('en')}: ${over.limit}`
      : 'times as many; its limit was not reached',
  });
  return { made, first, views, picks: { median: median(picks), p99: at(picks, 0.99) }, chosen, cells, peer };
}

const worstOf = (views, of) => views.reduce((most, view) => (of(view) > of(most) ? view : most));

/** The same scene as a file of another program's detections brings it. */
async function annotations(browser, dev) {
  const page = await measuring(browser, `${dev}bench/pages/million.html`);
  await page.setViewportSize(VIEW);
  await page.evaluate((count) => window.measure.make({ of: 'annotations', count }), COUNT);
  const first = await page.evaluate(() => window.measure.first());
  const views = [];
  const filters = [];
  for (const magnification of OF_ANNOTATIONS) {
    await page.evaluate((to) => window.measure.show(to), magnification);
    for (const how of ['pan', 'zoom']) views.push({ magnification, how, ...(await moved(browser, page, how)) });
    filters.push({ magnification, ...(await restyled(page)) });
  }
  await page.close();
  return {
    first,
    views,
    filters,
    script: worstOf(views, ({ scriptMs }) => scriptMs),
    sharp: worstOf(views, ({ sharpMs }) => sharpMs),
    filter: worstOf(filters, ({ classes }) => classes),
  };
}

/** Frames of all rounds together; of what happens once in a round, the middle. */
async function moved(browser, page, how) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push(await scriptingOf(browser, page, () => page.evaluate((by) => window.measure.move(by), how)));
  return {
    sharpMs: median(rounds.map(({ found }) => found.sharpMs)),
    frameMs: median(rounds.flatMap(({ found }) => found.frames)),
    scriptMs: at(
      rounds.flatMap(({ frames }) => frames),
      0.95,
    ),
  };
}

async function changed(page) {
  const jumps = [];
  for (let round = 0; round < ROUNDS; round++) jumps.push(await page.evaluate((k) => window.measure.jump(k), round));
  return { jumpMs: median(jumps), style: await restyled(page) };
}

async function restyled(page) {
  const styles = [];
  for (let round = 0; round < ROUNDS; round++)
    styles.push(await page.evaluate((k) => window.measure.restyle(k), round));
  return Object.fromEntries(CHANGES.map((change) => [change, median(styles.map((style) => style[change]))]));
}

/** Each scene on a page of its own: what one leaves behind is not the next one's. */
async function annotorious(browser, dev) {
  const scenes = [];
  for (let count = 1000; count <= COUNT; count *= 10) {
    const page = await measuring(browser, `${dev}bench/pages/annotorious.html`);
    await page.setViewportSize(VIEW);
    const late = new Promise((resolve) => setTimeout(() => resolve(undefined), 2 * LIMIT_LOAD_S * 1000).unref());
    const scene = await Promise.race([page.evaluate((n) => window.measure(n), count), late]).catch((error) => ({
      failed: String(error.message).split('\n')[0],
    }));
    const limit = limitOf(scene);
    scenes.push({ count, ...scene, limit });
    await Promise.race([page.close(), new Promise((resolve) => setTimeout(resolve, 10_000).unref())]); // a frozen page never closes
    if (limit !== undefined) break;
  }
  return scenes;
}

function limitOf(scene) {
  if (!scene) return `no answer in ${2 * LIMIT_LOAD_S} s`;
  if (scene.failed) return scene.failed;
  if (scene.loadMs > LIMIT_LOAD_S * 1000) return `${(scene.loadMs / 1000).toFixed(0)} s until they were loaded`;
  if (scene.frameMs > LIMIT_FRAME_MS) return `a frame takes ${ms(scene.frameMs)} at the 95th percentile`;
  return undefined;
}
