import { expect, test } from 'vitest';
import { checkerboard } from './testing/checkerboard.ts';
import { stage } from './testing/stage.ts';

const on = stage();
const TILE = 256;

test('a pan reads what it shows and what lies ahead of it, and nothing else; nothing lies ahead of the first view', async () => {
  const slide = checkerboard({ widthPx: 40_000, heightPx: 40_000, downsamples: [1, 4, 16, 64] });
  await on.viewer.open(slide, { signal: on.signal });
  await on.frames(3);
  expect(slide.reads.every(({ level }) => level === 3)).toBe(true);
  await on.viewer.setView({ centre: { x: 20_000, y: 20_000 }, zoom: 1 }, { signal: on.signal });
  await on.frames(3);
  const before = slide.reads.length;
  await on.viewer.setView({ centre: { x: 20_300, y: 20_000 }, zoom: 1 }, { signal: on.signal });
  const { x, y, width, height } = on.viewer.visibleRect();
  const isAhead = ({ level, col }: { level: number; col: number }): boolean => level === 0 && col * TILE >= x + width;
  const since = () => slide.reads.slice(before);
  await expect.poll(() => since().filter(isAhead).length).toBeGreaterThanOrEqual(2);
  await expect.poll(() => slide.open()).toBe(0);
  for (const { col, row } of since()) {
    expect((col + 1) * TILE).toBeGreaterThan(x); // nothing behind
    expect(row * TILE).toBeLessThan(y + height);
    expect((row + 1) * TILE).toBeGreaterThan(y);
  }
});
