import { describe, expect, test } from 'vitest';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import { rgbOf, stepOf, stepsOf } from './overlay/colormaps.ts';
import { offscreen } from './overlay/context.ts';
import { GridPictures } from './overlay/grid-pictures.ts';
import { checkerboard } from './testing/checkerboard.ts';
import { HEIGHT, stage, WIDTH } from './testing/stage.ts';
import type { GridStyle, Swipe } from './viewer-api.ts';

// Maps of a whole slide, ten thousand patches: in few pictures, painted by the worker on either side of a divider too. Times
// are printed, not judged.

const on = stage();

const [CELL, CELLS, SIDE, CLASSES] = [128.256, 17, 100, 7]; // level-0 px a cell, cells a patch's side, patches a slide's, channels
const [LEFT, TOP] = [12.3, 45.6]; // level-0 px
const STEP = 40; // cells that have one value

/** The same value in blocks of cells, so that a px of a small picture can be foretold; NaN in every seventh block of columns. */
const valueAt = (col: number, row: number, seed: number): number => {
  const [u, v] = [Math.floor(col / STEP), Math.floor(row / STEP)];
  return u % 7 === 6 ? Number.NaN : ((u * 3 + v * 7 + seed) % 10) / 10 + 0.05;
};

function patchAt(col: number, row: number, seed: number): GridPatch {
  const values = new Float32Array(CLASSES * CELLS * CELLS);
  for (let i = 0; i < CELLS * CELLS; i++) {
    const value = valueAt(col * CELLS + (i % CELLS), row * CELLS + Math.floor(i / CELLS), seed);
    for (let channel = 0; channel < CLASSES; channel++) values[channel * CELLS * CELLS + i] = value / (channel + 1);
  }
  const span = CELL * CELLS;
  return {
    x: LEFT + col * span,
    y: TOP + row * span,
    cellWidth: CELL,
    cellHeight: CELL,
    cols: CELLS,
    rows: CELLS,
    values,
  };
}

function grid(name: string, seed: number, side = SIDE): ValueGrid {
  const patches = Array.from({ length: side * side }, (_, k) => patchAt(k % side, Math.floor(k / side), seed));
  const channels = Array.from({ length: CLASSES }, (_, i) => ({ name: `Class ${i}`, color: `#${i}0c0ff` }));
  return { name, channels, patches };
}

const style: GridStyle = { shown: true, opacity: 1, threshold: 0, channel: 0, colormap: 'viridis' };

const colourAt = (x: number, y: number, seed: number, map: 'viridis' | 'cividis' = 'viridis'): number[] => {
  const value = valueAt(Math.floor((x - LEFT) / CELL), Math.floor((y - TOP) / CELL), seed);
  return Number.isNaN(value) ? [0, 0, 0, 0] : [...rgbOf(stepsOf(map)[stepOf(value, [0, 1])] ?? ''), 255];
};

async function open(zoom: number, rotation = 0): Promise<void> {
  const slide = checkerboard({ widthPx: 262_144, heightPx: 262_144, downsamples: [1, 8, 64, 512], tile: 512 });
  await on.viewer.open(slide, { signal: on.signal });
  await on.viewer.setView({ centre: { x: 109_000, y: 109_000 }, zoom, rotation }, { signal: on.signal });
  await on.viewer.settled({ signal: on.signal });
}

/** The middle of each block on screen has its colour. @param between CSS px across */
function expectBlocks(between: readonly [number, number], colour: (x: number, y: number) => number[]): void {
  let [seen, clear] = [0, 0];
  for (let v = 0; (v + 1) * STEP < SIDE * CELLS; v++)
    for (let u = 0; (u + 1) * STEP < SIDE * CELLS; u++) {
      const [x, y] = [LEFT + (u + 0.5) * STEP * CELL, TOP + (v + 0.5) * STEP * CELL];
      const at = on.viewer.toScreen(x, y);
      if (at.x < between[0] + 1 || at.x > between[1] - 1 || at.y < 1 || at.y > HEIGHT - 1) continue;
      expect(on.overlayAt(at.x, at.y), `at ${u}, ${v}`).toEqual(colour(x, y));
      seen++;
      if (colour(x, y)[3] === 0) clear++;
    }
  expect(seen).toBeGreaterThan(20);
  expect(clear).toBeGreaterThan(1);
}

