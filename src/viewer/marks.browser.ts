import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkerboard } from './testing/checkerboard.ts';
import { ringsOnGrid } from './testing/made-objects.ts';
import { createViewer } from './viewer.ts';
import type { Legend, MeasuredLine, View, Viewer } from './viewer-api.ts';

// What the program draws on the slide by itself: runs, regions, selection, measured lines; and what it tells the app.

let element: HTMLDivElement;
let viewer: Viewer;
const { signal } = new AbortController();

beforeEach(async () => {
  element = document.createElement('div');
  element.style.cssText = 'position:fixed;left:0;top:0;width:640px;height:480px';
  document.body.append(element);
  viewer = createViewer({ element, drawer: 'canvas', label: 'Colon' });
  await viewer.open(checkerboard({ widthPx: 4096, heightPx: 3072, downsamples: [1, 4] }), { signal });
  await viewer.setView({ centre: { x: 2048, y: 1536 }, zoom: 0.25, rotation: 0 }, { signal });
});

afterEach(() => {
  viewer[Symbol.dispose]();
  element.remove();
});

const nextFrames = async (): Promise<void> => {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
};

/** Opacity (0 to 255) and brightness of a layer around a slide point, the most opaque of 3 × 3 CSS px. */
function inkAt(name: 'findings' | 'marks', x: number, y: number): { alpha: number; light: number } {
  const canvas = element.querySelector<HTMLCanvasElement>(`canvas[data-layer="${name}"]`);
  if (!canvas) throw new Error(`no layer ${name}`);
  const at = viewer.toScreen(x, y);
  const data = canvas.getContext('2d')?.getImageData(Math.floor(at.x) - 1, Math.floor(at.y) - 1, 3, 3).data ?? [];
  let best = { alpha: 0, light: 0 };
  for (let i = 0; i < data.length; i += 4) {
    if ((data[i + 3] ?? 0) > best.alpha || (data[i] ?? 0) > best.light) {
      best = { alpha: Math.max(best.alpha, data[i + 3] ?? 0), light: Math.max(best.light, data[i] ?? 0) };
    }
  }
  return best;
}

const patch = (col: number, row: number) => ({ x: 1024 + 512 * col, y: 1024 + 512 * row, width: 512, height: 512 });

test.each([0, 27])(
  'a run has one white edge around what is finished, ticks on what is in work; turned by %i°',
  async (rotation) => {
    await viewer.setView({ rotation }, { signal });
    viewer.setRun({ finished: [patch(0, 0), patch(1, 0)], inWork: [patch(2, 0)], failed: [] });
    await nextFrames();
    expect(inkAt('marks', 1300, 1024).light).toBeGreaterThan(200); // outer edge
    expect(inkAt('marks', 1536, 1280).alpha).toBe(0); // the seam between the two is no edge
    expect(inkAt('marks', 1280, 1280).alpha).toBe(0); // and the inside is free
    const inset = 5 / 0.25;
    expect(inkAt('marks', 2048 + inset + 8, 1024 + inset).light).toBeGreaterThan(200); // a tick by the corner
    expect(inkAt('marks', 2304, 1024 + inset).alpha).toBe(0); // none in the middle of the side
    viewer.setRun(undefined);
    await nextFrames();
    expect(inkAt('marks', 1300, 1024).alpha).toBe(0);
  },
);

test('the edge goes with a list that grows, as the list of a run does', async () => {
  await viewer.setView({ rotation: 0 }, { signal });
  const finished = [patch(0, 0)];
  viewer.setRun({ finished, inWork: [], failed: [] });
  await nextFrames();
  expect(inkAt('marks', 1536, 1280).alpha).toBeGreaterThan(100);
  finished.push(patch(1, 0));
  viewer.setRun({ finished, inWork: [], failed: [] });
  await nextFrames();
  expect(inkAt('marks', 1536, 1280).alpha).toBe(0); // a seam now
  expect(inkAt('marks', 2048, 1280).alpha).toBeGreaterThan(100);
  viewer.setRun(undefined);
});

test('a failed patch is hatched, and no object shows inside', async () => {
  viewer.setObjects('glands', ringsOnGrid('glands', { x: 1280, y: 1280, step: 512, cols: 2, rows: 1, radius: 100 }));
  await nextFrames();
  expect(inkAt('findings', 1380, 1280).alpha).toBeGreaterThan(150);
  viewer.setRun({ finished: [], inWork: [], failed: [patch(0, 0)] });
  await nextFrames();
  expect(inkAt('findings', 1380, 1280).alpha).toBe(0);
  expect(inkAt('findings', 1892, 1280).alpha).toBeGreaterThan(150); // the other one stays
  expect(inkAt('marks', 1200, 1150).alpha).toBeGreaterThan(80);
});

