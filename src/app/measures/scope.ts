// What counts and plots look at, as a region and as rows.
import { areaIn, boundsOf, isIn, type Region } from '#analysis/region.ts';
import { type ObjectColumns, ringsOf } from '#objects/columns.ts';
import type { Rect } from '#units/rect.ts';
import { AnalysedArea } from '../analysed-area.ts';
import type { FoundObjects } from '../found-objects.ts';
import type { Selected } from '../stores/selection-store.ts';
import type { Scope } from '../stores/window-store.ts';

export interface ScopeParts {
  readonly visible: Rect | undefined;
  readonly drawn: Region | undefined;
  readonly selected: Selected | undefined;
}

/** A gland or an annotation encloses others. */
export const encloses = (selected: Selected | undefined): selected is Selected =>
  selected?.kind === 'glands' || selected?.kind === 'annotations';

/** Undefined: all that was analysed, also where the scope that is asked for has nothing to look at. */
export function regionOf(
  scope: Scope,
  { visible, drawn, selected }: ScopeParts,
  found: FoundObjects,
): Region | undefined {
  switch (scope) {
    case 'all':
      return undefined;
    case 'view':
      return visible;
    case 'drawn':
      return drawn;
    case 'object':
      return encloses(selected) ? outlineOf(found.store(selected.kind).live.columns, selected.row) : undefined;
  }
}

/** What an object encloses, its holes left out; undefined where there is no such row. */
export function outlineOf(columns: ObjectColumns, row: number): Region | undefined {
  if (row >= columns.count) return undefined;
  const pieces = ringsOf(columns, row).map((ring, k) => ({
    does: k === 0 ? ('add' as const) : ('subtract' as const),
    ring,
  }));
  return { pieces };
}

/** Objects as far as their place is concerned. */
interface Placed {
  readonly columns: ObjectColumns;
  query(rect: Rect): Uint32Array<ArrayBuffer>;
}

/** Rows whose centroid lies in the region, ascending. */
export function rowsWithin(objects: Placed, region: Region): Uint32Array<ArrayBuffer> {
  const rows = objects.query(boundsOf(region));
  const { centroid } = objects.columns;
  let kept = 0;
  for (const row of rows) if (isIn(region, centroid[2 * row] ?? 0, centroid[2 * row + 1] ?? 0)) rows[kept++] = row;
  return rows.subarray(0, kept);
}

/** Of what was analysed, the part in a region; level-0 px². */
export const analysedIn = ({ area }: Pick<FoundObjects, 'area'>, region: Region): number =>
  area.areaWithin(boundsOf(region), (part) => areaIn(region, part));

/** What densities rest on: what was analysed. Where nothing was, as with objects of a file, all of the slide. @param slide level 0 */
export function countedOn({ area }: Pick<FoundObjects, 'area'>, slide: Rect): AnalysedArea {
  if (area.areaPx > 0) return area;
  const whole = new AnalysedArea();
  whole.addEvenly(slide, slide.width * slide.height);
  return whole;
}