/** What it takes until it is on screen, and how long the page could do nothing else. */
async function timed(what: string, show: () => void): Promise<void> {
  const tasks: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(Math.round(duration));
  });
  observer.observe({ type: 'longtask' });
  await new Promise((resolve) => setTimeout(resolve, 200));
  tasks.length = 0; // those of what was looked at before
  const began = performance.now();
  show();
  await on.frames(1);
  await on.viewer.settled({ signal: on.signal });
  const ms = performance.now() - began;
  await new Promise((resolve) => setTimeout(resolve, 200)); // long tasks are told afterwards
  observer.disconnect();
  console.log(`${what}: on screen after ${Math.round(ms)} ms; tasks above 50 ms: ${tasks.join(', ') || 'none'}`);
}

describe('a map of ten thousand patches', () => {
  const [one, two] = [grid('One', 0), grid('Two', 4)];
  const swipe = (at: number): Swipe => ({ of: 'grid', grid: { ...two }, style: { ...style, colormap: 'cividis' }, at });
  const canvases = () => [...on.element.querySelectorAll<HTMLCanvasElement>('canvas[data-layer="findings"]')];

  test('alone and on either side of a divider each cell has its colour; the divider moves without a new picture', async () => {
    await open(HEIGHT / 225_000);
    await timed('One map', () => on.viewer.setGrid(one, style));
    expectBlocks([0, WIDTH], (x, y) => colourAt(x, y, 0));
    await timed('A second one right of a divider', () => on.viewer.setSwipe(swipe(0.5)));
    const expectSides = (cut: number): void => {
      expectBlocks([0, cut], (x, y) => colourAt(x, y, 0));
      expectBlocks([cut, WIDTH], (x, y) => colourAt(x, y, 4, 'cividis'));
    };
    expectSides(WIDTH / 2);
    const pixel = await on.shot();
    const [left, right] = [200.5, WIDTH - 200.5].map((x) => on.viewer.toSlide(x, HEIGHT / 2 + 0.5));
    for (const [x, colour] of [
      [200.5, left && colourAt(left.x, left.y, 0)],
      [WIDTH - 200.5, right && colourAt(right.x, right.y, 4, 'cividis')],
    ] as const)
      expect(pixel(x, HEIGHT / 2 + 0.5)).toEqual(colour);
    const taken = HTMLCanvasElement.prototype.getContext;
    let pictures = 0;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, ...args: unknown[]) {
      if (args[0] === 'bitmaprenderer') pictures++;
      return Reflect.apply(taken, this, args);
    } as typeof taken;
    try {
      await timed('The divider moves', () => on.viewer.setSwipe(swipe(0.65)));
      expectSides(Math.round(0.65 * WIDTH));
      expect(pictures).toBe(0);
    } finally {
      HTMLCanvasElement.prototype.getContext = taken;
    }
    await timed('Other colours', () => on.viewer.setSwipe({ ...swipe(0.65), style } as Swipe));
    expectBlocks([Math.round(0.65 * WIDTH), WIDTH], (x, y) => colourAt(x, y, 4));
    on.viewer.setSwipe(undefined);
    await on.viewer.settled({ signal: on.signal });
    expect(canvases()).toHaveLength(1);
    expectBlocks([0, WIDTH], (x, y) => colourAt(x, y, 0));
  });

  test('while the slide moves and turns the pictures go along and the divider stays', async () => {
    await open(HEIGHT / 225_000);
    on.viewer.setGrid(one, style);
    on.viewer.setSwipe(swipe(0.4));
    await on.viewer.settled({ signal: on.signal });
    on.viewer.place({ centre: { x: 112_000, y: 104_000 }, zoom: HEIGHT / 200_000, rotation: 20, flipped: false });
    await on.frames(1);
    const [left, right] = canvases();
    for (const canvas of [left, right]) expect(canvas?.style.transform).toContain('rotate(20deg)');
    const windows = [left, right].map((canvas) => canvas?.parentElement?.parentElement?.getBoundingClientRect());
    expect(windows.map((window) => [window?.left, window?.right])).toEqual([
      [0, 0.4 * WIDTH],
      [0.4 * WIDTH, WIDTH],
    ]);
    await on.viewer.settled({ signal: on.signal });
    const lefts = canvases().map((canvas) => canvas.getBoundingClientRect().left);
    expect(lefts).toEqual([-192, -192]); // both lie over the whole view, with its margin
    expectBlocks([0, 0.4 * WIDTH], (x, y) => colourAt(x, y, 0));
    expectBlocks([0.4 * WIDTH, WIDTH], (x, y) => colourAt(x, y, 4, 'cividis'));
  });
});

