import { expect, test } from 'vitest';
import { type Frame, toScreen } from '../frame.ts';
import { carriedBy, isDue, MARGIN, type Painted } from './retained.ts';

const frame: Frame = { centre: { x: 5000, y: 3000 }, zoom: 0.5, rotation: 0, width: 800, height: 600 };
const painted: Painted = { frame, margin: MARGIN };
const moved = (x: number, over: Partial<Frame> = {}): Frame => ({
  ...frame,
  centre: { x: 5000 + x, y: 3000 },
  ...over,
});

test('a picture is carried within its margin and painted anew beyond it', () => {
  expect(isDue(painted, frame)).toBe(false);
  expect(isDue({ ...painted, margin: 0 }, moved(1))).toBe('at once');
  expect(isDue(painted, moved(2 * MARGIN - 1))).toBe('at rest'); // half a CSS px short of the margin
  expect(isDue(painted, moved(2 * MARGIN + 1))).toBe('at once');
});

test('another size or a far zoom is due at once', () => {
  expect(isDue(painted, moved(1, { width: 700 }))).toBe('at once');
  expect(isDue(painted, moved(1, { zoom: 0.81 }))).toBe('at once');
  expect(isDue(painted, moved(1, { zoom: 0.79 }))).toBe('at rest');
});

test.each([
  ['where the element keeps its size', {}],
  ['where the window or a panel gave it another', { width: 1000, height: 440 }],
])('what is carried lands where it belongs, turned and flipped since too, %s', (_, size) => {
  for (const [was, is] of [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const) {
    const before = { ...frame, rotation: 11, flipped: was };
    const now = moved(123, { zoom: 0.8, rotation: 37, flipped: is, ...size });
    const transform = carriedBy({ frame: before, margin: MARGIN }, now);
    const [, dx, dy, turn, across, grown] = (
      /translate\((.+)px, (.+)px\) rotate\((.+)deg\) scale\((.+), (.+)\)/.exec(transform) ?? []
    ).map(Number);
    const from = toScreen(before, 5222, 2890); // where a point was painted
    const [x, y] = [(across ?? 0) * (from.x - 400), (grown ?? 0) * (from.y - 300)];
    const angle = ((turn ?? 0) * Math.PI) / 180;
    const expected = toScreen(now, 5222, 2890);
    expect(400 + (dx ?? 0) + x * Math.cos(angle) - y * Math.sin(angle)).toBeCloseTo(expected.x, 8);
    expect(300 + (dy ?? 0) + x * Math.sin(angle) + y * Math.cos(angle)).toBeCloseTo(expected.y, 8);
  }
});
