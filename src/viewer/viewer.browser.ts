import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkerboard, colourOf } from './checkerboard.ts';
import { ringsOnGrid } from './made-objects.ts';
import { createViewer } from './viewer.ts';
import type { Viewer } from './viewer-api.ts';

// Positions are checked to a CSS px: OpenSeadragon and the overlay each round to device pixels.

let element: HTMLDivElement;
let viewer: Viewer;
const { signal } = new AbortController();

beforeEach(() => {
  element = document.createElement('div');
  element.style.cssText = 'position:fixed;left:0;top:0;width:640px;height:480px;background:#111';
  document.body.append(element);
  viewer = createViewer({ element, drawer: 'canvas' });
});

afterEach(() => {
  viewer[Symbol.dispose]();
  element.remove();
  expect(document.querySelectorAll('canvas')).toHaveLength(0);
});

const layer = (name: string): HTMLCanvasElement => {
  const found = element.querySelector<HTMLCanvasElement>(`canvas[data-layer="${name}"]`);
  if (!found) throw new Error(`no layer ${name}`);
  return found;
};

/** RGBA of the composed picture at CSS px. */
async function shot(): Promise<(x: number, y: number) => number[]> {
  const bitmap = await createImageBitmap(await viewer.snapshot({ signal }));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no context');
  context.drawImage(bitmap, 0, 0);
  const ratio = bitmap.width / 640;
  return (x, y) => [...context.getImageData(Math.floor(x * ratio), Math.floor(y * ratio), 1, 1).data];
}

const frames = (count: number): Promise<void> =>
  new Promise((resolve) => {
    const next = (left: number): void => {
      if (left === 0) resolve();
      else requestAnimationFrame(() => next(left - 1));
    };
    next(count);
  });

/** RGBA of findings and marks together, without the slide. */
const overlayAt = (x: number, y: number): number[] => {
  const context = new OffscreenCanvas(1, 1).getContext('2d');
  for (const name of ['findings', 'marks']) {
    const canvas = layer(name);
    expect(canvas.style.transform).toBe('');
    const ratio = layer('marks').width / 640;
    const margin = (canvas.width / ratio - 640) / 2;
    context?.drawImage(canvas, -Math.floor((x + margin) * ratio), -Math.floor((y + margin) * ratio));
  }
  return [...(context?.getImageData(0, 0, 1, 1).data ?? [])];
};

