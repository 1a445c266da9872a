// What one picture of the findings is asked to show, as plain values: they cross to a worker.
import type { ObjectClass } from '#objects/columns.ts';
import type { Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import type { Frame } from '../frame.ts';
import type { GridStyle, LayerStyle, LegendLayer, Part, PatchMapStyle, Swipe } from '../viewer-api.ts';

export type Form = LegendLayer['form'];

export interface PartAsked {
  readonly part: Part;
  readonly form: Form;
  readonly weight: number; // of the full width of lines, 0 to 1
  readonly style: LayerStyle;
  readonly classes: readonly ObjectClass[];
}

export interface PaintAsked {
  readonly frame: Frame; //         of the picture: the element's with its margin
  readonly pixelRatio: number; //   device px a CSS px
  readonly mpp: MppXY | undefined;
  readonly tissue: 'auto' | 'stained';
  readonly slide: Rect | undefined; // level-0 px: the whole of it; undefined: its size does not matter
  readonly failed: readonly Rect[]; // level-0 px: nothing is drawn there
  readonly parts: readonly PartAsked[]; // from the bottom up; shown ones that have objects
  readonly grid: GridStyle | undefined; // undefined: none is shown
  readonly patchMap: PatchMapStyle | undefined;
  readonly swipe: SwipeAsked | undefined;
}

/** A divider, without the map right of it: that is held by the painter. */
export interface SwipeAsked {
  readonly at: number; // 0 to 1 of the width
  readonly left: 'grid' | 'patchMap'; // what shows left of it only
  readonly patchMap: PatchMapStyle | 'layer' | undefined; // right of it; 'layer': the patch map itself
  readonly grid: GridStyle | undefined; //                   right of it
}

export function swipeAsked(swipe: Swipe): SwipeAsked {
  const { at } = swipe;
  if (swipe.of === 'grid') return { at, left: 'grid', patchMap: undefined, grid: swipe.style };
  if (swipe.of === 'layers') return { at, left: 'grid', patchMap: 'layer', grid: undefined };
  return { at, left: 'patchMap', patchMap: swipe.style, grid: undefined };
}

/** What the legend has to say of a density that was painted. */
export interface DensitySaid {
  readonly shows: 'counts' | 'means'; // how many objects a cell holds, or the mean of the measure that colours them
  readonly cellPx: number; // level-0 px
  readonly most: number; //   objects of a cell that the last step stands for
}

export type Densities = ReadonlyMap<Part, DensitySaid>;

export interface Painted {
  readonly densities: Densities; // of those that are drawn so
  readonly isGreyed: boolean; // the grey layer has something on it
}

/** The outlines around a view, or all objects without them. */
export type Scope = 'near' | 'far';

/** A form needs outlines, or places only. */
export const scopeOf = (form: Form): Scope => (form === 'outlines' || form === 'fills' ? 'near' : 'far');
