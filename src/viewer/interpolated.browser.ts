import { describe, expect, test } from 'vitest';
import { legendRows } from './legend-rows.ts';
import { rgbOf, stepOf, stepsOf } from './overlay/colormaps.ts';
import { checkerboard } from './testing/checkerboard.ts';
import { HEIGHT, stage, WIDTH } from './testing/stage.ts';
import type { GridStyle, PatchMapStyle } from './viewer-api.ts';

// Interpolation, px by px, against a reckoning that knows boxes only: no lattice, no transform but the viewer's own.

const on = stage();

const [SIDE, COLS, ROWS, LEFT, TOP] = [101.3, 9, 7, 33.4, 21.7]; // level-0 px

const boxes = new Float32Array(4 * COLS * ROWS);
const values = new Float32Array(COLS * ROWS);
for (let i = 0; i < values.length; i++) {
  const [col, row] = [i % COLS, Math.floor(i / COLS)];
  boxes.set([LEFT + col * SIDE, TOP + row * SIDE, SIDE, SIDE], 4 * i);
  values[i] = i === 3 * COLS + 4 ? Number.NaN : 0.5 + 0.45 * Math.sin(2.1 * col + 0.3) * Math.cos(1.3 * row);
}
const map = { name: 'Attention, by rank', boxes, values };
const style: PatchMapStyle = {
  ...{ shown: true, opacity: 1, threshold: 0.2, colormap: 'viridis', range: [0, 1] },
  interpolated: true,
};

const valueAt = (col: number, row: number): number =>
  col < 0 || row < 0 || col >= COLS || row >= ROWS ? Number.NaN : (values[row * COLS + col] ?? Number.NaN);

/** What a level-0 point is worth: the box it lies in has a value, and is weighed with the boxes whose centres are nearest. */
function expectedAt(x: number, y: number): number {
  const own = [Math.floor((x - LEFT) / SIDE), Math.floor((y - TOP) / SIDE)] as const;
  if (Number.isNaN(valueAt(...own))) return Number.NaN;
  let [sum, weight] = [0, 0];
  for (let row = own[1] - 1; row <= own[1] + 1; row++)
    for (let col = own[0] - 1; col <= own[0] + 1; col++) {
      const share =
        Math.max(0, 1 - Math.abs(x - (LEFT + (col + 0.5) * SIDE)) / SIDE) *
        Math.max(0, 1 - Math.abs(y - (TOP + (row + 0.5) * SIDE)) / SIDE);
      const value = valueAt(col, row);
      if (Number.isNaN(value)) continue;
      sum += share * value;
      weight += share;
    }
  return sum / weight;
}

const colourAt = (value: number): number[] =>
  value >= style.threshold ? [...rgbOf(stepsOf('viridis')[stepOf(value, [0, 1])] ?? ''), 255] : [0, 0, 0, 0];

async function open(zoom: number, rotation: number, flipped: boolean): Promise<void> {
  await on.viewer.open(checkerboard({ widthPx: 1000, heightPx: 800, downsamples: [1, 4] }), { signal: on.signal });
  await on.viewer.setView({ centre: { x: 480.3, y: 390.8 }, zoom, rotation, flipped }, { signal: on.signal });
}

