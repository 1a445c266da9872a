// Red and brown pens on real tissue and on the phantom, the strokes made up; and what must not be taken for one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { phantomHere } from '#phantom/paint-here.ts';
import { openSlide } from '#slide/open.ts';
import { pixelsOf } from '#slide/raster.ts';
import { levelOf, type Slide } from '#slide/slide.ts';
import { nodeDecoders } from '#slide/testing/decoders.ts';
import { sharedPath, testOn } from '#slide/testing/shared.ts';
import { mpp } from '#units/units.ts';
import { pictureSlide } from '../evaluate/evaluate.ts';
import { automaticTissue } from './edits.ts';
import type { FoundTissue } from './rules.ts';
import { openTissue } from './tissue.ts';
import { inlineTissueWork } from './work.ts';

type Rgb = readonly [number, number, number];
type Repaint = (rgb: Rgb, x: number, y: number) => Rgb; // x and y in level-0 px

const calm = { signal: new AbortController().signal };
const INKS: readonly (readonly [string, Rgb])[] = [
  ['red', [208, 36, 44]],
  ['dark red', [160, 22, 30]],
  ['orange red', [222, 70, 40]],
  ['brown', [120, 72, 42]],
  ['pale brown', [158, 110, 68]],
];

/** Reads each tile once, however often it is asked for: the phantom's from afar take a second to paint. */
function remembering(slide: Slide): Slide {
  const tiles = new Map<string, ReturnType<Slide['readTile']>>();
  return {
    ...slide,
    readTile: (at, waits) => {
      const key = `${at.level}/${at.col},${at.row}`;
      const tile = tiles.get(key) ?? slide.readTile(at, waits);
      tiles.set(key, tile);
      return tile;
    },
    [Symbol.dispose]: () => slide[Symbol.dispose](),
  };
}

/** The same slide with every pixel painted anew. */
function repainted(slide: Slide, repaint: Repaint): Slide {
  return {
    ...slide,
    readTile: async (at, waits) => {
      const { width, height, rgba } = pixelsOf(await slide.readTile(at, waits));
      const level = levelOf(slide, at.level);
      const scale = levelOf(slide, 0).widthPx / level.widthPx;
      const out = new Uint8ClampedArray(rgba);
      for (let i = 0; i < width * height; i++) {
        const x = (at.col * level.tileWidth + (i % width) + 0.5) * scale;
        const y = (at.row * level.tileHeight + Math.floor(i / width) + 0.5) * scale;
        const [red, green, blue] = repaint([out[4 * i] ?? 0, out[4 * i + 1] ?? 0, out[4 * i + 2] ?? 0], x, y);
        out[4 * i] = red;
        out[4 * i + 1] = green;
        out[4 * i + 2] = blue;
      }
      return { width, height, rgba: out };
    },
    [Symbol.dispose]: () => slide[Symbol.dispose](),
  };
}

/** A bar from (x0, y) to (x1, y), a little streaked along and paler at its edges: ink multiplies what lies under it. */
function pen(ink: Rgb, x0: number, x1: number, y: number, half: number): Repaint {
  return (rgb, px, py) => {
    const inside = Math.min(px - x0, x1 - px, half - Math.abs(py - y)) / (0.1 * half);
    if (inside <= 0) return rgb;
    const thick = Math.min(1, inside) * (1 + 0.06 * Math.sin(py / (0.11 * half)));
    const through = (under: number, of: number): number => under * (of / 255) ** thick;
    return [through(rgb[0], ink[0]), through(rgb[1], ink[1]), through(rgb[2], ink[2])];
  };
}

async function tissueOn(slide: Slide): Promise<FoundTissue> {
  using finder = await openTissue(slide, calm, inlineTissueWork);
  return finder.find(automaticTissue, calm);
}

/** Share of the bar's cells that are taken out of the tissue, and whether the rest stays. */
function leftOut({ mask }: FoundTissue, before: FoundTissue, isInk: (x: number, y: number) => boolean) {
  let [ink, gone, tissue, lost] = [0, 0, 0, 0];
  for (let i = 0; i < mask.mask.length; i++) {
    const x = ((i % mask.cols) + 0.5) * mask.cellPx;
    const y = (Math.floor(i / mask.cols) + 0.5) * mask.cellPx;
    if (isInk(x, y)) {
      ink++;
      if (mask.mask[i] === 0) gone++;
    } else if (before.mask.mask[i] === 1) {
      tissue++;
      if (mask.mask[i] === 0) lost++;
    }
  }
  return { ofInk: gone / ink, ofTissue: lost / tissue };
}

