import { describe, expect, test } from 'vitest';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import { legendRows } from './legend-rows.ts';
import { rgbOf, stepsOf } from './overlay/colormaps.ts';
import { checkerboard } from './testing/checkerboard.ts';
import { HEIGHT, stage, WIDTH } from './testing/stage.ts';
import type { GridStyle, PatchMapStyle } from './viewer-api.ts';

// Maps far from the slide's origin, in every view; two of them on either side of a line; differences.

const on = stage();

const CELL = 64.128; // level-0 px: 32 µm of a slide at 0.499 µm
const [X, Y] = [97_411.37, 61_203.81]; // of the first cell's corner
const style: GridStyle = { shown: true, opacity: 1, threshold: 0, channel: 0, colormap: 'viridis' };
const colourAt = (step: number, map: 'viridis' | 'cividis' | 'difference' = 'viridis') => [
  ...rgbOf(stepsOf(map)[step] ?? ''),
  255,
];

/** Six by four cells, the value (col + row) / 10 + 0.05, in two patches side by side; the fourth column has no tissue. */
function grid(name = 'Tissue classes'): ValueGrid {
  const patch = (col0: number): GridPatch => {
    const values = Float32Array.from({ length: 12 }, (_, i) => {
      const [col, row] = [(i % 3) + col0, Math.floor(i / 3)];
      return col === 3 ? Number.NaN : (col + row) / 10 + 0.05;
    });
    return { x: X + col0 * CELL, y: Y, cellWidth: CELL, cellHeight: CELL, cols: 3, rows: 4, values };
  };
  return { name, channels: [{ name: 'Stroma', color: '#336699' }], patches: [patch(0), patch(3)] };
}

const middle = { x: X + 3 * CELL, y: Y + 2 * CELL };
const seenAt = (x: number, y: number): number[] => {
  const at = on.viewer.toScreen(x, y);
  return on.overlayAt(at.x, at.y);
};
const isSeen = (x: number, y: number): boolean => {
  const at = on.viewer.toScreen(x, y);
  return at.x > 2 && at.y > 2 && at.x < WIDTH - 2 && at.y < HEIGHT - 2;
};

/** Blending rounds once. */
function expectAlike(seen: readonly number[], asked: readonly number[]): void {
  for (const [k, value] of asked.entries())
    expect(Math.abs((seen[k] ?? 0) - value), `${seen} for ${asked}`).toBeLessThanOrEqual(1);
}

async function open(view: { zoom: number; rotation?: number; flipped?: boolean; centre?: { x: number; y: number } }) {
  const slide = checkerboard({ widthPx: 131_072, heightPx: 98_304, downsamples: [1, 8, 64], tile: 512 });
  await on.viewer.open(slide, { signal: on.signal });
  await on.viewer.setView({ centre: middle, ...view }, { signal: on.signal });
}

