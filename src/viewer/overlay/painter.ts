// Paints what was found, maps and objects, on a surface of any size: on the page for a few, in a worker for many.
import type { ValueGrid } from '#objects/grid.ts';
import { boxAt, intersects, type Rect } from '#units/rect.ts';
import { boxOnSlide } from '../frame.ts';
import type { AnalysedParts, ClassMap, GridStyle, LayerStyle, Part, PatchMap, PatchMapStyle } from '../viewer-api.ts';
import { drawClasses, drawClassFrames } from './class-map.ts';
import type { Context2D } from './context.ts';
import { DensityMap, partsOf } from './density-map.ts';
import type { Discs } from './discs.ts';
import type { FarRows } from './far.ts';
import { isInterpolated } from './grid-cells.ts';
import { GridPictures } from './grid-pictures.ts';
import { groupsOf, HIDDEN, paletteOf, type Tint } from './groups.ts';
import type { Interpolated } from './interpolated.ts';
import { Kept } from './kept.ts';
import type { ManyOutlines } from './many-outlines.ts';
import { cornersOf } from './marks.ts';
import type { NearRows } from './near.ts';
import { drawBrushed, MANY, Outlines } from './outlines.ts';
import { type DensitySaid, type PaintAsked, type Painted, type PartAsked, type Scope, scopeOf } from './paint-asked.ts';
import { isSmall } from './parts.ts';
import { drawPatches } from './patch-map.ts';
import { clipTo, inScreenPx, inSlidePx, type Pen, screenPath } from './pen.ts';
import type { Rasters } from './rasters.ts';

const MAP_OPACITY = 0.62;
const LEAST_PX = 0.5; // device px: the least radius of an object's disc
const BRUSHED_PX = 1.1; // CSS px: of a brushed one's

type Span = readonly [from: number, to: number]; // 0 to 1 of the width

/** Where a picture comes to be. All three of one size. */
export interface Surface {
  readonly findings: Context2D;
  readonly grey: Context2D; //    takes the colour from the tissue beneath maps
  readonly scratch: Context2D; // pictures are made here before they are laid over
  readonly scratchCanvas: OffscreenCanvas;
}

/** Of one part, what is held to paint from. */
interface Held {
  near: NearRows | undefined;
  far: FarRows | undefined;
  readonly tint: { near: Tint | undefined; far: Tint | undefined };
  readonly marks: { near: Uint8Array | undefined; far: Uint8Array | undefined }; // by row, 1: brushed
  readonly outlines: Outlines; //     of a few
  readonly many: ManyOutlines | undefined;
  readonly discs: Kept<FarRows, Discs>;
  readonly density: DensityMap;
  groups:
    | {
        readonly rows: NearRows | FarRows;
        readonly tint: Tint | undefined;
        readonly key: string;
        readonly of: Uint8Array<ArrayBuffer>;
      }
    | undefined;
}

export class Painter {
  readonly #held = new Map<Part, Held>();
  readonly #grids = new GridPictures();
  readonly #swipedGrids = new GridPictures();
  /** Undefined: interpolated maps are not drawn. The page has its code only once it paints what the worker should. */
  between: Interpolated | undefined;
  /**
   * Undefined: many small objects are drawn as a few are, by paths, which is slower, and discs are not drawn. The worker has it, set
   * before anything is held; the page once it paints what the worker should.
   */
  rasters: Rasters | undefined;
  grid: ValueGrid | undefined;
  patchMap: PatchMap | undefined;
  swipeMap: PatchMap | undefined;
  swipeGrid: ValueGrid | undefined;
  classMap: ClassMap | undefined;
  analysed: AnalysedParts | undefined;

  /** Takes the rows over. Values and marks of earlier rows go. */
  setRows(part: Part, rows: { readonly near: NearRows | undefined } | { readonly far: FarRows | undefined }): void {
    const held = this.#of(part);
    const scope: Scope = 'near' in rows ? 'near' : 'far';
    Object.assign(held, rows);
    held.tint[scope] = undefined;
    held.marks[scope] = undefined;
  }

