// One value a patch, on the patches' exact boxes. Sharp: attention says nothing of what lies between two patches.
import { bottom, intersects, type Rect, right } from '#units/rect.ts';
import { boxOnSlide, toScreen } from '../frame.ts';
import type { LegendGrid, PatchMap, PatchMapStyle } from '../viewer-api.ts';
import { stepOf, stepsOf } from './colormaps.ts';
import { stepEntries } from './grid-cells.ts';
import { inSlidePx, type Pen } from './pen.ts';

/** Draws the boxes on screen, opaque, the ones of a colour together. */
export function drawPatches(
  pen: Pen,
  { boxes, values }: PatchMap,
  { colormap, range, threshold }: PatchMapStyle,
): void {
  const { context, frame } = pen;
  const box = boxOnSlide(frame);
  const byStep = stepsOf(colormap).map((): number[] => []);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (value >= threshold && intersects(rectAt(boxes, i), box)) byStep[stepOf(value, range)]?.push(i);
  }
  const fill = boxFiller(pen, box);
  for (const [step, color] of stepsOf(colormap).entries()) {
    context.fillStyle = color;
    for (const i of byStep[step] ?? []) fill(rectAt(boxes, i));
  }
}

/** Fills boxes with the context's colour. @param onSlide what of the slide is on screen */
export const boxFiller = (pen: Pen, onSlide: Rect): ((rect: Rect) => void) =>
  pen.frame.rotation % 90 === 0 ? filledOnPixels(pen) : filledTurned(pen, onSlide);

/** Edges on whole device px, the same for both neighbours: no hairlines, and no box that is larger than its patch. */
function filledOnPixels({ context, frame, pixelRatio }: Pen): (rect: Rect) => void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  return (rect) => {
    const a = toScreen(frame, rect.x, rect.y);
    const b = toScreen(frame, right(rect), bottom(rect));
    const [x0, x1] = [Math.min(a.x, b.x), Math.max(a.x, b.x)].map((at) => Math.round(at * pixelRatio));
    const [y0, y1] = [Math.min(a.y, b.y), Math.max(a.y, b.y)].map((at) => Math.round(at * pixelRatio));
    if (x0 === undefined || x1 === undefined || y0 === undefined || y1 === undefined) return;
    context.fillRect(x0, y0, Math.max(1, x1 - x0), Math.max(1, y1 - y0)); // far out a patch is a px at least
  };
}

/**
 * Turned boxes have blended edges: neighbours overlap by a quarter of a device px on each side, else hairlines show.
 * Coordinates count from the view's own corner, so that they stay small.
 */
function filledTurned(pen: Pen, origin: Rect): (rect: Rect) => void {
  const over = 0.25 / (pen.frame.zoom * pen.pixelRatio);
  inSlidePx(pen, origin);
  return ({ x, y, width, height }) =>
    pen.context.fillRect(x - origin.x - over, y - origin.y - over, width + 2 * over, height + 2 * over);
}

export const rectAt = (boxes: Float32Array, i: number): Rect => ({
  x: boxes[4 * i] ?? 0,
  y: boxes[4 * i + 1] ?? 0,
  width: boxes[4 * i + 2] ?? 0,
  height: boxes[4 * i + 3] ?? 0,
});

export function patchLegend({ name }: PatchMap, style: PatchMapStyle, greyTissue: boolean): LegendGrid {
  const { opacity, threshold, colormap, range, interpolated = false } = style;
  return { name, opacity, threshold, greyTissue, interpolated, entries: stepEntries(colormap, range) };
}