describe('a map far from the origin does not drift', () => {
  const VIEWS = [
    { zoom: 0.2, rotation: 0 },
    { zoom: 1.3 },
    { zoom: 1.3, rotation: 90, flipped: true },
    { zoom: 0.9, rotation: 37.5 },
    { zoom: 0.9, rotation: 37.5, flipped: true },
    { zoom: 8, rotation: 180 }, // 80× on a slide at 0.25 µm
    { zoom: 8, flipped: true, rotation: 211 },
  ];

  /** Just inside of each cell's edges is its own colour, just outside of the map nothing: a turned edge is blended. */
  async function expectInPlace(zoom: number, rotation = 0): Promise<void> {
    const clear = (rotation % 90 === 0 ? 1.5 : 2.5) / zoom; // level-0 px
    await on.frames(2);
    await on.viewer.settled({ signal: on.signal });
    await on.frames(1);
    let checked = 0;
    for (let row = 0; row < 4; row++)
      for (let col = 0; col < 6; col++) {
        const [x, y] = [X + (col + 0.5) * CELL, Y + (row + 0.5) * CELL];
        const inside = CELL / 2 - clear;
        for (const [dx, dy] of [
          [-inside, 0],
          [inside, 0],
          [0, -inside],
          [0, inside],
        ] as const) {
          if (!isSeen(x + dx, y + dy)) continue;
          const seen = seenAt(x + dx, y + dy);
          if (col === 3)
            expect(seen[3]).toBe(0); // no tissue
          else expectAlike(seen, colourAt(col + row));
          checked++;
        }
      }
    for (const x of [X - clear, X + 6 * CELL + clear])
      if (isSeen(x, middle.y + 5)) expect(seenAt(x, middle.y + 5)[3]).toBe(0);
    expect(checked).toBeGreaterThan(3);
  }

  test.each(VIEWS)('as cells of a grid, %o', async (view) => {
    await open(view);
    on.viewer.setGrid(grid(), style);
    await expectInPlace(view.zoom, view.rotation);
  });

  test.each(VIEWS)('as boxes of patches, %o', async (view) => {
    await open(view);
    const { patches } = grid();
    const cells = patches.flatMap(({ x, values }) =>
      Array.from(values, (value, i) => ({ x: x + (i % 3) * CELL, y: Y + Math.floor(i / 3) * CELL, value })),
    );
    const boxes = Float32Array.from(cells.flatMap(({ x, y }) => [x, y, CELL, CELL]));
    const values = Float32Array.from(cells, ({ value }) => value);
    const plain: PatchMapStyle = { shown: true, opacity: 1, threshold: 0, colormap: 'viridis', range: [0, 1] };
    on.viewer.setPatchMap({ name: 'Attention', boxes, values }, plain);
    await expectInPlace(view.zoom, view.rotation);
  });

  test('after many moves and turns it is where it was', async () => {
    await open({ zoom: 1.3 });
    on.viewer.setGrid(grid(), style);
    for (let k = 1; k <= 12; k++) {
      const away = { x: middle.x + 900 * Math.sin(k), y: middle.y + 700 * Math.cos(k) };
      on.viewer.place({ centre: away, zoom: 0.3 + (k % 7), rotation: 29 * k, flipped: k % 2 === 0 });
      await on.frames(1);
    }
    await on.viewer.setView({ centre: middle, zoom: 1.3, rotation: 0, flipped: false }, { signal: on.signal });
    await expectInPlace(1.3);
  });
});

describe('two maps on either side of a line', () => {
  const other = (): ValueGrid => {
    const of = grid('Tissue classes, run of 14:02 today');
    return { ...of, patches: of.patches.map((patch) => ({ ...patch, values: patch.values.map(() => 0.95) })) };
  };
  const left = { x: X + 0.5 * CELL, y: Y + 0.5 * CELL };
  const right = { x: X + 4.5 * CELL, y: Y + 0.5 * CELL };

  test('a second grid shows right of it only, with its own colours and its own legend', async () => {
    await open({ zoom: 1 });
    on.viewer.setGrid(grid(), style);
    on.viewer.setSwipe({ of: 'grid', grid: other(), style: { ...style, colormap: 'cividis' }, at: 0.5 });
    await on.frames(2);
    expect(seenAt(left.x, left.y)).toEqual(colourAt(0));
    expect(seenAt(right.x, right.y)).toEqual(colourAt(9, 'cividis'));
    const legend = on.viewer.legend();
    expect(legend.divider).toMatchObject({
      left: 'grid',
      right: { name: 'Tissue classes, run of 14:02 today: Stroma' },
    });
    expect(legendRows(legend).flatMap((row) => (row.is === 'head' ? [row.text] : []))).toEqual([
      'Left of the line: Tissue classes: Stroma',
      'Right of the line: Tissue classes, run of 14:02 today: Stroma',
    ]);
    on.viewer.setSwipe(undefined);
    await on.frames(2);
    expect(seenAt(right.x, right.y)).toEqual(colourAt(4));
    expect(on.viewer.legend().divider).toBeUndefined();
  });

  test('the patch map right of it, the grid left of it', async () => {
    await open({ zoom: 1 });
    on.viewer.setGrid(grid(), style);
    const boxes = Float32Array.of(X, Y, 6 * CELL, 4 * CELL);
    const plain: PatchMapStyle = { shown: true, opacity: 1, threshold: 0, colormap: 'cividis', range: [0, 1] };
    on.viewer.setPatchMap({ name: 'Attention', boxes, values: Float32Array.of(0.95) }, plain);
    on.viewer.setSwipe({ of: 'layers', at: 0.5 });
    await on.frames(2);
    expect(seenAt(left.x, left.y)).toEqual(colourAt(0));
    expect(seenAt(right.x, right.y)).toEqual(colourAt(9, 'cividis'));
    expect(on.viewer.legend().divider).toEqual({ left: 'grid', right: 'patchMap' });
  });
});

