// Small slides in the layouts of some makers, which testing/fixtures/makers/make.py writes, beside what OpenSlide reads of them.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openSlide } from '../open.ts';
import { readRegion } from '../region.ts';
import type { Level, Slide } from '../slide.ts';
import { nodeDecoders } from '../testing/decoders.ts';

interface Told {
  readonly levels: readonly [number, number][];
  readonly sha256: readonly string[];
  readonly properties: Readonly<Record<string, string>>;
  readonly associated: readonly string[];
  readonly channels?: readonly (readonly string[])[]; // the hashes of each one's levels
}

const FIXTURES = resolve(import.meta.dirname, '../testing/fixtures/makers');
const told: { readonly slides: Readonly<Record<string, Told>> } = JSON.parse(
  readFileSync(resolve(FIXTURES, 'what.json'), 'utf8'),
);
const { signal } = new AbortController();
const open = (name: string): Promise<Slide> =>
  openSlide(new File([readFileSync(resolve(FIXTURES, name))], name), { signal, decoders: nodeDecoders });

async function rgbOf(slide: Slide, { widthPx, heightPx, downsample }: Level): Promise<Uint8Array> {
  const rect = { x: 0, y: 0, width: widthPx * downsample, height: heightPx * downsample };
  const { rgba } = await readRegion(slide, rect, downsample, { signal });
  return Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, i) => rgba[Math.floor(i / 3) * 4 + (i % 3)] ?? 0);
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Levels on which tiles lie at parts of a pixel: there each is shown at the nearest whole one, and OpenSlide blends. */
const BLENDED: Readonly<Record<string, readonly number[]>> = { 'two-areas.bif': [2], 'three-areas.bif': [1, 2] };

describe.for(Object.entries(told.slides))('%s', ([name, { levels, sha256, properties, associated }]) => {
  test('says of itself what OpenSlide says', async () => {
    using slide = await open(name);
    expect(slide.levels.map(({ widthPx, heightPx }) => [widthPx, heightPx])).toEqual(levels);
    expect([...slide.associated].sort()).toEqual(associated);
    for (const key of ['mpp-x', 'mpp-y', 'bounds-x', 'bounds-y', 'bounds-width', 'bounds-height', 'objective-power']) {
      const [seen, truth] = [slide.properties[`openslide.${key}`], properties[`openslide.${key}`]];
      expect(seen === undefined ? undefined : Number(seen), key).toBe(truth === undefined ? undefined : Number(truth));
    }
  });

  test('has the pixels that OpenSlide reads', async () => {
    using slide = await open(name);
    for (const [index, level] of slide.levels.entries()) {
      const rgb = await rgbOf(slide, level);
      if (!BLENDED[name]?.includes(index)) {
        expect(hashOf(rgb), `level ${index}`).toBe(sha256[index]);
        continue;
      }
      const truth = await sharp(resolve(FIXTURES, `${name}.${index}.png`))
        .removeAlpha()
        .raw()
        .toBuffer();
      const equal = rgb.reduce((count, value, i) => count + (value === truth[i] ? 1 : 0), 0);
      expect(equal / truth.length, `level ${index}`).toBeGreaterThan(0.9);
    }
  });
});

test('each channel of a QPTIFF is its own page on every level', async () => {
  const name = 'fluorescence.qptiff';
  const file = new File([readFileSync(resolve(FIXTURES, name))], name);
  const { channels = [] } = told.slides[name] ?? {};
  expect(channels).toHaveLength(3);
  for (const [channel, hashes] of channels.entries()) {
    using slide = await openSlide(file, { signal, decoders: nodeDecoders, chosen: { channel } });
    expect(slide.channels).toMatchObject({ names: ['DAPI', 'Opal 520', 'Autofluorescence'], shown: channel });
    for (const [index, level] of slide.levels.entries())
      expect(hashOf(await rgbOf(slide, level)), `level ${index}`).toBe(hashes[index]);
  }
});
