// A viewer on the page for a test: made before each, gone after each, with eyes for its layers.
import { afterEach, beforeEach, expect } from 'vitest';
import { createViewer } from '../viewer.ts';
import type { Viewer } from '../viewer-api.ts';
import type { ViewerOptions } from '../viewer-options.ts';

export const WIDTH = 640; // CSS px
export const HEIGHT = 480;

export interface Stage {
  readonly element: HTMLElement;
  readonly viewer: Viewer;
  readonly signal: AbortSignal;
  layer(name: string): HTMLCanvasElement;
  /** RGBA of findings and marks together, without the slide, at CSS px. */
  overlayAt(x: number, y: number): number[];
  /** RGBA of the findings alone, once they are settled, at the pixels of the screen. */
  findings(): Promise<Uint8ClampedArray>;
  /** The composed picture as a reader of RGBA at CSS px. */
  shot(): Promise<(x: number, y: number) => number[]>;
  frames(count: number): Promise<void>;
}

/** One pixel, to look through: a context for each look took longer than the looking. */
const eye = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });

/** @param options also what the viewer is made with */
export function stage(options: Omit<ViewerOptions, 'element'> = {}): Stage {
  let element: HTMLDivElement | undefined;
  let viewer: Viewer | undefined;
  const { signal } = new AbortController();

  beforeEach(() => {
    element = document.createElement('div');
    element.style.cssText = `position:fixed;left:0;top:0;width:${WIDTH}px;height:${HEIGHT}px;background:#111`;
    document.body.append(element);
    viewer = createViewer({ element, drawer: 'canvas', ...options });
  });
  afterEach(() => {
    viewer?.[Symbol.dispose]();
    element?.remove();
    expect(document.querySelectorAll('canvas')).toHaveLength(0);
  });

  const now = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the stage is set for the length of a test only');
    return value;
  };
  const layer = (name: string): HTMLCanvasElement => {
    const found = now(element).querySelector<HTMLCanvasElement>(`canvas[data-layer="${name}"]`);
    if (!found) throw new Error(`no layer ${name}`);
    return found;
  };
  /** Of two sides of a divider the one that shows there. */
  const findingsAt = (x: number): HTMLCanvasElement => {
    const all = [...now(element).querySelectorAll<HTMLCanvasElement>('canvas[data-layer="findings"]')];
    const shown = all.find((canvas) => {
      const window = canvas.parentElement?.parentElement?.getBoundingClientRect();
      return window && x >= window.left && x < window.right; // the stage lies at the page's corner
    });
    if (!shown) throw new Error(`no findings at ${x}`);
    return shown;
  };
  return {
    get element() {
      return now(element);
    },
    get viewer() {
      return now(viewer);
    },
    signal,
    layer,
    overlayAt(x, y) {
      eye?.clearRect(0, 0, 1, 1);
      for (const canvas of [findingsAt(x), layer('marks')]) {
        expect(canvas.style.transform).toBe('');
        const ratio = layer('marks').width / WIDTH;
        const margin = (canvas.width / ratio - WIDTH) / 2;
        eye?.drawImage(canvas, -Math.floor((x + margin) * ratio), -Math.floor((y + margin) * ratio));
      }
      return [...(eye?.getImageData(0, 0, 1, 1).data ?? [])];
    },
    async findings() {
      await now(viewer).settled({ signal });
      const canvas = layer('findings');
      const ratio = layer('marks').width / WIDTH;
      const margin = Math.round(canvas.width / 2 - (WIDTH * ratio) / 2);
      const context = new OffscreenCanvas(WIDTH * ratio, HEIGHT * ratio).getContext('2d');
      context?.drawImage(canvas, -margin, -margin);
      return context?.getImageData(0, 0, WIDTH * ratio, HEIGHT * ratio).data ?? new Uint8ClampedArray();
    },
    async shot() {
      const bitmap = await createImageBitmap(await now(viewer).snapshot({ signal }));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      const ratio = bitmap.width / WIDTH;
      return (x, y) => [...(context?.getImageData(Math.floor(x * ratio), Math.floor(y * ratio), 1, 1).data ?? [])];
    },
    async frames(count) {
      for (let i = 0; i < count; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    },
  };
}