test('region, outline and selection lie where they are asked for, and go', async () => {
  viewer.setRegion({
    lines: [Float64Array.of(1500, 1200, 1900, 1200, 1900, 1500, 1500, 1500, 1500, 1200)],
    corners: [],
  });
  viewer.setOutline('tissue', { rings: [Float64Array.of(2400, 1200, 2900, 1200, 2900, 1700)], dashed: false });
  const objects = ringsOnGrid('glands', { x: 1280, y: 2000, step: 512, cols: 1, rows: 1, radius: 100 });
  viewer.setObjects('glands', objects);
  viewer.setSelection({ kind: 'glands', row: 0 });
  await nextFrames();
  expect(inkAt('marks', 1700, 1200).light).toBeGreaterThan(200);
  expect(inkAt('marks', 2650, 1450).light).toBeGreaterThan(200); // the ring closes by itself
  const reach = 100 + 7 / 0.25; // the bracket's corner: the gland and 7 CSS px of air
  expect(inkAt('marks', 1280 - reach, 2000 - reach).light).toBeGreaterThan(200);
  expect(inkAt('marks', 1280, 2000 - reach).alpha).toBe(0);
  viewer.setRegion(undefined);
  viewer.setOutline('tissue', undefined);
  viewer.setSelection(undefined);
  await nextFrames();
  for (const [x, y] of [
    [1700, 1200],
    [2650, 1450],
    [1280 - reach, 2000 - reach],
  ] as const) {
    expect(inkAt('marks', x, y).alpha).toBe(0);
  }
});

test('the line tool measures in micrometres, in pixels while uncalibrated, and keeps its line until cleared', async () => {
  const lines: MeasuredLine[] = [];
  viewer.on('line', (line) => lines.push(line));
  viewer.setTool('line');
  const target = element.querySelector('.openseadragon-canvas');
  const pointer = (type: string, x: number, y: number, buttons: number): void => {
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
    target?.dispatchEvent(new PointerEvent(type, init));
  };
  const drag = (): void => {
    pointer('pointerover', 100, 100, 0);
    pointer('pointerenter', 100, 100, 0);
    pointer('pointerdown', 100, 100, 1);
    pointer('pointermove', 140, 130, 1);
    pointer('pointerup', 140, 130, 0);
  };
  drag();
  expect(lines[0]?.lengthPx).toBeCloseTo(200, 6); // 50 CSS px at a zoom of 0.25
  expect(lines[0]?.lengthUm).toBeCloseTo(50, 6);
  await nextFrames();
  const middle = viewer.toSlide(120, 115);
  expect(inkAt('marks', middle.x, middle.y).alpha).toBeGreaterThan(200);
  drag();
  expect(lines).toHaveLength(2);
  viewer.setTool('move');
  await nextFrames();
  expect(inkAt('marks', middle.x, middle.y).alpha).toBeGreaterThan(200); // it stays
  const ends = (): HTMLElement[] => [...element.querySelectorAll<HTMLElement>('[aria-label^="Ends of"] button')];
  const key = (name: string, of = ends()[2]): boolean | undefined =>
    of?.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
  expect(ends()).toHaveLength(4);
  key('ArrowLeft');
  expect(lines[2]?.lengthPx).toBeCloseTo(4 * Math.hypot(41, 30), 3); // the second line's first end, 1 CSS px to the left
  key('Delete');
  expect(ends()).toHaveLength(2);
  lines.splice(1);
  viewer.setTool('line');
  viewer.clearDrawing();
  await nextFrames();
  expect(inkAt('marks', middle.x, middle.y).alpha).toBe(0);
  viewer.setMpp(undefined);
  drag();
  expect(lines[1]?.lengthUm).toBeUndefined();
  expect(lines[1]?.lengthPx).toBeCloseTo(200, 6);
});

test('calibrating changes magnification and scale bar, not the view, and is told', async () => {
  const told: View[] = [];
  viewer.on('view', (view) => told.push(view));
  expect(viewer.view().magnification).toBeCloseTo(10, 9);
  expect(viewer.scaleBar().label).toBe('100 µm');
  viewer.setMpp(undefined);
  await nextFrames();
  expect(told.at(-1)).toMatchObject({ magnification: undefined, centre: { x: 2048, y: 1536 } });
  expect(viewer.scaleBar().label).toBe('500 px');
  const before = viewer.view().zoom;
  viewer.zoomTo(20); // not known how far that would be
  await nextFrames();
  expect(viewer.view().zoom).toBe(before);
});

test('the legend is told when what is drawn changes its form', async () => {
  const told: Legend[] = [];
  viewer.on('legend', (legend) => told.push(legend));
  viewer.setObjects('nuclei', ringsOnGrid('nuclei', { x: 1500, y: 1200, step: 60, cols: 20, rows: 10, radius: 20 }));
  await nextFrames();
  expect(told.at(-1)?.layers.map(({ form }) => form)).toEqual(['outlines']);
  await viewer.setView({ magnification: 2 }, { signal });
  await nextFrames();
  expect(told.at(-1)?.layers.map(({ form }) => form)).toEqual(['density']);
  expect(told.at(-1)?.layers[0]?.density?.unit).toBe('per mm²');
  const count = told.length;
  await viewer.setView({ centre: { x: 2000, y: 1500 } }, { signal });
  await nextFrames();
  expect(told).toHaveLength(count); // moving changes nothing in it
});

test('the slide is a named application region in the tab order', () => {
  expect(element.getAttribute('role')).toBe('application');
  expect(element.getAttribute('aria-label')).toBe('Colon');
  expect(element.tabIndex).toBe(0);
  expect(element.querySelectorAll('[tabindex]')).toHaveLength(0); // one stop, not two
});
