import { afterEach, expect, test } from 'vitest';
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
    if (image instanceof HTMLCanvasElement && this.canvas === on.element.querySelector('canvas'))
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
