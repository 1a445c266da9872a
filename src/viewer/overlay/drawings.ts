// What the user draws, while it is drawn: the rectangle, polygon, lasso, brush and measuring line; and the region that stays.
import type { Point } from '#units/rect.ts';
import { boundsOf, toScreen } from '../frame.ts';
import type { RegionMarks } from '../viewer-api.ts';
import { cornersOf, drawLabel } from './marks.ts';
import { inScreenPx, MARK, type Pen, pointsOf, screenPath, strokeCased } from './pen.ts';
import { type Drawing, spanned } from './scene.ts';

const SHADE = 'rgba(0,0,0,0.22)';
const PAINTED = { add: 'rgba(255,255,255,0.45)', subtract: 'rgba(0,0,0,0.45)' } as const;

export function drawDrawing(pen: Pen, drawing: Drawing): void {
  if (drawing.tool === 'rectangle') drawRectangle(pen, cornersOf(spanned(drawing)));
  else if (drawing.tool === 'lasso') drawFree(pen, drawing.points);
  else if (drawing.tool === 'polygon') drawPolygon(pen, drawing.points, drawing.to);
  else if (drawing.tool === 'brush') drawStroke(pen, drawing);
  else drawMeasure(pen, drawing.from, drawing.to, drawing.label);
}

/** A region's lines, cased white, and beneath them what it measures. */
export function drawRegion(pen: Pen, { lines, label }: RegionMarks): void {
  const path = new Path2D();
  for (const line of lines) {
    for (let v = 0; v + 1 < line.length; v += 2) {
      const at = toScreen(pen.frame, line[v] ?? 0, line[v + 1] ?? 0);
      if (v === 0) path.moveTo(at.x, at.y);
      else path.lineTo(at.x, at.y);
    }
  }
  inScreenPx(pen);
  pen.context.lineCap = 'round';
  pen.context.lineJoin = 'round';
  strokeCased(pen.context, path, MARK);
  if (label === undefined || lines.length === 0) return;
  const box = boundsOf(lines.flatMap(pointsOf).map(({ x, y }) => toScreen(pen.frame, x, y)));
  if (box.width > 60) drawLabel(pen.context, { x: box.x + box.width / 2, y: box.y + box.height + 20 }, label);
}

/** The rest of the slide is darkened a little. */
function drawRectangle(pen: Pen, corners: readonly Point[]): void {
  const { context, frame } = pen;
  inScreenPx(pen);
  const path = screenPath(frame, [corners]);
  const around = new Path2D();
  around.rect(0, 0, frame.width, frame.height);
  around.addPath(path);
  context.fillStyle = SHADE;
  context.fill(around, 'evenodd');
  strokeCased(context, path, MARK);
}

/** The line so far, closed by a straight one. */
function drawFree(pen: Pen, points: readonly Point[]): void {
  inScreenPx(pen);
  pen.context.lineJoin = 'round';
  const path = screenPath(pen.frame, [points]);
  pen.context.fillStyle = SHADE;
  pen.context.fill(path);
  strokeCased(pen.context, path, MARK);
}

/** Its corners so far, on to where the pointer is; the first corner is marked, for the polygon ends there. */
function drawPolygon(pen: Pen, corners: readonly Point[], to: Point | undefined): void {
  drawFree(pen, to ? [...corners, to] : corners);
  const path = new Path2D();
  for (const corner of corners.length > 64 ? corners.slice(0, 1) : corners) {
    const { x, y } = toScreen(pen.frame, corner.x, corner.y);
    path.rect(x - 3, y - 3, 6, 6);
  }
  pen.context.fillStyle = '#ffffff';
  strokeCased(pen.context, path, { ...MARK, width: 1, casing: 'rgba(0,0,0,0.9)' });
  pen.context.fill(path);
}

/** What the brush has passed over, edged: light where it adds, dark where it takes away. */
function drawStroke(pen: Pen, { points, radiusPx, does }: Extract<Drawing, { tool: 'brush' }>): void {
  const { context, frame } = pen;
  inScreenPx(pen);
  const path = new Path2D();
  for (const [k, point] of points.entries()) {
    const { x, y } = toScreen(frame, point.x, point.y);
    if (k === 0) path.moveTo(x, y);
    path.lineTo(x, y);
  }
  context.lineCap = 'round';
  context.lineJoin = 'round';
  const width = 2 * radiusPx * frame.zoom;
  context.strokeStyle = 'rgba(0,0,0,0.75)';
  context.lineWidth = width + 2.4;
  context.stroke(path);
  context.globalCompositeOperation = 'destination-out'; // only the edge of it stays
  context.strokeStyle = '#000000';
  context.lineWidth = width;
  context.stroke(path);
  context.globalCompositeOperation = 'source-over';
  context.strokeStyle = PAINTED[does];
  context.stroke(path);
}

/** How large the brush is, under the pointer. */
export function drawBrush(pen: Pen, at: Point, radiusPx: number): void {
  const { context, frame } = pen;
  const { x, y } = toScreen(frame, at.x, at.y);
  inScreenPx(pen);
  const path = new Path2D();
  path.arc(x, y, radiusPx * frame.zoom, 0, 2 * Math.PI);
  strokeCased(context, path, MARK);
}

/** A measured line with its ends and its length. */
export function drawMeasure(pen: Pen, from: Point, to: Point, label: string): void {
  const { context, frame } = pen;
  inScreenPx(pen);
  const a = toScreen(frame, from.x, from.y);
  const b = toScreen(frame, to.x, to.y);
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const [nx, ny] = [(-(b.y - a.y) / length) * 6, ((b.x - a.x) / length) * 6];
  const path = new Path2D();
  path.moveTo(a.x, a.y);
  path.lineTo(b.x, b.y);
  for (const end of [a, b]) {
    path.moveTo(end.x - nx, end.y - ny);
    path.lineTo(end.x + nx, end.y + ny);
  }
  context.lineCap = 'butt';
  strokeCased(context, path, { ...MARK, width: 2 });
  drawLabel(context, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 - 22 }, label);
}
