// TIFFs of kinds that are rare but valid, each with the same picture. testing/fixtures/odd/make.py writes them.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { openSlide } from './open.ts';
import { readRegion } from './region.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { tiffBytes } from './testing/tiff-bytes.ts';

interface Told {
  readonly width: number;
  readonly height: number;
  readonly files: Readonly<Record<string, { readonly truth: 'rgb' | 'grey' | 'bits'; readonly most: number }>>;
}

const folder = resolve(import.meta.dirname, 'testing/fixtures/odd');
const { width, height, files }: Told = JSON.parse(readFileSync(resolve(folder, 'what.json'), 'utf8'));
const picture = readFileSync(resolve(folder, 'picture.rgb'));
const { signal } = new AbortController();

const TRUTH = {
  rgb: (i: number) => picture[i] ?? 0,
  grey: (i: number) => picture[i - (i % 3) + 2] ?? 0,
  bits: (i: number) => (TRUTH.grey(i) > 127 ? 255 : 0),
};

test.for(Object.entries(files))('%s', async ([name, { truth, most }]) => {
  const file = new File([readFileSync(resolve(folder, name))], name);
  using slide = await openSlide(file, { signal, decoders: nodeDecoders });
  expect(slide.levels[0]).toMatchObject({ widthPx: width, heightPx: height });
  expect(slide.channels).toBeUndefined();
  const { rgba } = await readRegion(slide, { x: 0, y: 0, width, height }, 1, { signal });
  let difference = 0;
  for (let i = 0; i < picture.length; i++) {
    const shown = rgba[Math.floor(i / 3) * 4 + (i % 3)] ?? 0;
    difference = Math.max(difference, Math.abs(shown - TRUTH[truth](i)));
  }
  expect(difference).toBeLessThanOrEqual(most);
});

test.for([
  [true, 16],
  [false, 16],
  [true, 12],
] as const)('a palette of more than 8 bits: little-endian %s, %s bits', async ([littleEndian, depth]) => {
  const entries = 2 ** depth;
  const [red, green, blue] = [13, 7, 1].map(
    (step) =>
      (index: number): number =>
        (index * step) % 65_536,
  );
  const map = [red, green, blue].flatMap((one) => Array.from({ length: entries }, (_, i) => one?.(i) ?? 0));
  const pixels = [0, 1, 255, 256, 1000, 3000, entries - 2, entries - 1];
  const stored = new Uint8Array(16);
  const view = new DataView(stored.buffer);
  for (const [i, index] of pixels.entries()) {
    if (depth === 16) view.setUint16(i * 2, index, littleEndian);
    for (let bit = 0, at = i * 12; depth === 12 && bit < 12; bit++, at++)
      stored[at >> 3] = (stored[at >> 3] ?? 0) | (((index >> (11 - bit)) & 1) << (7 - (at & 7)));
  }
  const tags = (at: number) => [
    [256, 4, [pixels.length]] as const,
    [257, 4, [1]] as const,
    [258, 3, [depth]] as const,
    [259, 3, [1]] as const,
    [262, 3, [3]] as const,
    [273, 4, [at]] as const,
    [277, 3, [1]] as const,
    [278, 4, [1]] as const,
    [279, 4, [(pixels.length * depth) / 8]] as const,
    [320, 3, map] as const,
  ];
  const { length } = tiffBytes([tags(0)], { littleEndian });
  const file = new File([tiffBytes([tags(length)], { littleEndian }), stored], 'palette.tif');
  using slide = await openSlide(file, { signal, decoders: nodeDecoders });
  const { rgba } = await readRegion(slide, { x: 0, y: 0, width: pixels.length, height: 1 }, 1, { signal });
  const shown = pixels.map((index) => [red, green, blue].map((one) => (one?.(index) ?? 0) >> 8));
  expect(pixels.map((_, i) => [...rgba.subarray(i * 4, i * 4 + 3)])).toEqual(shown);
});
