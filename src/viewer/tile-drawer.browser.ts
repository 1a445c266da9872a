import { afterEach, describe, expect, test } from 'vitest';
import type { Slide } from '#slide/slide.ts';
import { checkerboard, colourOf } from './testing/checkerboard.ts';
import { HEIGHT, stage, WIDTH } from './testing/stage.ts';

// What a 2-D canvas is given to draw the slide with: never more of a tile than is seen of it.

const on = stage();
const MIB = 2 ** 20;
const CENTRE = { x: 8200, y: 8200 };

/** A level four times apart from the next, tiles of 512 px: at the worst zoom whole tiles are 3.3 times the screen's pixels. */
const slide = () => checkerboard({ widthPx: 16_384, heightPx: 16_384, downsamples: [1, 4], tile: 512, bitmaps: true });

const real = CanvasRenderingContext2D.prototype.drawImage;
afterEach(() => {
  CanvasRenderingContext2D.prototype.drawImage = real;
});

/** Watches what the slide's canvas draws: bytes by picture, since the last call. */
function watched(): () => number {
  const drawn = new Map<unknown, number>();
  CanvasRenderingContext2D.prototype.drawImage = function (this: CanvasRenderingContext2D, ...of: unknown[]) {
    const [image] = of;
    if (
      (image instanceof HTMLCanvasElement || image instanceof ImageBitmap) &&
      this.canvas === on.element.querySelector('canvas')
    )
      drawn.set(image, 4 * image.width * image.height);
    Reflect.apply(real, this, of);
  };
  return () => {
    const bytes = [...drawn.values()].reduce((sum, each) => sum + each, 0);
    drawn.clear();
    return bytes;
  };
}

test('at every zoom the tiles that are drawn hold no more than four times the pixels of the screen', async () => {
  await on.viewer.open(slide(), on);
  const bytes = watched();
  for (let zoom = 0.3; zoom < 1.1; zoom *= 1.09) {
    await on.viewer.setView({ centre: CENTRE, zoom }, on);
    bytes();
    await on.frames(3); // the first that keeps the zoom makes all that are missing
    await on.viewer.setView({ centre: { x: CENTRE.x + 1 / zoom, y: CENTRE.y }, zoom }, on);
    const seen = bytes();
    expect(seen / MIB, `at ${zoom}`).toBeLessThan((4 * 4 * WIDTH * HEIGHT) / MIB + 2);
    expect(seen).toBeGreaterThan(0);
  }
});

test('whichever version is drawn, the slide lies where it lies', async () => {
  await on.viewer.open(slide(), on);
  for (const zoom of [0.4, 0.5, 0.62, 0.74, 0.9]) {
    await on.viewer.setView({ centre: CENTRE, zoom }, on);
    const at = await on.shot();
    for (let k = 0; k < 200; k++) {
      const [x, y] = [(k * 131) % WIDTH, (k * 197) % HEIGHT];
      const place = [CENTRE.x + (x + 0.5 - WIDTH / 2) / zoom, CENTRE.y + (y + 0.5 - HEIGHT / 2) / zoom] as const;
      const fromEdge = Math.min(...place.map((v) => Math.abs(v - 256 * Math.round(v / 256))));
      if (fromEdge * zoom < 3) continue; // blended
      const [r = 0, g = 0, b = 0] = at(x, y);
      const expected = colourOf(...place);
      expect(Math.max(...[r, g, b].map((v, c) => Math.abs(v - (expected[c] ?? 0))))).toBeLessThan(3);
    }
  }
});

