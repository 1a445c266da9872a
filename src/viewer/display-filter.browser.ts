import { afterEach, expect, test } from 'vitest';
import { readRegion } from '#slide/region.ts';
import { curve, type Display, densityShare, displayFilter, onlyStain, PLAIN } from './display-filter.ts';
import { checkerboard, colourOf } from './testing/checkerboard.ts';
import { stage } from './testing/stage.ts';

const on = stage();
afterEach(() => expect(displayFilter(PLAIN)).toBe(''));

/** What the filter is to make of a colour, without rounding. */
function expected(display: Display, colour: readonly number[]): number[] {
  if (display.stains === 'all') return colour.map((value) => 255 * curve(display, value / 255));
  const densities = colour.map((value) => densityShare(value / 255));
  return onlyStain(display.stains).map((row) => {
    const share = row.reduce((sum, factor, i) => sum + factor * (densities[i] ?? 0), 0);
    return 255 * curve(display, 10 ** (-1.5 * Math.min(1, Math.max(0, share))));
  });
}

test.each([
  [{ ...PLAIN, brightness: 0.2 }, 1.01],
  [{ ...PLAIN, contrast: 1.6 }, 1.01],
  [{ ...PLAIN, gamma: 0.5 }, 1.01],
  [{ ...PLAIN, black: 0.2, white: 0.7 }, 1.51], // the table's steps are steeper
  [{ ...PLAIN, stains: 'haematoxylin' as const }, 5], // densities travel in 8 bits
  [{ ...PLAIN, stains: 'eosin' as const }, 5],
])('what is on screen is what the formula says: %j, to %i of 255', async (display, tolerance) => {
  await on.viewer.open(checkerboard({ widthPx: 1536, heightPx: 1024 }), { signal: on.signal });
  on.viewer.setSlideFilter(displayFilter(display));
  await on.frames(2);
  const pixel = await on.shot();
  for (let x = 128; x < 1536; x += 256) {
    for (let y = 128; y < 1024; y += 256) {
      const at = on.viewer.toScreen(x, y);
      const wanted = expected(display, colourOf(x, y));
      const off = pixel(at.x, at.y)
        .slice(0, 3)
        .map((value, i) => Math.abs(value - (wanted[i] ?? 0)));
      expect(Math.max(...off)).toBeLessThanOrEqual(tolerance);
    }
  }
});

test('pixels that are read stay as stored, and taking the filter off shows them again', async () => {
  const slide = checkerboard({ widthPx: 1536, heightPx: 1024 });
  const read = () => readRegion(slide, { x: 100, y: 100, width: 400, height: 300 }, 1, { signal: on.signal });
  await on.viewer.open(slide, { signal: on.signal });
  const plain = await on.shot();
  const stored = await read();
  expect([...stored.rgba.subarray(0, 3)]).toEqual(colourOf(100, 100).slice(0, 3));
  const at = on.viewer.toScreen(300, 300);
  on.viewer.setSlideFilter(displayFilter({ ...PLAIN, gamma: 2 }));
  await on.frames(2);
  expect((await on.shot())(at.x, at.y)).not.toEqual(plain(at.x, at.y));
  expect((await read()).rgba).toEqual(stored.rgba);
  on.viewer.setSlideFilter(displayFilter(PLAIN));
  await on.frames(2);
  expect((await on.shot())(at.x, at.y)).toEqual(plain(at.x, at.y));
});
