import { describe, expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import type { Patch } from '../model.ts';
import { mirroredOut } from '../testing/mirrored-out.ts';
import { assemble, composed, type RgbaTile, regionOf } from './compose.ts';
import { resampleTaps } from './taps.ts';

const PLAIN = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] } as const; // values stay 0 to 255
const patch = (part: Partial<Patch>): Patch => ({ tiles: [], x: 0, y: 0, scaleX: 1, scaleY: 1, size: 4, ...part });

/** Red is the column, green the row, blue 7; each times `step`. */
function ramp(width: number, height: number, step = 1): RgbaTile['image'] {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    rgba.set([(i % width) * step, Math.floor(i / width) * step, 7, 255], i * 4);
  }
  return { width, height, rgba };
}

function compose(of: Patch, tiles: readonly RgbaTile[], input: Parameters<typeof composed>[2] = PLAIN) {
  const region = regionOf(of);
  const out = composed(assemble(tiles, region), region, input);
  const plane = of.size ** 2;
  return {
    red: [...out.subarray(0, plane)],
    green: [...out.subarray(plane, 2 * plane)],
    blue: [...out.subarray(2 * plane)],
  };
}

describe('compose', () => {
  test('leaves pixels as they are at scale 1', () => {
    const { red, green, blue } = compose(patch({ x: 3, y: 5, size: 2 }), [{ image: ramp(16, 16), x: 0, y: 0 }]);
    expect(red).toEqual([3, 4, 3, 4]);
    expect(green).toEqual([5, 5, 6, 6]);
    expect(blue).toEqual([7, 7, 7, 7]);
  });

  test.each([
    ['at scale 1 what is read pixel by pixel', patch({ x: -6, y: -5, size: 52 })],
    ['at half the scale what is read by sums of four', patch({ x: -6, y: -5, scaleX: 2, scaleY: 2, size: 26 })],
    ['over an odd edge', patch({ x: -5, y: -5, scaleX: 2, scaleY: 2, size: 26 })],
  ])('%s is what any sums give, bit for bit: mirrored, white beyond, turned over', (_, place) => {
    const input = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
    const image = ramp(40, 30, 5);
    const bounds = { x: 0, y: 0, width: 40, height: 30, reach: 3 };
    for (const flip of [undefined, { across: true, down: false }, { across: false, down: true }]) {
      const of = { ...place, bounds, ...(flip && { flip }) };
      const region = regionOf(of);
      const picture = assemble([{ image, x: 0, y: 0 }], region);
      // One tap more, without weight: the same sums, by the way of any other scale.
      const withOneMore = ({ count, sources, weights }: typeof region.across) => {
        const more = { count: count + 1, sources: new Int32Array(0), weights: new Float32Array(0) };
        more.sources = new Int32Array(more.count * of.size);
        more.weights = new Float32Array(more.count * of.size);
        for (let i = 0; i < of.size; i++) {
          more.sources.set(sources.subarray(i * count, (i + 1) * count), i * more.count);
          more.weights.set(weights.subarray(i * count, (i + 1) * count), i * more.count);
        }
        return more;
      };
      const summed = { ...region, across: withOneMore(region.across), down: withOneMore(region.down) };
      expect(composed(picture, region, input)).toEqual(composed(picture, summed, input));
    }
  });

  test('averages by area, fractions of a pixel included', () => {
    // Output column 0 covers [0.5, 3): half of 0, all of 1 and 2: (0 + 1 + 2) / 2.5; column 1 [3, 5.5): (3 + 4 + 2.5) / 2.5.
    const { red } = compose(patch({ x: 0.5, y: 0.5, scaleX: 2.5, scaleY: 2.5, size: 2 }), [
      { image: ramp(16, 16), x: 0, y: 0 },
    ]);
    expect(red[0]).toBeCloseTo(3 / 2.5, 5);
    expect(red[1]).toBeCloseTo(9.5 / 2.5, 5);
  });

  test('interpolates at the pixel centre where the picture is enlarged', () => {
    // Scale ½ from x = 2: centres 2.25, 2.75, … lie at pixels 1.75, 2.25, ….
    const { red, green } = compose(patch({ x: 2, y: 2, scaleX: 0.5, scaleY: 0.5 }), [
      { image: ramp(16, 16, 10), x: 0, y: 0 },
    ]);
    expect(red.slice(0, 4)).toEqual([17.5, 22.5, 27.5, 32.5]);
    expect([green[0], green[4], green[8]]).toEqual([17.5, 22.5, 27.5]);
  });

  test('is white where no tile lies, on every side', () => {
    const { blue } = compose(patch({ x: -1, y: -1, size: 4 }), [{ image: ramp(2, 2), x: 0, y: 0 }]);
    expect(blue).toEqual([255, 255, 255, 255, 255, 7, 7, 255, 255, 7, 7, 255, 255, 255, 255, 255]);
  });

  test('joins tiles without a seam', () => {
    const at = patch({ x: 1.25, y: 2.5, scaleX: 1.75, scaleY: 1.5 });
    const whole = ramp(16, 16, 10);
    const part = (x: number, y: number): RgbaTile => {
      const image = { width: 8, height: 8, rgba: new Uint8ClampedArray(256) };
      for (let row = 0; row < 8; row++) {
        const from = ((y + row) * 16 + x) * 4;
        image.rgba.set(whole.rgba.subarray(from, from + 32), row * 32);
      }
      return { image, x, y };
    };
    const tiles = [part(0, 0), part(8, 0), part(0, 8), part(8, 8)];
    expect(compose(at, tiles)).toEqual(compose(at, [{ image: whole, x: 0, y: 0 }]));
  });

  test('normalises per channel', () => {
    const { red, blue } = compose(patch({ size: 1 }), [{ image: ramp(1, 1), x: 0, y: 0 }], {
      mean: [0.5, 0.4, 0.3],
      std: [0.25, 0.2, 0.1],
    });
    expect(red[0]).toBeCloseTo(-2, 6);
    expect(blue[0]).toBeCloseTo((7 / 255 - 0.3) / 0.1, 5);
  });

  test.each([
    ['as it is', patch({ x: 3, y: 5, size: 6 })],
    ['shrunk, over the slide’s edge', patch({ x: -2.5, y: 4.25, scaleX: 1.75, scaleY: 1.5, size: 8 })],
    ['enlarged', patch({ x: 2.25, y: 2, scaleX: 0.5, scaleY: 0.75, size: 7 })],
  ])('mirrors the window bit for bit, %s', (_, place) => {
    const bounds = { x: 0, y: 0, width: 16, height: 16, reach: 2 };
    const tiles = [{ image: ramp(16, 16, 10), x: 0, y: 0 }];
    const { size } = place;
    for (const flip of [
      { across: true, down: false },
      { across: false, down: true },
      { across: true, down: true },
    ]) {
      const seen = compose({ ...place, bounds, flip }, tiles);
      const straight = compose({ ...place, bounds }, tiles);
      for (const channel of ['red', 'green', 'blue'] as const) {
        const turned = straight[channel].map((_, i) => {
          const [row, col] = [Math.floor(i / size), i % size];
          return straight[channel][(flip.down ? size - 1 - row : row) * size + (flip.across ? size - 1 - col : col)];
        });
        expect(seen[channel]).toEqual(turned);
      }
    }
  });

  test('refuses a level far finer than the model', () => {
    expect(() => regionOf(patch({ scaleX: 64, scaleY: 64, size: 1024 }))).toThrow(EosinError);
  });
});

