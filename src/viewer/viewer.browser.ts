import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkerboard, colourOf } from './testing/checkerboard.ts';
import { stage } from './testing/stage.ts';
import { createViewer } from './viewer.ts';

// Positions are checked to a CSS px: OpenSeadragon and the overlay each round to device pixels.

const on = stage();

test('the first view fits what was scanned, where that is a part of the glass; the whole stays in reach', async () => {
  const slide = checkerboard({ widthPx: 40_000, heightPx: 60_000, downsamples: [1, 16, 64] });
  const bounds = { x: 20_000, y: 30_000, width: 1600, height: 1800 };
  await on.viewer.open({ ...slide, bounds }, { signal: on.signal });
  const seen = on.viewer.visibleRect();
  expect(seen.x + seen.width / 2).toBeCloseTo(20_800, 0);
  expect(seen.y + seen.height / 2).toBeCloseTo(30_900, 0);
  expect(seen.height).toBeGreaterThanOrEqual(1800);
  expect(seen.height).toBeLessThan(2400);
  on.viewer.fit();
  await expect.poll(() => on.viewer.showsAll()).toBe(true);
  await on.viewer.open({ ...slide, bounds }, { signal: on.signal }, { centre: { x: 5000, y: 5000 }, zoom: 1 });
  expect(on.viewer.view().centre.x).toBeCloseTo(5000, 0); // where it was left goes first
});

describe('the slide', () => {
  // Level 1 is cut short (3333 / 4 = 833.25), level 2 has an odd ratio.
  const slide = () => checkerboard({ widthPx: 3333, heightPx: 2600, downsamples: [1, 4, 13.1] });

  test('is drawn where toScreen says, at any zoom and rotation, flipped too', async () => {
    await on.viewer.open(slide(), { signal: on.signal });
    for (const [zoom, rotation, flipped] of [
      [1, 0, false],
      [0.4, 30, false],
      [0.4, 30, true],
      [2.3, 90, false],
      [2.3, 90, true],
      [0.7, 215, false],
      [0.2, 0, false],
    ] as const) {
      await on.viewer.setView({ centre: { x: 1700, y: 1300 }, zoom, rotation, flipped }, { signal: on.signal });
      expect(on.viewer.view()).toMatchObject({ rotation, flipped });
      expect(on.viewer.view().zoom).toBeCloseTo(zoom, 6);
      expect(on.viewer.view().magnification).toBeCloseTo(40 * zoom, 6);
      const pixel = await on.shot();
      let checked = 0;
      for (let y = 32; y < 2600; y += 64) {
        for (let x = 32; x < 3333; x += 64) {
          const at = on.viewer.toScreen(x, y);
          if (at.x < 200 || at.y < 4 || at.x > 636 || at.y > 430) continue; // clear of the scale bar
          const [r = 0, g = 0, b = 0] = pixel(at.x, at.y);
          const [er, eg, eb] = colourOf(x, y);
          expect(Math.max(Math.abs(r - er), Math.abs(g - eg), Math.abs(b - eb))).toBeLessThan(12);
          checked++;
        }
      }
      expect(checked).toBeGreaterThan(8);
    }
  });

  test('keeps its magnification when the element is resized, the first time too', async () => {
    const first = { centre: { x: 1700, y: 1300 }, zoom: 0.5 };
    await on.viewer.open(slide(), { signal: on.signal }, first);
    for (const width of ['500px', '600px']) {
      on.element.style.width = width;
      await on.frames(6);
      expect(on.viewer.view()).toMatchObject({ zoom: expect.closeTo(0.5, 6) });
      expect(on.viewer.view().centre.x).toBeCloseTo(1700, 0);
    }
  });

  test('a zoom that a level meets exactly reads that level, and none finer', async () => {
    for (const [downsamples, zoom, finest] of [
      [[1, 2, 4, 8], 0.5, 1],
      [[1, 2, 4, 8], 0.25, 2],
      [[1, 4, 16], 0.25, 1],
      [[1, 4, 16], 0.5, 0], // the next one would be enlarged twice
    ] as const) {
      const pyramid = checkerboard({ widthPx: 8192, heightPx: 8192, downsamples });
      await on.viewer.open(pyramid, { signal: on.signal });
      await on.viewer.setView({ centre: { x: 4096, y: 4096 }, zoom }, { signal: on.signal });
      expect(Math.min(...pyramid.reads.map(({ level }) => level))).toBe(finest);
    }
  });

  test('an edge between two squares lies within one px of where it should', async () => {
    await on.viewer.open(slide(), { signal: on.signal });
    await on.viewer.setView({ centre: { x: 1280, y: 900 }, zoom: 0.5, rotation: 0 }, { signal: on.signal }); // 1280 is an edge
    const pixel = await on.shot();
    expect(pixel(318, 240)[0]).toBe(colourOf(1275, 900)[0]);
    expect(pixel(321, 240)[0]).toBe(colourOf(1285, 900)[0]);
  });

  test('bitmaps are drawn like pixels', async () => {
    await on.viewer.open(checkerboard({ widthPx: 600, heightPx: 400, bitmaps: true }), { signal: on.signal });
    const pixel = await on.shot();
    const at = on.viewer.toScreen(300, 300);
    expect(pixel(at.x, at.y).slice(0, 3)).toEqual([...colourOf(300, 300)]);
  });

  test('fit shows all of it; zoomed in, a part', async () => {
    await on.viewer.open(slide(), { signal: on.signal });
    expect(on.viewer.showsAll()).toBe(true);
    expect(on.viewer.visibleRect()).toEqual({ x: 0, y: 0, width: 3333, height: 2600 });
    await on.viewer.setView({ magnification: 40, centre: { x: 1000, y: 1000 } }, { signal: on.signal });
    expect(on.viewer.showsAll()).toBe(false);
    const { x, y, width, height } = on.viewer.visibleRect();
    expect([x, y, width, height].map(Math.round)).toEqual([680, 760, 640, 480]);
  });
});