describe('the slide', () => {
  // Level 1 is cut short (3333 / 4 = 833.25), level 2 has an odd ratio.
  const slide = () => checkerboard({ widthPx: 3333, heightPx: 2600, downsamples: [1, 4, 13.1] });

  test('is drawn where toScreen says, at any zoom and rotation', async () => {
    await viewer.open(slide(), { signal });
    for (const [zoom, rotation] of [
      [1, 0],
      [0.4, 30],
      [2.3, 90],
      [0.7, 215],
      [0.2, 0],
    ] as const) {
      await viewer.setView({ centre: { x: 1700, y: 1300 }, zoom, rotation }, { signal });
      expect(viewer.view()).toMatchObject({ rotation });
      expect(viewer.view().zoom).toBeCloseTo(zoom, 6);
      expect(viewer.view().magnification).toBeCloseTo(40 * zoom, 6);
      const pixel = await shot();
      let checked = 0;
      for (let y = 32; y < 2600; y += 64) {
        for (let x = 32; x < 3333; x += 64) {
          const at = viewer.toScreen(x, y);
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

  test('a zoom that a level meets exactly reads that level, and none finer', async () => {
    for (const [downsamples, zoom, finest] of [
      [[1, 2, 4, 8], 0.5, 1],
      [[1, 2, 4, 8], 0.25, 2],
      [[1, 4, 16], 0.25, 1],
      [[1, 4, 16], 0.5, 0], // the next one would be enlarged twice
    ] as const) {
      const pyramid = checkerboard({ widthPx: 8192, heightPx: 8192, downsamples });
      await viewer.open(pyramid, { signal });
      await viewer.setView({ centre: { x: 4096, y: 4096 }, zoom }, { signal });
      expect(Math.min(...pyramid.reads.map(({ level }) => level))).toBe(finest);
    }
  });

  test('an edge between two squares lies within one px of where it should', async () => {
    await viewer.open(slide(), { signal });
    await viewer.setView({ centre: { x: 1280, y: 900 }, zoom: 0.5, rotation: 0 }, { signal }); // 1280 is an edge
    const pixel = await shot();
    expect(pixel(318, 240)[0]).toBe(colourOf(1275, 900)[0]);
    expect(pixel(321, 240)[0]).toBe(colourOf(1285, 900)[0]);
  });

  test('bitmaps are drawn like pixels', async () => {
    await viewer.open(checkerboard({ widthPx: 600, heightPx: 400, bitmaps: true }), { signal });
    const pixel = await shot();
    const at = viewer.toScreen(300, 300);
    expect(pixel(at.x, at.y).slice(0, 3)).toEqual([...colourOf(300, 300)]);
  });

  test('fit shows all of it; zoomed in, a part', async () => {
    await viewer.open(slide(), { signal });
    expect(viewer.showsAll()).toBe(true);
    expect(viewer.visibleRect()).toEqual({ x: 0, y: 0, width: 3333, height: 2600 });
    await viewer.setView({ magnification: 40, centre: { x: 1000, y: 1000 } }, { signal });
    expect(viewer.showsAll()).toBe(false);
    const { x, y, width, height } = viewer.visibleRect();
    expect([x, y, width, height].map(Math.round)).toEqual([680, 760, 640, 480]);
  });
});

describe('objects', () => {
  const objects = ringsOnGrid('nuclei', { x: 300, y: 300, step: 200, cols: 12, rows: 10, radius: 40 });

  test('outlines follow the slide under zoom and rotation', async () => {
    await viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600, downsamples: [1, 4] }), { signal });
    viewer.setObjects('nuclei', objects);
    for (const [zoom, rotation] of [
      [1, 0],
      [0.5, 45],
      [2.5, 270],
      [0.8, 133.3],
    ] as const) {
      await viewer.setView({ centre: { x: 1510, y: 1290 }, zoom, rotation }, { signal });
      await frames(2);
      let checked = 0;
      for (let i = 0; i < objects.columns.count; i++) {
        const [cx, cy] = [objects.columns.centroid[2 * i] ?? 0, objects.columns.centroid[2 * i + 1] ?? 0];
        for (const angle of [0.3, 2.1, 4.4]) {
          const on = viewer.toScreen(cx + 40 * Math.cos(angle), cy + 40 * Math.sin(angle));
          const inside = viewer.toScreen(cx, cy);
          if (![on, inside].every(({ x, y }) => x > 5 && y > 5 && x < 635 && y < 475)) continue;
          expect(nearest(on.x, on.y, [255, 122, 26])).toBeLessThan(40); // the class's orange within a px
          expect(overlayAt(inside.x, inside.y)[3]).toBe(0); // an outline is empty inside
          checked++;
        }
      }
      expect(checked).toBeGreaterThan(2);
    }
  });

  /** The smallest distance in colour between the 3 × 3 px around a place and a colour. */
  function nearest(x: number, y: number, colour: readonly number[]): number {
    let best = Number.POSITIVE_INFINITY;
    for (const dx of [-1, 0, 1]) {
      for (const dy of [-1, 0, 1]) {
        const seen = overlayAt(x + dx, y + dy);
        if ((seen[3] ?? 0) < 200) continue;
        best = Math.min(best, Math.max(...colour.map((value, i) => Math.abs(value - (seen[i] ?? 0)))));
      }
    }
    return best;
  }

  test('many objects are carried while the view moves and painted in place once it rests', async () => {
    await viewer.open(checkerboard({ widthPx: 6000, heightPx: 5000, downsamples: [1, 4] }), { signal });
    const many = ringsOnGrid('nuclei', { x: 2000, y: 1500, step: 30, cols: 60, rows: 60, radius: 10 });
    viewer.setObjects('nuclei', many);
    await viewer.setView({ centre: { x: 3000, y: 2500 }, zoom: 0.5, rotation: 0 }, { signal });
    await frames(2);
    await viewer.setView({ centre: { x: 3061, y: 2533 }, zoom: 0.55, rotation: 12 }, { signal });
    const carried = layer('findings').style.transform;
    expect(carried).toContain('rotate(12deg)');
    await expect.poll(() => layer('findings').style.transform).toBe('');
    const row = 30 * 60 + 33; // in the middle of the view
    const [cx = 0, cy = 0] = many.columns.centroid.subarray(2 * row, 2 * row + 2);
    const on = viewer.toScreen(cx + 10, cy);
    expect(nearest(on.x, on.y, [255, 122, 26])).toBeLessThan(60);
    const inside = viewer.toScreen(cx, cy);
    expect(overlayAt(inside.x, inside.y)[3]).toBe(0);
  });

  test('a hidden layer, a hidden class and no objects draw nothing', async () => {
    await viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal });
    await viewer.setView({ centre: { x: 1500, y: 1300 }, zoom: 1 }, { signal });
    const style = { shown: true, opacity: 1, fill: true, stroke: true, classShown: [] };
    const painted = async (): Promise<boolean> => {
      await frames(2);
      const canvas = layer('findings');
      const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      return data.some((value, i) => i % 4 === 3 && value > 0);
    };
    expect(await painted()).toBe(false);
    viewer.setObjects('nuclei', objects);
    viewer.setLayerStyle('nuclei', style);
    expect(await painted()).toBe(true);
    viewer.setLayerStyle('nuclei', { ...style, shown: false });
    expect(await painted()).toBe(false);
    viewer.setLayerStyle('nuclei', { ...style, classShown: [false, false] });
    expect(await painted()).toBe(false);
    viewer.setLayerStyle('nuclei', style);
    viewer.setObjects('nuclei', undefined);
    expect(await painted()).toBe(false);
  });

  test('nuclei are outlines, below 10× fills, below 2.5× density, and the legend says so', async () => {
    await viewer.open(checkerboard({ widthPx: 30000, heightPx: 20000, downsamples: [1, 8, 64] }), { signal });
    viewer.setObjects('nuclei', objects);
    const formAt = async (magnification: number): Promise<string | undefined> => {
      await viewer.setView({ magnification, centre: { x: 1500, y: 1300 } }, { signal });
      return viewer.legend().layers[0]?.form;
    };
    expect(await formAt(20)).toBe('outlines');
    expect(await formAt(10)).toBe('outlines');
    expect(await formAt(5)).toBe('fills');
    const centre = viewer.toScreen(1500, 1300);
    await frames(2);
    expect(overlayAt(centre.x, centre.y).slice(0, 3)).toEqual([255, 122, 26]);
    expect(await formAt(1.25)).toBe('density');
    expect(viewer.legend().layers[0]?.density?.entries).toHaveLength(10);
  });
});

