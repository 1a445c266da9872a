// What was found: maps and objects. A little of it is painted on the page in every frame; a lot is painted by a worker, and the
// last picture is carried along, in step with the slide, until the next one is there.
import { isSameGrid } from '#objects/grid.ts';
import type { MppXY } from '#units/units.ts';
import { type Frame, sameFrame } from '../frame.ts';
import type { Legend, ObjectSource, Part, Swipe } from '../viewer-api.ts';
import { offscreen } from './context.ts';
import type { FarRows } from './far.ts';
import { FindingLayers } from './finding-layers.ts';
import { formOf, weightOf } from './form.ts';
import { isInterpolated } from './grid-cells.ts';
import { legendOf } from './legend.ts';
import { goOn, type Look, lookAround, lookFor, type NearRows, serves } from './near.ts';
import { MANY } from './outlines.ts';
import { type Densities, type PaintAsked, scopeOf, swipeAsked } from './paint-asked.ts';
import type { Picture } from './paint-calls.ts';
import type { PaintWorker } from './paint-worker.ts';
import { Painter, type Surface } from './painter.ts';
import { kindOf, MANY_SMALL, PARTS } from './parts.ts';
import { carriedBy, isDue, MARGIN, type Painted, REST, STILL_MARGIN, WIDEN } from './retained.ts';
import { type Scene, styleOf, swipedMaps } from './scene.ts';
import { Supply } from './supply.ts';

const SLICE_MS = 3; //        of a frame, while the view moves
const STILL_SLICE_MS = 12; // while it stays: nothing else is drawn then, and the picture is there sooner
const AROUND = 0.25; //       of the view's longer side that is looked at on each side of it, while it may move
const STILL_AROUND = 8; //    CSS px beside what is painted, for a view that stands still: it is there sooner
/** More than this many objects around the view, objects in all where only places count, or patches of a map are a lot. */
const HEAVY_NEAR = MANY;
const HEAVY_FAR = 20_000;
const HEAVY_PATCHES = 400;
const HEAVY_BOXES = 10_000; // of a patch map: plain rectangles

/** Where and how the view is now. */
interface Now {
  readonly frame: Frame;
  readonly mpp: MppXY | undefined;
  readonly pixelRatio: number;
}

export class Findings implements Disposable {
  readonly #scene: Scene;
  readonly #parent: HTMLElement;
  readonly #left: FindingLayers; //       of a divider, or all there is
  #right: FindingLayers | undefined; //   comes with the first divider over heavy maps
  readonly #scratch = offscreen(1, 1);
  readonly #painter = new Painter();
  #worker: PaintWorker | undefined; // comes when there is a lot to paint
  readonly #here: ReadonlyMap<Part, Supply>; //  for the painter on the page
  #there: ReadonlyMap<Part, Supply> = new Map(); // for the worker
  readonly #looks = new Map<Part, Look>();
  readonly #looking = new Map<Part, { readonly steps: Generator<undefined, Look>; readonly for: Look }>();
  readonly #onFrame: () => void;
  #now: Now | undefined;
  #until = 0; //         ms: what is done in slices goes on so long in this frame, which may draw twice
  #shownAt: CSSNumberish | null = null;
  #painted: Painted | undefined;
  #swiped: Swipe | undefined; // that is drawn, or being drawn
  #at = 1; //            where the divider is, or was last: 0 to 1 of the width
  #densities: Densities = new Map();
  #isStale = true; //    what is painted no longer says what the scene does
  #isPainting = false; // by the worker
  #isWidening = false; // what it paints is on screen already, with a smaller margin
  #movedAt = 0; //       ms of performance.now(): when the view last changed
  #turn = 0; //          counts what was painted on the page, and slides: a picture asked for before is nothing
  #isDead = false; //    the worker cannot be had
  #isHurried = 0; //     how many wait for the exact picture
  #settled: (() => void)[] = [];
  #rest: ReturnType<typeof setTimeout> | undefined;

