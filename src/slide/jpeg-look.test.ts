import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, test } from 'vitest';
import { segmentsOf } from './jpeg.ts';
import { JpegLook, newLook } from './jpeg-look.ts';
import { whyUnsound } from './jpeg-sound.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Of noise: long codes, full blocks. Of little of it: short ones, several to a look. */
async function jpegOf(sigma: number, options: JpegOptions, { grey = false, width = 203 } = {}): Promise<Bytes> {
  const noise = { type: 'gaussian', mean: 160, sigma } as const;
  const picture = sharp({ create: { width, height: 117, channels: 3, background: '#eee', noise } });
  return new Uint8Array(await (grey ? picture.greyscale() : picture).jpeg(options).toBuffer());
}

const VARIETY: [string, Promise<Bytes>][] = [1, 12, 45].flatMap((sigma) =>
  [1, 30, 80, 100].flatMap((quality) =>
    ['4:2:0', '4:4:4'].flatMap((chromaSubsampling) =>
      [true, false].map((optimiseCoding): [string, Promise<Bytes>] => [
        `noise of ${sigma}, quality ${quality}, ${chromaSubsampling}${optimiseCoding ? ', codes of its own' : ''}`,
        jpegOf(sigma, { quality, chromaSubsampling, optimiseCoding }),
      ]),
    ),
  ),
);

/** A look that has met the codes, and so has tables of them. */
function kernelFor(jpegs: readonly Bytes[]): JpegLook {
  const look = new JpegLook();
  look.whyUnsound(jpegs);
  return look;
}

/** The same picture `parts` times one below the other, with restarts between. */
function withRestarts(jpeg: Bytes, parts: number): Bytes {
  const segments = segmentsOf(jpeg);
  const scan = segments.find(({ marker }) => marker === 0xda);
  const frame = segments.find(({ marker }) => marker === 0xc0);
  if (!scan || !frame) throw new Error('no baseline JPEG');
  const data = jpeg.subarray(scan.end, jpeg.length - 2);
  const u16 = (at: number): number => ((jpeg[at] ?? 0) << 8) | (jpeg[at + 1] ?? 0);
  const units = Math.ceil(u16(frame.start + 5) / 8) * Math.ceil(u16(frame.start + 7) / 8);
  const head = jpeg.slice(0, scan.start);
  const height = Math.ceil(u16(frame.start + 5) / 8) * 8 * parts;
  head.set([height >> 8, height & 255], frame.start + 5);
  const out = [...head, 0xff, 0xdd, 0, 4, units >> 8, units & 255, ...jpeg.subarray(scan.start, scan.end)];
  for (let part = 0; part < parts; part++) out.push(...data, 0xff, part < parts - 1 ? 0xd0 + (part % 8) : 0xd9);
  return Uint8Array.from(out);
}

function flipped(jpeg: Bytes, seed: number, flips: number): Bytes {
  const bytes = jpeg.slice();
  const start = segmentsOf(jpeg).find(({ marker }) => marker === 0xda)?.end ?? 0;
  let state = seed;
  for (let i = 0; i < flips; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const at = start + (state % (bytes.length - start - 2));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (state >>> 29));
  }
  return bytes;
}

describe('the kernel by itself finds whole what is', () => {
  for (const [name, made] of VARIETY) {
    test(name, async () => {
      const jpeg = await made;
      expect(kernelFor([jpeg]).wholeOf(Array.from({ length: 7 }, () => jpeg)).size).toBe(7);
    });
  }
  test('of one channel; with restarts', async () => {
    const grey = await jpegOf(20, {}, { grey: true });
    const restarted = withRestarts(await jpegOf(20, { chromaSubsampling: '4:4:4' }), 19);
    expect(whyUnsound(restarted)).toBeUndefined();
    expect([...kernelFor([grey, restarted]).wholeOf([grey, restarted, grey])].sort()).toEqual([0, 1, 2]);
  });
  test('of different sizes and codes in a batch, more of them than it has room for tables', async () => {
    const jpegs = await Promise.all(VARIETY.map(([, made]) => made));
    const look = kernelFor(jpegs);
    for (let i = 0; i < 4; i++) expect(look.whyUnsound(jpegs)).toEqual(jpegs.map(() => undefined));
  });
});

test('it says what the plain look says of damage: 1 to 8 bits flipped, bytes left out, cut short', async () => {
  let damaged = 0;
  let found = 0;
  for (const [, made] of VARIETY.filter((_, i) => i % 5 === 0)) {
    const jpeg = await made;
    const restarted = withRestarts(jpeg, 9);
    const cases = [jpeg, restarted].flatMap((whole) => [
      ...Array.from({ length: 40 }, (_, i) => flipped(whole, i + 1, 1 + (i % 8))),
      ...[3, 40, whole.length >> 1].map((bytes) => Uint8Array.from([...whole.subarray(0, -bytes - 2), 0xff, 0xd9])),
      whole.slice(0, whole.length >> 1),
      whole.slice(0, 700),
      Uint8Array.from([...whole.subarray(0, -2), ...Array.from({ length: 40 }, () => 0x55), 0xff, 0xd9]),
      Uint8Array.from([...whole.subarray(0, -2), 0x55, 0x55, 0x55, 0xff, 0xd9]),
    ]);
    const plain = cases.map(whyUnsound);
    expect(kernelFor([jpeg, restarted]).whyUnsound(cases)).toEqual(plain);
    damaged += cases.length;
    found += plain.filter((why) => why !== undefined).length;
  }
  console.info(`${found} of ${damaged} damaged JPEGs found`);
  expect(found).toBeGreaterThan(damaged / 2);
});

test('of headers and data that are damaged alike it finds none whole that is not', async () => {
  const look = new JpegLook();
  let [state, whole] = [1, 0];
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (const [, made] of VARIETY.filter((_, i) => i % 7 === 0)) {
    const jpeg = await made;
    const start = segmentsOf(jpeg).find(({ marker }) => marker === 0xda)?.end ?? 0;
    for (let i = 0; i < 40; i++) {
      const damaged = jpeg.slice();
      damaged[2 + next(start - 2)] = next(256);
      const cases = [0, 1, 2].map((flips) => flipped(damaged, state, flips));
      look.wholeOf(cases); // it builds tables for codes that it has met
      for (const at of look.wholeOf(cases)) {
        whole++;
        expect(cases.map(whyUnsound)[at]).toBeUndefined();
      }
    }
  }
  expect(whole).toBeGreaterThan(0);
});

test('what is no JPEG is said to be none; one alone, none at all', async () => {
  const look = newLook();
  const jpeg = await jpegOf(10, {});
  const cases = [Uint8Array.of(0xff, 0xd8, 0xff), new Uint8Array(3000), jpeg.slice(0, 100), jpeg.slice(20)];
  expect(look(cases)).toEqual(cases.map(whyUnsound));
  expect(look([jpeg])).toEqual([undefined]);
  expect(look([])).toEqual([]);
});