describe('maps', () => {
  const grid = {
    name: 'Tissue',
    channels: [
      { name: 'Tumour', color: '#ff7a1a' },
      { name: 'Stroma', color: '#8cf2b4' },
    ],
    patches: [
      {
        x: 100.5,
        y: 200.25,
        cellWidth: 100.25,
        cellHeight: 100.25,
        cols: 2,
        rows: 1,
        values: new Float32Array([0.9, 0.2, 0.1, 0.8]),
      },
    ],
  };
  const style = { shown: true, opacity: 1, threshold: 0, channel: 'argmax', colormap: 'classes' } as const;

  test('cells lie on their fractional places, sharp', async () => {
    await viewer.open(checkerboard({ widthPx: 800, heightPx: 600 }), { signal });
    viewer.setGrid(grid, style);
    for (const rotation of [0, 90, 40]) {
      await viewer.setView({ centre: { x: 200, y: 250 }, zoom: 2, rotation }, { signal });
      await frames(2);
      for (const [x, y, colour] of [
        [102.5, 250, [255, 122, 26]],
        [199, 250, [255, 122, 26]],
        [202.5, 250, [140, 242, 180]],
        [299, 298, [140, 242, 180]],
      ] as const) {
        const at = viewer.toScreen(x, y);
        expect(overlayAt(at.x, at.y)).toEqual([...colour, 255]);
      }
      const outside = viewer.toScreen(98.5, 250);
      expect(overlayAt(outside.x, outside.y)[3]).toBe(0);
    }
  });

  test('the tissue beneath turns grey, beside it keeps its stain; stained on demand', async () => {
    await viewer.open(checkerboard({ widthPx: 800, heightPx: 600 }), { signal });
    await viewer.setView({ centre: { x: 200, y: 250 }, zoom: 2, rotation: 0 }, { signal });
    viewer.setGrid(grid, { ...style, opacity: 0 });
    await frames(2);
    const inside = viewer.toScreen(150, 240);
    const outside = viewer.toScreen(350, 240);
    const spread = ([r = 0, g = 0, b = 0]: readonly number[]): number => Math.max(r, g, b) - Math.min(r, g, b);
    let pixel = await shot();
    expect(spread(pixel(inside.x, inside.y))).toBeLessThan(4);
    expect(spread(pixel(outside.x, outside.y))).toBeGreaterThan(15);
    viewer.setTissue('stained');
    await frames(2);
    pixel = await shot();
    expect(spread(pixel(inside.x, inside.y))).toBeGreaterThan(15);
  });
});

