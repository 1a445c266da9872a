import { describe, expect, test } from 'vitest';
import { openSlide } from '#slide/open.ts';
import { nodeDecoders } from '#slide/testing/decoders.ts';
import { testOn } from '#slide/testing/shared.ts';
import type { CellColours } from './colours.ts';
import { automaticTissue, type TissueEdits } from './edits.ts';
import { isTissueAt } from './mask.ts';
import { measure, tissueOf } from './rules.ts';
import { openTissue } from './tissue.ts';
import { inlineTissueWork } from './work.ts';

// Pictures of cells, made up: each cell is 10 level-0 px.

const CELL = 10;
const [COLS, ROWS] = [300, 240];
type Rgb = readonly [number, number, number];
const GLASS: Rgb = [243, 240, 243];
const STROMA: Rgb = [222, 160, 196]; //   eosin above all
const EPITHELIUM: Rgb = [176, 118, 170];
const LYMPHOID: Rgb = [112, 84, 148]; //  haematoxylin above all
const BLUE: Rgb = [40, 80, 190];
const PALE_BLUE: Rgb = [145, 180, 215];
const GREEN: Rgb = [60, 140, 85];
const BLACK: Rgb = [34, 32, 36];
const RED: Rgb = [208, 36, 44];
const BROWN: Rgb = [120, 72, 42];

/** Light through two layers, one on the other. */
const over = (a: Rgb, b: Rgb): Rgb => [(a[0] * b[0]) / 255, (a[1] * b[1]) / 255, (a[2] * b[2]) / 255];

function found(colorAt: (col: number, row: number) => Rgb, edits: Partial<TissueEdits> = {}, cols = COLS, rows = ROWS) {
  const rgb = new Uint8Array(3 * cols * rows);
  for (let i = 0; i < cols * rows; i++) {
    const grain = ((i * 7919) % 13) - 6; // no picture is flat
    rgb.set(
      colorAt(i % cols, Math.floor(i / cols)).map((value) => Math.max(0, Math.min(255, Math.round(value) + grain))),
      3 * i,
    );
  }
  const colours: CellColours = { cellPx: CELL, cellUm: 8, cols, rows, rgb };
  const slide = { x: 0, y: 0, width: cols * CELL, height: rows * CELL };
  const tissue = tissueOf(measure(colours, slide), { ...automaticTissue, ...edits });
  return {
    ...tissue,
    isTissue: (col: number, row: number) => isTissueAt(tissue.mask, (col + 0.5) * CELL, (row + 0.5) * CELL),
  };
}

const inDisc = (col: number, row: number, x: number, y: number, r: number): boolean => Math.hypot(col - x, row - y) < r;
const disc = (col: number, row: number): Rgb => (inDisc(col, row, 130, 120, 80) ? STROMA : GLASS);
/** From the glass on the right across the disc's right part. */
const isPen = (col: number, row: number): boolean => row > 110 && row < 130 && col > 170 && col < 280;
const PEN_CELLS = 19 * 109;