describe('tiles', () => {
  test('a view asked for while the slide still opens is drawn', async () => {
    const slide = checkerboard({ widthPx: 3000, heightPx: 2600 });
    const opening = on.viewer.open(slide, { signal: on.signal });
    const moving = on.viewer.setView({ centre: { x: 900, y: 700 } }, { signal: on.signal });
    await Promise.all([opening, moving]);
    await on.viewer.setView({ zoom: 1 }, { signal: on.signal });
    expect(on.viewer.view().zoom).toBeCloseTo(1, 6);
  });

  test('a jump reads the level it shows and nothing between; where a tile fails, coarser ones stand in', async () => {
    for (const broken of [new Set<string>(), new Set(['0/16/16'])]) {
      const slide = checkerboard({ widthPx: 8192, heightPx: 8192, downsamples: [1, 2, 4, 8, 16], broken });
      await on.viewer.open(slide, { signal: on.signal });
      slide.reads.length = 0;
      await on.viewer.setView({ centre: { x: 4200, y: 4200 }, zoom: 1 }, { signal: on.signal });
      const levels = new Set(slide.reads.map(({ level }) => level));
      expect(levels.has(1)).toBe(broken.size > 0);
      expect(slide.reads[0]?.level).toBe(0);
      expect(on.viewer.gaps()).toHaveLength(broken.size);
    }
  });

  test('closing aborts what is being read', async () => {
    const slide = checkerboard({ widthPx: 3000, heightPx: 2600, hold: () => true });
    const opening = on.viewer.open(slide, { signal: on.signal });
    await expect.poll(() => slide.open()).toBeGreaterThan(0);
    on.viewer.close();
    await expect(opening).rejects.toThrow('closed');
    await expect.poll(() => slide.open()).toBe(0);
    expect(slide.aborted.length).toBe(slide.reads.length);
  });

  test('an aborted open rejects with the reason, leaves nothing open, and the next one works', async () => {
    const slide = checkerboard({ widthPx: 3000, heightPx: 2600, hold: () => true });
    const controller = new AbortController();
    const opening = on.viewer.open(slide, { signal: controller.signal });
    await expect.poll(() => slide.open()).toBeGreaterThan(0);
    controller.abort(new Error('another slide was chosen'));
    await expect(opening).rejects.toThrow('another slide was chosen');
    await expect.poll(() => slide.open()).toBe(0);
    await on.viewer.open(checkerboard({ widthPx: 800, heightPx: 600 }), { signal: on.signal });
    expect(on.viewer.showsAll()).toBe(true);
  });

  test('of two slides opened at once the second one stays', async () => {
    const first = checkerboard({ widthPx: 3000, heightPx: 2600 });
    const opening = on.viewer.open(first, { signal: on.signal });
    const then = on.viewer.open(checkerboard({ widthPx: 800, heightPx: 600 }), { signal: on.signal });
    await expect(opening).rejects.toThrow('closed');
    await then;
    expect(on.viewer.visibleRect()).toEqual({ x: 0, y: 0, width: 800, height: 600 });
    const pixel = await on.shot();
    const at = on.viewer.toScreen(700, 300);
    expect(pixel(at.x, at.y).slice(0, 3)).toEqual([...colourOf(700, 300)]);
    await on.frames(3);
    expect(first.open()).toBe(0);
  });

  test('what left the view is given up, and read when it comes back', async () => {
    let holding = false;
    const slide = checkerboard({ widthPx: 60_000, heightPx: 60_000, downsamples: [1, 128], hold: () => holding });
    await on.viewer.open(slide, { signal: on.signal });
    holding = true;
    on.viewer.setView({ centre: { x: 3000, y: 3000 }, zoom: 1 }, { signal: on.signal }).catch(() => undefined);
    await expect.poll(() => slide.open()).toBeGreaterThan(3);
    const asked = slide.reads.filter((at) => at.level === 0);
    on.viewer.setView({ centre: { x: 40_000, y: 40_000 }, zoom: 1 }, { signal: on.signal }).catch(() => undefined);
    await expect.poll(() => slide.aborted.length).toBeGreaterThanOrEqual(asked.length);
    holding = false;
    await on.viewer.setView({ centre: { x: 3000, y: 3000 }, zoom: 1 }, { signal: on.signal });
    const pixel = await on.shot();
    expect(pixel(320, 240).slice(0, 3)).toEqual([...colourOf(3000, 3000)]);
    expect(on.viewer.gaps()).toHaveLength(0);
  });

  test('a tile that fails is told with its place and hatched; retrying heals it', async () => {
    const broken = new Set(['0/1/1']);
    const slide = checkerboard({ widthPx: 768, heightPx: 768, broken });
    const told: number[] = [];
    on.viewer.on('gaps', (gaps) => told.push(gaps.length));
    await on.viewer.open(slide, { signal: on.signal });
    expect(on.viewer.gaps()).toMatchObject([
      { level: 0, col: 1, row: 1, rect: { x: 256, y: 256, width: 256, height: 256 } },
    ]);
    expect(on.viewer.gaps()[0]?.why).toContain('cut short');
    await on.frames(2);
    const at = on.viewer.toScreen(270, 300);
    expect(on.overlayAt(at.x, at.y)[3]).toBeGreaterThan(0);
    broken.clear();
    on.viewer.retryGaps();
    await on.viewer.setView({}, { signal: on.signal });
    expect(on.viewer.gaps()).toHaveLength(0);
    const pixel = await on.shot();
    expect(pixel(at.x, at.y).slice(0, 3)).toEqual([...colourOf(270, 300)]);
    expect(told).toEqual([1, 0]);
    expect(on.viewer.showsAll()).toBe(true);
  });

  test('opening and closing fifty times leaves no canvas, no bitmap and no read behind', async () => {
    const before = document.querySelectorAll('canvas').length;
    const { made, closed } = countBitmaps();
    for (let i = 0; i < 50; i++) {
      const slide = checkerboard({ widthPx: 900, heightPx: 700 });
      const other = document.createElement('div');
      other.style.cssText = 'position:fixed;left:0;top:0;width:200px;height:150px';
      const nav = document.createElement('div');
      document.body.append(other, nav);
      const second = createViewer({ element: other, navigatorElement: nav, drawer: 'canvas' });
      await second.open(slide, { signal: on.signal });
      await second.open(checkerboard({ widthPx: 500, heightPx: 300 }), { signal: on.signal });
      second.close();
      second[Symbol.dispose]();
      expect(slide.open()).toBe(0);
      expect(other.childElementCount + nav.childElementCount).toBe(0);
      other.remove();
      nav.remove();
    }
    expect(document.querySelectorAll('canvas')).toHaveLength(before);
    expect(made()).toBeGreaterThan(50);
    await expect.poll(closed).toBe(made());
  });
});

