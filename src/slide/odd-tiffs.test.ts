// TIFFs of kinds that are rare but valid, each with the same picture. testing/fixtures/odd/make.py writes them.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { openSlide } from './open.ts';
import { readRegion } from './region.ts';
import { nodeDecoders } from './testing/decoders.ts';

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