describe('pen marks', () => {
  test.each<[string, Rgb]>([
    ['blue', BLUE],
    ['green', GREEN],
    ['black', BLACK],
    ['red', RED],
    ['brown', BROWN],
  ])('a %s stroke on glass and over tissue is found, left out, and kept where that is wanted', (_, ink) => {
    const picture = (col: number, row: number): Rgb => (isPen(col, row) ? over(ink, disc(col, row)) : disc(col, row));
    const without = found(picture);
    expect(without.facts.penPx / (PEN_CELLS * CELL ** 2)).toBeGreaterThan(0.9);
    expect(without.facts.penPx / (PEN_CELLS * CELL ** 2)).toBeLessThan(1.25); // its pale edge is a cell wide
    expect([without.isTissue(250, 120), without.isTissue(190, 120), without.isTissue(130, 120)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(without.pen.length).toBe(1);
    expect(without.facts.pieces).toBe(1);
    const kept = found(picture, { pen: 'keep' });
    expect(kept.facts.penPx).toBe(without.facts.penPx);
    if (ink !== BLACK) expect([kept.isTissue(250, 120), kept.isTissue(190, 120)]).toEqual([true, true]);
  });

  test('a pale blue stroke on glass is ink, not tissue', () => {
    const { facts, isTissue } = found((col, row) => (isPen(col, row) && col > 215 ? PALE_BLUE : disc(col, row)));
    expect(facts.penPx).toBeGreaterThan(0);
    expect(isTissue(250, 120)).toBe(false);
  });

  test('stained tissue of any strength is none, nor is a speck of pigment, nor a black edge of the glass', () => {
    const { facts } = found((col, row) => {
      if (row < 12) return BLACK; // the cover slip
      if (inDisc(col, row, 130, 120, 3)) return BLACK; // pigment
      if (inDisc(col, row, 100, 120, 25)) return LYMPHOID;
      if (inDisc(col, row, 160, 120, 25)) return EPITHELIUM;
      if (inDisc(col, row, 130, 160, 15)) return over(LYMPHOID, LYMPHOID);
      return disc(col, row);
    });
    expect(facts.penPx).toBe(0);
  });
});

describe('folds', () => {
  /** A bent stripe, five cells wide. */
  const isFold = (col: number, row: number): boolean =>
    Math.abs(row - 120 - 14 * Math.sin(col / 25)) < 2.6 && col > 75 && col < 185;

  test.each<[string, Rgb]>([
    ['stroma', STROMA],
    ['epithelium', EPITHELIUM],
  ])('a stripe where %s lies double is named, and left out where that is wanted', (_, tissue) => {
    const picture = (col: number, row: number): Rgb => {
      if (!inDisc(col, row, 130, 120, 80)) return GLASS;
      return isFold(col, row) ? over(tissue, tissue) : tissue;
    };
    const kept = found(picture);
    expect(kept.facts.foldsPx / CELL ** 2).toBeGreaterThan(0.7 * 110 * 5);
    expect(kept.facts.foldsPx / CELL ** 2).toBeLessThan(1.5 * 110 * 5.8);
    expect(kept.isTissue(130, Math.round(120 + 14 * Math.sin(130 / 25)))).toBe(true);
    const without = found(picture, { folds: 'leave out' });
    expect(without.isTissue(130, Math.round(120 + 14 * Math.sin(130 / 25)))).toBe(false);
    expect(without.facts.areaPx).toBeCloseTo(kept.facts.areaPx - kept.facts.foldsPx, 3);
  });

  test('dark lymphoid tissue is none: neither a follicle nor a band of it', () => {
    const { facts } = found((col, row) => {
      if (!inDisc(col, row, 130, 120, 80)) return GLASS;
      return isFold(col, row) || inDisc(col, row, 130, 165, 18) ? LYMPHOID : STROMA;
    });
    expect(facts.foldsPx).toBe(0);
  });

  test('a round patch that is twice as dark is none, nor is a slide of dark tissue alone', () => {
    const round = found((col, row) => (inDisc(col, row, 130, 120, 20) ? over(STROMA, STROMA) : disc(col, row)));
    expect(round.facts.foldsPx).toBe(0);
    expect(found((col, row) => (inDisc(col, row, 130, 120, 80) ? LYMPHOID : GLASS)).facts.foldsPx).toBe(0);
  });
});

describe('what the user changes', () => {
  const two = (col: number, row: number): Rgb => {
    if (inDisc(col, row, 80, 100, 40)) return inDisc(col, row, 80, 100, 12) ? GLASS : STROMA;
    if (inDisc(col, row, 200, 60, 8)) return STROMA;
    return inDisc(col, row, 200, 160, 40) ? ([236, 222, 231] as const) : GLASS; // pale: a chroma of 14
  };

  test('the threshold takes pale tissue in or leaves it; automatic is told beside', () => {
    const automatic = found(two);
    expect(automatic.facts.automatic).toBeGreaterThan(255 * 0.03 - 1e-9);
    expect(found(two, { threshold: 30 }).isTissue(200, 160)).toBe(false);
    expect(found(two, { threshold: 9 }).isTissue(200, 160)).toBe(true);
    expect(found(two, { threshold: 30 }).facts.automatic).toBe(automatic.facts.automatic);
  });

  test('small pieces go and gaps are filled up to the areas given; both outlines show', () => {
    const { facts, isTissue, outlines } = found(two, { threshold: 30 });
    expect([facts.pieces, outlines.length, isTissue(80, 100)]).toEqual([2, 3, false]);
    const small = 300 * CELL ** 2; // more than the small disc of 8 cells
    expect(found(two, { threshold: 30, leastPx: small }).facts.pieces).toBe(1);
    const filled = found(two, { threshold: 30, gapPx: 600 * CELL ** 2 });
    expect([filled.isTissue(80, 100), filled.outlines.length]).toEqual([true, 2]);
  });

  test('the brush adds and takes away, as wide as it was, the last stroke on top', () => {
    const path = Float64Array.of(100 * CELL, 220 * CELL, 160 * CELL, 220 * CELL);
    const strokes = [
      { does: 'add', path, radiusPx: 5 * CELL },
      { does: 'subtract', path: Float64Array.of(130 * CELL, 220 * CELL), radiusPx: 3 * CELL },
    ] as const;
    const base = found(two, { threshold: 30 });
    const painted = found(two, { threshold: 30, strokes });
    expect([painted.isTissue(110, 223), painted.isTissue(110, 227), painted.isTissue(130, 220)]).toEqual([
      true,
      false,
      false,
    ]);
    const capsule = 60 * 10 + Math.PI * 25;
    const added = (painted.facts.areaPx - base.facts.areaPx) / CELL ** 2;
    expect(Math.abs(added / (capsule - Math.PI * 9) - 1)).toBeLessThan(0.05);
  });

  test('nothing left says so', () => {
    expect(() => found(two, { threshold: 254 })).toThrowError('tissue');
  });
});

testOn('CMU-1-Small-Region.svs', 'the real slide has neither pen marks nor folds', async (file) => {
  const calm = { signal: new AbortController().signal };
  using slide = await openSlide(file, { ...calm, decoders: nodeDecoders });
  using finder = await openTissue(slide, calm, inlineTissueWork);
  const { facts } = await finder.find(automaticTissue, calm);
  expect(facts.penPx).toBe(0);
  expect(facts.foldsPx / facts.areaPx).toBeLessThan(0.01);
});

testOn(
  '../data/nuclei/consep/train_12.jpg',
  'blue ink on the edge of real tissue is found where it is',
  async (file) => {
    const calm = { signal: new AbortController().signal };
    using slide = await openSlide(file, { ...calm, decoders: nodeDecoders });
    using finder = await openTissue(slide, calm, inlineTissueWork);
    const { facts, mask } = await finder.find(automaticTissue, calm);
    expect(facts.penPx / 1000 ** 2).toBeGreaterThan(0.05);
    expect(facts.penPx / 1000 ** 2).toBeLessThan(0.15);
    expect([isTissueAt(mask, 380, 150), isTissueAt(mask, 700, 400)]).toEqual([false, true]);
  },
);

testOn('../data/nuclei/consep/train_1.jpg', 'real tissue without ink has none', async (file) => {
  const calm = { signal: new AbortController().signal };
  using slide = await openSlide(file, { ...calm, decoders: nodeDecoders });
  using finder = await openTissue(slide, calm, inlineTissueWork);
  const { facts } = await finder.find(automaticTissue, calm);
  expect([facts.penPx, facts.foldsPx]).toEqual([0, 0]);
});
