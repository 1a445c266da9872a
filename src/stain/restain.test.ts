import { describe, expect, test } from 'vitest';
import { restain, turned } from './restain.ts';

const draws = (...values: number[]) => {
  let at = 0;
  return () => values[at++ % values.length] ?? 0;
};
const px = (...colours: [number, number, number][]) => Uint8ClampedArray.from(colours.flatMap((c) => [...c, 255]));

describe('restain', () => {
  test('more of both stains is darker, less is lighter; glass stays glass', () => {
    const picture = () => px([255, 255, 255], [120, 70, 150], [230, 150, 190]);
    const [more, less] = [picture(), picture()];
    restain(more, draws(0.999));
    restain(less, draws(0));
    expect([...more.subarray(0, 4)]).toEqual([255, 255, 255, 255]);
    for (let at = 4; at < 12; at++) {
      if (at % 4 === 3) continue;
      const before = picture()[at] ?? 0;
      expect(more[at]).toBeLessThan(before);
      expect(less[at]).toBeGreaterThan(before);
    }
  });

  test('a draw in the middle changes nothing but rounding', () => {
    const before = px([120, 70, 150], [230, 150, 190], [10, 20, 30]);
    const after = before.slice();
    restain(after, draws(0.5));
    for (const [at, value] of after.entries()) expect(Math.abs(value - (before[at] ?? 0))).toBeLessThanOrEqual(1);
  });
});

describe('turned', () => {
  const square = px([1, 0, 0], [2, 0, 0], [3, 0, 0], [4, 0, 0]); // 1 2 over 3 4
  const reds = (rgba: Uint8ClampedArray): number[] => Array.from(rgba).filter((_, i) => i % 4 === 0);
  test('by quarters, clockwise, and mirrored', () => {
    expect(reds(turned(square, 2, 0, false))).toEqual([1, 2, 3, 4]);
    expect(reds(turned(square, 2, 1, false))).toEqual([3, 1, 4, 2]);
    expect(reds(turned(square, 2, 2, false))).toEqual([4, 3, 2, 1]);
    expect(reds(turned(square, 2, 3, false))).toEqual([2, 4, 1, 3]);
    expect(reds(turned(square, 2, 0, true))).toEqual([2, 1, 4, 3]);
  });
});