  /** @param onFrame asks for a frame, because there is something new to show or to do */
  constructor(parent: HTMLElement, scene: Scene, onFrame: () => void) {
    this.#scene = scene;
    this.#onFrame = onFrame;
    this.#parent = parent;
    this.#left = new FindingLayers(parent);
    const painter = this.#painter;
    const taker = {
      near: (part: Part, near: NearRows | undefined) => painter.setRows(part, { near }),
      far: (part: Part, far: FarRows | undefined) => painter.setRows(part, { far }),
      tint: painter.setTint.bind(painter),
      marks: painter.setMarks.bind(painter),
    };
    this.#here = new Map(PARTS.map((part) => [part, new Supply(part, taker)]));
  }

  /** What is on screen: one, or one on either side of a divider. */
  get layers(): readonly FindingLayers[] {
    return this.#right ? [this.#left, this.#right] : [this.#left];
  }

  /** CSS px by which the canvases are larger than the element on each side. */
  get margin(): number {
    return this.#painted?.margin ?? 0;
  }

  /** Where a worker paints, it begins in this turn of the event loop: the next frame may be far. */
  outdate(): void {
    this.#isStale = true;
    if (this.#painted && this.#painted.margin > 0) queueMicrotask(() => this.#askNow());
  }

  #askNow(): void {
    if (!this.#isStale || this.#isPainting || !this.#worker || this.#isDead) return;
    this.#until = performance.now() + this.#slice;
    void this.#ask();
  }

  /** The slide went, and what was painted of it. */
  forget(): void {
    this.#turn++;
    this.#painted = undefined;
    this.#densities = new Map();
    this.#isStale = true;
    this.#looks.clear();
    this.#looking.clear();
    this.#painter.forget();
    this.#worker?.forget();
    for (const supply of [...this.#here.values(), ...this.#there.values()]) supply.forget();
    this.#endRight();
    this.#left.clear();
  }

  draw(frame: Frame, mpp: MppXY | undefined, pixelRatio: number): void {
    const before = this.#now?.frame;
    this.#now = { frame, mpp, pixelRatio };
    const time = performance.now();
    if (before && !sameFrame(before, frame)) this.#movedAt = time;
    const shownAt = document.timeline.currentTime; // the same for all that happens in one frame of the browser's
    if (shownAt === null || shownAt !== this.#shownAt) this.#until = time + this.#slice;
    this.#shownAt = shownAt;
    clearTimeout(this.#rest);
    const asked = this.#asked(this.#now, 0);
    const hasRoom = frame.width > 0 && frame.height > 0; // else no slide is open, or the page is folded away
    const isHere = this.#isDead || !this.#isHeavy(asked);
    if (!sameSwipe(this.#swiped, this.#scene.swipe, isHere)) this.#isStale = true;
    this.#swiped = this.#scene.swipe;
    if (hasRoom && isHere) this.#paintHere(asked);
    else if (hasRoom) this.#paintThere(this.#now);
    this.#divide(frame.width);
    if (!hasRoom || this.isExact) for (const tell of this.#settled.splice(0)) tell();
  }

  /** True where what is on screen is the scene and the view of the last frame. */
  get isExact(): boolean {
    const { frame } = this.#now ?? {};
    return (
      !this.#isStale &&
      (!this.#isPainting || this.#isWidening) &&
      frame !== undefined &&
      this.#painted !== undefined &&
      !isDue(this.#painted, frame)
    );
  }

  /** Resolves once it is; a resting view is not waited for. */
  async settled(): Promise<void> {
    this.#isHurried++;
    this.#onFrame();
    await new Promise<void>((resolve) => this.#settled.push(resolve));
    this.#isHurried--;
  }

  get #sources(): ReadonlyMap<Part, ObjectSource> {
    const { objects } = this.#scene;
    return this.#worker?.annotations.apart(objects, this.#now?.mpp) ?? objects;
  }

  #asked({ frame, mpp, pixelRatio }: Now, margin: number): PaintAsked {
    const { grid, patchMap, swipe, tissue, run } = this.#scene;
    const sources = this.#sources;
    return {
      frame: { ...frame, width: frame.width + 2 * margin, height: frame.height + 2 * margin },
      pixelRatio,
      mpp,
      tissue,
      slide: this.#scene.slide,
      failed: run?.failed ?? [],
      parts: PARTS.flatMap((part) => {
        const source = sources.get(part);
        const style = styleOf(this.#scene, kindOf(part));
        if (!source || !style.shown || style.opacity === 0 || source.columns.count === 0) return [];
        const { zoom } = frame;
        const [form, weight] = [
          formOf(part, zoom, mpp),
          weightOf(part, source.count ?? source.columns.count, zoom, mpp),
        ];
        return [{ part, form, weight, style, classes: source.columns.classes }];
      }),
      grid: grid?.style.shown ? grid.style : undefined,
      patchMap: patchMap?.style.shown ? patchMap.style : undefined,
      swipe: swipe && swipeAsked(swipe),
    };
  }

  /** More than a moving view can do every frame. */
  #isHeavy({ frame, parts, grid, patchMap, swipe }: PaintAsked): boolean {
    const isBetween = [grid, swipe?.grid].some((style) => style && isInterpolated(style));
    const swiped = swipe?.patchMap === 'layer' ? undefined : swipe?.patchMap;
    if (isBetween || patchMap?.interpolated || swiped?.interpolated) return true; // every px is worked out
    let load = 0;
    for (const { part, form } of parts) {
      if (form === 'discs' || (form === 'density' && this.#scene.brushed?.kind === kindOf(part))) return true; // by their px
      const source = this.#sources.get(part);
      if (!source) continue;
      if (part === 'annotations' && !this.#worker && source.columns.count >= MANY_SMALL) return true; // to be told apart
      if (scopeOf(form) === 'far') load += source.columns.count / HEAVY_FAR;
      else {
        const look = this.#look(part, frame, this.#margin);
        if (!look) return true; // there are too many to look through in one frame
        load += look.rows.length / HEAVY_NEAR;
      }
    }
    const { classMap } = this.#scene;
    const { swipeMap, swipeGrid } = swipedMaps(this.#scene.swipe);
    const patches = (grid ? (this.#scene.grid?.grid.patches.length ?? 0) : 0) + (swipeGrid?.patches.length ?? 0);
    const own = patchMap ? (this.#scene.patchMap?.map.values.length ?? 0) : 0;
    const boxes = classMap?.classIndex.length ?? own + (swipeMap?.values.length ?? 0);
    return load + patches / HEAVY_PATCHES + boxes / HEAVY_BOXES > 1;
  }

  /**
   * Undefined where looking goes on in the next frame.
   * @param margin CSS px around the view that will be painted
   */
  #look(part: Part, frame: Frame, margin: number): Look | undefined {
    const source = this.#sources.get(part);
    if (!source) return undefined;
    const kept = this.#looks.get(part);
    if (serves(kept, source, frame)) return kept;
    let looking = this.#looking.get(part);
    if (!looking || !serves(looking.for, source, frame)) {
      const around = margin === STILL_MARGIN ? margin + STILL_AROUND : AROUND * Math.max(frame.width, frame.height);
      const look = lookFor(source, frame, around);
      looking = { steps: lookAround(look), for: look };
      this.#looking.set(part, looking);
    }
    const found = goOn(looking.steps, this.#isDead ? Number.POSITIVE_INFINITY : this.#until);
    if (!found) return undefined;
    this.#looking.delete(part);
    this.#looks.set(part, found.done);
    return found.done;
  }

  /** True where the painter has all that the picture shows; else copying goes on in the next frame. */
  #supply(supplies: ReadonlyMap<Part, Supply>, { frame, parts }: PaintAsked, until: number, margin: number): boolean {
    const { colourBy, brushed } = this.#scene;
    for (const { part, form } of parts) {
      const source = this.#sources.get(part);
      const supply = supplies.get(part);
      if (!source || !supply) continue;
      const scope = scopeOf(form);
      if (scope === 'far') supply.giveFar(source);
      else {
        const look = this.#look(part, frame, margin);
        if (!look || !supply.giveNear(look, until)) return false;
      }
      supply.giveColours(scope, colourBy.get(kindOf(part)), brushed);
    }
    return true;
  }

  #paintHere(asked: PaintAsked): void {
    const { frame } = asked;
    const { grid, patchMap, swipe, classMap, analysed } = this.#scene;
    if (!this.#isStale && this.#painted && this.#painted.margin === 0 && !isDue(this.#painted, frame)) return;
    this.#turn++;
    this.#supply(this.#here, asked, Number.POSITIVE_INFINITY, this.#margin);
    const maps = { grid: grid?.grid, patchMap: patchMap?.map, ...swipedMaps(swipe), classMap };
    Object.assign(this.#painter, { ...maps, analysed });
    const { densities } = this.#painter.paint(this.#surface(frame, asked.pixelRatio), asked);
    this.#isStale = false;
    this.#endRight();
    this.#show({ frame, margin: 0 }, densities);
  }

  /** Shows each picture on its side. A picture of both sides stays cut where the divider was until the next one is there. */
  #divide(width: number): void {
    this.#at = this.#scene.swipe?.at ?? this.#at;
    const at = this.#right ? Math.round(this.#at * width) : width;
    this.#left.cut(0, at, width);
    this.#right?.cut(at, width, width);
  }

  #endRight(): void {
    this.#right?.[Symbol.dispose]();
    this.#right = undefined;
  }

  #surface(frame: Frame, pixelRatio: number): Surface {
    const findings = this.#left.findings.paint(frame, 0, pixelRatio);
    const grey = this.#left.grey.paint(frame, 0, pixelRatio);
    const { canvas: scratchCanvas, context: scratch } = this.#scratch;
    const { width, height } = findings.canvas;
    if (scratchCanvas.width !== width || scratchCanvas.height !== height)
      Object.assign(scratchCanvas, { width, height });
    return { findings, grey, scratch, scratchCanvas };
  }

  #show(painted: Painted, densities: Densities): void {
    this.#painted = painted;
    this.#densities = densities;
  }

  /** Carries what is painted, and asks for the next picture where it is time. */
  #paintThere(now: Now): void {
    const painted = this.#painted;
    if (painted) this.#carry(painted, now.frame);
    if (this.#isPainting) return;
    if (!this.#isStale && painted && !isDue(painted, now.frame)) {
      if (painted.margin < MARGIN) this.#askIn(WIDEN, MARGIN);
      return;
    }
    const waits = painted && !this.#isStale && this.#isHurried === 0 && isDue(painted, now.frame) === 'at rest';
    if (waits) {
      this.#askIn(REST);
      return;
    }
    void this.#ask();
  }

  #carry(painted: Painted, frame: Frame): void {
    const transform = isDue(painted, frame) ? carriedBy(painted, frame) : '';
    for (const side of this.layers) side.carry(transform);
  }

  get #isStill(): boolean {
    return performance.now() - this.#movedAt >= REST / 2;
  }

  get #slice(): number {
    return this.#isStill ? STILL_SLICE_MS : SLICE_MS;
  }

  /**
   * A view that stands still is painted with less around it, and with all of it once that is on screen. Not while a run adds
   * objects: each would be painted twice, and the network waits for nobody. Nor where only the style of outlines changes: what
   * they mark is kept for the picture that is on screen.
   */
  get #margin(): number {
    const { frame, mpp } = this.#now ?? {};
    const isOnScreen = frame && this.#painted?.margin === MARGIN && sameFrame(this.#painted.frame, frame);
    if (isOnScreen && scopeOf(formOf('nuclei', frame.zoom, mpp)) === 'near') return MARGIN;
    return (this.#isHurried > 0 || this.#isStill) && !this.#scene.run?.inWork.length ? STILL_MARGIN : MARGIN;
  }

  /** Unless there is a frame before. */
  #askIn(ms: number, margin?: number): void {
    this.#rest = setTimeout(() => {
      this.#until = performance.now() + this.#slice;
      void this.#ask(margin);
    }, ms);
  }

  /** @param margin CSS px beyond the element */
  async #ask(margin = this.#margin): Promise<void> {
    const now = this.#now;
    if (!now || this.#isPainting) return;
    const worker = this.#worker;
    if (!worker) return this.#hire();
    const asked = this.#asked(now, margin);
    const isSupplied = this.#supply(this.#there, asked, this.#until, margin) && worker.maps(this.#scene, this.#until);
    if (!isSupplied) return this.#onFrame();
    const turn = this.#turn;
    this.#isWidening = this.isExact;
    this.#isPainting = true;
    this.#isStale = false;
    const picture = await worker.paint(asked);
    this.#isPainting = this.#isWidening = false;
    if (picture && turn === this.#turn) this.#take(picture, now, margin);
    else {
      this.#isStale = true;
      for (const side of [picture, picture?.right]) for (const bitmap of [side?.findings, side?.grey]) bitmap?.close();
    }
    this.#onFrame();
  }

  async #hire(): Promise<void> {
    this.#isPainting = true;
    const code = await import('./paint-worker.ts').catch(() => undefined); // what does not come is told where parts arrive
    this.#isPainting = false;
    if (this.#isDead) return; // closed meanwhile
    if (!code) return this.#bury();
    const worker = new code.PaintWorker(() => this.#bury());
    this.#worker = worker;
    this.#there = new Map(PARTS.map((part) => [part, new Supply(part, worker)]));
    this.#onFrame();
  }

  #take(picture: Picture, { frame, pixelRatio }: Now, margin: number): void {
    const { width, height } = frame;
    const grown: Frame = { ...frame, width: width + 2 * margin, height: height + 2 * margin };
    this.#left.show(picture, grown, margin, pixelRatio);
    if (picture.right) {
      this.#right ??= new FindingLayers(this.#parent, this.#left.after);
      this.#right.show(picture.right, grown, margin, pixelRatio);
    } else this.#endRight();
    this.#divide(width);
    this.#show({ frame, margin }, picture.densities);
  }

  /** Without a worker everything is painted on the page: slower, and as exact. */
  #bury(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    void this.#paintAllHere();
    this.#onFrame();
  }

  async #paintAllHere(): Promise<void> {
    // what does not come is told where parts arrive
    const code = await Promise.all([import('./interpolated.ts'), import('./rasters.ts')]).catch(() => undefined);
    if (!code) return;
    const [{ Interpolated }, { rasters }] = code;
    this.#painter.between = new Interpolated();
    this.#painter.rasters = rasters;
    this.#isStale = true;
    this.#onFrame();
  }

  legend(zoom: number, mpp: MppXY | undefined): Legend {
    return legendOf(this.#scene, this.#sources, zoom, mpp, this.#densities);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#rest);
    this.#isDead = true;
    this.#turn++;
    for (const tell of this.#settled.splice(0)) tell();
    this.#worker?.[Symbol.dispose]();
    this.#endRight();
    this.#left[Symbol.dispose]();
  }
}

/** Whether what was painted for one divider shows another. @param isCutIn the divider is in the picture itself */
function sameSwipe(a: Swipe | undefined, b: Swipe | undefined, isCutIn: boolean): boolean {
  if (a === b) return true;
  if (a?.of !== b?.of || (isCutIn && a?.at !== b?.at)) return false;
  const [was, is] = [swipedMaps(a), swipedMaps(b)];
  if (was.swipeMap !== is.swipeMap || !isSameGrid(was.swipeGrid, is.swipeGrid)) return false;
  const styleOf = (swipe: Swipe | undefined) => (swipe && swipe.of !== 'layers' ? JSON.stringify(swipe.style) : '');
  return styleOf(a) === styleOf(b);
}