describe('tiles', () => {
  test('closing aborts what is being read', async () => {
    const slide = checkerboard({ widthPx: 3000, heightPx: 2600, hold: () => true });
    const opening = viewer.open(slide, { signal });
    await expect.poll(() => slide.open()).toBeGreaterThan(0);
    viewer.close();
    await expect(opening).rejects.toThrow('closed');
    await expect.poll(() => slide.open()).toBe(0);
    expect(slide.aborted.length).toBe(slide.reads.length);
  });

  test('an aborted open rejects with the reason, leaves nothing open, and the next one works', async () => {
    const slide = checkerboard({ widthPx: 3000, heightPx: 2600, hold: () => true });
    const controller = new AbortController();
    const opening = viewer.open(slide, { signal: controller.signal });
    await expect.poll(() => slide.open()).toBeGreaterThan(0);
    controller.abort(new Error('another slide was chosen'));
    await expect(opening).rejects.toThrow('another slide was chosen');
    await expect.poll(() => slide.open()).toBe(0);
    await viewer.open(checkerboard({ widthPx: 800, heightPx: 600 }), { signal });
    expect(viewer.showsAll()).toBe(true);
  });

  test('of two slides opened at once the second one stays', async () => {
    const first = checkerboard({ widthPx: 3000, heightPx: 2600 });
    const opening = viewer.open(first, { signal });
    const then = viewer.open(checkerboard({ widthPx: 800, heightPx: 600 }), { signal });
    await expect(opening).rejects.toThrow('closed');
    await then;
    expect(viewer.visibleRect()).toEqual({ x: 0, y: 0, width: 800, height: 600 });
    const pixel = await shot();
    const at = viewer.toScreen(700, 300);
    expect(pixel(at.x, at.y).slice(0, 3)).toEqual([...colourOf(700, 300)]);
    await frames(3);
    expect(first.open()).toBe(0);
  });

  test('what left the view is given up, and read when it comes back', async () => {
    let holding = false;
    const slide = checkerboard({ widthPx: 60_000, heightPx: 60_000, downsamples: [1, 128], hold: () => holding });
    await viewer.open(slide, { signal });
    holding = true;
    viewer.setView({ centre: { x: 3000, y: 3000 }, zoom: 1 }, { signal }).catch(() => undefined);
    await expect.poll(() => slide.open()).toBeGreaterThan(3);
    const asked = slide.reads.filter((at) => at.level === 0);
    viewer.setView({ centre: { x: 40_000, y: 40_000 }, zoom: 1 }, { signal }).catch(() => undefined);
    await expect.poll(() => slide.aborted.length).toBeGreaterThanOrEqual(asked.length);
    holding = false;
    await viewer.setView({ centre: { x: 3000, y: 3000 }, zoom: 1 }, { signal });
    const pixel = await shot();
    expect(pixel(320, 240).slice(0, 3)).toEqual([...colourOf(3000, 3000)]);
    expect(viewer.gaps()).toHaveLength(0);
  });

  test('a tile that fails is told with its place and hatched; retrying heals it', async () => {
    const broken = new Set(['0/1/1']);
    const slide = checkerboard({ widthPx: 768, heightPx: 768, broken });
    const told: number[] = [];
    viewer.on('gaps', (gaps) => told.push(gaps.length));
    await viewer.open(slide, { signal });
    expect(viewer.gaps()).toMatchObject([
      { level: 0, col: 1, row: 1, rect: { x: 256, y: 256, width: 256, height: 256 } },
    ]);
    expect(viewer.gaps()[0]?.why).toContain('cut short');
    await frames(2);
    const at = viewer.toScreen(270, 300);
    expect(overlayAt(at.x, at.y)[3]).toBeGreaterThan(0);
    broken.clear();
    viewer.retryGaps();
    await viewer.setView({}, { signal });
    expect(viewer.gaps()).toHaveLength(0);
    const pixel = await shot();
    expect(pixel(at.x, at.y).slice(0, 3)).toEqual([...colourOf(270, 300)]);
    expect(told).toEqual([1, 0]);
    expect(viewer.showsAll()).toBe(true);
  });

  test('opening and closing twenty times leaves no canvas and no read behind', async () => {
    const before = document.querySelectorAll('canvas').length;
    for (let i = 0; i < 20; i++) {
      const slide = checkerboard({ widthPx: 900, heightPx: 700 });
      const other = document.createElement('div');
      other.style.cssText = 'position:fixed;left:0;top:0;width:200px;height:150px';
      const nav = document.createElement('div');
      document.body.append(other, nav);
      const second = createViewer({ element: other, navigatorElement: nav, drawer: 'canvas' });
      await second.open(slide, { signal });
      await second.open(checkerboard({ widthPx: 500, heightPx: 300 }), { signal });
      second.close();
      second[Symbol.dispose]();
      expect(slide.open()).toBe(0);
      expect(other.childElementCount + nav.childElementCount).toBe(0);
      other.remove();
      nav.remove();
    }
    expect(document.querySelectorAll('canvas')).toHaveLength(before);
  });
});

