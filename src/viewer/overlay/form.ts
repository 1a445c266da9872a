// How objects are drawn at a zoom: outlines, fills, discs or density, and how heavy their lines are. Pure.
import type { MppXY } from '#units/units.ts';
import { magnificationAt } from '../scale.ts';
import type { LegendLayer, Part } from '../viewer-api.ts';
import { isSmall } from './parts.ts';

/** While uncalibrated only pixels are known: the usual quarter of a micrometre decides the drawing, nothing else. */
const drawnAt = (zoom: number, mpp: MppXY | undefined): number => magnificationAt(zoom, mpp) ?? 40 * zoom;

/** Below 10× a nucleus is a few pixels, below 5× a dot, below 2.5× less than one. Whatever is larger stays an outline at any zoom. */
export function formOf(part: Part, zoom: number, mpp: MppXY | undefined): LegendLayer['form'] {
  if (!isSmall(part)) return 'outlines';
  const magnification = drawnAt(zoom, mpp);
  if (magnification < 2.5 * 0.99) return 'density';
  if (magnification < 5 * 0.99) return 'discs';
  return magnification < 10 * 0.99 ? 'fills' : 'outlines';
}

const LIGHTEST = 0.3;
const DRAWN = 400; // annotations: more are a program's

/**
 * Of the full width of lines, 0 to 1. Below 10× glands, lumina and the edges of fills shrink faster than a line of one width
 * leaves room for: it thins with the square root of the magnification. What people drew, a few hundred at most, keeps its line.
 * @param count of objects
 */
export const weightOf = (part: Part, count: number, zoom: number, mpp: MppXY | undefined): number =>
  part === 'annotations' && count < DRAWN ? 1 : Math.min(1, Math.max(LIGHTEST, Math.sqrt(drawnAt(zoom, mpp) / 10)));
