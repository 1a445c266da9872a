// Damaged files: whatever is wrong with one, opening it and reading its tiles ends soon, in pictures or in EosinErrors.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { openSlide } from './open.ts';
import { columnsOf, rowsOf, type Slide } from './slide.ts';
import { nodeDecoders } from './testing/decoders.ts';
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
  if (!kind) return [[0, 700]];
  const view = new DataView(bytes.buffer);
  const first = kind.big ? Number(view.getBigUint64(8, kind.littleEndian)) : view.getUint32(4, kind.littleEndian);
  return [
    [0, 16],
    [first, Math.min(bytes.length, first + 500)],
  ];
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

for (const name of FILES) {
  test(`${CASES} damaged copies of ${name}`, async () => {
    const whole = new Uint8Array(readFileSync(resolve(import.meta.dirname, 'testing/fixtures', name)));
    let opened = 0;
    let refused = 0;
    let pictures = 0;
    for (let seed = 1; seed <= CASES; seed++) {
      const controller = new AbortController();
      const file = new File([damaged(whole, random(seed))], name);
      const started = performance.now();
      try {
        using slide = await openSlide(file, { signal: controller.signal, decoders: nodeDecoders });
        opened++;
        pictures += await readSome(slide, controller.signal);
      } catch (thrown) {
        expect(thrown, `seed ${seed}`).toBeInstanceOf(EosinError);
        refused++;
      }
      expect(performance.now() - started, `seed ${seed}`).toBeLessThan(LIMIT_MS);
    }
    console.info(`${name}: seeds 1 to ${CASES}: ${opened} opened with ${pictures} pictures, ${refused} refused`);
    expect(opened).toBeGreaterThan(0); // or the damage is too great to test what lies behind opening
    expect(opened + refused).toBe(CASES);
  });
}
