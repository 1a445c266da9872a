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
])('what is carried lands where it belongs, %s', (_, size) => {
  const now = moved(123, { zoom: 0.8, rotation: 37, ...size });
  const [, dx = '', dy = '', turn = '', grown = ''] =
    /translate\((.+)px, (.+)px\) rotate\((.+)deg\) scale\((.+)\)/.exec(carriedBy(painted, now)) ?? [];
  const from = toScreen(frame, 5222, 2890); // where a point was painted
  const [x, y] = [from.x - 400, from.y - 300];
  const angle = (Number(turn) * Math.PI) / 180;
  const k = Number(grown);
  const expected = toScreen(now, 5222, 2890);
  expect(400 + Number(dx) + k * (x * Math.cos(angle) - y * Math.sin(angle))).toBeCloseTo(expected.x, 8);
  expect(300 + Number(dy) + k * (x * Math.sin(angle) + y * Math.cos(angle))).toBeCloseTo(expected.y, 8);
});