  setTint(part: Part, scope: Scope, tint: Tint | undefined): void {
    this.#of(part).tint[scope] = tint;
  }

  setMarks(part: Part, scope: Scope, marks: Uint8Array | undefined): void {
    this.#of(part).marks[scope] = marks;
  }

  /** The slide went. */
  forget(): void {
    this.#held.clear();
    this.grid = undefined;
    this.patchMap = undefined;
    this.swipeMap = undefined;
    this.swipeGrid = undefined;
    this.classMap = undefined;
    this.analysed = undefined;
  }

  #of(part: Part): Held {
    const known = this.#held.get(part);
    if (known) return known;
    const held: Held = {
      near: undefined,
      far: undefined,
      tint: { near: undefined, far: undefined },
      marks: { near: undefined, far: undefined },
      outlines: new Outlines(part),
      many: this.rasters && new this.rasters.ManyOutlines(part),
      discs: new Kept(),
      density: new DensityMap(),
      groups: undefined,
    };
    this.#held.set(part, held);
    return held;
  }

  /** The surface is cleared first. */
  paint(surface: Surface, asked: PaintAsked): Painted {
    const { frame, pixelRatio, mpp } = asked;
    const pen: Pen = { context: surface.findings, frame, pixelRatio, mpp };
    for (const context of [surface.findings, surface.grey]) wipe(context, pen);
    const maps = new Maps(surface, pen, asked.tissue === 'auto');
    pen.context.save();
    leaveOut(pen, asked);
    this.#drawMaps(maps, pen, asked);
    const densities = new Map<Part, DensitySaid>();
    for (const each of asked.parts) {
      const said = each.form === 'density' ? this.#drawDensity(maps, each, asked.slide) : undefined;
      if (said) densities.set(each.part, said);
    }
    for (const each of asked.parts) this.#drawObjects(surface, pen, each);
    for (const each of asked.parts) this.#drawBrushed(surface, pen, each);
    pen.context.restore();
    return { densities, isGreyed: maps.isGreyed };
  }

  /** Where two are compared, one shows left of the divider and the other right of it. */
  #drawMaps(maps: Maps, pen: Pen, asked: PaintAsked): void {
    const { grid, patchMap, swipeMap, swipeGrid, classMap } = this;
    const { grid: gridStyle, patchMap: patchStyle, swipe } = asked;
    const leftOf = (layer: 'grid' | 'patchMap'): Span => [0, swipe?.left === layer ? swipe.at : 1];
    const right: Span = [swipe?.at ?? 0, 1];
    const { slide } = asked;
    if (grid && gridStyle) this.#drawGrid(maps, grid, gridStyle, this.#grids, leftOf('grid'), slide);
    if (swipeGrid && swipe?.grid) this.#drawGrid(maps, swipeGrid, swipe.grid, this.#swipedGrids, right, slide);
    if (classMap) {
      maps.draw(classMap.opacity, (scratch) => drawClasses(scratch, classMap));
      drawClassFrames(pen, classMap);
    } else if (patchMap && patchStyle) {
      const span = swipe?.patchMap === 'layer' ? right : leftOf('patchMap');
      maps.draw(patchStyle.opacity, (scratch) => this.#drawPatches(scratch, patchMap, patchStyle), span);
      const style = swipe?.patchMap;
      if (swipeMap && style && style !== 'layer')
        maps.draw(style.opacity, (scratch) => this.#drawPatches(scratch, swipeMap, style), right);
    }
  }

  /** Cells at its edge may reach beyond the slide: what lies there is not drawn. */
  #drawGrid(
    maps: Maps,
    grid: ValueGrid,
    style: GridStyle,
    pictures: GridPictures,
    span: Span,
    slide: Rect | undefined,
  ): void {
    const draw = (scratch: Pen): void => {
      if (slide) clipTo(scratch, slide);
      const isDone = isInterpolated(style) && (this.between?.drawGrid(scratch, grid, style) ?? true);
      if (!isDone) pictures.draw(scratch, grid, style);
    };
    maps.draw(style.opacity, draw, span);
  }

  #drawPatches(pen: Pen, map: PatchMap, style: PatchMapStyle): void {
    const isDone = style.interpolated === true && (this.between?.drawPatches(pen, map, style) ?? true);
    if (!isDone) drawPatches(pen, map, style);
  }

  #groups(held: Held, rows: NearRows | FarRows, style: LayerStyle, tint: Tint | undefined): Uint8Array<ArrayBuffer> {
    const key = JSON.stringify([style.classShown, style.threshold]);
    const kept = held.groups;
    if (kept?.rows === rows && kept.tint === tint && kept.key === key) return kept.of;
    const of = groupsOf(rows, style, tint);
    held.groups = { rows, tint, key, of };
    return of;
  }

  /** Density is a map and lies beneath all outlines: of a measure that colours the objects, where a mean says something of it. */
  #drawDensity(maps: Maps, { part, style }: PartAsked, slide: Rect | undefined): DensitySaid | undefined {
    const held = this.#held.get(part);
    if (!held?.far) return undefined;
    const { far } = held;
    const groups = this.#groups(held, far, style, undefined);
    const tint = held.tint.far?.hasMean ? held.tint.far : undefined;
    const ground = { slide, analysed: this.analysed };
    let said: DensitySaid | undefined;
    maps.draw(
      style.opacity * MAP_OPACITY,
      (scratch) => {
        said = held.density.draw(scratch, { far, groups, tint }, style.colormap ?? 'viridis', ground);
      },
      [0, 1],
      partsOf(ground),
    );
    return said;
  }

  #drawObjects(surface: Surface, pen: Pen, { part, form, weight, style, classes }: PartAsked): void {
    const held = this.#held.get(part);
    if (!held || form === 'density') return;
    const rows = held[scopeOf(form)];
    if (!rows) return;
    const tint = held.tint[scopeOf(form)];
    const groups = this.#groups(held, rows, style, tint);
    const palette = paletteOf(classes, style, tint);
    if ('xy' in rows) {
      if (form === 'discs') return;
      const lines = { style, form, weight };
      const many = isSmall(part) && rows.count >= MANY ? held.many : undefined;
      if (many) stamp(surface, pen, many.paint(pen, rows, groups, palette, lines), style.opacity);
      else held.outlines.draw(pen, rows, groups, palette, lines);
      return;
    }
    if (!this.rasters) return;
    const { Discs, colouredDiscs } = this.rasters;
    const { frame, pixelRatio } = pen;
    const key = JSON.stringify([frame, pixelRatio]);
    const discs = held.discs.of(rows, key, (over) => new Discs(rows, frame, pixelRatio, LEAST_PX, over));
    stamp(surface, pen, colouredDiscs(discs.raster(groups), palette), style.opacity);
  }

  /** Brushed objects too small for an outline are white dots, among density too. */
  #drawBrushed(surface: Surface, pen: Pen, { part, form, style }: PartAsked): void {
    const held = this.#held.get(part);
    const marks = held?.marks[scopeOf(form)];
    const rows = held?.[scopeOf(form)];
    if (!held || !marks || !rows) return;
    const groups = this.#groups(held, rows, style, form === 'density' ? undefined : held.tint[scopeOf(form)]);
    if ('xy' in rows) {
      const rasters = isSmall(part) && rows.count >= MANY ? this.rasters : undefined;
      if (rasters) stamp(surface, pen, rasters.paintBrushed(pen, rows, groups, marks), 1);
      else drawBrushed(pen, rows, marks, groups);
      return;
    }
    const brushed = groups.map((group, i) => (marks[i] === 1 && group !== HIDDEN ? 0 : HIDDEN));
    if (!this.rasters) return;
    const discs = new this.rasters.Discs(rows, pen.frame, pen.pixelRatio, BRUSHED_PX * pen.pixelRatio);
    stamp(surface, pen, this.rasters.colouredDiscs(discs.raster(brushed), ['#ffffff']), 1);
  }
}

