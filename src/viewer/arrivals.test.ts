import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Arrivals } from './arrivals.ts';

const TILE = 512 * 512;
let frames: (() => void)[] = [];

const nextFrame = async (): Promise<void> => {
  for (const frame of frames.splice(0)) frame();
  await Promise.resolve();
};

beforeEach(() => {
  frames = [];
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** The tiles' numbers in the order in which they were handed over. */
function come(arrivals: Arrivals, count: number): number[] {
  const handed: number[] = [];
  for (let tile = 0; tile < count; tile++) void arrivals.turn(TILE).then(() => handed.push(tile));
  return handed;
}

test('few tiles are handed over at once, a hundred some a frame, in the order of coming', async () => {
  const handed = come(new Arrivals(), 100);
  await Promise.resolve();
  expect(handed.length).toBe(8);
  for (let frame = 0; frame < 12; frame++) await nextFrame();
  await Promise.resolve();
  expect(handed).toEqual(Array.from({ length: 100 }, (_, tile) => tile));
  await nextFrame();
  expect(frames, 'no frame is asked for when nothing waits').toEqual([]);
});

test('while the zoom changes fewer are, and as many as before once it stays', async () => {
  const time = vi.spyOn(performance, 'now').mockReturnValue(5000);
  const arrivals = new Arrivals();
  arrivals.moved(4);
  const handed = come(arrivals, 40);
  await Promise.resolve();
  expect(handed.length).toBe(1);
  await nextFrame();
  expect(handed.length).toBe(2);
  time.mockReturnValue(5101);
  arrivals.moved(4);
  await nextFrame();
  expect(handed.length).toBe(10);
});
