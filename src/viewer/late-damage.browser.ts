import { describe, expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import type { Slide, TileWaits } from '#slide/slide.ts';
import { checkerboard, colourOf } from './testing/checkerboard.ts';
import { stage } from './testing/stage.ts';

// A tile is on screen as soon as it is decoded. Where the look through its data then finds damage it goes, as if it had never
// been there, and is told of as any tile that would not be read.

const GARBAGE = [255, 0, 255];
const isGarbage = (pixel: readonly number[]): boolean =>
  GARBAGE.every((value, c) => Math.abs(value - (pixel[c] ?? 0)) < 12);

/** A slide with one damaged tile, which a decoder paints over: the test says when the look through it ends. */
function withDamage(damaged = '0/1/1') {
  const broken = new Set([damaged]);
  const slide = checkerboard({ widthPx: 768, heightPx: 768, downsamples: [1, 4], broken, bitmaps: true });
  const [level = 0, col = 0, row = 0] = damaged.split('/').map(Number);
  const failure = { tag: 'CorruptTile', level, col, row, reason: 'its data ends too early' } as const;
  let [shown, end] = [0, (): void => undefined];
  const readTile: Slide['readTile'] = async (at, { signal, onLook }: TileWaits) => {
    if (`${at.level}/${at.col}/${at.row}` !== damaged || !onLook || broken.size === 0)
      return slide.readTile(at, { signal });
    const whole = new Promise<void>((_, reject) => {
      end = () => reject(new EosinError(failure));
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    onLook(whole);
    shown++;
    return { width: 256, height: 256, rgba: garbage() };
  };
  return { slide: { ...slide, readTile }, broken, reads: slide.reads, end: () => end(), shown: () => shown };
}

function garbage(): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * 256 * 256).fill(255);
  for (let at = 1; at < rgba.length; at += 4) rgba[at] = 0;
  return rgba;
}

for (const drawer of ['canvas', 'webgl'] as const) {
  describe(`on ${drawer}`, () => {
    const on = stage({ drawer });

    /** What is on screen, whether or not it is known to be whole. */
    const seen = (): number[] => {
      const at = on.viewer.toScreen(300, 300);
      const canvas = on.element.querySelector<HTMLCanvasElement>('.openseadragon-canvas canvas:not([data-layer])');
      const context = new OffscreenCanvas(1, 1).getContext('2d');
      if (canvas) context?.drawImage(canvas, -Math.floor(at.x), -Math.floor(at.y));
      return [...(context?.getImageData(0, 0, 1, 1).data ?? [])];
    };

    test('a picture that proves damaged goes: a coarser one stands in, the tile is told, hatched and tried again', async () => {
      const { slide, broken, end, shown, reads } = withDamage();
      const told: number[] = [];
      on.viewer.on('gaps', (gaps) => told.push(gaps.length));
      await on.viewer.open(slide, { signal: on.signal });
      expect(isGarbage(seen())).toBe(true); // at once
      expect(on.viewer.gaps()).toEqual([]);
      const shot = on.shot(); // waits until it is known what it shows
      await on.frames(5);
      end();
      expect(isGarbage((await shot)(on.viewer.toScreen(300, 300).x, on.viewer.toScreen(300, 300).y))).toBe(false);
      expect(on.viewer.gaps()).toMatchObject([
        { level: 0, col: 1, row: 1, rect: { x: 256, y: 256, width: 256, height: 256 } },
      ]);
      expect(on.viewer.gaps()[0]?.why).toContain('its data ends too early');
      expect(told).toEqual([1]);
      expect(reads.some(({ level }) => level === 1)).toBe(true);
      await on.frames(2);
      const expected = colourOf(300, 300);
      expect(expected.every((value, c) => Math.abs(value - (seen()[c] ?? 0)) < 12)).toBe(true);
      const at = on.viewer.toScreen(270, 300);
      expect(on.overlayAt(at.x, at.y)[3]).toBeGreaterThan(0);

      on.viewer.retryGaps(); // what was damaged once is not shown before it is known to be whole
      await on.viewer.setView({}, { signal: on.signal });
      await expect.poll(() => on.viewer.gaps().length).toBe(1);
      expect(shown()).toBe(1);
      broken.clear();
      on.viewer.retryGaps();
      await on.viewer.setView({}, { signal: on.signal });
      expect(on.viewer.gaps()).toHaveLength(0);
      expect(colourOf(300, 300).every((value, c) => Math.abs(value - (seen()[c] ?? 0)) < 12)).toBe(true);
    });

    test('a look that ends before the picture has arrived, and one whose tile has left the view', async () => {
      const { slide, end, shown } = withDamage();
      const hasty: Slide['readTile'] = async (at, waits) => {
        const raster = await slide.readTile(at, waits);
        end();
        return raster;
      };
      await on.viewer.open({ ...slide, readTile: hasty }, { signal: on.signal });
      await expect.poll(() => on.viewer.gaps().length).toBe(1);
      await expect.poll(() => isGarbage(seen())).toBe(false);

      await on.viewer.open(slide, { signal: on.signal });
      await on.viewer.setView({ centre: { x: 700, y: 700 }, zoom: 8 }, { signal: on.signal });
      end();
      await expect.poll(() => on.viewer.gaps().length).toBe(1);
      await on.viewer.setView({ centre: { x: 300, y: 300 }, zoom: 1 }, { signal: on.signal });
      expect(isGarbage(seen())).toBe(false);
      expect(shown()).toBe(2);
    });

    test('closing the slide ends the looks, and tells nothing', async () => {
      const { slide, end } = withDamage();
      const told: number[] = [];
      await on.viewer.open(slide, { signal: on.signal });
      on.viewer.on('gaps', (gaps) => told.push(gaps.length));
      on.viewer.close();
      end();
      await on.frames(3);
      await on.viewer.open(checkerboard({ widthPx: 500, heightPx: 300 }), { signal: on.signal });
      expect(on.viewer.gaps()).toEqual([]);
      expect(told).toEqual([]);
    });
  });
}

describe('the overview', () => {
  const nav = document.createElement('div');
  nav.style.cssText = 'position:fixed;left:0;top:500px;width:200px;height:200px';
  document.body.append(nav);
  const on = stage({ navigatorElement: nav });
  const overviewAt = (x: number, y: number): number[] => {
    const canvas = nav.querySelector('canvas');
    const unit = (canvas?.width ?? 0) / 768;
    return [...(canvas?.getContext('2d')?.getImageData(x * unit, y * unit, 1, 1).data ?? [])];
  };

  test('keeps no picture that proves damaged', async () => {
    const { slide, end } = withDamage();
    await on.viewer.open(slide, { signal: on.signal });
    await expect.poll(() => isGarbage(overviewAt(384, 384))).toBe(true);
    end();
    await expect
      .poll(() => colourOf(384, 384).every((value, c) => Math.abs(value - (overviewAt(384, 384)[c] ?? 0)) < 12))
      .toBe(true);
  });
});
