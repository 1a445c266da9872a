import { describe, expect, test } from 'vitest';
import { rgbOf, stepsOf } from './overlay/colormaps.ts';
import { checkerboard } from './testing/checkerboard.ts';
import { HEIGHT, stage, WIDTH } from './testing/stage.ts';
import { type ClassMap, type PatchMap, type PatchMapStyle, UNSEEN, UNSURE } from './viewer-api.ts';

// A value a patch: where the boxes lie, what is not drawn, the comparison of two, the lasso, the mark.

const on = stage();

const [SIDE, COLS, ROWS] = [100.5, 20, 15]; // level-0 px; fractional, as a model's patches are

/** Patch (col, row) has the value (col + 0.5) / COLS: in the middle of a step's half. */
const ramp = (name: string, change: (value: number, i: number) => number = (value) => value): PatchMap => {
  const boxes = new Float32Array(4 * COLS * ROWS);
  const values = new Float32Array(COLS * ROWS);
  for (let i = 0; i < values.length; i++) {
    const [col, row] = [i % COLS, Math.floor(i / COLS)];
    boxes.set([col * SIDE, row * SIDE, SIDE, SIDE], 4 * i);
    values[i] = change((col + 0.5) / COLS, i);
  }
  return { name, boxes, values };
};

const style: PatchMapStyle = { shown: true, opacity: 1, threshold: 0, colormap: 'viridis', range: [0, 1] };
const colourAt = (step: number, map: PatchMapStyle['colormap'] = 'viridis') => rgbOf(stepsOf(map)[step] ?? '');

async function open(zoom = 0.5, rotation = 0): Promise<void> {
  await on.viewer.open(checkerboard({ widthPx: 2010, heightPx: 1508, downsamples: [1, 4] }), { signal: on.signal });
  await on.viewer.setView({ centre: { x: 1005, y: 754 }, zoom, rotation }, { signal: on.signal });
}

const seenAt = (x: number, y: number): number[] => {
  const at = on.viewer.toScreen(x, y);
  return on.overlayAt(at.x, at.y);
};