const sizeOf = ({ frame, pixelRatio }: Pen): [width: number, height: number] => [
  Math.round(frame.width * pixelRatio),
  Math.round(frame.height * pixelRatio),
];

function wipe(context: Context2D, pen: Pen): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, ...sizeOf(pen));
}

/** Nothing is drawn inside a failed patch. */
function leaveOut(pen: Pen, { failed }: PaintAsked): void {
  if (failed.length === 0) return;
  const outside = new Path2D();
  outside.rect(0, 0, pen.frame.width, pen.frame.height);
  outside.addPath(screenPath(pen.frame, failed.map(cornersOf)));
  inScreenPx(pen);
  pen.context.clip(outside, 'evenodd');
}

/** Opaque, in whatever colour. @param boxes [n × 4] x, y, width, height, level-0 px */
function fillBoxes(pen: Pen, boxes: Float32Array): void {
  const box = boxOnSlide(pen.frame);
  const overPx = 0.5 / pen.frame.zoom; // else blended edges of neighbours would leave hairlines
  for (let k = 0; 4 * k < boxes.length; k++) {
    const rect = boxAt(boxes, k);
    if (!intersects(rect, box)) continue;
    inSlidePx(pen, rect);
    pen.context.fillRect(-overPx, -overPx, rect.width + 2 * overPx, rect.height + 2 * overPx);
  }
}

