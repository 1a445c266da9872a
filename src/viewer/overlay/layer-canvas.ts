// A canvas that lies over the slide, sized in device px, optionally larger than the element on all sides.
import type { Frame } from '../frame.ts';

export function layerCanvas(parent: HTMLElement, name: string): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.dataset.layer = name;
  canvas.style.cssText = 'position:absolute;z-index:1;pointer-events:none'; // above a drawer that is replaced
  parent.append(canvas);
  return canvas;
}

export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (!context) throw new RangeError('This browser gives no 2-D canvas');
  return context;
}

export function clear(context: CanvasRenderingContext2D): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
}

/** @param frame of the canvas: the element's, grown by `margin` CSS px on each side */
export function place(canvas: HTMLCanvasElement, frame: Frame, margin: number, pixelRatio: number): void {
  const width = Math.round(frame.width * pixelRatio);
  const height = Math.round(frame.height * pixelRatio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  canvas.style.left = `${-margin}px`;
  canvas.style.top = `${-margin}px`;
  canvas.style.width = `${frame.width}px`;
  canvas.style.height = `${frame.height}px`;
  canvas.style.transform = '';
}
