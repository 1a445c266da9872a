// What was found: maps and objects. Painted exactly at rest; a heavy picture is carried along while the view moves.
import type { ObjectKind } from '#objects/columns.ts';
import type { MppXY } from '#units/units.ts';
import type { Frame } from '../frame.ts';
import type { LayerStyle, Legend, ObjectSource } from '../viewer-api.ts';
import { drawClasses, drawClassFrames } from './class-map.ts';
import { formOf } from './form.ts';
import { clear, contextOf, layerCanvas, place } from './layer-canvas.ts';
import { legendOf } from './legend.ts';
import { DensityPicture, GridPictures } from './map-layer.ts';
import { cornersOf } from './marks.ts';
import { Outlines } from './outlines.ts';
import { drawPatches } from './patch-map.ts';
import { inScreenPx, type Pen, screenPath } from './pen.ts';
import { carriedBy, MARGIN, type Painted, REST, verdictFor } from './retained.ts';
import { KINDS, type Scene, styleOf } from './scene.ts';

const MAP_OPACITY = 0.62;
/** Painting more than this many objects, or this many patches of a map, is heavy. */
const HEAVY_OBJECTS = 1200;
const HEAVY_PATCHES = 400;
const HEAVY_BOXES = 10_000; // of a patch map: plain rectangles

export class Findings implements Disposable {
  readonly #scene: Scene;
  /** Takes the colour from the tissue beneath maps: a grey layer whose blend keeps the backdrop's brightness. */
  readonly grey: HTMLCanvasElement;
  readonly canvas: HTMLCanvasElement;
  readonly #scratch = document.createElement('canvas');
  readonly #outlines = new Map<ObjectKind, Outlines>(KINDS.map((kind) => [kind, new Outlines(kind)]));
  readonly #grids = new GridPictures();
  readonly #density = new DensityPicture();
  readonly #onRest: () => void;
  #painted: Painted | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;

  /** @param onRest asks for a frame, because the view has come to rest on a carried picture */
  constructor(parent: HTMLElement, scene: Scene, onRest: () => void) {
    this.#scene = scene;
    this.#onRest = onRest;
    this.grey = layerCanvas(parent, 'grey');
    this.grey.style.mixBlendMode = 'saturation';
    this.canvas = layerCanvas(parent, 'findings');
  }

  /** CSS px by which the canvases are larger than the element on each side. */
  get margin(): number {
    return this.#painted?.margin ?? 0;
  }

  /** What is painted no longer says what the scene does. */
  outdate(): void {
    this.#painted = undefined;
  }