describe('a patch map', () => {
  test.each([
    [0.5, 0],
    [0.9, 0],
    [1.7, 90],
    [0.6, 33.3],
  ])('has its boxes where they belong, at zoom %d turned by %d°', async (zoom, rotation) => {
    await open(zoom, rotation);
    on.viewer.setPatchMap(ramp('Attention'), style);
    await on.frames(2);
    let checked = 0;
    const clear = 2 / zoom; // level-0 px of two CSS px: beyond a blended edge
    for (let col = 0; col < COLS; col++) {
      for (const x of [col * SIDE + clear, (col + 1) * SIDE - clear]) {
        const at = on.viewer.toScreen(x, 754);
        if (at.x < 1 || at.y < 1 || at.x >= WIDTH - 1 || at.y >= HEIGHT - 1) continue;
        expect(seenAt(x, 754)).toEqual([...colourAt(Math.floor(col / 2)), 255]);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(4);
  });

  test.each([
    [1.3, 0],
    [0.056, 0], // a box of 5.6 px
    [0.4, 270],
    [0.7, 20],
  ])('an isolated box is as large as its patch, at zoom %d turned by %d°', async (zoom, rotation) => {
    await open(zoom, rotation);
    const box = { x: 903.25, y: 702.5, width: SIDE, height: SIDE };
    const boxes = Float32Array.of(box.x, box.y, box.width, box.height);
    on.viewer.setPatchMap({ name: 'Attention', boxes, values: Float32Array.of(0.5) }, style);
    await on.frames(2);
    const px = 1 / zoom; // level-0 px a CSS px
    const [midX, midY] = [box.x + SIDE / 2, box.y + SIDE / 2];
    for (const [dx, dy] of [
      [-1, 0],
      [1, 0],
      [0, -1],
      [0, 1],
    ] as const) {
      const edge = (beyond: number) => SIDE / 2 + beyond * px;
      expect(seenAt(midX + dx * edge(-1.5), midY + dy * edge(-1.5))).toEqual([...colourAt(5), 255]);
      expect(seenAt(midX + dx * edge(1.5), midY + dy * edge(1.5))[3]).toBe(0);
    }
  });

  test('NaN, and values below the threshold, are not drawn; neither is a hidden map', async () => {
    await open();
    const holes = ramp('Attention', (value, i) => (i % COLS === 12 ? Number.NaN : value));
    on.viewer.setPatchMap(holes, { ...style, threshold: 0.5 });
    await on.frames(2);
    expect(seenAt(9.5 * SIDE, 754)[3]).toBe(0); // 0.475
    expect(seenAt(10.5 * SIDE, 754)).toEqual([...colourAt(5), 255]);
    expect(seenAt(12.5 * SIDE, 754)[3]).toBe(0);
    on.viewer.setPatchMap(holes, { ...style, shown: false });
    await on.frames(2);
    expect(seenAt(10.5 * SIDE, 754)[3]).toBe(0);
    expect(on.viewer.legend().patchMap).toBeUndefined();
  });

  test('the legend says its steps, its range and its threshold', async () => {
    await open();
    on.viewer.setPatchMap(ramp('Attention, raw'), { ...style, range: [0, 0.02], threshold: 0.001 });
    const legend = on.viewer.legend().patchMap;
    expect(legend).toMatchObject({ name: 'Attention, raw', threshold: 0.001, greyTissue: true });
    expect(legend?.entries).toHaveLength(10);
    expect(legend?.entries[9]).toMatchObject({ color: '#fde725', label: '0.018 to 0.02' });
  });

  test('goes with the slide', async () => {
    await open();
    on.viewer.setPatchMap(ramp('Attention'), style);
    await open();
    await on.frames(2);
    expect(seenAt(1000, 754)[3]).toBe(0);
  });
});

describe('two maps compared', () => {
  const other = ramp('Other', () => 0.95);
  const swipe = { of: 'patchMap' as const, map: other, style: { ...style, colormap: 'cividis' as const } };

  test('the second shows right of the divider, also while the slide moves', async () => {
    await open();
    on.viewer.setPatchMap(
      ramp('One', () => 0.05),
      style,
    );
    on.viewer.setSwipe({ ...swipe, at: 0.25 });
    for (const x of [1005, 900]) {
      await on.viewer.setView({ centre: { x, y: 754 } }, { signal: on.signal });
      await on.frames(2);
      expect(on.overlayAt(0.25 * WIDTH - 3, 200)).toEqual([...colourAt(0), 255]);
      expect(on.overlayAt(0.25 * WIDTH + 3, 200)).toEqual([...colourAt(9, 'cividis'), 255]);
    }
    on.viewer.setSwipe(undefined);
    await on.frames(2);
    expect(on.overlayAt(0.25 * WIDTH + 3, 200)).toEqual([...colourAt(0), 255]);
  });

  test('the divider is a slider: dragged, and moved by arrows', async () => {
    await open();
    on.viewer.setPatchMap(ramp('One'), style);
    const moved: number[] = [];
    on.viewer.on('swipe', (at) => {
      moved.push(at);
      on.viewer.setSwipe({ ...swipe, at });
    });
    on.viewer.setSwipe({ ...swipe, at: 0.5 });
    const divider = (): HTMLElement | null => on.element.querySelector<HTMLElement>('[role="slider"]');
    await expect.poll(divider).not.toBeNull(); // its code comes with the first swipe
    const handle = divider();
    if (!handle) throw new Error('no divider');
    expect(handle.getAttribute('aria-valuenow')).toBe('50');
    handle.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true, cancelable: true }));
    expect(moved[0]).toBeCloseTo(0.48, 9);
    const box = handle.getBoundingClientRect();
    expect(box.left + box.width / 2).toBeCloseTo(0.48 * WIDTH, 0);
    const before = on.viewer.view().centre;
    handle.setPointerCapture = () => undefined;
    handle.hasPointerCapture = () => true;
    const pointer = (type: string, clientX: number): boolean =>
      handle.dispatchEvent(new PointerEvent(type, { clientX, clientY: 100, pointerId: 1, bubbles: true }));
    pointer('pointerdown', 0.48 * WIDTH);
    pointer('pointermove', 0.75 * WIDTH);
    expect(moved.at(-1)).toBeCloseTo(0.75, 9);
    pointer('pointermove', 9 * WIDTH);
    expect(moved.at(-1)).toBe(1);
    expect(on.viewer.view().centre).toEqual(before); // the slide stayed
  });
});

