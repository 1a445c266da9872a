import { expect, test } from 'vitest';
import { random } from '#objects/testing/random.ts';
import { isPixels } from '#slide/raster.ts';
import { mirrored, type Placed } from './mirror.ts';

/** A level of 25 × 18 whose pixels say where they are, in tiles of 10 × 8. */
const LEVEL = { width: 25, height: 18 };
function tiles(): Placed[] {
  const placed: Placed[] = [];
  for (let y = 0; y < LEVEL.height; y += 8) {
    for (let x = 0; x < LEVEL.width; x += 10) {
      const [width, height] = [Math.min(10, LEVEL.width - x), Math.min(8, LEVEL.height - y)];
      const rgba = Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) => {
        const [px, py] = [x + ((i >> 2) % width), y + Math.floor((i >> 2) / width)];
        return [px, py, 7, 255][i & 3] ?? 0;
      });
      placed.push({ image: { width, height, rgba }, x, y });
    }
  }
  return placed;
}

const folded = (at: number, size: number): number => (at < 0 ? -1 - at : at >= size ? 2 * size - 1 - at : at);

test.each([1, 2, 3, 4, 5, 6])('every pixel beyond the edge is the one as far within, seed %i', (seed) => {
  const next = random(seed);
  const reach = 2 + Math.floor(next() * 6);
  const window = { x: next() * 30 - 10, y: next() * 24 - 8, width: 4 + next() * 24, height: 4 + next() * 20 };
  const got = new Map<string, string>();
  for (const { image, x, y } of mirrored(tiles(), window, LEVEL, reach)) {
    if (!isPixels(image)) throw new Error('plain pixels were expected');
    for (let i = 0; i < image.width * image.height; i++) {
      const at = `${x + (i % image.width)},${y + Math.floor(i / image.width)}`;
      expect(got.has(at)).toBe(false);
      got.set(at, `${image.rgba[4 * i]},${image.rgba[4 * i + 1]}`);
    }
  }
  let expected = 0;
  for (let y = Math.floor(window.y) - 1; y < Math.ceil(window.y + window.height) + 1; y++) {
    for (let x = Math.floor(window.x) - 1; x < Math.ceil(window.x + window.width) + 1; x++) {
      const isWithin = x >= 0 && y >= 0 && x < LEVEL.width && y < LEVEL.height;
      const isFar = x < -reach || y < -reach || x >= LEVEL.width + reach || y >= LEVEL.height + reach;
      if (isWithin || isFar) continue;
      expected++;
      expect(got.get(`${x},${y}`)).toBe(`${folded(x, LEVEL.width)},${folded(y, LEVEL.height)}`);
    }
  }
  expect(got.size).toBe(expected);
});

test('a window within the slide needs none', () => {
  expect(mirrored(tiles(), { x: 2, y: 2, width: 20, height: 12 }, LEVEL, 5)).toEqual([]);
});
