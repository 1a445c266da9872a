// One value a patch, on the patches' exact boxes. Sharp: attention says nothing of what lies between two patches.
import { intersects, type Rect } from '#units/rect.ts';
import { boxOnSlide } from '../frame.ts';
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
  const { context, frame, pixelRatio } = pen;
  const box = boxOnSlide(frame);
  const byStep = stepsOf(colormap).map((): number[] => []);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    if (value >= threshold && intersects(rectAt(boxes, i), box)) byStep[stepOf(value, range)]?.push(i);
  }
  // Coordinates count from the view's own corner, so that they stay small; neighbours overlap by half a device px on each
  // side, else their blended edges would leave hairlines.
  const over = 0.5 / (frame.zoom * pixelRatio);
  inSlidePx(pen, box);
  for (const [step, color] of stepsOf(colormap).entries()) {
    context.fillStyle = color;
    for (const i of byStep[step] ?? []) {
      const { x, y, width, height } = rectAt(boxes, i);
      context.fillRect(x - box.x - over, y - box.y - over, width + 2 * over, height + 2 * over);
    }
  }
}

const rectAt = (boxes: Float32Array, i: number): Rect => ({
  x: boxes[4 * i] ?? 0,
  y: boxes[4 * i + 1] ?? 0,
  width: boxes[4 * i + 2] ?? 0,
  height: boxes[4 * i + 3] ?? 0,
});

export function patchLegend({ name }: PatchMap, style: PatchMapStyle, greyTissue: boolean): LegendGrid {
  const { opacity, threshold, colormap, range } = style;
  return { name, opacity, threshold, greyTissue, entries: stepEntries(colormap, range) };
}
