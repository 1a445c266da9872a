import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ColourTransform } from '#slide/icc/colour-transform.ts';
import { checkerboard } from './testing/checkerboard.ts';
import { HEIGHT, stage, WIDTH } from './testing/stage.ts';
import { Twins } from './twins.ts';
import { createViewer } from './viewer.ts';
import type { Viewer } from './viewer-api.ts';

// Two viewers side by side: one view, one set of marks; layers of their own; one picture.

const on = stage(); // the left one
let right: Viewer;
let element: HTMLElement;
let twins: Twins;

beforeEach(async () => {
  element = document.createElement('div');
  element.style.cssText = `position:fixed;left:${WIDTH + 2}px;top:0;width:${WIDTH}px;height:${HEIGHT}px`;
  document.body.append(element);
  right = createViewer({ element, drawer: 'canvas', label: 'Right' });
  const slide = checkerboard({ widthPx: 3000, heightPx: 2600, downsamples: [1, 4] });
  await on.viewer.open(slide, { signal: on.signal });
  await on.viewer.setView({ centre: { x: 1000, y: 900 }, zoom: 0.7, rotation: 30 }, { signal: on.signal });
  await right.open(slide, { signal: on.signal });
  twins = new Twins(on.viewer, right);
});
afterEach(() => {
  twins[Symbol.dispose]();
  right[Symbol.dispose]();
  element.remove();
});

const same = (): void => {
  const [a, b] = [on.viewer.view(), right.view()];
  expect(b.centre.x).toBeCloseTo(a.centre.x, 3);
  expect(b.centre.y).toBeCloseTo(a.centre.y, 3);
  expect(b.zoom).toBeCloseTo(a.zoom, 6);
  expect([b.rotation, b.flipped]).toEqual([a.rotation, a.flipped]);
};

test('either one moves, zooms, turns and flips the other; they come to rest', async () => {
  same();
  expect(right.view().rotation).toBeCloseTo(30, 6);
  await on.viewer.setView({ centre: { x: 1400, y: 800 }, zoom: 1.1 }, { signal: on.signal });
  await on.frames(2);
  same();
  expect(right.view().centre.x).toBeCloseTo(1400, 3);
  await right.setView({ centre: { x: 700, y: 1200 }, zoom: 0.5, rotation: 90, flipped: true }, { signal: on.signal });
  await on.frames(2);
  same();
  expect(on.viewer.view()).toMatchObject({ rotation: 90, flipped: true });
  let told = 0;
  for (const viewer of [on.viewer, right]) viewer.on('view', () => told++);
  await on.frames(10);
  expect(told).toBe(0); // nobody answers an answer
});

test('a glide of one is a glide of both', async () => {
  right.glideTo({ x: 1500, y: 1500 });
  await expect.poll(() => Math.abs(right.view().centre.x - 1500) < 0.5).toBe(true);
  await expect.poll(() => Math.abs(on.viewer.view().centre.x - 1500) < 0.5).toBe(true);
  same();
});

test('marks show in both, layers do not; what is done right is heard left; a picture holds both', async () => {
  await on.viewer.setView({ centre: { x: 1000, y: 900 }, zoom: 1, rotation: 0 }, { signal: on.signal });
  const ring = Float64Array.of(900, 800, 1100, 800, 1100, 1000, 900, 1000);
  on.viewer.setOutline('tissue', { rings: [ring], dashed: false });
  on.viewer.setRegion({ lines: [ring], corners: [{ piece: 0, corner: 0, at: { x: 900, y: 800 } }], label: '1 mm²' });
  expect(right.marks()).toEqual(on.viewer.marks());
  expect(element.querySelectorAll('button')).toHaveLength(on.element.querySelectorAll('button').length); // corners to drag
  const heard: unknown[] = [];
  on.viewer.on('corner', (corner) => heard.push(corner));
  right.tell('corner', { piece: 0, corner: 0, at: { x: 1, y: 2 } });
  expect(heard).toEqual([{ piece: 0, corner: 0, at: { x: 1, y: 2 } }]);
  right.setTool('line');
  expect(on.viewer.tool()).toBe('line');
  on.viewer.setTool('move');
  expect(right.tool()).toBe('move');

  const boxes = Float32Array.of(950, 850, 100, 100);
  const map = { name: 'Attention', boxes, values: Float32Array.of(0.05) };
  right.setPatchMap(map, { shown: true, opacity: 1, threshold: 0, colormap: 'viridis', range: [0, 1] });
  const pixel = await picture();
  const ratio = pixel.width / (2 * WIDTH + 2);
  expect(pixel.height).toBe(HEIGHT * ratio);
  expect(pixel.at(WIDTH + 2 + WIDTH / 2, HEIGHT / 2)).toEqual([0x44, 0x01, 0x54, 255]);
  expect(pixel.at(WIDTH / 2, HEIGHT / 2)).not.toEqual([0x44, 0x01, 0x54, 255]);

  twins[Symbol.dispose]();
  await on.viewer.setView({ centre: { x: 500, y: 500 } }, { signal: on.signal });
  await on.frames(2);
  expect(right.view().centre.x).toBeCloseTo(1000, 3);
  expect((await picture()).width).toBe(WIDTH * ratio);
});

async function picture() {
  const bitmap = await createImageBitmap(await on.viewer.snapshot({ signal: on.signal }));
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context?.drawImage(bitmap, 0, 0);
  const ratio = height / HEIGHT;
  return {
    width,
    height,
    at: (x: number, y: number) => [
      ...(context?.getImageData(Math.floor(x * ratio), Math.floor(y * ratio), 1, 1).data ?? []),
    ],
  };
}

test('a pane that is linked anew has the colours of the left one, also where those are the stored ones', async () => {
  const grid = Float32Array.from({ length: 24 }, (_, k) => (k >> (3 + (k % 3))) & 1);
  const transform: ColourTransform = {
    name: 'of the last slide',
    curves: Float32Array.from({ length: 768 }, (_, k) => (k % 256) / 255),
    steps: [2, 2, 2],
    grid,
    cubed: false,
    toLinear: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0),
  };
  await on.viewer.setColours(transform);
  expect(right.legend().colours).toContain('of the last slide');
  twins[Symbol.dispose]();
  await on.viewer.setColours(undefined); // another slide has come, which carries no profile
  twins = new Twins(on.viewer, right);
  await expect.poll(() => right.legend().colours).toBeUndefined();
});
