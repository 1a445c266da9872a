import { expect } from 'vitest';
import type { Pixels } from '../slide.ts';

/** The largest difference of any sample; both must have the same size. */
export function largestDifference(a: Pixels, b: Pixels): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  let most = 0;
  for (let i = 0; i < a.rgba.length; i++) most = Math.max(most, Math.abs((a.rgba[i] ?? 0) - (b.rgba[i] ?? 0)));
  return most;
}

/** What 16 bits look like through the window that a picture's own values ask for. @param grey the values, in whatever unit */
export function throughOwnWindow(grey: Uint8Array): Uint8Array {
  const [low, high] = [Math.min(...grey), Math.max(...grey)];
  return grey.map((value) => Math.round(((value - low) / (high - low)) * 255));
}
