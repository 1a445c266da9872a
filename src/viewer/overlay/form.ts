// How objects are drawn at a zoom: outlines, fills, discs or density. Pure.
import type { ObjectKind } from '#objects/columns.ts';
import type { MppXY } from '#units/units.ts';
import { magnificationAt } from '../scale.ts';
import type { LegendLayer } from '../viewer-api.ts';

/** Below 10× a nucleus is a few pixels, below 5× a dot, below 2.5× less than one. Glands and lumina stay outlines at any zoom. */
export function formOf(kind: ObjectKind, zoom: number, mpp: MppXY | undefined): LegendLayer['form'] {
  if (kind !== 'nuclei') return 'outlines';
  // While uncalibrated only pixels are known: the usual quarter of a micrometre decides the drawing, nothing else.
  const magnification = magnificationAt(zoom, mpp) ?? 40 * zoom;
  if (magnification < 2.5 * 0.99) return 'density';
  if (magnification < 5 * 0.99) return 'discs';
  return magnification < 10 * 0.99 ? 'fills' : 'outlines';
}
