import { expect, test } from 'vitest';
import type { Rect } from '#units/rect.ts';
import type { Frame } from '../frame.ts';
import { toScreen } from '../frame.ts';
import { rgbOf, stepsOf } from './colormaps.ts';
import { offscreen } from './context.ts';
import { DensityMap } from './density-map.ts';
import type { Pen } from './pen.ts';

// Three objects in one cell of 128 px, one in the next, whose value is not known; all by the corner of four tiles.
const CORNER = 256 * 128;
const far = {
  count: 4,
  classIndex: new Uint8Array(4),
  probability: new Float32Array(4),
  centroid: Float32Array.from([-20, 20, -100, 90, -64, 64, 20, 20].map((by) => CORNER + by)),
  areaPx: new Float32Array(4),
};
const groups = new Uint8Array(4);
const tint = { values: Float32Array.of(1, 2, 6, Number.NaN), low: 0, high: 10, hasMean: true };
const view = (over: Partial<Frame> = {}): Frame => ({
  centre: { x: CORNER, y: CORNER },
  zoom: 0.07,
  rotation: 0,
  width: 200,
  height: 100,
  ...over,
});

function drawing(frame: Frame): { readonly pen: Pen; at(x: number, y: number): number[] } {
  const { canvas, context } = offscreen(frame.width, frame.height);
  return {
    pen: { context, frame, pixelRatio: 1, mpp: undefined },
    at: (x, y) => {
      const { x: col, y: row } = toScreen(frame, CORNER + x, CORNER + y);
      const pixels = canvas.getContext('2d')?.getImageData(Math.floor(col), Math.floor(row), 1, 1).data;
      return [...(pixels ?? [])];
    },
  };
}

const boxesOf = (rects: readonly Rect[]): Float32Array =>
  Float32Array.from(rects.flatMap(({ x, y, width, height }) => [x, y, width, height]));

const NOTHING = [0, 0, 0, 0];

/** The middles of a cell's quarters: two were analysed, two were not. */
const PLACES = [
  [-96, 32],
  [-32, 96],
  [-32, 32],
  [-96, 96],
] as const;

const colour = (css: string): number[] => [...rgbOf(css), 255];

test('cells have the colour of their count, or of the mean of a measure; grey where none is known', () => {
  const map = new DensityMap();
  for (const frame of [view(), view({ rotation: 37, flipped: true })]) {
    const { pen, at } = drawing(frame);
    expect(map.draw(pen, { far, groups, tint: undefined }, 'cividis').shows).toBe('counts');
    expect(at(-64, 64)).toEqual(colour(stepsOf('viridis')[3] ?? '')); // 3 of 10
    expect(at(64, 64)).toEqual(colour(stepsOf('viridis')[1] ?? ''));
    expect(at(64, -64)).toEqual([0, 0, 0, 0]);
    expect(map.draw(pen, { far, groups, tint }, 'cividis').shows).toBe('means');
    expect(at(-64, 64)).toEqual(colour(stepsOf('cividis')[3] ?? '')); // (1 + 2 + 6) / 3 of 10
    expect(at(64, 64)).toEqual(colour('#9b9b9b'));
  }
});

test('nothing is drawn beyond the slide, and a cell at its edge is as dense as the part of it that lies on the slide', () => {
  const { pen, at } = drawing(view());
  const slide = { x: 0, y: 0, width: CORNER - 64, height: 2 * CORNER }; // half of the cell of three
  new DensityMap().draw(pen, { far, groups, tint: undefined }, 'viridis', { slide, analysed: undefined });
  expect(at(-100, 64)).toEqual(colour(stepsOf('viridis')[6] ?? '')); // 3 in half a cell, of 10
  expect(at(-30, 64)).toEqual([0, 0, 0, 0]);
  expect(at(64, 64)).toEqual([0, 0, 0, 0]);
});

test('of a cell that was analysed in part that part is drawn, as dense as it is; one with none of it is taken whole', () => {
  const map = new DensityMap();
  const of = { far, groups, tint: undefined };
  const slide = { x: 0, y: 0, width: 2 * CORNER, height: 2 * CORNER };
  const quarters = [
    { x: CORNER - 128, y: CORNER, width: 64, height: 64 },
    { x: CORNER - 64, y: CORNER + 64, width: 64, height: 64 },
  ];
  const whole = drawing(view());
  map.draw(whole.pen, of, 'viridis', { slide, analysed: { boxes: boxesOf([slide]), version: 1 } });
  for (const [x, y] of PLACES) expect(whole.at(x, y)).toEqual(colour(stepsOf('viridis')[3] ?? '')); // 3 of 10
  for (const frame of [view(), view({ rotation: 37, flipped: true })]) {
    const analysed = { boxes: boxesOf(quarters), version: 2 };
    const counts = drawing(frame);
    map.draw(counts.pen, of, 'viridis', { slide, analysed });
    const means = drawing(frame);
    map.draw(means.pen, { ...of, tint }, 'cividis', { slide, analysed });
    for (const [k, [x, y]] of PLACES.entries()) {
      const isInside = k < 2;
      expect(counts.at(x, y)).toEqual(isInside ? colour(stepsOf('viridis')[6] ?? '') : NOTHING); // 3 in half of the cell
      expect(means.at(x, y)).toEqual(isInside ? colour(stepsOf('cividis')[3] ?? '') : NOTHING);
    }
    expect(counts.at(64, 64)).toEqual(colour(stepsOf('viridis')[1] ?? ''));
  }
});

test('objects are gone through once: a move, a smaller zoom, a return and other colours count nothing anew', () => {
  const map = new DensityMap();
  const of = { far, groups, tint };
  for (const frame of [view(), view({ centre: { x: CORNER + 500, y: CORNER } }), view({ zoom: 0.035 }), view()]) {
    map.draw(drawing(frame).pen, of, 'viridis');
  }
  const { pen, at } = drawing(view({ zoom: 0.035 }));
  map.draw(pen, of, 'grey');
  expect(at(-64, 64)).toEqual(colour(stepsOf('grey')[3] ?? '')); // the cells of 256 px
  expect(map.counted).toBe(1);
  map.draw(pen, { ...of, groups: groups.slice() }, 'grey');
  expect(map.counted).toBe(2);
});
