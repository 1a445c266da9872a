import type { Point } from '#units/rect.ts';
import { level0Px, type MppXY, umOf } from '#units/units.ts';
import { lengthLabel } from './scale.ts';
import type { MeasuredLine } from './viewer-api.ts';

/** A line's length; each axis by its own pixel size. */
export function measured(from: Point, to: Point, at: MppXY | undefined): MeasuredLine {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const lengthUm = at && Math.hypot(umOf(level0Px(dx), at.x), umOf(level0Px(dy), at.y));
  return { from, to, lengthPx: Math.hypot(dx, dy), lengthUm };
}

/** '42.5 µm', or '170 px' while uncalibrated. */
export const labelOf = ({ lengthPx, lengthUm }: MeasuredLine): string =>
  lengthUm === undefined ? `${Math.round(lengthPx).toLocaleString('en')} px` : lengthLabel(lengthUm);
