import { expect } from 'vitest';
import type { Pixels } from '../slide.ts';

/** The largest difference of any sample; both must have the same size. */
export function largestDifference(a: Pixels, b: Pixels): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  let most = 0;
  for (let i = 0; i < a.rgba.length; i++) most = Math.max(most, Math.abs((a.rgba[i] ?? 0) - (b.rgba[i] ?? 0)));
  return most;
}