describe('three quarters of a tile', () => {
  const ZOOM = 0.7; // tiles of three quarters are drawn, at .93 of their size
  const SIDE = 64; // screen px that are compared, about the middle
  /** Waves some four pixels long both ways: halves cannot hold them, three quarters can. */
  const valueAt = (x: number, y: number): number =>
    128 + 50 * Math.sin((2 * Math.PI * x) / 4.3) + 50 * Math.sin((2 * Math.PI * y) / 3.9);

  const waves = (): Slide => {
    const { readTile: _readTile, ...slide } = checkerboard({ widthPx: 4096, heightPx: 4096, tile: 512 });
    return {
      ...slide,
      readTile: async ({ col, row }) => {
        const rgba = new Uint8ClampedArray(4 * 512 * 512).fill(255);
        for (let i = 0; i < 512 * 512; i++)
          rgba.fill(valueAt(512 * col + (i % 512), 512 * row + Math.floor(i / 512)), 4 * i, 4 * i + 3);
        return { width: 512, height: 512, rgba };
      },
    };
  };

  /** The mean of what a screen pixel covers, each slide pixel by its part. @param from slide px of the first one's corner */
  function shrunk([left, top]: readonly [number, number]): Float64Array {
    const span = (from: number): { at: number; part: number }[] => {
      const to = from + 1 / ZOOM;
      return Array.from({ length: Math.ceil(to) - Math.floor(from) }, (_, k) => {
        const at = Math.floor(from) + k;
        return { at, part: ZOOM * (Math.min(to, at + 1) - Math.max(from, at)) };
      });
    };
    return Float64Array.from({ length: SIDE * SIDE }, (_, i) => {
      const [xs, ys] = [span(left + (i % SIDE) / ZOOM), span(top + Math.floor(i / SIDE) / ZOOM)];
      let sum = 0;
      for (const x of xs) for (const y of ys) sum += x.part * y.part * Math.round(valueAt(x.at, y.at));
      return sum;
    });
  }

  /** The same by way of a version of that share, as the drawer makes and draws them. */
  function byWayOf(share: number, [left, top]: readonly [number, number]): Float64Array {
    const canvasOf = (side: number) => {
      const context = new OffscreenCanvas(side, side).getContext('2d');
      if (!context) throw new Error('no canvas');
      return context;
    };
    const [x0, y0] = [Math.floor(left), Math.floor(top)];
    const [whole, version, screen] = [canvasOf(512), canvasOf(512 * share), canvasOf(SIDE)];
    const rgba = new Uint8ClampedArray(4 * 512 * 512).fill(255);
    for (let i = 0; i < 512 * 512; i++) rgba.fill(valueAt(x0 + (i % 512), y0 + Math.floor(i / 512)), 4 * i, 4 * i + 3);
    whole.putImageData(new ImageData(rgba, 512, 512), 0, 0);
    version.drawImage(whole.canvas, 0, 0, 512 * share, 512 * share);
    screen.drawImage(version.canvas, ZOOM * (x0 - left), ZOOM * (y0 - top), 512 * ZOOM, 512 * ZOOM);
    return Float64Array.from(screen.getImageData(0, 0, SIDE, SIDE).data.filter((_, i) => i % 4 === 0));
  }

  /** Mean difference from the slide shrunk at once, where that fits best: tiles are drawn on whole px of the screen. */
  function apart(seen: Float64Array, [left, top]: readonly [number, number]): number {
    const shifts = Array.from({ length: 9 }, (_, k) => (k - 4) / 4 / ZOOM);
    const each = shifts.flatMap((dx) => shifts.map((dy) => meanDifference(seen, shrunk([left + dx, top + dy]))));
    return Math.min(...each);
  }

  const meanDifference = (a: Float64Array, b: Float64Array): number =>
    a.reduce((sum, value, i) => sum + Math.abs(value - (b[i] ?? 0)), 0) / a.length;

  test('are as sharp as the slide shrunk at once, where halves are not', async () => {
    await on.viewer.open(waves(), on);
    const centre = { x: 2048 + 100.5, y: 2048 + 60.25 };
    await on.viewer.setView({ centre, zoom: ZOOM }, on);
    await on.frames(4);
    const at = await on.shot();
    const [x0, y0] = [(WIDTH - SIDE) / 2, (HEIGHT - SIDE) / 2];
    const drawn = Float64Array.from(
      { length: SIDE * SIDE },
      (_, i) => at(x0 + (i % SIDE), y0 + Math.floor(i / SIDE))[0] ?? 0,
    );
    const corner = [centre.x - SIDE / 2 / ZOOM, centre.y - SIDE / 2 / ZOOM] as const;
    const [seen, quarters, halves] = [drawn, byWayOf(0.75, corner), byWayOf(0.5, corner)].map((one) =>
      apart(one, corner),
    );
    console.log(
      `mean difference of 255: drawn ${seen?.toFixed(1)}, by three quarters ${quarters?.toFixed(1)}, by halves ${halves?.toFixed(1)}`,
    );
    expect(halves).toBeGreaterThan(12);
    expect(seen).toBeLessThan(12);
  });
});