test('a mark frames one patch, double', async () => {
  await open();
  on.viewer.setMark({ x: 5 * SIDE, y: 7 * SIDE, width: SIDE, height: SIDE });
  await on.frames(2);
  const corner = on.viewer.toScreen(5 * SIDE, 7.5 * SIDE);
  expect(on.overlayAt(corner.x, corner.y)[3]).toBeGreaterThan(200);
  expect(on.overlayAt(corner.x - 4, corner.y)[3]).toBeGreaterThan(120);
  expect(seenAt(5.5 * SIDE, 7.5 * SIDE)[3]).toBe(0);
  on.viewer.setMark(undefined);
  await on.frames(2);
  expect(on.overlayAt(corner.x, corner.y)[3]).toBe(0);
});

describe('a class map', () => {
  const classes = [
    { name: 'Tumour', color: '#ff7a1a' },
    { name: 'Stroma', color: '#1fa2ff' },
  ];
  /** Columns in turn: the two classes, not sure, not seen. */
  const map = (labelled: (i: number) => boolean = () => false): ClassMap => {
    const { boxes, values } = ramp('');
    const classIndex = Uint8Array.from(values, (_, i) => [0, 1, UNSURE, UNSEEN][(i % COLS) % 4] ?? UNSEEN);
    return {
      name: 'Head',
      boxes,
      classIndex,
      labelled: Uint8Array.from(values, (_, i) => +labelled(i)),
      classes,
      opacity: 1,
    };
  };
  const middle = (col: number, row = 7): [number, number] => [(col + 0.5) * SIDE, (row + 0.5) * SIDE];

  test('fills the patches of each class, frames those that are not sure, and says how many', async () => {
    await open();
    on.viewer.setPatchMap(ramp('Attention'), style);
    on.viewer.setClassMap(map());
    await on.frames(2);
    expect(seenAt(...middle(8))).toEqual([255, 122, 26, 255]);
    expect(seenAt(...middle(9))).toEqual([31, 162, 255, 255]);
    expect(seenAt(...middle(10))[3]).toBe(0); // nor the patch map beneath
    expect(seenAt(...middle(11))[3]).toBe(0);
    const left = Array.from({ length: 24 }, (_, k) => seenAt(10 * SIDE + 2, (7 + k / 24) * SIDE)[3] ?? 0);
    expect(left.some((alpha) => alpha > 100) && left.some((alpha) => alpha < 60)).toBe(true); // dashes
    expect(on.viewer.legend().classMap).toEqual({
      name: 'Head',
      opacity: 1,
      entries: classes.map((of) => ({ ...of, patches: (COLS * ROWS) / 4 })),
      unsure: (COLS * ROWS) / 4,
    });
    expect(on.viewer.legend().patchMap).toBeUndefined();
    on.viewer.setClassMap(undefined);
    await on.frames(2);
    expect(seenAt(...middle(8))).toEqual([...colourAt(4), 255]);
  });

  test('a labelled patch has a white frame on its fill', async () => {
    await open(1);
    on.viewer.setClassMap(map((i) => i === 7 * COLS + 8));
    await on.frames(2);
    const frame = Array.from({ length: 6 }, (_, k) => seenAt(8 * SIDE + k, 7.5 * SIDE)); // level-0 px from the edge inward
    expect(frame.some(([r = 0, g = 0, b = 0]) => Math.min(r, g, b) > 200)).toBe(true);
    expect(seenAt(...middle(8))).toEqual([255, 122, 26, 255]);
  });
});
