// A million nuclei out to GeoJSON and in again, in a page of the built site, held against the seconds and the
// memory it may take; and a million cells of another program's classes, which are annotations, in and out.
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../scripts/project.mjs';
import { serve } from '../../scripts/serve.mjs';
import { MOST_BYTES, peakOf, usedBytes } from './peak.mjs';
import { rendererBytes } from './processes.mjs';
import { builtSite } from './site.mjs';

const NUCLEI = 1_000_000;
const ASKED_S = 20; // each way, on two cores

const AS = {
  nuclei: { name: '"name":"nucleus",', classes: Array.from({ length: 4 }, (_, k) => `Class ${k}`) },
  annotations: { name: '', classes: ['Tumor', 'Stroma', 'Immune cells', 'Necrosis', 'Other'] },
};

/** A file of made-up objects, 24 corners each, on the disk: what a user drops lies there, not in the page's memory. */
async function madeUp(file, kind, count) {
  const { name, classes } = AS[kind];
  const out = await open(file, 'w');
  await out.write('{"type":"FeatureCollection","features":[');
  let seed = 1;
  const next = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  for (let from = 0; from < count; from += 10_000) {
    const lines = [];
    for (let i = from; i < Math.min(count, from + 10_000); i++) {
      const [x, y] = [500 + next() * 99_000, 500 + next() * 79_000];
      const ring = Array.from({ length: 24 }, (_, k) => {
        const [dx, dy] = [15 * Math.cos((k * Math.PI) / 12), 11 * Math.sin((k * Math.PI) / 12)];
        return `[${(x + dx).toFixed(2)},${(y + dy).toFixed(2)}]`;
      });
      lines.push(
        `${i === 0 ? '' : ','}{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[${ring.join(',')},${ring[0]}]]},"properties":{"objectType":"detection",${name}"classification":{"name":"${classes[i % classes.length]}","color":[255,122,26]},"measurements":{"Probability":${next().toFixed(4)}}}}`,
      );
    }
    await out.write(lines.join('\n'));
  }
  await out.write(']}');
  await out.close();
}

/**
 * Runs in the page: a file in, onto a slide that holds nothing. Seconds.
 * @param from "#input", or a name that the page keeps a file under
 */
async function comesIn(from) {
  const file = from.startsWith('#') ? document.querySelector(from).files[0] : window.kept[from];
  for (const kind of ['nuclei', 'annotations'])
    if (window.eosin.objects(kind).count > 0) throw new Error(`The slide holds ${kind} already.`);
  const started = performance.now();
  const { imported } = await window.eosin.importGeoJSON(file);
  const seconds = (performance.now() - started) / 1000;
  const hash = window.eosin.objects('nuclei').count > 0 ? await window.eosin.resultHash() : undefined; // of what runs find
  return { imported, seconds, hash };
}

/** Runs in the page: the objects of a kind out, kept there under a name. Seconds. */
async function goesOut({ kind = 'nuclei', name, gzip }) {
  const started = performance.now();
  const file = await window.eosin.exportGeoJSON({ kinds: [kind], gzip });
  window.kept = { ...window.kept, [name]: file };
  return { seconds: (performance.now() - started) / 1000, bytes: file.size };
}

/** Runs in the page: whether two files that it keeps are the same, piece by piece: they have 800 MB. */
async function isSame([first, second]) {
  const [one, other] = [window.kept[first], window.kept[second]];
  const MOST = 2 ** 22;
  if (one.size !== other.size) return false;
  for (let at = 0; at < one.size; at += MOST) {
    const [a, b] = await Promise.all([one, other].map((file) => file.slice(at, at + MOST).arrayBuffer()));
    if (indexedDB.cmp(a, b) !== 0) return false;
  }
  return true;
}

/** A phantom that holds no objects, once its view is painted whole: painting takes both cores. */
async function freshSlide(page, seed) {
  await page.evaluate((slide) => window.eosin.open(slide), `phantom:${seed}`);
  for (let [before, same] = ['', 0]; same < 2; ) {
    await page.waitForTimeout(1000);
    const now = (await page.screenshot()).toString('base64');
    same = now === before ? same + 1 : 0;
    before = now;
  }
}

const gb = (bytes) => `${(bytes / 1e9).toFixed(2)} GB`;

