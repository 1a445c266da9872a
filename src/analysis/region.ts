// What is to be analysed: a rectangle, what was drawn freely, or the tissue.
import { contains, intersect, isEmpty, type Rect } from '#units/rect.ts';
import {
  boundsOfPolygons,
  isInPolygons,
  type Polygons,
  polygonsAreaIn,
  polygonsMeet,
  polygonsPartsIn,
} from './polygons.ts';
import { isTissueAt, isTissueIn, type TissueMask, tissueAreaIn, tissuePartsIn } from './tissue/mask.ts';

/** Level-0 px. */
export type Region = Rect | Polygons | TissueMask;

export const isMask = (region: Region): region is TissueMask => 'mask' in region;
export const isPolygons = (region: Region): region is Polygons => 'pieces' in region;

/** The rectangle itself, or the one around all pieces, or around all cells of a mask. */
export function boundsOf(region: Region): Rect {
  if (isPolygons(region)) return boundsOfPolygons(region);
  if (!isMask(region)) return region;
  return { x: region.x0, y: region.y0, width: region.cols * region.cellPx, height: region.rows * region.cellPx };
}

/** Whether a core has to be computed: any of the region lies in it. */
export function meets(region: Region, core: Rect): boolean {
  if (isMask(region)) return isTissueIn(region, core);
  return isPolygons(region) ? polygonsMeet(region, core) : !isEmpty(intersect(region, core));
}

/** Whether an object with this centroid belongs to the region; half open, so that neighbours share none. */
export function isIn(region: Region, x: number, y: number): boolean {
  if (isMask(region)) return isTissueAt(region, x, y);
  return isPolygons(region) ? isInPolygons(region, x, y) : contains(region, x, y);
}

/** Of the region within a rectangle, level-0 px²: exact for rectangles and polygons, of a mask by parts of its cells. */
export function areaIn(region: Region, part: Rect): number {
  if (isMask(region)) return tissueAreaIn(region, part);
  if (isPolygons(region)) return polygonsAreaIn(region, part);
  const { width, height } = intersect(region, part);
  return width * height;
}

/** The region within a rectangle as disjoint rectangles, level-0 px: exact for rectangles and masks, of polygons in thin strips. */
export function partsIn(region: Region, part: Rect): Rect[] {
  if (isMask(region)) return tissuePartsIn(region, part);
  if (isPolygons(region)) return polygonsPartsIn(region, part);
  const within = intersect(region, part);
  return isEmpty(within) ? [] : [within];
}

/** Of all of it that lies on the slide, level-0 px². */
export const areaPx = (region: Region, slide: Rect): number => areaIn(region, intersect(boundsOf(region), slide));

/**
 * Where glands are completed that reach over the planned cores: in all that was drawn. A mask's cores end where the tissue
 * does, so there is nothing beyond them.
 */
export const completedIn = (region: Region): Rect | undefined => (isMask(region) ? undefined : boundsOf(region));

/** The plain rectangle that a region is; undefined for any other. */
export const asRect = (region: Region): Rect | undefined => (isMask(region) || isPolygons(region) ? undefined : region);