/** Lays device pixels over the picture. */
function stamp(
  { scratch, scratchCanvas }: Surface,
  pen: Pen,
  rgba: Uint8ClampedArray<ArrayBuffer>,
  opacity: number,
): void {
  wipe(scratch, pen);
  scratch.putImageData(new ImageData(rgba, ...sizeOf(pen)), 0, 0);
  const { context } = pen;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalAlpha = opacity;
  context.drawImage(scratchCanvas, 0, 0);
  context.globalAlpha = 1;
}

const NOWHERE = new Float32Array(0);

/** Paints cells opaque beside the picture, greys the tissue where there are any, and lays them over it. */
class Maps {
  readonly #surface: Surface;
  readonly #pen: Pen;
  readonly #greys: boolean;
  isGreyed = false;

  constructor(surface: Surface, pen: Pen, greys: boolean) {
    this.#surface = surface;
    this.#pen = pen;
    this.#greys = greys;
  }

  /**
   * @param span of the picture's width that the map may cover
   * @param ground where tissue is grey without a cell too, [n × 4], level-0 px
   */
  draw(
    opacity: number,
    paint: (scratch: Pen) => void,
    [from, to]: Span = [0, 1],
    ground: Float32Array = NOWHERE,
  ): void {
    if (from >= to) return;
    const { scratch, scratchCanvas, grey } = this.#surface;
    const pen = { ...this.#pen, context: scratch };
    const [width, height] = sizeOf(pen);
    wipe(scratch, pen);
    scratch.save();
    if (from > 0 || to < 1) {
      scratch.beginPath();
      scratch.rect(from * width, 0, (to - from) * width, height);
      scratch.clip();
    }
    paint(pen);
    scratch.restore();
    if (this.#greys) {
      this.isGreyed = true;
      grey.setTransform(1, 0, 0, 1, 0, 0);
      grey.drawImage(scratchCanvas, 0, 0);
      fillBoxes({ ...pen, context: grey }, ground);
      grey.setTransform(1, 0, 0, 1, 0, 0);
      grey.globalCompositeOperation = 'source-in';
      grey.fillStyle = '#808080';
      grey.fillRect(0, 0, width, height);
      grey.globalCompositeOperation = 'source-over';
    }
    const { context } = this.#pen;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = opacity;
    context.drawImage(scratchCanvas, 0, 0);
    context.globalAlpha = 1;
  }
}
