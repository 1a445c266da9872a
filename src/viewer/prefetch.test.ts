import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Level, Raster, Slide, TileAt } from '#slide/slide.ts';
import { Prefetch } from './prefetch.ts';
import { shownLevel } from './shown-level.ts';
import { type Seen, tilesAhead } from './tiles-ahead.ts';

// 8,192 × 8,192 px in tiles of 256, of which a screen of 1,024 × 512 shows 4 × 2 at a time.
const levels: readonly Level[] = [1, 2, 4, 8].map((downsample) => ({
  widthPx: 8192 / downsample,
  heightPx: 8192 / downsample,
  tileWidth: 256,
  tileHeight: 256,
  downsample,
}));
const at = (x: number, y: number, downsample = 1): Seen => ({
  rect: { x, y, width: 1024 * downsample, height: 512 * downsample },
  downsample,
});
const named = (tiles: readonly TileAt[] | undefined): string[] | undefined =>
  tiles?.map(({ level, col, row }) => `${level}/${col}/${row}`);

describe('what will be seen next', () => {
  test('a pan to the right: the columns there, the nearest first; and nothing that is on screen', () => {
    const ahead = named(tilesAhead(levels, at(2048, 2048), at(2304, 2048)));
    expect(ahead?.slice(0, 2).sort()).toEqual(['0/13/8', '0/13/9']);
    expect(ahead?.slice().sort()).toEqual(['0/13/8', '0/13/9', '0/14/8', '0/14/9']);
  });

  test('a pan up: the rows above', () => {
    const ahead = named(tilesAhead(levels, at(2048, 2048), at(2048, 2000)));
    expect(new Set(ahead?.map((name) => name.split('/')[2]))).toEqual(new Set(['6']));
  });

  test('diagonally: both, and the corner', () => {
    const ahead = named(tilesAhead(levels, at(2048, 2048), at(1792, 1792)));
    expect(ahead).toEqual(expect.arrayContaining(['0/6/7', '0/7/6', '0/6/6']));
  });

  test('zooming in: the middle of the next finer level; out: around, on the next coarser; neither beyond the pyramid', () => {
    const finer = tilesAhead(levels, at(0, 0, 4), at(1024, 1024, 2)) ?? [];
    expect(shownLevel(levels, 2)).toBe(1);
    expect(new Set(finer.map(({ level }) => level))).toEqual(new Set([0]));
    const coarser = tilesAhead(levels, at(1024, 1024, 1), at(512, 512, 2)) ?? [];
    expect(new Set(coarser.map(({ level }) => level))).toEqual(new Set([2]));
    expect(tilesAhead(levels, at(2048, 2048, 1), at(2304, 2176, 0.5))).toEqual([]);
  });

  test('no movement keeps what was planned; a jump, and the edge of the slide, have nothing ahead', () => {
    expect(tilesAhead(levels, at(2048, 2048), at(2049, 2048))).toBeUndefined();
    expect(tilesAhead(levels, at(0, 0), at(6000, 6000))).toEqual([]);
    expect(tilesAhead(levels, at(6900, 2048), at(7168, 2048))).toEqual([]);
  });
});

/** A slide whose reads the test ends by hand. */
function recorded() {
  const reads: { name: string; signal: AbortSignal; done(): void }[] = [];
  const slide: Pick<Slide, 'levels' | 'readTile'> = {
    levels,
    readTile: ({ level, col, row }, { signal }) =>
      new Promise<Raster>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
        const done = () => resolve({ width: 1, height: 1, rgba: new Uint8ClampedArray(4) });
        reads.push({ name: `${level}/${col}/${row}`, signal, done });
      }),
  };
  const open = () => reads.filter(({ signal }) => !signal.aborted).map(({ name }) => name);
  return { prefetch: new Prefetch(slide), reads, open };
}

/** What was aborted or done has told so. */
const turns = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

describe('reading ahead', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('waits while a tile on screen is read, and gives way when one is asked for', async () => {
    const { prefetch, reads, open } = recorded();
    prefetch.makeWay({ level: 0, col: 0, row: 0 });
    prefetch.moved(at(2048, 2048));
    prefetch.moved(at(2304, 2048));
    await vi.dynamicImportSettled(); // where the view goes is thought over
    vi.advanceTimersByTime(100);
    expect(reads).toHaveLength(0);
    prefetch.go();
    expect(open().sort()).toEqual(['0/13/8', '0/13/9', '0/14/8', '0/14/9']);
    prefetch.makeWay({ level: 0, col: 13, row: 8 });
    expect(open()).toEqual(['0/13/8']); // the tile on screen now: both wait for one read
    expect(reads.filter(({ signal }) => signal.aborted)).toHaveLength(3);
    await turns();
    prefetch.go();
    expect(open().sort()).toEqual(['0/13/8', '0/13/9', '0/14/8', '0/14/9']);
  });

  test('is given up when the view turns, and when the slide is closed', async () => {
    const { prefetch, open } = recorded();
    prefetch.moved(at(2048, 2048));
    prefetch.moved(at(2304, 2048));
    await vi.dynamicImportSettled(); // where the view goes is thought over
    expect(open()).toEqual([]); // what the movement brought on screen is asked for first
    vi.advanceTimersByTime(100);
    const before = open();
    expect(before).toHaveLength(4);
    prefetch.moved(at(2048, 2048));
    await vi.dynamicImportSettled(); // where the view goes is thought over
    expect(open().filter((name) => before.includes(name))).toEqual([]);
    await turns();
    vi.advanceTimersByTime(100);
    expect(open().sort()).toEqual(['0/6/8', '0/6/9', '0/7/8', '0/7/9']);
    prefetch.stop();
    expect(open()).toEqual([]);
    await turns();
    prefetch.go();
    expect(open()).toEqual([]);
  });

  test('reads no tile twice, nor one that was on screen', async () => {
    const { prefetch, reads } = recorded();
    prefetch.wasRead({ level: 0, col: 14, row: 9 });
    prefetch.moved(at(2048, 2048));
    prefetch.moved(at(2304, 2048));
    await vi.dynamicImportSettled(); // where the view goes is thought over
    vi.advanceTimersByTime(100);
    for (const { done } of reads.splice(0, 3)) done();
    await turns();
    prefetch.moved(at(2560, 2048));
    await vi.dynamicImportSettled(); // where the view goes is thought over
    vi.advanceTimersByTime(100);
    expect(reads.map(({ name }) => name)).not.toContain('0/14/8');
    expect(reads.map(({ name }) => name)).toContain('0/15/8');
  });
});
