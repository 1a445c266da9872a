// `npm run bench`: ratios, taken in one run in one browser on one machine, so that they mean something elsewhere too.
// Prints a table and keeps bench/results/TIME.json. `npm run bench -- decode memory` runs those parts alone, `--stages` says
// where the time of the pipeline goes, `--gpu` times a real GPU, `--reference` keeps the rows in bench/reference.json, which
// `npm run figures` writes into the README; rows of parts that did not run stay. Times alone say nothing across machines.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { createServer } from 'vite';
import { endChildren } from '../scripts/child.mjs';
import { chromiumArgs, findChromium } from '../scripts/chromium.mjs';
import { root } from '../scripts/project.mjs';
import { decode } from './parts/decode.mjs';
import { files } from './parts/files.mjs';
import { gpu } from './parts/gpu.mjs';
import { inference } from './parts/inference.mjs';
import { measures } from './parts/measures.mjs';
import { memory } from './parts/memory.mjs';
import { million } from './parts/million.mjs';
import { native } from './parts/native.mjs';
import { overHttp } from './parts/over-http.mjs';
import { postprocess } from './parts/postprocess.mjs';
import { rerun } from './parts/rerun.mjs';
import { view } from './parts/view.mjs';
import { merged, mustBeWhole } from './reference.mjs';

/** Each: the seconds it may take, for a frozen page would wait for ever. */
const PARTS = {
  decode: { part: decode, seconds: 240 },
  http: { part: overHttp, seconds: 240 },
  postprocess: { part: postprocess, seconds: 300 },
  inference: { part: inference, seconds: 900 },
  measures: { part: measures, seconds: 300 },
  rerun: { part: rerun, seconds: 300 },
  million: { part: million, seconds: 900 },
  files: { part: files, seconds: 600 },
  view: { part: view, seconds: 300 },
  native: { part: native, seconds: 300 },
  memory: { part: memory, seconds: 900 },
};

const USAGE = `npm run bench -- [${Object.keys(PARTS).join('|')} ...] [--stages] [--gpu] [--reference]`;

function asked() {
  const flag = { type: 'boolean', default: false };
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { stages: flag, gpu: flag, reference: flag },
  });
  const unknown = positionals.find((name) => !(name in PARTS));
  if (unknown) throw new Error(`There is no part named ${unknown}.\n${USAGE}`);
  const names = Object.keys(PARTS).filter((name) => positionals.includes(name) || positionals.length === 0);
  return { ...values, names: values.gpu ? [] : names };
}

/** `work`, ended with everything it started when it takes longer than `seconds`. */
async function within(seconds, name, work) {
  const limit = setTimeout(() => {
    console.error(`The benchmark was stopped: its part ${name} took more than ${seconds} s.`);
    endChildren();
    process.exit(1);
  }, seconds * 1000);
  try {
    return await work();
  } finally {
    clearTimeout(limit);
  }
}

const machineOf = (browser) => ({
  cpu: cpus()[0]?.model,
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  browser: `Chromium ${browser.version()}`,
  node: process.versions.node,
});

function keep({ raw, ...told }) {
  const folder = join(root, 'bench/results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.json`);
  writeFileSync(file, `${JSON.stringify({ ...told, raw }, null, 2)}\n`);
  console.log(`Kept in ${file.slice(root.length + 1)}`);
}

function keepAsReference({ machine, date, table }, ran, leftOut) {
  mustBeWhole(leftOut);
  const file = join(root, 'bench/reference.json');
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  const now = merged(before, { machine, date, table }, ran, [...Object.keys(PARTS), 'gpu']);
  writeFileSync(file, `${JSON.stringify(now, null, 2)}\n`);
}

async function main() {
  const { names, stages, gpu: onGpu, reference } = asked();
  const executablePath = findChromium();
  if (!executablePath) throw new Error('No Chromium was found: install one, or set CHROMIUM to its path.');
  const vite = await createServer({
    root,
    logLevel: 'error',
    server: { port: 0, host: '127.0.0.1', hmr: false },
    // Found late, a package makes Vite bundle all of them anew, and a page that is open asks for what is no more.
    optimizeDeps: { include: ['@annotorious/openseadragon', 'geotiff', 'geotiff-tilesource', 'openseadragon'] },
  });
  await vite.listen();
  const dev = `http://127.0.0.1:${vite.httpServer.address().port}/`;
  const launch = (more = []) => chromium.launch({ executablePath, args: [...chromiumArgs, ...more] });
  const browser = await launch();
  const table = [];
  const raw = {};
  const missed = [];
  const leftOut = []; // sentences
  const ran = onGpu ? ['gpu'] : names;
  let part = ''; // that runs now
  const leaveOut = (why) => {
    leftOut.push(why);
    console.log(why);
  };
  /** Where a figure misses what is asked of it, the benchmark fails. @param {{ least?: number, most?: number }} limits */
  const ask = (what, value, { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }) => {
    if (value >= least && value <= most) return;
    missed.push(`${what}: ${value.toFixed(3)}, asked ${value < least ? `at least ${least}` : `at most ${most}`}`);
  };
  /**
   * @param {{ what: string, ours: string, beside: string, ratio: number | undefined, note: string }} row
   * @param {{ least?: number, most?: number }} [limits] of the ratio
   */
  const tell = ({ ratio, ...row }, limits = {}) => {
    if (ratio !== undefined) ask(row.what, ratio, limits);
    const rounded = ratio === undefined ? undefined : Number(ratio.toFixed(ratio < 10 ? 3 : 1));
    table.push({ ...row, ratio: rounded, part });
    const said = [row.ours, row.beside].filter(Boolean).join(', ');
    console.log(`${row.what}\n  ${said}: ${[rounded, row.note].filter((part) => part !== undefined).join(' ')}`);
  };
  try {
    const context = { browser, dev, launch, tell, ask, leaveOut, stages };
    for (part of ran) {
      const { part: work, seconds } = part === 'gpu' ? { part: gpu, seconds: 900 } : PARTS[part];
      raw[part] = await within(seconds, part, () => work(context));
    }
    const told = { machine: machineOf(browser), date: new Date().toISOString().slice(0, 10), table, raw };
    if (table.length > 0) keep(told);
    if (reference) keepAsReference(told, ran, leftOut);
    for (const row of missed) console.error(`Not reached: ${row}.`);
    if (missed.length > 0) process.exitCode = 1;
  } finally {
    await browser.close();
    await vite.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