describe('pictures of a grid', () => {
  const { canvas, context } = offscreen(WIDTH, HEIGHT);
  const side = 12;
  const span = side * CELLS * CELL;
  const frame = {
    ...{ width: WIDTH, height: HEIGHT, zoom: HEIGHT / (1.1 * span), rotation: 0 },
    centre: { x: LEFT + span / 2, y: TOP + span / 2 },
  };
  const pen = { context, frame, pixelRatio: 1, mpp: undefined };
  const at = (x: number, y: number): number[] => {
    const px = Math.floor((x - frame.centre.x) * frame.zoom + WIDTH / 2);
    const py = Math.floor((y - frame.centre.y) * frame.zoom + HEIGHT / 2);
    return [...context.getImageData(px, py, 1, 1).data];
  };
  const middleOf = (patch: GridPatch) => [patch.x + 8.5 * CELL, patch.y + 8.5 * CELL] as const;
  const draw = (pictures: GridPictures, of: ValueGrid): void => {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    pictures.draw(pen, of, style);
  };

  test('patches of one cut share them; one beside the others’ cells keeps its own place; one that goes is gone', () => {
    const of = grid('One', 0, side);
    const pictures = new GridPictures();
    draw(pictures, of);
    expect(pictures.count).toBeLessThan(10); // of 144 patches
    const [first, second, ...others] = of.patches;
    if (!first || !second) throw new Error('no patches');
    const values = second.values.map(() => 0.95);
    const beside = { ...second, x: second.x + 0.37 * CELL, values };
    const changed = { ...of, patches: [first, beside, ...others] };
    draw(pictures, changed);
    const edge = beside.x + CELLS * CELL;
    const y = beside.y + 8.5 * CELL;
    const px = 1 / frame.zoom; // level-0 px
    expect(at(edge - 1.5 * px, y)).toEqual([...rgbOf(stepsOf('viridis')[9] ?? ''), 255]);
    expect(at(edge + 2.5 * px, y)).toEqual(colourAt(edge + 2.5 * px, y, 0));
    expect(at(second.x + 1, y)[3]).toBe(0); // where it was before
    draw(pictures, { ...of, patches: others });
    expect(at(...middleOf(first))[3]).toBe(0);
    expect(at(...middleOf(second))[3]).toBe(0);
    draw(pictures, of);
    expect(at(...middleOf(first))).toEqual(colourAt(...middleOf(first), 0));
  });

  test('of any cut they are no more than patches, and each lies where it belongs', () => {
    const of = grid('One', 0, side);
    const patches = of.patches.map((patch, k) => ({ ...patch, x: patch.x + ((k * 37) % 101) / 7, y: patch.y - k / 9 }));
    const pictures = new GridPictures();
    draw(pictures, { ...of, patches });
    expect(pictures.count).toBeLessThanOrEqual(patches.length + 4 * 16);
    for (const [k, patch] of patches.entries()) {
      const own = of.patches[k];
      if (own) expect(at(...middleOf(patch))).toEqual(colourAt(...middleOf(own), 0));
    }
  });

  test('no hairline where two pictures meet, turned too', () => {
    const of = grid('One', 0, 40); // 680 cells: three pictures across
    const full = { ...of, patches: of.patches.map((patch) => ({ ...patch, values: patch.values.map(() => 0.5) })) };
    for (const rotation of [0, 31.7]) {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);
      const centre = { x: LEFT + 340 * CELL, y: TOP + 340 * CELL };
      new GridPictures().draw({ ...pen, frame: { ...frame, centre, zoom: 0.013, rotation } }, full, style);
      const { data } = context.getImageData(0, 0, WIDTH, HEIGHT);
      const clear = data.filter((value, i) => i % 4 === 3 && value !== 255);
      expect(clear).toHaveLength(0);
    }
  });
});
