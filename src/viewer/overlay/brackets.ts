// Corner brackets around the selected object, and the ticks that other marks share with it.
import type { Rect } from '#units/rect.ts';
import { type Pen, strokeCased } from './pen.ts';

/** Corner brackets around one object, CSS px: 7 px of air, arms of 8. */
export function drawBrackets(pen: Pen, corners: Rect): void {
  const { context } = pen;
  const [x0, y0] = [corners.x - 7, corners.y - 7];
  const [x1, y1] = [corners.x + corners.width + 7, corners.y + corners.height + 7];
  const arm = Math.min(8, 0.3 * (x1 - x0), 0.3 * (y1 - y0));
  context.lineCap = 'square';
  strokeCased(context, ticksPath(x0, y0, x1, y1, arm), {
    color: '#ffffff',
    width: 2.4,
    casing: '#000000',
    casingWidth: 1.3,
  });
}

/** Four right angles at the corners of a box. */
export function ticksPath(x0: number, y0: number, x1: number, y1: number, arm: number): Path2D {
  const path = new Path2D();
  for (const [x, y, dx, dy] of [
    [x0, y0, 1, 1],
    [x1, y0, -1, 1],
    [x1, y1, -1, -1],
    [x0, y1, 1, -1],
  ] as const) {
    path.moveTo(x, y + dy * arm);
    path.lineTo(x, y);
    path.lineTo(x + dx * arm, y);
  }
  return path;
}
