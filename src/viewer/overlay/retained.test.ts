import { expect, test } from 'vitest';
import { type Frame, toScreen } from '../frame.ts';
import { carriedBy, MARGIN, type Painted, REST, verdictFor } from './retained.ts';

const frame: Frame = { centre: { x: 5000, y: 3000 }, zoom: 0.5, rotation: 0, width: 800, height: 600 };
const heavy: Painted = { frame, margin: MARGIN, at: 1000, heavy: true };
const moved = (x: number, over: Partial<Frame> = {}): Frame => ({
  ...frame,
  centre: { x: 5000 + x, y: 3000 },
  ...over,
});

test('a light frame is painted whenever the view differs, a heavy one is carried within its margin', () => {
  expect(verdictFor(undefined, frame, 1000)).toBe('paint');
  expect(verdictFor(heavy, frame, 5000)).toBe('exact');
  expect(verdictFor({ ...heavy, heavy: false }, moved(1), 1001)).toBe('paint');
  expect(verdictFor(heavy, moved(300), 5000)).toBe('carry'); // 150 CSS px
  expect(verdictFor(heavy, moved(330), 5000)).toBe('paint');
});

test('beyond its margin a heavy frame is carried only until its time is up', () => {
  expect(verdictFor(heavy, moved(2000), 1000 + REST - 1)).toBe('carry');
  expect(verdictFor(heavy, moved(2000), 1000 + REST)).toBe('paint');
});

test('another size or a far zoom is never carried', () => {
  expect(verdictFor(heavy, moved(1, { width: 700 }), 1001)).toBe('paint');
  expect(verdictFor(heavy, moved(1, { zoom: 2.1 }), 1001)).toBe('paint');
  expect(verdictFor(heavy, moved(1, { zoom: 1.9 }), 1001)).toBe('carry');
});

test('what is carried lands where it belongs', () => {
  const now = moved(123, { zoom: 0.8, rotation: 37 });
  const [, dx = '', dy = '', turn = '', grown = ''] =
    /translate\((.+)px, (.+)px\) rotate\((.+)deg\) scale\((.+)\)/.exec(carriedBy(heavy, now)) ?? [];
  const painted = toScreen(frame, 5222, 2890); // where a point was painted
  const [x, y] = [painted.x - 400, painted.y - 300];
  const angle = (Number(turn) * Math.PI) / 180;
  const k = Number(grown);
  const expected = toScreen(now, 5222, 2890);
  expect(400 + Number(dx) + k * (x * Math.cos(angle) - y * Math.sin(angle))).toBeCloseTo(expected.x, 8);
  expect(300 + Number(dy) + k * (x * Math.sin(angle) + y * Math.cos(angle))).toBeCloseTo(expected.y, 8);
});
