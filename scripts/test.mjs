// `npm test`: types, lint, unit tests, browser tests, build, end-to-end tests, each with a time limit. It installs what
// it may where something is missing, says at the end what each step did, and closes with `N passed, N failed, N skipped`.
// With CI=true a skipped test is a failure. `npm test -- unit e2e` runs only the steps named.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { npmCi, run } from './child.mjs';
import { findChromium } from './chromium.mjs';
import { isInstalled, root, sourcesHash, stampBuild } from './project.mjs';
import { sum, tallyOfReport, tallyOfStep } from './tally.mjs';

const REPORTS = join(root, '.cache', 'test');
const bin = (path) => join(root, 'node_modules', path);
const node = (args, seconds, env) => run(process.execPath, args, { seconds, env });
const reportOf = (name) => join(REPORTS, `${name}.json`);

async function check(args, seconds) {
  const { code, timedOut } = await node(args, seconds);
  return { tally: tallyOfStep(code), timedOut };
}

async function types() {
  const each = [];
  for (const project of ['app', 'worker', 'node'])
    each.push(await check([bin('typescript/bin/tsc'), '-p', `tsconfig.${project}.json`], 120));
  return {
    tally: tallyOfStep(each.some(({ tally }) => tally.failed > 0) ? 1 : 0),
    timedOut: each.some((one) => one.timedOut),
  };
}

/** Runs a test runner that writes a JSON report of its own. */
async function suite(name, args, seconds, env = {}) {
  const { code, timedOut } = await node(args, seconds, env);
  let report;
  try {
    report = JSON.parse(readFileSync(reportOf(name), 'utf8'));
  } catch {
    console.error(`${name} wrote no report.`); // it did not start, or was stopped: counted as a failure
  }
  return { tally: tallyOfReport(report, code), timedOut };
}

const vitest = (project, name, seconds) =>
  suite(
    name,
    [
      bin('vitest/vitest.mjs'),
      'run',
      '--project',
      project,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportOf(name)}`,
    ],
    seconds,
  );

async function build() {
  const sources = sourcesHash();
  const built = await check([bin('vite/bin/vite.js'), 'build'], 300);
  if (built.tally.failed === 0) stampBuild(sources);
  return built;
}

const playwright = (name, args, seconds) =>
  suite(name, [bin('@playwright/test/cli.js'), 'test', ...args], seconds, {
    PLAYWRIGHT_JSON_OUTPUT_FILE: reportOf(name),
  });

/** Two journeys at a time, each of which leaves a core idle now and then; those that hold times one at a time, after them. */
async function journeys() {
  const beside = await playwright('e2e', ['--workers=2', '--grep-invert=@alone'], 1700);
  const alone = await playwright('e2e-alone', ['--workers=1', '--grep=@alone'], 300);
  return { tally: sum([beside.tally, alone.tally]), timedOut: beside.timedOut || alone.timedOut };
}

/** In this order: cheap and telling first. `after` names a step without which this one says nothing. */
const STEPS = [
  { name: 'types', work: types },
  { name: 'lint', work: () => check([bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'], 120) },
  { name: 'unit', work: () => vitest('node', 'unit', 900) },
  { name: 'browser', work: () => vitest('browser', 'browser', 900) },
  { name: 'build', work: build },
  { name: 'e2e', work: journeys, after: 'build' },
];

/** Debian's chromium, where this may install it. */
async function installChromium() {
  if (process.getuid?.() !== 0) return;
  const apt = (args, seconds) =>
    run('apt-get', args, { seconds, env: { DEBIAN_FRONTEND: 'noninteractive' }, quiet: true });
  if ((await apt(['--version'], 30)).code !== 0) return;
  console.log('No Chromium was found: installing Debian’s package chromium.');
  await apt(['update'], 180);
  const { code, output } = await apt(['install', '-y', '--no-install-recommends', 'chromium'], 600);
  if (code !== 0) console.error(output);
}

async function prepare() {
  if (!isInstalled()) {
    console.log('Packages are missing or old: npm ci.');
    const { code } = await npmCi();
    if (code !== 0) return 'npm ci failed: see its messages above.';
  }
  if (!findChromium() && !process.env.CHROMIUM) await installChromium();
  if (!findChromium())
    return process.env.CHROMIUM
      ? `CHROMIUM is ${process.env.CHROMIUM}, which is no program: set it to a Chromium or Chrome, or leave it unset.`
      : 'No Chromium, Chrome or Edge was found: install one (on Debian: apt-get install chromium), or set CHROMIUM to its path.';
  return undefined;
}

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !STEPS.some((step) => step.name === name));
const missing = unknown
  ? `There is no step ${unknown}; there are ${STEPS.map(({ name }) => name).join(', ')}.`
  : await prepare();
if (missing) {
  console.error(missing);
  process.exit(1);
}

rmSync(REPORTS, { recursive: true, force: true });
mkdirSync(REPORTS, { recursive: true });
const done = [];
for (const { name, work, after } of STEPS.filter((step) => asked.length === 0 || asked.includes(step.name))) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 76 - name.length))}`);
  const started = Date.now();
  const blocked = done.some((step) => step.name === after && step.tally.failed > 0);
  if (blocked) console.error(`${name} was not run, because ${after} failed: counted as failed.`);
  const { tally, timedOut } = blocked ? { tally: tallyOfStep(1), timedOut: false } : await work();
  done.push({ name, tally, timedOut, seconds: (Date.now() - started) / 1000 });
}

const all = sum(done.map(({ tally }) => tally));
const column = (value, width) => String(value).padStart(width);
console.log(
  `\n${'step'.padEnd(10)}${column('passed', 8)}${column('failed', 8)}${column('skipped', 9)}${column('s', 7)}`,
);
for (const { name, tally, seconds, timedOut } of done)
  console.log(
    `${name.padEnd(10)}${column(tally.passed, 8)}${column(tally.failed, 8)}${column(tally.skipped.length, 9)}${column(seconds.toFixed(0), 7)}${timedOut ? '  stopped: too slow' : ''}`,
  );
for (const name of all.skipped) console.log(`skipped: ${name}`);
const strict = process.env.CI === 'true' && all.skipped.length > 0;
if (strict) console.log('With CI=true a skipped test is a failure.');
console.log(`\n${all.passed} passed, ${all.failed} failed, ${all.skipped.length} skipped`);
process.exit(all.failed > 0 || all.passed === 0 || strict ? 1 : 0);