  /** The slide went: its paths with it. */
  forget(): void {
    this.outdate();
    for (const outlines of this.#outlines.values()) outlines.forget();
  }

  /** @param exact paints even where a picture could be carried */
  draw(frame: Frame, mpp: MppXY | undefined, pixelRatio: number, exact: boolean): void {
    const verdict = verdictFor(this.#painted, frame, performance.now());
    clearTimeout(this.#rest);
    if (verdict === 'paint' || (exact && verdict === 'carry')) this.#paint(frame, mpp, pixelRatio);
    else if (this.#painted) this.#carry(this.#painted, frame, verdict === 'exact');
  }

  #carry(painted: Painted, frame: Frame, exact: boolean): void {
    const transform = exact ? '' : carriedBy(painted, frame);
    for (const canvas of [this.grey, this.canvas]) canvas.style.transform = transform;
    if (exact) return;
    this.#rest = setTimeout(() => {
      this.outdate();
      this.#onRest();
    }, REST);
  }

  #paint(frame: Frame, mpp: MppXY | undefined, pixelRatio: number): void {
    const heavy = !this.#scene.swipe && this.#load(frame, mpp) > 1; // a divider stays on screen while the slide moves
    const margin = heavy ? MARGIN : 0;
    const grown = { ...frame, width: frame.width + 2 * margin, height: frame.height + 2 * margin };
    for (const canvas of [this.canvas, this.grey, this.#scratch]) place(canvas, grown, margin, pixelRatio);
    const pen: Pen = { context: contextOf(this.canvas), frame: grown, pixelRatio, mpp };
    clear(pen.context);
    clear(contextOf(this.grey));
    pen.context.save();
    this.#leaveOutFailed(pen);
    this.#drawGrid(pen);
    this.#drawPatchMaps(pen);
    this.#drawClassMap(pen);
    for (const kind of KINDS) this.#drawObjects(pen, kind, 'maps');
    for (const kind of KINDS) this.#drawObjects(pen, kind, 'outlines');
    pen.context.restore();
    this.#painted = { frame, margin, at: performance.now(), heavy };
  }

  /** How much there is to paint, 1 being as much as a moving view can do every frame. */
  #load(frame: Frame, mpp: MppXY | undefined): number {
    let objects = 0;
    for (const kind of KINDS) {
      const source = this.#scene.objects.get(kind);
      if (!source || !styleOf(this.#scene, kind).shown || formOf(kind, frame.zoom, mpp) === 'density') continue;
      objects += this.#outlines.get(kind)?.count(frame, source) ?? 0;
    }
    const patches = this.#scene.grid?.style.shown ? this.#scene.grid.grid.patches.length : 0;
    const { patchMap, classMap } = this.#scene;
    const boxes = classMap?.classIndex.length ?? (patchMap?.style.shown ? patchMap.map.values.length : 0);
    return objects / HEAVY_OBJECTS + patches / HEAVY_PATCHES + boxes / HEAVY_BOXES;
  }

  /** Nothing is drawn inside a failed patch. */
  #leaveOutFailed(pen: Pen): void {
    const failed = this.#scene.run?.failed ?? [];
    if (failed.length === 0) return;
    const outside = new Path2D();
    outside.rect(0, 0, pen.frame.width, pen.frame.height);
    outside.addPath(screenPath(pen.frame, failed.map(cornersOf)));
    inScreenPx(pen);
    pen.context.clip(outside, 'evenodd');
  }

  #drawGrid(pen: Pen): void {
    const map = this.#scene.grid;
    if (!map?.style.shown) return;
    this.#drawMap(pen, map.style.opacity, (scratch) => this.#grids.draw(scratch, map.grid, map.style));
  }

  /** The first on the left of the divider and the second on its right, where two are compared. */
  #drawPatchMaps(pen: Pen): void {
    const { patchMap, swipe } = this.#scene;
    if (!patchMap?.style.shown || this.#scene.classMap) return;
    const side = (from: number, to: number) => (scratch: Pen, paint: () => void) => {
      scratch.context.save();
      inScreenPx(scratch);
      const { width, height } = scratch.frame;
      scratch.context.beginPath();
      scratch.context.rect(from * width, 0, (to - from) * width, height);
      scratch.context.clip();
      paint();
      scratch.context.restore();
    };
    const { map, style } = patchMap;
    const left = side(0, swipe?.at ?? 1);
    this.#drawMap(pen, style.opacity, (scratch) => left(scratch, () => drawPatches(scratch, map, style)));
    if (!swipe) return;
    const right = side(swipe.at, 1);
    this.#drawMap(pen, swipe.style.opacity, (scratch) =>
      right(scratch, () => drawPatches(scratch, swipe.map, swipe.style)),
    );
  }

  #drawClassMap(pen: Pen): void {
    const { classMap } = this.#scene;
    if (!classMap) return;
    this.#drawMap(pen, classMap.opacity, (scratch) => drawClasses(scratch, classMap));
    drawClassFrames(pen, classMap);
  }

  /** Density is a map and lies beneath all outlines. */
  #drawObjects(pen: Pen, kind: ObjectKind, which: 'maps' | 'outlines'): void {
    const source = this.#scene.objects.get(kind);
    const style = styleOf(this.#scene, kind);
    if (!source || !style.shown || style.opacity === 0 || source.columns.count === 0) return;
    const form = formOf(kind, pen.frame.zoom, pen.mpp);
    if (form === 'density' && which === 'maps') this.#drawDensity(pen, source, style);
    if (form !== 'density' && which === 'outlines') this.#outlines.get(kind)?.draw(pen, source, style, form);
  }

  #drawDensity(pen: Pen, source: ObjectSource, style: LayerStyle): void {
    const opacity = style.opacity * MAP_OPACITY;
    this.#drawMap(pen, opacity, (scratch) => this.#density.draw(scratch, source, style));
  }

  /** Paints cells opaque beside the screen, greys the tissue where there are any, and lays them over it. */
  #drawMap(pen: Pen, opacity: number, paint: (scratch: Pen) => void): void {
    const scratch = contextOf(this.#scratch);
    clear(scratch);
    paint({ ...pen, context: scratch });
    const { context } = pen;
    context.setTransform(1, 0, 0, 1, 0, 0);
    if (this.#scene.tissue === 'auto') {
      const grey = contextOf(this.grey);
      grey.drawImage(this.#scratch, 0, 0);
      grey.globalCompositeOperation = 'source-in';
      grey.fillStyle = '#808080';
      grey.fillRect(0, 0, this.grey.width, this.grey.height);
      grey.globalCompositeOperation = 'source-over';
    }
    context.globalAlpha = opacity;
    context.drawImage(this.#scratch, 0, 0);
    context.globalAlpha = 1;
  }

  legend(zoom: number, mpp: MppXY | undefined): Legend {
    const source = this.#scene.objects.get('nuclei');
    const counts = source && formOf('nuclei', zoom, mpp) === 'density';
    const density = counts ? this.#density.density(zoom, source, styleOf(this.#scene, 'nuclei')) : undefined;
    return legendOf(this.#scene, zoom, mpp, density);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#rest);
    this.grey.remove();
    this.canvas.remove();
  }
}