/** @param {{ browser: import('@playwright/test').Browser, tell: (row: object) => void, count?: number }} context */
export async function files({ browser, tell, count = NUCLEI }) {
  await builtSite();
  const site = await serve({ root: join(root, 'dist'), isolation: true });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const folder = await mkdtemp(join(tmpdir(), 'eosin-bench-'));
  try {
    page.on('pageerror', (error) => console.error(error));
    await page.goto(`${site.url}?slide=phantom:1&drawer=canvas`);
    await page.waitForFunction(() => window.eosin?.slide() !== undefined);
    await madeUp(join(folder, 'nuclei.geojson'), 'nuclei', count);
    await page.evaluate(() =>
      document.body.append(Object.assign(document.createElement('input'), { type: 'file', id: 'foreign' })),
    );
    await page.setInputFiles('#foreign', join(folder, 'nuclei.geojson'));
    await freshSlide(page, 1);
    const idle = await rendererBytes(browser);
    const { found: foreign, peak } = await peakOf(browser, () => page.evaluate(comesIn, '#foreign'));
    const held = { idle, peak: peak(), after: await usedBytes(page) };
    const bothWays = async () => {
      const out = await page.evaluate(goesOut, { name: 'plain' });
      const packed = await page.evaluate(goesOut, { name: 'packed', gzip: true });
      await freshSlide(page, 2);
      const plainIn = await page.evaluate(comesIn, 'plain');
      await page.evaluate(goesOut, { name: 'again' });
      const isAgain = await page.evaluate(isSame, ['plain', 'again']);
      await page.evaluate(() => delete window.kept.again);
      await freshSlide(page, 3);
      const packedIn = await page.evaluate(comesIn, 'packed');
      return { out, packed, plainIn, packedIn, isAgain };
    };
    const { found: told, peak: bothPeak } = await peakOf(browser, bothWays);
    const comers = [foreign, told.plainIn, told.packedIn];
    if (!told.isAgain || comers.some(({ imported, hash }) => imported !== count || hash !== foreign.hash))
      throw new Error(`The round trip lost something: ${JSON.stringify({ foreign, ...told })}`);
    const row = (what, seconds, note) =>
      tell(
        { what, ours: `${seconds.toFixed(1)} s`, beside: `asked ${ASKED_S} s`, ratio: seconds / ASKED_S, note },
        { most: 1 },
      );
    row(
      `${count.toLocaleString('en')} nuclei out to GeoJSON`,
      told.out.seconds,
      `of that; ${(told.out.bytes / 1e6).toFixed(0)} MB`,
    );
    row('the same, gzipped', told.packed.seconds, `of that; ${(told.packed.bytes / 1e6).toFixed(0)} MB`);
    row(
      'the same file in again',
      told.plainIn.seconds,
      'of that; equal hash, and written once more the same file byte for byte',
    );
    row('the gzipped file in again', told.packedIn.seconds, 'of that; equal hash');
    row("another program's file in", foreign.seconds, 'of that; outlines checked');
    tell(
      {
        what: "memory of another program's file coming in",
        ours: `${gb(held.peak)} at most, ${gb(held.after)} in use afterwards`,
        beside: `${gb(held.idle)} before`,
        ratio: held.peak / MOST_BYTES,
        note: `of 1.5 GB; ${gb(held.peak - held.idle)} more than before`,
      },
      { most: 1 },
    );
    tell(
      {
        what: 'memory while they go out and come in again',
        ours: `${gb(bothPeak())} at most`,
        beside: `${gb(held.after)} in use before`,
        ratio: bothPeak() / MOST_BYTES,
        note: 'of 1.5 GB; two files of GeoJSON and a gzipped one on the disk, the objects in memory',
      },
      { most: 1 },
    );
    await page.evaluate(() => delete window.kept);
    await madeUp(join(folder, 'cells.geojson'), 'annotations', count);
    await page.setInputFiles('#foreign', join(folder, 'cells.geojson'));
    await freshSlide(page, 4);
    const cells = await page.evaluate(comesIn, '#foreign');
    const { count: found, classes } = await page.evaluate(() => {
      const { count, classes } = window.eosin.objects('annotations');
      return { count, classes: classes.length };
    });
    if (found !== count || classes !== AS.annotations.classes.length)
      throw new Error(`Of ${count} cells ${found} came, of ${classes} classes.`);
    const cellsOut = await page.evaluate(goesOut, { kind: 'annotations', name: 'cells' });
    row(
      `${count.toLocaleString('en')} cells of five other classes in, as annotations`,
      cells.seconds,
      'of that; kept by the browser behind it',
    );
    row('the same out to GeoJSON', cellsOut.seconds, `of that; ${(cellsOut.bytes / 1e6).toFixed(0)} MB`);
    return { ...told, cells: { in: cells, out: cellsOut } };
  } finally {
    await page.close();
    await site.close();
    await rm(folder, { recursive: true });
  }
}
