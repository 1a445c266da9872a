import { expect, test } from 'vitest';
import { boxOnSlide, type Frame, showsAll, toScreen, toSlide, transformOf, visibleRect } from './frame.ts';

const frame: Frame = { centre: { x: 5000, y: 3000 }, zoom: 0.5, rotation: 0, width: 800, height: 600 };

test('the centre of the view lies in the middle of the element', () => {
  expect(toScreen(frame, 5000, 3000)).toEqual({ x: 400, y: 300 });
  expect(toScreen(frame, 5100, 3000)).toEqual({ x: 450, y: 300 });
});

test('a quarter turn clockwise takes right to down, exactly', () => {
  expect(toScreen({ ...frame, rotation: 90 }, 5100, 3000)).toEqual({ x: 400, y: 350 });
  expect(toScreen({ ...frame, rotation: -90 }, 5100, 3000)).toEqual({ x: 400, y: 250 });
});

test('both directions are inverse at any angle', () => {
  for (let rotation = -200; rotation < 400; rotation += 23.7) {
    const turned = { ...frame, rotation, flipped: Math.round(rotation) % 2 === 0 };
    const there = toScreen(turned, 91_234.56, 17.25);
    const back = toSlide(turned, there.x, there.y);
    expect(back.x).toBeCloseTo(91_234.56, 8);
    expect(back.y).toBeCloseTo(17.25, 8);
  }
});

test('flipped, a view is mirrored left to right on screen, whatever its rotation', () => {
  for (const rotation of [0, 33, 90]) {
    const plain = toScreen({ ...frame, rotation }, 5100, 3070);
    const flipped = toScreen({ ...frame, rotation, flipped: true }, 5100, 3070);
    expect(flipped).toEqual({ x: 800 - plain.x, y: plain.y });
  }
});

test.each([false, true])('the canvas transform agrees with toScreen, whatever its origin; flipped: %s', (flipped) => {
  const turned = { ...frame, rotation: 33, flipped };
  const origin = { x: 4800, y: 2900 };
  const [a, b, c, d, e, f] = transformOf(turned, origin, 2);
  const [x, y] = [5123 - origin.x, 3456 - origin.y];
  const expected = toScreen(turned, 5123, 3456);
  expect((a * x + c * y + e) / 2).toBeCloseTo(expected.x, 9);
  expect((b * x + d * y + f) / 2).toBeCloseTo(expected.y, 9);
});

test('what is on screen, as a box and clipped to the slide', () => {
  expect(boxOnSlide(frame)).toEqual({ x: 4200, y: 2400, width: 1600, height: 1200 });
  expect(boxOnSlide({ ...frame, rotation: 90 })).toEqual({ x: 4400, y: 2200, width: 1200, height: 1600 });
  expect(visibleRect(frame, 5000, 2500)).toEqual({ x: 4200, y: 2400, width: 800, height: 100 });
});

test('the whole slide is in view when all four corners are', () => {
  const fitted = { ...frame, centre: { x: 800, y: 600 } };
  expect(showsAll(fitted, 1600, 1200)).toBe(true);
  expect(showsAll(fitted, 1700, 1200)).toBe(false);
  expect(showsAll({ ...fitted, rotation: 45 }, 1600, 1200)).toBe(false);
});