test('a cell at the slide’s edge is drawn up to it', async () => {
  await on.viewer.open(checkerboard({ widthPx: 800, heightPx: 600 }), { signal: on.signal });
  await on.viewer.setView({ centre: { x: 800, y: 300 }, zoom: 1, rotation: 0 }, { signal: on.signal });
  const [first] = grid().patches;
  if (!first) throw new Error('no patch');
  const cell = {
    ...first,
    x: 750,
    y: 260,
    cellWidth: 100,
    cellHeight: 100,
    cols: 1,
    rows: 1,
    values: Float32Array.of(0.95),
  };
  for (const interpolated of [false, true]) {
    on.viewer.setGrid({ ...grid(), patches: [cell] }, { ...style, interpolated });
    await on.viewer.settled({ signal: on.signal });
    await on.frames(1);
    expect(seenAt(798, 310)).toEqual(colourAt(9));
    expect(seenAt(802, 310)[3]).toBe(0);
  }
});

test('cells below a threshold are not drawn; steps may be uneven, and two maps show at once, each with its legend', async () => {
  await open({ zoom: 1 });
  on.viewer.setGrid(grid(), { ...style, threshold: 0.4 });
  await on.frames(2);
  const cell = (col: number, row: number) => seenAt(X + (col + 0.5) * CELL, Y + (row + 0.5) * CELL);
  expect(cell(2, 1)[3]).toBe(0); // 0.35
  expect(cell(2, 2)).toEqual(colourAt(4));
  expect(on.viewer.legend().grid).toMatchObject({ name: 'Tissue classes: Stroma', threshold: 0.4 });

  const edges = [0, 0.01, 0.02, 0.03, 0.04, 0.1, 0.2, 0.3, 0.4, 0.5, 1]; // as a rank's are
  on.viewer.setGrid(grid(), { ...style, edges, scale: 'rank' });
  const box = { x: X + 5 * CELL, y: Y, width: CELL, height: CELL };
  const plain: PatchMapStyle = { shown: true, opacity: 1, threshold: 0, colormap: 'cividis', range: [0, 1] };
  const boxes = Float32Array.of(box.x, box.y, box.width, box.height);
  on.viewer.setPatchMap({ name: 'Attention', boxes, values: Float32Array.of(0.95) }, plain);
  await on.frames(2);
  expect(cell(0, 0)).toEqual(colourAt(5 - 1)); // 0.05 lies between 0.04 and 0.1
  expect(cell(2, 3)).toEqual(colourAt(9)); // 0.55
  expect(cell(5, 0)).toEqual(colourAt(9, 'cividis'));
  const { grid: first, patchMap } = on.viewer.legend();
  expect([first?.name, patchMap?.name]).toEqual(['Tissue classes: Stroma, rank', 'Attention']);
  expect(first?.entries[4]).toMatchObject({ from: 0.04, to: 0.1 });
});

test('a difference has two hues about nought, and its threshold holds on either side', async () => {
  await open({ zoom: 1 });
  const of = grid('Difference');
  const values = Float32Array.of(-0.9, -0.1, 0.1, 0.5, Number.NaN, 0.9, 0, 0, 0, 0, 0, 0);
  const [first] = of.patches;
  if (!first) throw new Error('no patch');
  const difference = { ...of, patches: [{ ...first, values }] };
  const shown: GridStyle = { ...style, colormap: 'difference', range: [-1, 1] };
  const cell = (col: number, row: number) => seenAt(X + (col + 0.5) * CELL, Y + (row + 0.5) * CELL);
  on.viewer.setGrid(difference, shown);
  await on.frames(2);
  expect(cell(0, 0)).toEqual(colourAt(0, 'difference'));
  expect(cell(2, 0)).toEqual(colourAt(5, 'difference'));
  expect(cell(2, 1)).toEqual(colourAt(9, 'difference'));
  expect(cell(1, 1)[3]).toBe(0); // NaN
  for (const interpolated of [false, true]) {
    on.viewer.setGrid(difference, { ...shown, threshold: 0.4, interpolated });
    await on.frames(2);
    await on.viewer.settled({ signal: on.signal });
    await on.frames(1);
    expect(cell(0, 0)).toEqual(colourAt(0, 'difference'));
    expect(cell(2, 0)[3]).toBe(0);
    expect(cell(2, 1)).toEqual(colourAt(9, 'difference'));
  }
  expect(on.viewer.legend().grid).toMatchObject({ difference: true, threshold: 0.4 });
});
