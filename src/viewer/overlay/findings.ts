// What was found: maps and objects. A little of it is painted on the page in every frame; a lot is painted by a worker, and the
// last picture is carried along, in step with the slide, until the next one is there.
import type { ObjectKind } from '#objects/columns.ts';
import type { MppXY } from '#units/units.ts';
import type { Frame } from '../frame.ts';
import type { Legend } from '../viewer-api.ts';
import { offscreen } from './context.ts';
import { formOf, weightOf } from './form.ts';
import { isInterpolated } from './interpolated.ts';
import { legendOf } from './legend.ts';
import { MANY } from './many-outlines.ts';
import { goOn, type Look, lookAround, lookFor, serves } from './near.ts';
import { type DensitySaid, type PaintAsked, scopeOf, swipeAsked } from './paint-asked.ts';
import type { Picture } from './paint-calls.ts';
import { PaintWorker } from './paint-worker.ts';
import { Painter, type Surface } from './painter.ts';
import { PictureLayer } from './picture-layer.ts';
import { carriedBy, isDue, MARGIN, type Painted, REST } from './retained.ts';
import { KINDS, type Scene, styleOf, swipedMaps } from './scene.ts';
import { Supply } from './supply.ts';

/** More than this many objects around the view, objects in all where only places count, or patches of a map are a lot. */
const SLICE_MS = 4;
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
  /** Takes the colour from the tissue beneath maps: a grey layer whose blend keeps the backdrop's brightness. */
  readonly #grey: PictureLayer;
  readonly #layer: PictureLayer;
  readonly #scratch = offscreen(1, 1);
  readonly #painter = new Painter();
  readonly #worker: PaintWorker;
  readonly #here: ReadonlyMap<ObjectKind, Supply>; //  for the painter on the page
  readonly #there: ReadonlyMap<ObjectKind, Supply>; // for the worker
  readonly #looks = new Map<ObjectKind, Look>();
  readonly #looking = new Map<ObjectKind, { readonly steps: Generator<undefined, Look>; readonly for: Look }>();
  readonly #onFrame: () => void;
  #now: Now | undefined;
  #until = 0; //         ms: what is done in slices goes on so long in this frame
  #painted: Painted | undefined;
  #density: DensitySaid | undefined;
  #isStale = true; //    what is painted no longer says what the scene does
  #isPainting = false; // by the worker
  #turn = 0; //          counts what was painted on the page, and slides: a picture asked for before is nothing
  #isDead = false; //    the worker cannot be had
  #isHurried = 0; //     how many wait for the exact picture
  #settled: (() => void)[] = [];
  #rest: ReturnType<typeof setTimeout> | undefined;

  /** @param onFrame asks for a frame, because there is something new to show or to do */
  constructor(parent: HTMLElement, scene: Scene, onFrame: () => void) {
    this.#scene = scene;
    this.#onFrame = onFrame;
    this.#grey = new PictureLayer(parent, 'grey', { mixBlendMode: 'saturation' });
    this.#layer = new PictureLayer(parent, 'findings');
    this.#worker = new PaintWorker(() => this.#bury());
    const painter = this.#painter;
    const taker = {
      near: (kind: ObjectKind, near: Parameters<PaintWorker['near']>[1]) => painter.setRows(kind, { near }),
      far: (kind: ObjectKind, far: Parameters<PaintWorker['far']>[1]) => painter.setRows(kind, { far }),
      tint: painter.setTint.bind(painter),
      marks: painter.setMarks.bind(painter),
    };
    this.#here = new Map(KINDS.map((kind) => [kind, new Supply(kind, taker)]));
    this.#there = new Map(KINDS.map((kind) => [kind, new Supply(kind, this.#worker)]));
  }

  get grey(): HTMLCanvasElement {
    return this.#grey.canvas;
  }

  get canvas(): HTMLCanvasElement {
    return this.#layer.canvas;
  }

  /** CSS px by which the canvases are larger than the element on each side. */
  get margin(): number {
    return this.#painted?.margin ?? 0;
  }

  outdate(): void {
    this.#isStale = true;
  }

  /** The slide went, and what was painted of it. */
  forget(): void {
    this.#turn++;
    this.#painted = undefined;
    this.#density = undefined;
    this.#isStale = true;
    this.#looks.clear();
    this.#looking.clear();
    this.#painter.forget();
    this.#worker.forget();
    for (const supply of [...this.#here.values(), ...this.#there.values()]) supply.forget();
    for (const layer of [this.#grey, this.#layer]) layer.clear();
  }

  draw(frame: Frame, mpp: MppXY | undefined, pixelRatio: number): void {
    this.#now = { frame, mpp, pixelRatio };
    this.#until = performance.now() + SLICE_MS;
    clearTimeout(this.#rest);
    const asked = this.#asked(this.#now, 0);
    const hasRoom = frame.width > 0 && frame.height > 0; // else no slide is open, or the page is folded away
    if (hasRoom && (this.#isDead || !this.#isHeavy(asked))) this.#paintHere(asked);
    else if (hasRoom) this.#paintThere(this.#now);
    if (!hasRoom || this.isExact) for (const tell of this.#settled.splice(0)) tell();
  }

  /** True where what is on screen is the scene and the view of the last frame. */
  get isExact(): boolean {
    const { frame } = this.#now ?? {};
    return (
      !this.#isStale &&
      !this.#isPainting &&
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

  #asked({ frame, mpp, pixelRatio }: Now, margin: number): PaintAsked {
    const { grid, patchMap, swipe, tissue, run, objects } = this.#scene;
    return {
      frame: { ...frame, width: frame.width + 2 * margin, height: frame.height + 2 * margin },
      pixelRatio,
      mpp,
      tissue,
      slide: this.#scene.slide,
      failed: run?.failed ?? [],
      kinds: KINDS.flatMap((kind) => {
        const source = objects.get(kind);
        const style = styleOf(this.#scene, kind);
        if (!source || !style.shown || style.opacity === 0 || source.columns.count === 0) return [];
        const { zoom } = frame;
        const [form, weight] = [formOf(kind, zoom, mpp), weightOf(kind, zoom, mpp)];
        return [{ kind, form, weight, style, classes: source.columns.classes }];
      }),
      grid: grid?.style.shown ? grid.style : undefined,
      patchMap: patchMap?.style.shown ? patchMap.style : undefined,
      swipe: swipe && swipeAsked(swipe),
    };
  }

  /** More than a moving view can do every frame. */
  #isHeavy({ frame, kinds, grid, patchMap }: PaintAsked): boolean {
    if (this.#scene.swipe) return false; // a divider stays on screen while the slide moves
    if (patchMap?.interpolated || (grid && isInterpolated(grid))) return true; // every px is worked out
    let load = 0;
    for (const { kind, form } of kinds) {
      const source = this.#scene.objects.get(kind);
      if (!source) continue;
      if (scopeOf(form) === 'far') load += source.columns.count / HEAVY_FAR;
      else {
        const look = this.#look(kind, frame);
        if (!look) return true; // there are too many to look through in one frame
        load += look.rows.length / HEAVY_NEAR;
      }
    }
    const { classMap } = this.#scene;
    const patches = grid ? (this.#scene.grid?.grid.patches.length ?? 0) : 0;
    const boxes = classMap?.classIndex.length ?? (patchMap ? (this.#scene.patchMap?.map.values.length ?? 0) : 0);
    return load + patches / HEAVY_PATCHES + boxes / HEAVY_BOXES > 1;
  }

  /** Undefined where looking goes on in the next frame. */
  #look(kind: ObjectKind, frame: Frame): Look | undefined {
    const source = this.#scene.objects.get(kind);
    if (!source) return undefined;
    const kept = this.#looks.get(kind);
    if (serves(kept, source, frame)) return kept;
    let looking = this.#looking.get(kind);
    if (!looking || !serves(looking.for, source, frame)) {
      const look = lookFor(source, frame);
      looking = { steps: lookAround(look), for: look };
      this.#looking.set(kind, looking);
    }
    const found = goOn(looking.steps, this.#isDead ? Number.POSITIVE_INFINITY : this.#until);
    if (!found) return undefined;
    this.#looking.delete(kind);
    this.#looks.set(kind, found.done);
    return found.done;
  }

  /** True where the painter has all that the picture shows; else copying goes on in the next frame. */
  #supply(supplies: ReadonlyMap<ObjectKind, Supply>, { frame, kinds }: PaintAsked, until: number): boolean {
    const { objects, colourBy, brushed } = this.#scene;
    for (const { kind, form } of kinds) {
      const source = objects.get(kind);
      const supply = supplies.get(kind);
      if (!source || !supply) continue;
      const scope = scopeOf(form);
      if (scope === 'far') supply.giveFar(source);
      else {
        const look = this.#look(kind, frame);
        if (!look || !supply.giveNear(look, until)) return false;
      }
      supply.giveColours(scope, colourBy.get(kind), brushed);
    }
    return true;
  }

  #paintHere(asked: PaintAsked): void {
    const { frame } = asked;
    const { grid, patchMap, swipe, classMap, analysed } = this.#scene;
    if (!this.#isStale && this.#painted && this.#painted.margin === 0 && !isDue(this.#painted, frame)) return;
    this.#turn++;
    this.#supply(this.#here, asked, Number.POSITIVE_INFINITY);
    const maps = { grid: grid?.grid, patchMap: patchMap?.map, ...swipedMaps(swipe), classMap };
    Object.assign(this.#painter, { ...maps, analysed });
    const { density } = this.#painter.paint(this.#surface(frame, asked.pixelRatio), asked);
    this.#isStale = false;
    this.#show({ frame, margin: 0 }, density);
  }

  #surface(frame: Frame, pixelRatio: number): Surface {
    const [findings, grey] = [this.#layer.paint(frame, 0, pixelRatio), this.#grey.paint(frame, 0, pixelRatio)];
    const { canvas: scratchCanvas, context: scratch } = this.#scratch;
    const { width, height } = findings.canvas;
    if (scratchCanvas.width !== width || scratchCanvas.height !== height)
      Object.assign(scratchCanvas, { width, height });
    return { findings, grey, scratch, scratchCanvas };
  }

  #show(painted: Painted, density: DensitySaid | undefined): void {
    this.#painted = painted;
    this.#density = density;
  }

  /** Carries what is painted, and asks for the next picture where it is time. */
  #paintThere(now: Now): void {
    const painted = this.#painted;
    if (painted) this.#carry(painted, now.frame);
    if (this.#isPainting || (!this.#isStale && painted && !isDue(painted, now.frame))) return;
    const waits = painted && !this.#isStale && this.#isHurried === 0 && isDue(painted, now.frame) === 'at rest';
    if (waits) {
      this.#rest = setTimeout(() => void this.#ask(), REST);
      return;
    }
    void this.#ask();
  }

  #carry(painted: Painted, frame: Frame): void {
    const transform = isDue(painted, frame) ? carriedBy(painted, frame) : '';
    for (const layer of [this.#grey, this.#layer]) layer.carry(transform);
  }

  async #ask(): Promise<void> {
    const now = this.#now;
    if (!now || this.#isPainting) return;
    const asked = this.#asked(now, MARGIN);
    if (!this.#supply(this.#there, asked, this.#until)) return this.#onFrame();
    this.#worker.maps(this.#scene);
    const turn = this.#turn;
    this.#isPainting = true;
    this.#isStale = false;
    const picture = await this.#worker.paint(asked);
    this.#isPainting = false;
    if (picture && turn === this.#turn) this.#take(picture, now);
    else {
      this.#isStale = true;
      for (const bitmap of [picture?.findings, picture?.grey]) bitmap?.close();
    }
    this.#onFrame();
  }

  #take({ findings, grey, density }: Picture, { frame, pixelRatio }: Now): void {
    const { width, height } = frame;
    const grown: Frame = { ...frame, width: width + 2 * MARGIN, height: height + 2 * MARGIN };
    this.#layer.show(findings, grown, MARGIN, pixelRatio);
    this.#grey.show(grey, grown, MARGIN, pixelRatio);
    this.#show({ frame, margin: MARGIN }, density);
  }

  /** Without a worker everything is painted on the page: slower, and as exact. */
  #bury(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#onFrame();
  }

  legend(zoom: number, mpp: MppXY | undefined): Legend {
    return legendOf(this.#scene, zoom, mpp, this.#density);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#rest);
    this.#isDead = true;
    this.#turn++;
    for (const tell of this.#settled.splice(0)) tell();
    this.#worker[Symbol.dispose]();
    for (const layer of [this.#grey, this.#layer]) layer[Symbol.dispose]();
  }
}
