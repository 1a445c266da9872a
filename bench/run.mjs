// `npm run bench`: ratios, taken in one run in one browser on one machine, so that they mean something elsewhere too.
// Prints a table and keeps bench/results/TIME.json. `npm run bench -- decode` runs that part alone. Times alone say nothing across machines.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { createServer } from 'vite';
import { endChildren, run } from '../scripts/child.mjs';
import { chromiumArgs, findChromium } from '../scripts/chromium.mjs';
import { isBuilt, root, sourcesHash, stampBuild } from '../scripts/project.mjs';
import { serve } from '../scripts/serve.mjs';

const SLIDE = join(root, '../shared/slides/CMU-1-Small-Region.svs');
const MODEL = 'cerberus-lite';
const LIMIT_S = 420;
/** In the middle of a sample, where every seed has tissue: at 0.25 µm a pixel some nine windows of the network. */
const REGION = { x: 47_600, y: 37_600, width: 4800, height: 4800 };

const rows = [];
/** @param {{ what: string, ours: string, beside: string, ratio: number | undefined, note: string }} row */
const tell = (row) => rows.push(row);

/** A page that puts `measure` on its window. */
async function measuring(browser, address) {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error));
  await page.goto(address);
  await page.waitForFunction(() => 'measure' in window, undefined, { timeout: 60_000 });
  return page;
}

async function decode(browser, dev) {
  if (!existsSync(SLIDE)) {
    console.log('Tile decoding is left out: ../shared/slides is not here.');
    return undefined;
  }
  const host = await serve({ root: join(SLIDE, '..'), cors: true });
  const page = await measuring(browser, `${dev}bench/pages/decode.html`);
  const found = await page.evaluate(([url]) => window.measure(url, 3), [`${host.url}CMU-1-Small-Region.svs`]);
  await page.close();
  await host.close();
  tell({
    what: `decode ${found.tiles} JPEG tiles`,
    ours: `${(found.ours / found.tiles).toFixed(2)} ms a tile`,
    beside: `geotiff ${(found.geotiff / found.tiles).toFixed(2)} ms a tile`,
    ratio: found.geotiff / found.ours,
    note: `times faster; pixels differ by ${found.difference} at most`,
  });
  return found;
}

async function bareRuntime(browser, dev, models, threads) {
  const page = await measuring(browser, `${dev}bench/pages/runtime.html`);
  const found = await page.evaluate(
    ([folder, count]) => window.measure(folder, count, 3),
    [`${models}models/${MODEL}`, threads],
  );
  await page.close();
  return { ...found, gflops: found.gflop / found.seconds };
}

async function pipeline(browser, site) {
  const page = await browser.newPage();
  await page.goto(`${site}?slide=phantom:1&drawer=canvas`);
  await page.waitForFunction(() => window.eosin?.slide() !== undefined);
  const found = await page.evaluate(
    async ([region, model]) => {
      const models = [model]; // alone: attention has its own cost
      // The first run loads the runtime and the model and tries the golden patch; the second is what is measured.
      await window.eosin.analyse({ models, region: { ...region, width: 400, height: 400 }, device: 'wasm' });
      const { patches, seconds, deviceName, counts } = await window.eosin.analyse({ models, region, device: 'wasm' });
      return { patches, seconds, deviceName, counts };
    },
    [REGION, MODEL],
  );
  await page.close();
  return found;
}

/** Patches a second of the built workbench, and the network alone in the same browser. */
async function inference(browser, dev) {
  if (!isBuilt()) {
    const sources = sourcesHash();
    const { code, output } = await run(process.execPath, ['node_modules/vite/bin/vite.js', 'build'], {
      seconds: 300,
      quiet: true,
    });
    if (code !== 0) throw new Error(output);
    stampBuild(sources);
  }
  const site = await serve({ root: join(root, 'dist'), isolation: true });
  const models = await serve({ root: join(root, 'public'), cors: true });
  const one = await bareRuntime(browser, dev, models.url, 1);
  const two = await bareRuntime(browser, dev, models.url, 2);
  const whole = await pipeline(browser, site.url);
  await Promise.all([site.close(), models.close()]);

  tell({
    what: 'bare runtime, 2 threads to 1',
    ours: `${two.gflops.toFixed(1)} GFLOP/s`,
    beside: `${one.gflops.toFixed(1)} GFLOP/s`,
    ratio: two.gflops / one.gflops,
    note: 'times faster',
  });
  const patchesPerSecond = whole.patches / whole.seconds;
  const gflops = patchesPerSecond * two.gflop;
  const bare = /\b1 thread\b/.test(whole.deviceName) ? one : two;
  tell({
    what: `whole pipeline, ${whole.deviceName}`,
    ours: `${patchesPerSecond.toFixed(3)} patches/s, ${gflops.toFixed(1)} GFLOP/s`,
    beside: `bare runtime ${(1 / bare.seconds).toFixed(3)} windows/s, ${bare.gflops.toFixed(1)} GFLOP/s`,
    ratio: gflops / bare.gflops,
    note: 'of the bare runtime’s rate',
  });
  return { one, two, whole };
}

const PARTS = { decode, inference };

async function main(asked) {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('No Chromium was found: install one, or set CHROMIUM to its path.');
  const vite = await createServer({ root, logLevel: 'error', server: { port: 0, host: '127.0.0.1', hmr: false } });
  await vite.listen();
  const dev = `http://127.0.0.1:${vite.httpServer.address().port}/`;
  const browser = await chromium.launch({ executablePath, args: chromiumArgs });
  try {
    const raw = {};
    for (const [name, part] of Object.entries(PARTS))
      if (asked.length === 0 || asked.includes(name)) raw[name] = await part(browser, dev);
    const table = rows.map(({ ratio, ...row }) => ({ ...row, ratio: Number(ratio.toFixed(2)) }));
    for (const { what, ours, beside, ratio, note } of table)
      console.log(`${what}\n  ${ours}, ${beside}: ${ratio} ${note}`);
    const folder = join(root, 'bench/results');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`);
    const machine = {
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      browser: browser.version(),
      node: process.versions.node,
    };
    writeFileSync(file, `${JSON.stringify({ machine, table, raw }, null, 2)}\n`);
    console.log(`Kept in ${file.slice(root.length + 1)}`);
  } finally {
    await browser.close();
    await vite.close();
  }
}

// A frozen page would wait for ever.
const limit = setTimeout(() => {
  console.error(`The benchmark was stopped: it took more than ${LIMIT_S} s.`);
  endChildren();
  process.exit(1);
}, LIMIT_S * 1000);
main(process.argv.slice(2)).then(
  () => clearTimeout(limit),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
