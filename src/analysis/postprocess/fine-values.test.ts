import { expect, test } from 'vitest';
import { brightBits, nextForeground } from './fine-values.ts';

/** Inner and contour of a pixel. */
const packedOf = (inner: number, contour: number): number => 255 + 256 * inner + 65536 * contour;

test('the next pixel of the foreground is found from wherever the look begins, for every threshold', () => {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let least = 1; least <= 255; least++) {
    const bright = brightBits(least);
    // Around the threshold: just below and just at it, by one part or by both, and what comes to more than 255.
    const inner = Math.floor(random() * (least + 1));
    const at = [packedOf(inner, least - inner), packedOf(least, 0), packedOf(0, least), packedOf(255, 255)];
    const half = (least - 1) >> 1;
    const below = [packedOf(half, least - 1 - half), packedOf(least - 1, 0), packedOf(0, least - 1), 0, 255];
    for (const value of at) expect((value & bright) !== 0, `${least}`).toBe(true);
    const packed = Int32Array.from({ length: 41 }, () => {
      const from = random() < 0.1 ? at : below;
      return from[Math.floor(random() * from.length)] ?? 0;
    });
    const isAt = (i: number): boolean => at.includes(packed[i] ?? 0);
    for (let from = 0; from < 12; from++) {
      for (let end = packed.length - 7; end <= packed.length; end++) {
        let expected = from;
        while (expected < end && !isAt(expected)) expected++;
        expect(nextForeground(packed, from, end, least, bright)).toBe(expected);
      }
    }
  }
});

test('pixels that are dark in both parts are passed over four at a time', () => {
  expect(packedOf(63, 63) & brightBits(128)).toBe(0);
  expect(packedOf(30, 10) & brightBits(128)).toBe(0);
});
