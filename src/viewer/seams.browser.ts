import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkerboard } from './testing/checkerboard.ts';
import { createViewer } from './viewer.ts';
import type { Viewer } from './viewer-api.ts';

// The patch grid over the slide: lines on the seams, a number in each patch.

let element: HTMLDivElement;
let viewer: Viewer;
const { signal } = new AbortController();

beforeEach(async () => {
  element = document.createElement('div');
  element.style.cssText = 'position:fixed;left:0;top:0;width:640px;height:480px';
  document.body.append(element);
  viewer = createViewer({ element, drawer: 'canvas' });
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

/** How many px of a box of CSS px around a slide point are drawn in white. */
function whiteAround(x: number, y: number, width: number, height: number): number {
  const canvas = element.querySelector<HTMLCanvasElement>('canvas[data-layer="marks"]');
  const at = viewer.toScreen(x, y);
  const left = Math.round(at.x - width / 2);
  const top = Math.round(at.y - height / 2);
  const data = canvas?.getContext('2d')?.getImageData(left, top, width, height).data ?? [];
  let white = 0;
  for (let i = 0; i < data.length; i += 4) if ((data[i] ?? 0) > 200 && (data[i + 3] ?? 0) > 200) white++;
  return white;
}

const core = (col: number, row: number) => ({ x: 1024 + 512 * col, y: 1024 + 512 * row, width: 512, height: 512 });
const cores = [core(0, 0), core(1, 0), core(0, 1), core(1, 1)];

test.each([0, 30])(
  'lines on every seam, numbers where they are counted, nothing inside; turned by %i°',
  async (rotation) => {
    await viewer.setView({ rotation }, { signal });
    viewer.setPatchGrid({ cores, touching: [128, undefined, 7, 0] });
    await nextFrames();
    expect(whiteAround(1536, 1280, 5, 5)).toBeGreaterThan(2); // the seam between two patches
    expect(whiteAround(1024, 1280, 5, 5)).toBeGreaterThan(2); // and the outer edge
    expect(whiteAround(1300, 1300, 20, 20)).toBe(0); // the tissue stays free
    const corner = (col: number, row: number): number =>
      whiteAround(core(col, row).x + 18 * 4, core(col, row).y + 12 * 4, 22, 9);
    expect(corner(0, 0)).toBeGreaterThan(corner(0, 1)); // three digits against one
    expect(corner(0, 1)).toBeGreaterThan(0);
    expect(corner(1, 1)).toBeGreaterThan(0); // none is a number too
    expect(corner(1, 0)).toBe(0); // not counted yet
    viewer.setPatchGrid(undefined);
    await nextFrames();
    expect(whiteAround(1536, 1280, 5, 5)).toBe(0);
  },
);

test('far out the grid goes: its lines would hide the slide', async () => {
  const many = Array.from({ length: 4096 }, (_, i) => ({
    x: (i % 64) * 64,
    y: Math.floor(i / 64) * 48,
    width: 64,
    height: 48,
  }));
  await viewer.setView({ zoom: 0.125 }, { signal });
  viewer.setPatchGrid({ cores: many, touching: [] });
  await nextFrames();
  expect(whiteAround(2048, 1536, 200, 200)).toBe(0);
  await viewer.setView({ zoom: 0.5 }, { signal });
  await nextFrames();
  expect(whiteAround(2048, 1536, 200, 200)).toBeGreaterThan(500);
});
