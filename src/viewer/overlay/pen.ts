// What every layer draws with, and the cased line: a dark or white edge under the colour, so that it reads on any tissue.
import type { Point, Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import { type Frame, toScreen, transformOf } from '../frame.ts';
import type { Context2D } from './context.ts';

/** One frame's drawing: a context whose px are device px, and where the slide lies. */
export interface Pen {
  readonly context: Context2D;
  readonly frame: Frame;
  readonly pixelRatio: number; // device px a CSS px
  readonly mpp: MppXY | undefined;
}

/** The context then takes CSS px. */
export const inScreenPx = ({ context, pixelRatio }: Pen): void =>
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);

/** The context then takes level-0 px counted from `origin`; a width of w CSS px is w / zoom. */
export const inSlidePx = ({ context, frame, pixelRatio }: Pen, origin: Point): void =>
  context.setTransform(...transformOf(frame, origin, pixelRatio));

/** Until the context is restored nothing is drawn outside of a rectangle of the slide. */
export function clipTo(pen: Pen, { x, y, width, height }: Rect): void {
  inSlidePx(pen, { x, y });
  pen.context.beginPath();
  pen.context.rect(0, 0, width, height);
  pen.context.clip();
}

export interface Cased {
  readonly color: string;
  readonly width: number; //                       of the core, in the context's px
  readonly casing: string;
  readonly casingWidth: number; //                 on each side
  readonly dash?: readonly [number, number];
}

/** Casing and core: two passes over one path. */
export function strokeCased(context: Context2D, path: Path2D, line: Cased): void {
  context.setLineDash([]);
  context.strokeStyle = line.casing;
  context.lineWidth = line.width + 2 * line.casingWidth;
  context.stroke(path);
  if (line.dash) context.setLineDash([...line.dash]);
  context.strokeStyle = line.color;
  context.lineWidth = line.width;
  context.stroke(path);
  context.setLineDash([]);
}

/** White on black, for what the program marks (edges, brackets), as against what it found. */
export const MARK: Cased = { color: '#ffffff', width: 1.4, casing: 'rgba(0,0,0,0.75)', casingWidth: 0.8 };

/** x, y pairs as points. */
export const pointsOf = (pairs: Float64Array): Point[] =>
  Array.from({ length: pairs.length >> 1 }, (_, k) => ({ x: pairs[2 * k] ?? 0, y: pairs[2 * k + 1] ?? 0 }));

/** A path along x, y pairs (level-0 px), each ring closed, in CSS px. */
export const ringsPath = (frame: Frame, rings: readonly Float64Array[]): Path2D =>
  screenPath(frame, rings.map(pointsOf));

/** A closed path through level-0 points, in CSS px. */
export function screenPath(frame: Frame, rings: readonly (readonly Point[])[]): Path2D {
  const path = new Path2D();
  for (const ring of rings) {
    for (const [i, { x, y }] of ring.entries()) {
      const at = toScreen(frame, x, y);
      if (i === 0) path.moveTo(at.x, at.y);
      else path.lineTo(at.x, at.y);
    }
    path.closePath();
  }
  return path;
}
