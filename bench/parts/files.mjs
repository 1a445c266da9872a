// A million nuclei out to GeoJSON and in again, in a page of the built site, held against the seconds and the
// memory it may take.
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

/** A file of made-up nuclei, 24 corners each, on the disk: what a user drops lies there, not in the page's memory. */
async function madeUp(file, count) {
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
        `${i === 0 ? '' : ','}{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[${ring.join(',')},${ring[0]}]]},"properties":{"objectType":"detection","name":"nucleus","classification":{"name":"Class ${i % 4}","color":[255,122,26]},"measurements":{"Probability":${next().toFixed(4)}}}}`,
      );
    }
    await out.write(lines.join('\n'));
  }
  await out.write(']}');
  await out.close();
}

/** Runs in the page: another program's file in. Seconds. */
async function foreignIn() {
  const started = performance.now();
  await window.eosin.importGeoJSON(document.querySelector('#foreign').files[0]);
  return (performance.now() - started) / 1000;
}

/** Runs in the page, with the objects there: hash, out, and in again on a slide of its own, from both files. */
async function outAndIn() {
  const { eosin } = window;
  const seconds = async (work) => {
    const started = performance.now();
    const result = await work();
    return { result, seconds: (performance.now() - started) / 1000 };
  };
  /** Piece by piece: two files of 800 MB. */
  const isSame = async (one, other) => {
    const MOST = 2 ** 22;
    if (one.size !== other.size) return false;
    for (let at = 0; at < one.size; at += MOST) {
      const [a, b] = await Promise.all([one, other].map((file) => file.slice(at, at + MOST).arrayBuffer()));
      if (indexedDB.cmp(a, b) !== 0) return false;
    }
    return true;
  };
  const before = await eosin.resultHash();
  const out = await seconds(() => eosin.exportGeoJSON({ kinds: ['nuclei'] }));
  const packed = await seconds(() => eosin.exportGeoJSON({ kinds: ['nuclei'], gzip: true }));
  const backIn = async (file) => {
    await eosin.open('phantom:1'); // the same slide anew: nothing on it
    const again = await seconds(() => eosin.importGeoJSON(file));
    return { seconds: again.seconds, imported: again.result.imported, same: (await eosin.resultHash()) === before };
  };
  const plainIn = await backIn(out.result);
  const second = await eosin.exportGeoJSON({ kinds: ['nuclei'] });
  const packedIn = await backIn(packed.result);
  return {
    out: out.seconds,
    packed: packed.seconds,
    in: plainIn.seconds,
    packedIn: packedIn.seconds,
    megabytes: out.result.size / 1e6,
    imported: [plainIn.imported, packedIn.imported],
    same: plainIn.same && packedIn.same && (await isSame(out.result, second)),
  };
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
    await madeUp(join(folder, 'nuclei.geojson'), count);
    await page.evaluate(() =>
      document.body.append(Object.assign(document.createElement('input'), { type: 'file', id: 'foreign' })),
    );
    await page.setInputFiles('#foreign', join(folder, 'nuclei.geojson'));
    const idle = await rendererBytes(browser);
    const { found: foreign, peak } = await peakOf(browser, () => page.evaluate(foreignIn));
    const held = { idle, peak: peak(), after: await usedBytes(page) };
    const { found: both, peak: bothPeak } = await peakOf(browser, () => page.evaluate(outAndIn));
    const told = { foreign, held, bothPeak: bothPeak(), ...both };
    if (!told.same || told.imported.some((imported) => imported !== count))
      throw new Error(`The round trip lost something: ${JSON.stringify(told)}`);
    const row = (what, seconds, note) =>
      tell(
        { what, ours: `${seconds.toFixed(1)} s`, beside: `asked ${ASKED_S} s`, ratio: seconds / ASKED_S, note },
        { most: 1 },
      );
    row(`${count.toLocaleString('en')} nuclei out to GeoJSON`, told.out, `of that; ${told.megabytes.toFixed(0)} MB`);
    row('the same, gzipped', told.packed, 'of that');
    row('the same file in again', told.in, 'of that; equal hash, and written once more the same file byte for byte');
    row('the gzipped file in again', told.packedIn, 'of that; equal hash');
    row("another program's file in", told.foreign, 'of that; outlines checked');
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
        ours: `${gb(told.bothPeak)} at most`,
        beside: `${gb(held.after)} in use before`,
        ratio: told.bothPeak / MOST_BYTES,
        note: 'of 1.5 GB; two files of GeoJSON and a gzipped one on the disk, the objects in memory',
      },
      { most: 1 },
    );
    return told;
  } finally {
    await page.close();
    await site.close();
    await rm(folder, { recursive: true });
  }
}