describe('interpolated', () => {
  test.each([
    [0.6, 0, false],
    [2.37, 0, false],
    [1.3, 90, true],
    [0.8, 33.3, false],
  ])('every px is what its place is worth, at zoom %d turned by %d°, flipped: %s', async (zoom, rotation, flipped) => {
    await open(zoom, rotation, flipped);
    on.viewer.setPatchMap(map, style);
    await on.viewer.settled({ signal: on.signal });
    const canvas = on.layer('findings');
    const ratio = on.layer('marks').width / WIDTH;
    const margin = (canvas.width - WIDTH * ratio) / 2;
    const copy = new OffscreenCanvas(WIDTH * ratio, HEIGHT * ratio);
    const context = copy.getContext('2d');
    context?.drawImage(canvas, -margin, -margin);
    const seen = context?.getImageData(0, 0, copy.width, copy.height).data ?? new Uint8ClampedArray(0);
    let [wrong, drawn, clear] = [0, 0, 0];
    for (let py = 1; py < copy.height; py += 3)
      for (let px = 1; px < copy.width; px += 3) {
        const { x, y } = on.viewer.toSlide((px + 0.5) / ratio, (py + 0.5) / ratio);
        const expected = colourAt(expectedAt(x, y));
        const from = 4 * (py * copy.width + px);
        if (expected[3] === 0) clear++;
        else drawn++;
        if (expected.some((part, k) => part !== seen[from + k])) wrong++;
      }
    expect(drawn).toBeGreaterThan(10_000);
    expect(clear).toBeGreaterThan(500);
    expect(wrong / (drawn + clear)).toBeLessThan(0.0005); // px on the very line between two steps: 32-bit boxes
  });

  test('off by default; the legend and a picture say it where it is on', async () => {
    await open(1, 0, false);
    const { interpolated: _, ...plain } = style;
    on.viewer.setPatchMap(map, plain);
    await on.viewer.settled({ signal: on.signal });
    const at = on.viewer.toScreen(LEFT + 2 * SIDE + 3, TOP + 2 * SIDE + 3);
    expect(on.overlayAt(at.x, at.y)).toEqual(colourAt(valueAt(2, 2)));
    expect(on.viewer.legend().patchMap?.interpolated).toBe(false);
    on.viewer.setPatchMap(map, style);
    expect(legendRows(on.viewer.legend())[0]).toEqual({
      is: 'head',
      text: 'Attention, by rank, from 0.2 on, interpolated',
    });
    await on.viewer.settled({ signal: on.signal });
    expect(on.overlayAt(at.x, at.y)).toEqual(colourAt(expectedAt(LEFT + 2 * SIDE + 3.5, TOP + 2 * SIDE + 3.5)));
  });

  test('the second map of a swipe is interpolated on its own side', async () => {
    await open(1, 0, false);
    const { interpolated: _, ...plain } = style;
    on.viewer.setPatchMap(map, plain);
    on.viewer.setSwipe({ of: 'patchMap', map, style, at: 0.5 });
    await on.viewer.settled({ signal: on.signal });
    for (const [x, y] of [
      [WIDTH / 2 - 40.5, 200.5],
      [WIDTH / 2 + 40.5, 200.5],
    ] as const) {
      const place = on.viewer.toSlide(x, y);
      const [col, row] = [Math.floor((place.x - LEFT) / SIDE), Math.floor((place.y - TOP) / SIDE)];
      const expected = x < WIDTH / 2 ? valueAt(col, row) : expectedAt(place.x, place.y);
      expect(on.overlayAt(x, y)).toEqual(colourAt(expected));
    }
  });

  test('where no worker can be had the page interpolates', async () => {
    const own = globalThis.Worker;
    class DeadWorker extends EventTarget {
      constructor() {
        super();
        setTimeout(() => this.dispatchEvent(new ErrorEvent('error', { message: 'no worker here' })));
      }
      postMessage(): void {}
      terminate(): void {}
    }
    globalThis.Worker = DeadWorker as unknown as typeof Worker;
    try {
      await open(1, 0, false);
      on.viewer.setPatchMap(map, style);
      await on.viewer.settled({ signal: on.signal });
      const at = on.viewer.toScreen(LEFT + 2 * SIDE + 3, TOP + 2 * SIDE + 3);
      await expect
        .poll(() => on.overlayAt(at.x, at.y))
        .toEqual(colourAt(expectedAt(LEFT + 2 * SIDE + 3.5, TOP + 2 * SIDE + 3.5)));
      expect(on.layer('findings').width).toBe(on.layer('marks').width); // without a margin: the page's
    } finally {
      globalThis.Worker = own;
    }
  });

  test('one class of a grid is interpolated across its patches; the most probable class never is', async () => {
    await open(1, 0, false);
    const patch = (x: number, value: number) => ({
      ...{ x, y: 100.5, cellWidth: 100.25, cellHeight: 100.25, cols: 1, rows: 1 },
      values: Float32Array.of(value, 1 - value),
    });
    const grid = {
      name: 'Tissue',
      channels: [
        { name: 'Tumour', color: '#ff7a1a' },
        { name: 'Stroma', color: '#8cf2b4' },
      ],
      patches: [patch(200.5, 0.95), patch(300.75, 0.05)],
    };
    const one: GridStyle = {
      ...{ shown: true, opacity: 1, threshold: 0, channel: 0, colormap: 'viridis' },
      interpolated: true,
    };
    on.viewer.setGrid(grid, one);
    await on.viewer.settled({ signal: on.signal });
    const stepAt = (x: number): number[] => {
      const at = on.viewer.toScreen(x, 190);
      return on.overlayAt(at.x, at.y);
    };
    for (const x of [210, 260, 290, 305, 330, 390]) {
      const share = Math.min(1, Math.max(0, (x + 0.5 - 250.625) / 100.25));
      expect(stepAt(x).slice(0, 3)).toEqual([...rgbOf(stepsOf('viridis')[stepOf(0.95 - 0.9 * share, [0, 1])] ?? '')]);
    }
    expect(stepAt(405)[3]).toBe(0);
    expect(on.viewer.legend().grid?.interpolated).toBe(true);
    on.viewer.setGrid(grid, { ...one, channel: 'argmax', colormap: 'classes' });
    await on.viewer.settled({ signal: on.signal });
    expect(stepAt(299)).toEqual([255, 122, 26, 255]);
    expect(stepAt(303)).toEqual([140, 242, 180, 255]);
    expect(on.viewer.legend().grid?.interpolated).toBe(false);
  });
});