describe('beyond the bounds', () => {
  const slide = { x: 0, y: 0, width: 25, height: 18 };
  const picture = ramp(slide.width, slide.height, 9);

  test.each([
    ['over one corner', patch({ x: -6.5, y: -4.25, scaleX: 1.5, scaleY: 1.25, size: 8 }), 4],
    ['over the far corner', patch({ x: 17, y: 12, size: 12 }), 5],
    ['over all edges', patch({ x: -9, y: -7, scaleX: 2.7, scaleY: 2.1, size: 16 }), 6],
    ['enlarged', patch({ x: 21.3, y: -1.6, scaleX: 0.6, scaleY: 0.45, size: 10 }), 3],
    ['farther than the picture is wide', patch({ x: -40, y: -30, scaleX: 3, scaleY: 3, size: 36 }), 30],
    ['beside the slide', patch({ x: -7, y: 2, size: 4 }), 7],
    ['within', patch({ x: 4.5, y: 3.5, scaleX: 1.5, scaleY: 1.5, size: 6 }), 4],
  ])('it is the picture mirrored, then white: %s', (_, place, reach) => {
    const seen = compose({ ...place, bounds: { ...slide, reach } }, [{ image: picture, x: 0, y: 0 }]);
    const expected = compose(place, [mirroredOut(picture, reach)]);
    for (const channel of ['red', 'green', 'blue'] as const) {
      const off = seen[channel].map((value, i) => Math.abs(value - (expected[channel][i] ?? Number.NaN)));
      expect(Math.max(...off)).toBeLessThan(1e-4); // of 255: white is summed in another order than pixels
    }
  });

  test('the slide may start anywhere on the level', () => {
    const bounds = { x: 100, y: 50, width: 25, height: 18, reach: 4 };
    const seen = compose(patch({ x: 96, y: 47, size: 8, bounds }), [{ image: picture, x: 100, y: 50 }]);
    const there = { ...slide, reach: 4 };
    expect(seen).toEqual(compose(patch({ x: -4, y: -3, size: 8, bounds: there }), [{ image: picture, x: 0, y: 0 }]));
    expect(seen.red.slice(0, 8)).toEqual([27, 18, 9, 0, 0, 9, 18, 27]);
  });

  test('nothing beyond them is assembled', () => {
    const bounds = { ...slide, reach: 6 };
    const { x, y, width, height } = regionOf(patch({ x: -9, y: -7, scaleX: 2.7, scaleY: 2.1, size: 16, bounds }));
    expect({ x, y, width, height }).toEqual(slide);
  });
});

describe('resampleTaps', () => {
  test.each([
    [0, 1, 64],
    [-3.7, 1.0001, 33],
    [12.25, 3.968, 64],
    [0.1, 0.25, 16],
    [5, 0.9999, 31],
  ])('from %f at scale %f: weights of each of %i outputs sum to 1', (origin, scale, size) => {
    const { count, weights } = resampleTaps(origin, scale, size);
    for (let i = 0; i < size; i++) {
      const sum = weights.subarray(i * count, (i + 1) * count).reduce((total, weight) => total + weight, 0);
      expect(sum).toBeCloseTo(1, 5);
    }
  });
});
