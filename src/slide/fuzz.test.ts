// Damaged files: whatever is wrong with one, opening it and reading its tiles ends soon, in pictures or in EosinErrors.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { openSlide, type SlideSource } from './open.ts';
import { columnsOf, rowsOf, type Slide } from './slide.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { sharedFiles, testOn } from './testing/shared.ts';
import { tiffKind } from './tiff.ts';

const CASES = 120; //     a file
const LIMIT_MS = 15_000; // a case: one that hangs, on however slow a machine
const FILES = [
  'jpeg-rgb.tif',
  'lzw-predictor.tif',
  'deflate-big.tif',
  'strips-lzw.tif',
  'grey.tif',
  'strips-packbits.tif',
  'ycbcr-420.jpg',
];
/** One of each format, from ../shared. */
const SHARED = [
  'CMU-1-Small-Region.svs',
  'tcga-cr-7395-01a-01-ts1.svs',
  'derived/cmu-crop-jp2k-33003.svs',
  'derived/cmu-crop-hamamatsu.ndpi',
  'derived/cmu-crop-leica.scn',
  'derived/cmu-crop-philips.tiff',
  'derived/cmu-crop-ventana.bif',
  'small_vectra.qptiff',
  '2048x2048_ome6_tiled.ome.tif',
  'derived/cmu-subifd.ome.tif',
  'highdicom-sm-image.dcm',
  'camelyon-jpeg2000.dcm',
  'derived/cmu-level1-tiled-sparse.dcm',
  'pathml-small-dicom.dcm',
];
const FOLDERS = ['derived/cmu-crop.ome.zarr', 'dicom-cmu-1-small-region'];
const SHARED_CASES = 80; // a file

/** mulberry32: a small generator whose whole state is the seed. */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Where the directories and their neighbours lie: damage there does more than damage in pixels. */
function headerRanges(bytes: Uint8Array<ArrayBuffer>): [number, number][] {
  const kind = tiffKind(bytes);
  if (!kind) return [[0, Math.min(bytes.length, 1500)]];
  const view = new DataView(bytes.buffer);
  const { big, littleEndian } = kind;
  const word = (at: number): number =>
    big ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
  const ranges: [number, number][] = [[0, 16]];
  for (let at = word(big ? 8 : 4); at > 0 && at + 1024 < bytes.length && ranges.length < 8; ) {
    const count = big ? word(at) : view.getUint16(at, littleEndian);
    const end = at + (big ? 8 + count * 20 : 2 + count * 12);
    ranges.push([at, Math.min(bytes.length, end + 200)]);
    at = end + 8 < bytes.length ? word(end) : 0;
  }
  return ranges;
}

const INTERESTING = [0, 1, 2, 0x7f, 0x80, 0xff];

function damaged(whole: Uint8Array<ArrayBuffer>, next: () => number): Uint8Array<ArrayBuffer> {
  const bytes = whole.slice();
  const ranges = headerRanges(whole);
  const pick = (n: number): number => Math.floor(next() * n);
  const edits = 1 + pick(6);
  for (let i = 0; i < edits; i++) {
    const [from, to] = next() < 0.8 ? (ranges[pick(ranges.length)] ?? [0, 8]) : [0, bytes.length];
    const at = from + pick(to - from);
    const how = next();
    if (how < 0.4) bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
    else if (how < 0.8) bytes[at] = INTERESTING[pick(INTERESTING.length)] ?? 0;
    else bytes.fill(pick(256), at, at + 1 + pick(4));
  }
  return next() < 0.15 ? bytes.slice(0, pick(bytes.length)) : bytes;
}

/** Up to three tiles of every level. Only EosinErrors may come. */
async function readSome(slide: Slide, signal: AbortSignal): Promise<number> {
  let pictures = 0;
  for (const [index, level] of slide.levels.entries()) {
    const [lastCol, lastRow] = [columnsOf(level) - 1, rowsOf(level) - 1];
    for (const [col, row] of new Map([
      [0, 0],
      [lastCol, lastRow],
      [Math.floor(lastCol / 2), 0],
    ])) {
      try {
        const raster = await slide.readTile({ level: index, col, row }, { signal });
        expect(raster.width * raster.height).toBeGreaterThan(0);
        pictures++;
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(EosinError);
      }
    }
  }
  return pictures;
}

/** Opens damaged copies, seed by seed, and tells how each ended. */
async function fuzzed(name: string, cases: number, sourceOf: (next: () => number) => SlideSource): Promise<void> {
  let opened = 0;
  let refused = 0;
  let pictures = 0;
  for (let seed = 1; seed <= cases; seed++) {
    const { signal } = new AbortController();
    const started = performance.now();
    try {
      using slide = await openSlide(sourceOf(random(seed)), { signal, decoders: nodeDecoders });
      opened++;
      pictures += await readSome(slide, signal);
    } catch (thrown) {
      expect(thrown, `seed ${seed}`).toBeInstanceOf(EosinError);
      expect(thrown, `seed ${seed}`).not.toMatchObject({ failure: { tag: 'Unexpected' } });
      refused++;
    }
    expect(performance.now() - started, `seed ${seed}`).toBeLessThan(LIMIT_MS);
  }
  console.info(`${name}: seeds 1 to ${cases}: ${opened} opened with ${pictures} pictures, ${refused} refused`);
  expect(opened).toBeGreaterThan(0); // or the damage is too great to test what lies behind opening
  expect(opened + refused).toBe(cases);
}

for (const name of FILES) {
  test(`${CASES} damaged copies of ${name}`, async () => {
    const whole = new Uint8Array(readFileSync(resolve(import.meta.dirname, 'testing/fixtures', name)));
    await fuzzed(name, CASES, (next) => new File([damaged(whole, next)], name));
  });
}

for (const name of SHARED) {
  testOn(
    name,
    `${SHARED_CASES} damaged copies`,
    async (file) => {
      const whole = new Uint8Array(await file.arrayBuffer());
      await fuzzed(name, SHARED_CASES, (next) => new File([damaged(whole, next)], file.name));
    },
    120_000,
  );
}

for (const name of FOLDERS) {
  testOn(
    name,
    `${SHARED_CASES} copies, a file or two of each damaged`,
    async () => {
      const files = await Promise.all(
        sharedFiles(name).map(async (file) => ({ file, bytes: new Uint8Array(await file.arrayBuffer()) })),
      );
      const headers = files.filter(({ file }) => /^\.z|\.dcm$/.test(file.name));
      await fuzzed(name, SHARED_CASES, (next) => {
        const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)];
        const one = () => pick(next() < 0.2 ? headers : files);
        const hit = new Set([one(), one()]);
        return files.map((each) =>
          hit.has(each) ? withPath(new File([damaged(each.bytes, next)], each.file.name), each.file) : each.file,
        );
      });
    },
    120_000,
  );
}

const withPath = (file: File, as: File): File =>
  Object.defineProperty(file, 'webkitRelativePath', { value: Reflect.get(as, 'webkitRelativePath') });