/** Bitmaps that are made, and closed, from now on to the end of the test. */
function countBitmaps() {
  let [made, closed] = [0, 0];
  const make = globalThis.createImageBitmap.bind(globalThis);
  const making = vi.spyOn(globalThis, 'createImageBitmap').mockImplementation(async (...of: unknown[]) => {
    const bitmap: ImageBitmap = await Reflect.apply(make, globalThis, of);
    made++;
    const close = bitmap.close.bind(bitmap);
    let isOpen = true;
    bitmap.close = () => {
      if (isOpen) closed++;
      isOpen = false;
      close();
    };
    return bitmap;
  });
  onTestFinished(() => making.mockRestore());
  return { made: () => made, closed: () => closed };
}

test('a view beside the slide is there at once, though tiles of the view before are still to come', async () => {
  const slide = checkerboard({ widthPx: 8000, heightPx: 6000, downsamples: [1, 4, 16] });
  let isStuck = false;
  const readTile: typeof slide.readTile = (at, waits) =>
    isStuck
      ? new Promise((_, reject) => waits.signal.addEventListener('abort', () => reject(waits.signal.reason)))
      : slide.readTile(at, waits);
  await on.viewer.open({ ...slide, readTile }, { signal: on.signal });
  isStuck = true;
  on.viewer.place({ centre: { x: 1000, y: 1000 }, zoom: 2 });
  await on.frames(3);
  const soon = { signal: AbortSignal.timeout(10_000) };
  await on.viewer.setView({ centre: { x: 90_000, y: 90_000 } }, soon);
  expect((await on.viewer.snapshot(soon)).size).toBeGreaterThan(0);
});
