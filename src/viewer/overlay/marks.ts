// What the program marks on the slide: a run's edges and patches, gaps, outlines.
import type { Point, Rect } from '#units/rect.ts';
import { bottom, centreOf, intersects, right } from '#units/rect.ts';
import { boundsOf, boxOnSlide, type Frame, toScreen } from '../frame.ts';
import type { Outline } from '../viewer-api.ts';
import { ticksPath } from './brackets.ts';
import type { Context2D } from './context.ts';
import { inScreenPx, inSlidePx, MARK, type Pen, pointsOf, ringsPath, screenPath, strokeCased } from './pen.ts';
import type { Edge } from './run-edges.ts';

export const cornersOf = (rect: Rect): readonly Point[] => [
  { x: rect.x, y: rect.y },
  { x: right(rect), y: rect.y },
  { x: right(rect), y: bottom(rect) },
  { x: rect.x, y: bottom(rect) },
];

/** The CSS-px bounding box of a slide rectangle. */
export const screenBox = (frame: Frame, rect: Rect): Rect =>
  boundsOf(cornersOf(rect).map(({ x, y }) => toScreen(frame, x, y)));

/** The cased white edge around what is finished. */
export function drawEdges(pen: Pen, edges: readonly Edge[]): void {
  const path = new Path2D();
  for (const { x0, y0, x1, y1 } of edges) {
    const from = toScreen(pen.frame, x0, y0);
    const to = toScreen(pen.frame, x1, y1);
    path.moveTo(from.x, from.y);
    path.lineTo(to.x, to.y);
  }
  inScreenPx(pen);
  pen.context.lineCap = 'square';
  strokeCased(pen.context, path, MARK);
}

/** Corner ticks on patches in work, turned with the slide. */
export function drawInWork(pen: Pen, rects: readonly Rect[]): void {
  const { context, frame } = pen;
  const box = boxOnSlide(frame);
  for (const rect of rects) {
    if (!intersects(rect, box)) continue;
    inSlidePx(pen, rect);
    const px = 1 / frame.zoom; // one CSS px, in level-0 px
    const arm = Math.min(14 * px, rect.width / 3, rect.height / 3);
    const inset = Math.min(5 * px, rect.width / 8);
    const path = ticksPath(inset, inset, rect.width - inset, rect.height - inset, arm);
    context.lineCap = 'square';
    strokeCased(context, path, { color: '#ffffff', width: 2 * px, casing: 'rgba(0,0,0,0.8)', casingWidth: px });
  }
}

/** Pale, hatched, framed; named where there is room. For patches not computed and tiles not read. */
export function drawHatched(pen: Pen, rects: readonly Rect[], label: string): void {
  const { context, frame } = pen;
  const box = boxOnSlide(frame);
  for (const rect of rects) {
    if (!intersects(rect, box)) continue;
    inScreenPx(pen);
    const path = screenPath(frame, [cornersOf(rect)]);
    const area = screenBox(frame, rect);
    context.save();
    context.clip(path);
    context.fillStyle = 'rgba(235,235,235,0.45)';
    context.fillRect(area.x, area.y, area.width, area.height);
    context.strokeStyle = 'rgba(0,0,0,0.34)';
    context.lineWidth = 1;
    context.stroke(hatching(area, frame));
    context.restore();
    strokeCased(context, path, { color: '#222222', width: 1.4, casing: '#ffffff', casingWidth: 0.8 });
    if (area.width > 120 && area.height > 40) drawLabel(context, toScreen(frame, ...middleOf(rect)), label);
  }
}

const middleOf = (rect: Rect): [number, number] => [rect.x + rect.width / 2, rect.y + rect.height / 2];

/** Slanted lines 14 px apart over the part of a box that is on screen. */
function hatching(area: Rect, frame: Frame): Path2D {
  const path = new Path2D();
  const [x0, y0] = [Math.max(area.x, 0), Math.max(area.y, 0)];
  const [x1, y1] = [Math.min(right(area), frame.width), Math.min(bottom(area), frame.height)];
  const height = y1 - y0;
  const phase = (((area.x + area.y) % 14) + 14) % 14; // lines stay on the tissue while the view moves
  for (let k = Math.floor((x0 + y0) / 14) * 14 + phase; k < x1 + y1; k += 14) {
    path.moveTo(k - y1, y1);
    path.lineTo(k - y1 + height, y0);
  }
  return path;
}

/** Words on a white plate, CSS px, centred. */
export function drawLabel(context: Context2D, at: Point, label: string): void {
  context.font = '600 12px "Inter Variable", Inter, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const width = context.measureText(label).width + 16;
  context.fillStyle = '#ffffff';
  context.beginPath();
  context.roundRect(at.x - width / 2, at.y - 12, width, 24, 2);
  context.fill();
  context.fillStyle = '#1a1a1a';
  context.fillText(label, at.x, at.y + 0.5);
}

/** Rings over the slide as one cased white line, hatched inside and named where that is wanted. */
export function drawOutline(pen: Pen, { rings, dashed, hatched }: Outline): void {
  const { context, frame } = pen;
  const path = ringsPath(frame, rings);
  inScreenPx(pen);
  if (hatched !== undefined) {
    context.save();
    context.clip(path);
    context.strokeStyle = 'rgba(255,255,255,0.9)';
    context.lineWidth = 3;
    const all = hatching({ x: 0, y: 0, width: frame.width, height: frame.height }, frame);
    context.stroke(all);
    context.strokeStyle = 'rgba(0,0,0,0.75)';
    context.lineWidth = 1.4;
    context.stroke(all);
    context.restore();
  }
  context.lineJoin = 'round';
  strokeCased(context, path, dashed ? { ...MARK, dash: [6, 4] } : MARK);
  if (hatched === undefined) return;
  for (const ring of rings) {
    const box = boundsOf(pointsOf(ring).map(({ x, y }) => toScreen(frame, x, y)));
    if (box.width > 120 && box.height > 40) drawLabel(context, centreOf(box), hatched);
  }
}

/** One patch: a white frame, cased, with a second one around it, so that it reads on any colour of a map. */
export function drawMark(pen: Pen, box: Rect): void {
  const { context, frame } = pen;
  inSlidePx(pen, box);
  const px = 1 / frame.zoom; // one CSS px, in level-0 px
  context.lineJoin = 'miter';
  for (const [out, width] of [
    [4, 1.4],
    [0, 2],
  ] as const) {
    const path = new Path2D();
    path.rect(-out * px, -out * px, box.width + 2 * out * px, box.height + 2 * out * px);
    strokeCased(context, path, { ...MARK, width: width * px, casingWidth: MARK.casingWidth * px });
  }
}