testOn(
  'CMU-1-Small-Region.svs',
  'a red, dark red, orange red, brown or pale brown stroke over glass and real tissue is left out, the tissue beside it stays',
  async (file) => {
    using slide = remembering(await openSlide(file, { ...calm, decoders: nodeDecoders }));
    const [x0, x1, y, half] = [600, 2100, 1500, 220];
    const before = await tissueOn(slide);
    const isInk = (px: number, py: number): boolean => px > x0 + 30 && px < x1 - 30 && Math.abs(py - y) < half - 30;
    const isNear = (px: number, py: number): boolean => px > x0 - 30 && px < x1 + 30 && Math.abs(py - y) < half + 30;
    for (const [name, ink] of INKS) {
      const found = await tissueOn(repainted(slide, pen(ink, x0, x1, y, half)));
      expect(leftOut(found, before, isInk).ofInk, name).toBeGreaterThan(0.95);
      expect(leftOut(found, before, isNear).ofTissue, name).toBeLessThan(0.02);
    }
  },
  120_000, // five inks
);

// Stain vectors of Ruifrok and Johnston (2001): eosin's share becomes DAB, as in immunohistochemistry.
const [HAEMATOXYLIN, EOSIN, DAB] = [
  [0.65, 0.7, 0.29],
  [0.07, 0.99, 0.11],
  [0.27, 0.57, 0.78],
] as const;

/** @param strength of DAB, times the eosin that was there */
function asDab(strength: number): Repaint {
  const density = Float64Array.from({ length: 256 }, (_, value) => -Math.log10((value + 1) / 256));
  return ([red, green]) => {
    const [r, g] = [density[red] ?? 0, density[green] ?? 0];
    const eosin = Math.max(
      0,
      (g - (HAEMATOXYLIN[1] / HAEMATOXYLIN[0]) * r) / (EOSIN[1] - EOSIN[0] * (HAEMATOXYLIN[1] / HAEMATOXYLIN[0])),
    );
    const haematoxylin = Math.max(0, (r - EOSIN[0] * eosin) / HAEMATOXYLIN[0]);
    const at = (c: 0 | 1 | 2): number => 255 * 10 ** -(haematoxylin * HAEMATOXYLIN[c] + strength * eosin * DAB[c]);
    return [at(0), at(1), at(2)];
  };
}

for (const strength of [1, 2]) {
  testOn(
    'CMU-1-Small-Region.svs',
    `real tissue stained brown as by DAB, ${strength} times as strong as its eosin, is no ink`,
    async (file) => {
      using slide = await openSlide(file, { ...calm, decoders: nodeDecoders });
      const { facts } = await tissueOn(repainted(slide, asDab(strength)));
      expect(facts.penPx).toBe(0);
    },
  );
}

test('a red stroke across the phantom is left out, and its glands and blood vessels are no ink', async () => {
  using slide = remembering(phantomHere(7));
  const clean = await tissueOn(slide);
  expect(clean.facts.penPx).toBe(0);
  const { widthPx, heightPx } = levelOf(slide, 0);
  const bar = [0.1 * widthPx, 0.9 * widthPx, 0.5 * heightPx, 0.03 * heightPx] as const;
  const found = await tissueOn(repainted(slide, pen([208, 36, 44], ...bar)));
  const barPx = 0.8 * widthPx * 0.06 * heightPx;
  expect(Math.abs(found.facts.penPx / barPx - 1)).toBeLessThan(0.1);
});

/** Pictures of 256 px and less side by side, as a slide of 0.5 µm a pixel: a seam every 200 µm or so. */
async function mosaicOf(folder: string): Promise<Slide> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.jpg'));
  const across = Math.ceil(Math.sqrt(names.length));
  const side = 224; // of the part that is taken
  const width = across * side;
  const rgba = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [k, name] of names.entries()) {
    const picture = pixelsOf(await nodeDecoders.image(readFileSync(join(folder, name)), 'image/jpeg', calm));
    const [x, y] = [(k % across) * side, Math.floor(k / across) * side];
    for (let row = 0; row < Math.min(side, picture.height); row++) {
      const from = 4 * row * picture.width;
      rgba.set(picture.rgba.subarray(from, from + 4 * Math.min(side, picture.width)), 4 * ((y + row) * width + x));
    }
  }
  return pictureSlide('mosaic', { width, height: width, rgba }, { x: mpp(0.5), y: mpp(0.5) });
}

testOn(
  '../data/tiles/unlabelled/index.csv',
  'of 485 pictures from seven sets, blood, bone and dark muscle among them, none is ink',
  async () => {
    using slide = await mosaicOf(sharedPath('../data/tiles/unlabelled'));
    using finder = await openTissue(slide, calm, inlineTissueWork);
    const { facts } = await finder.find({ ...automaticTissue, pen: 'keep' }, calm);
    expect(facts.areaPx).toBeGreaterThan(0.8 * 485 * 200 ** 2);
    expect(facts.penPx).toBe(0);
  },
);