describe('the overview', () => {
  let nav: HTMLDivElement;
  beforeEach(() => {
    nav = document.createElement('div');
    nav.style.cssText = 'position:fixed;right:0;top:0;width:200px';
    document.body.append(nav);
    viewer[Symbol.dispose]();
    viewer = createViewer({ element, navigatorElement: nav, drawer: 'canvas' });
  });
  afterEach(() => {
    viewer[Symbol.dispose]();
    nav.remove();
  });
  const navAt = (x: number, y: number): number[] => {
    const canvas = nav.querySelector('canvas');
    const ratio = (canvas?.width ?? 0) / 200;
    return [...(canvas?.getContext('2d')?.getImageData(x * ratio, y * ratio, 1, 1).data ?? [])];
  };

  test('shows the slide, what is computed, and where the view is', async () => {
    await viewer.open(checkerboard({ widthPx: 2048, heightPx: 1536, downsamples: [1, 2] }), { signal });
    await viewer.setView({ centre: { x: 1500, y: 1000 }, zoom: 1 }, { signal });
    await frames(2);
    const scale = 200 / 2048;
    const close = (seen: readonly number[], expected: readonly number[]): boolean =>
      expected.every((value, i) => Math.abs(value - (seen[i] ?? 0)) < 15);
    expect(close(navAt(128 * scale, 128 * scale), colourOf(128, 128))).toBe(true);
    expect(close(navAt(1180 * scale, 1000 * scale), [194, 24, 91])).toBe(true); // the view's left edge, 1500 − 320
    viewer.setRun({ finished: [{ x: 0, y: 0, width: 256, height: 256 }], inWork: [], failed: [] });
    await frames(2);
    const dark = colourOf(128, 128).map((value) => 17 * 0.62 + value * 0.38);
    expect(close(navAt(128 * scale, 128 * scale), dark)).toBe(true);
  });

  test('a press goes to the place', async () => {
    await viewer.open(checkerboard({ widthPx: 2048, heightPx: 1536, downsamples: [1, 2] }), { signal });
    await viewer.setView({ centre: { x: 1500, y: 1000 }, zoom: 1 }, { signal });
    await frames(2);
    const canvas = nav.querySelector('canvas');
    const box = canvas?.getBoundingClientRect();
    if (!canvas || !box) throw new Error('no overview');
    canvas.setPointerCapture = () => undefined; // made-up pointers cannot be captured
    canvas.dispatchEvent(new PointerEvent('pointerdown', { clientX: box.left + 50, clientY: box.top + 75, button: 0 }));
    await frames(2);
    expect(viewer.view().centre.x).toBeCloseTo((50 * 2048) / 200, 0);
    expect(viewer.view().centre.y).toBeCloseTo((75 * 2048) / 200, 0);
  });
});

