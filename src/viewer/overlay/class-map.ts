// Patches by class: filled where a head is sure, in a dashed frame where it is not, in a solid one where a person labelled.
import { intersects, type Rect } from '#units/rect.ts';
import { boxOnSlide } from '../frame.ts';
import { type ClassLegend, type ClassMap, UNSURE } from '../viewer-api.ts';
import { cornersOf } from './marks.ts';
import { boxFiller, rectAt } from './patch-map.ts';
import { inScreenPx, type Pen, screenPath } from './pen.ts';

/** The fills on screen, opaque. */
export function drawClasses(pen: Pen, { boxes, classIndex, classes }: ClassMap): void {
  const box = boxOnSlide(pen.frame);
  const fill = boxFiller(pen, box);
  for (const [index, { color }] of classes.entries()) {
    pen.context.fillStyle = color;
    for (let i = 0; i < classIndex.length; i++) {
      if (classIndex[i] === index && intersects(rectAt(boxes, i), box)) fill(rectAt(boxes, i));
    }
  }
}

const DASH = [3, 3]; //  CSS px
const CASING = 3.2; //   CSS px, black
const CORE = 1.6; //     CSS px, white within it; dashes are as wide, and black
const SMALL = 8; //      CSS px of a patch: below, frames would hide what they frame

/** Frames over the fills: black and white, for they must be seen on any class's colour. */
export function drawClassFrames(pen: Pen, { boxes, classIndex, labelled }: ClassMap): void {
  const { context, frame } = pen;
  const box = boxOnSlide(frame);
  const dashed: Rect[] = [];
  const solid: Rect[] = [];
  for (let i = 0; i < classIndex.length; i++) {
    const rect = rectAt(boxes, i);
    if (rect.width * frame.zoom < SMALL || !intersects(rect, box)) continue;
    if (labelled[i] === 1) solid.push(inset(rect, frame.zoom));
    else if (classIndex[i] === UNSURE) dashed.push(inset(rect, frame.zoom));
  }
  context.save();
  inScreenPx(pen);
  const stroke = (rects: readonly Rect[], width: number, color: string, dash: number[] = []): void => {
    context.setLineDash(dash);
    context.lineWidth = width;
    context.strokeStyle = color;
    context.stroke(screenPath(frame, rects.map(cornersOf)));
  };
  stroke(dashed, CORE, 'rgba(0, 0, 0, 0.75)', DASH);
  stroke(solid, CASING, 'rgba(0, 0, 0, 0.6)');
  stroke(solid, CORE, '#ffffff');
  context.restore();
}

/** So that the frames of neighbours stand side by side. */
function inset({ x, y, width, height }: Rect, zoom: number): Rect {
  const by = CASING / 2 / zoom;
  return { x: x + by, y: y + by, width: width - 2 * by, height: height - 2 * by };
}

export function classLegend({ name, opacity, classes, classIndex }: ClassMap): ClassLegend {
  const patches = new Float64Array(256);
  for (const index of classIndex) patches[index] = (patches[index] ?? 0) + 1;
  return {
    name,
    opacity,
    entries: classes.map((of, index) => ({ ...of, patches: patches[index] ?? 0 })),
    unsure: patches[UNSURE] ?? 0,
  };
}
