// Post-processing of one window of tissue: one worker of ours beside SciPy and scikit-image, on the same maps.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../scripts/child.mjs';
import { root } from '../../scripts/project.mjs';
import { serve } from '../../scripts/serve.mjs';

const PYTHON = join(root, 'models/.venv/bin/python');
const REPEATS = 5;
const LEAST_PQ = 0.99;

/** @param {{ browser: import('@playwright/test').Browser, dev: string, tell: (row: object) => void }} with_ */
export async function postprocess({ browser, dev, tell, leaveOut }) {
  if (!existsSync(PYTHON)) {
    leaveOut('Post-processing is left out: models/.venv is not here; bash models/test.sh makes it.');
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'eosin-postprocess-'));
  const host = await serve({ root: folder, cors: true });
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error));
  try {
    await page.goto(`${dev}bench/pages/postprocess.html`);
    await page.waitForFunction(() => 'agree' in window, undefined, { timeout: 60_000 });
    const { task, planes } = await page.evaluate(() => window.maps());
    await writeFile(join(folder, 'task.json'), JSON.stringify(task));
    for (const [name, base64] of Object.entries(planes))
      await writeFile(join(folder, name), Buffer.from(base64, 'base64'));
    const peer = await peerOf(folder);
    const ours = await page.evaluate((repeats) => window.measure(repeats), REPEATS);
    const agreement = await page.evaluate((url) => window.agree(url), host.url);
    report({ task, peer, ours, agreement, tell });
    return { ours, peer, agreement };
  } finally {
    await page.close();
    await host.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function peerOf(folder) {
  const { code, output } = await run(PYTHON, [join(root, 'bench/postprocess.py'), folder, String(REPEATS)], {
    seconds: 180,
    quiet: true,
  });
  if (code !== 0) throw new Error(output);
  return JSON.parse(output.trim().split('\n').at(-1));
}

function report({ task, peer, ours, agreement, tell }) {
  const { seconds, versions } = peer;
  const name = `scikit-image ${versions['scikit-image']} and SciPy ${versions.scipy}`;
  const rows = [
    [
      'nuclei',
      task.fine,
      ['nuclei'],
      `; ${(seconds.nucleiLabels / ours.nuclei).toFixed(1)} even if they drew no outlines`,
    ],
    ['glands and lumina', task.coarse, ['glands', 'lumina'], ''],
  ];
  for (const [what, side, kinds, more] of rows) {
    const key = what === 'nuclei' ? 'nuclei' : 'large';
    const perMegapixel = (s) => `${((1e9 * s) / side ** 2).toFixed(1)} ms a megapixel`;
    const agreed = kinds.map((kind) => `${agreement[kind].objects} ${kind}, PQ ${agreement[kind].pq.toFixed(4)}`);
    tell(
      {
        what: `post-processing, ${what}`,
        ours: perMegapixel(ours[key]),
        beside: `${name} ${perMegapixel(seconds[key])}`,
        ratio: seconds[key] / ours[key],
        note: `times faster, one worker${more}; the same objects (${agreed.join('; ')})`,
      },
      { least: 3 },
    );
  }
  for (const [kind, { pq }] of Object.entries(agreement)) {
    if (!(pq >= LEAST_PQ))
      throw new Error(`The ${kind} are not those of ${name}: PQ ${pq.toFixed(4)}, not ${LEAST_PQ}.`);
  }
}