describe('pointer and keys', () => {
  const press = (type: string, x: number, y: number): void => {
    const target = element.querySelector('.openseadragon-canvas');
    if (!target) throw new Error('no canvas element');
    const buttons = type === 'pointerup' ? 0 : 1;
    const init = {
      clientX: x,
      clientY: y,
      bubbles: true,
      cancelable: true,
      pointerId: 1,
      isPrimary: true,
      button: type === 'pointermove' ? -1 : 0,
      buttons,
      pointerType: 'mouse',
    };
    target.dispatchEvent(new PointerEvent(type, init));
  };
  const key = (name: string): boolean => {
    const event = new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true });
    element.dispatchEvent(event);
    return event.defaultPrevented;
  };

  test('a drag with the rectangle tool gives a rectangle in slide px, and the slide stays', async () => {
    await viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal });
    await viewer.setView({ centre: { x: 1500, y: 1300 }, zoom: 0.5, rotation: 0 }, { signal });
    const told: unknown[] = [];
    viewer.on('rectangle', (rect) => told.push(rect));
    viewer.setTool('rectangle');
    press('pointerover', 100, 80);
    press('pointerenter', 100, 80);
    press('pointerdown', 100, 80);
    press('pointermove', 150, 120);
    press('pointermove', 300, 200);
    await frames(2);
    expect(overlayAt(300, 140)[3]).toBeGreaterThan(0); // the edge follows the pointer
    press('pointerup', 300, 200);
    const corner = viewer.toSlide(100, 80);
    expect(told).toEqual([{ x: corner.x, y: corner.y, width: 400, height: 240 }]);
    expect(viewer.view().centre.x).toBeCloseTo(1500, 6);
  });

  test('Esc ends the drag, then the tool, then is left to the page', async () => {
    await viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal });
    const told: unknown[] = [];
    viewer.on('rectangle', (rect) => told.push(rect));
    viewer.setTool('rectangle');
    press('pointerover', 100, 80);
    press('pointerenter', 100, 80);
    press('pointerdown', 100, 80);
    press('pointermove', 200, 200);
    expect(key('Escape')).toBe(true);
    press('pointermove', 250, 220);
    press('pointerup', 250, 220);
    expect(told).toEqual([]);
    expect(viewer.tool()).toBe('rectangle');
    expect(key('Escape')).toBe(true);
    expect(viewer.tool()).toBe('move');
    expect(key('Escape')).toBe(false);
  });

  test('a click picks the slide point under it, in a turned view too', async () => {
    await viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal });
    await viewer.setView({ centre: { x: 1500, y: 1300 }, zoom: 0.5, rotation: 60 }, { signal });
    const told: { x: number; y: number }[] = [];
    viewer.on('pick', ({ at }) => told.push(at));
    press('pointerover', 400, 100);
    press('pointerenter', 400, 100);
    press('pointerdown', 400, 100);
    press('pointerup', 400, 100);
    const expected = viewer.toSlide(400, 100);
    expect(told).toHaveLength(1);
    expect(told[0]?.x).toBeCloseTo(expected.x, 6);
    expect(told[0]?.y).toBeCloseTo(expected.y, 6);
  });

  test('the pointer tells place and colour', async () => {
    await viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal });
    await viewer.setView({ centre: { x: 1400, y: 1400 }, zoom: 1, rotation: 0 }, { signal });
    const seen: unknown[] = [];
    viewer.on('pointer', ({ at, colour }) => seen.push([at?.x, at?.y, colour()]));
    press('pointermove', 320, 240);
    expect(seen).toEqual([[1400, 1400, colourOf(1400, 1400)]]);
  });

  test('arrows pan on screen, + − step through the buttons, 0 fits', async () => {
    await viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal });
    await viewer.setView({ centre: { x: 1500, y: 1300 }, magnification: 20, rotation: 90 }, { signal });
    expect(key('ArrowRight')).toBe(true);
    await expect.poll(() => viewer.view().centre.y).toBeCloseTo(1300 - 60 / 0.5, 2); // right on screen is up on the slide
    expect(key('+')).toBe(true);
    await expect.poll(() => viewer.view().magnification).toBeCloseTo(40, 4);
    key('-');
    key('-');
    await expect.poll(() => viewer.view().magnification).toBeCloseTo(10, 4);
    key('0');
    await expect.poll(() => viewer.showsAll()).toBe(true);
    expect(key('x')).toBe(false);
  });
});
