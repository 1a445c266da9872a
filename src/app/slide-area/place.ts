// A place on the slide as people write it.
import type { Point } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';

const NUMBER = String.raw`[-−]?\d+(?:\.\d+)?`;
const PLACE = new RegExp(
  String.raw`^\s*(?:x\s*[:=]?\s*)?(${NUMBER})\s*(µm|um|mm|px)?[\s;,]+(?:y\s*[:=]?\s*)?(${NUMBER})\s*(µm|um|mm|px)?\s*$`,
  'i',
);

/**
 * "12345 6789", "x 7,940 y 2,496 µm", "3.1 mm, 2 mm": level-0 px. Without a unit as the status bar counts: µm where the
 * slide is calibrated, else px. Undefined where it is no place, or needs a pixel size that is not known.
 */
export function placeOf(text: string, mpp: MppXY | undefined): Point | undefined {
  const found = PLACE.exec(text.replace(/(\d),(?=\d{3}(?!\d))/g, '$1')); // thousands
  if (!found) return undefined;
  const [, x = '', xUnit, y = '', yUnit] = found;
  const unit = (yUnit ?? xUnit ?? (mpp ? 'µm' : 'px')).toLowerCase();
  const [px, py] = [numberOf(x), numberOf(y)];
  if (unit === 'px') return { x: px, y: py };
  if (!mpp) return undefined;
  const um = unit === 'mm' ? 1000 : 1;
  return { x: (px * um) / mpp.x, y: (py * um) / mpp.y };
}

const numberOf = (text: string): number => Number(text.replace('−', '-'));
