import type { Point } from '#units/rect.ts';

/** The slide's colour at a device pixel, without layers; undefined where the slide is not drawn. */
export function colourAt(slide: HTMLCanvasElement, at: Point): readonly [number, number, number] | undefined {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [1, 1];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return undefined;
  context.drawImage(slide, -Math.floor(at.x), -Math.floor(at.y));
  const [r = 0, g = 0, b = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
  return alpha > 0 ? [r, g, b] : undefined;
}
