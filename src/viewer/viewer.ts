// The slide on screen: OpenSeadragon below, our overlay above, one frame of both at a time.
import type OpenSeadragon from 'openseadragon';
import type { Waits } from '#channel/waits.ts';
import type { ColourBy } from '#objects/colour-by.ts';
import type { ObjectKind } from '#objects/columns.ts';
import type { ColourTransform } from '#slide/icc/colour-transform.ts';
import { levelOf, type Slide } from '#slide/slide.ts';
import { grow, type Point, type Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import { DrawingTools } from './drawing-tools.ts';
import { Emitter } from './emitter.ts';
import { boundsOf, cornersOnSlide, type Frame, sameFrame, showsAll, toScreen, toSlide, visibleRect } from './frame.ts';
import { bindKeys } from './keyboard.ts';
import { Overview } from './navigator.ts';
import { createOsd, hasFastWebGL, motionSeconds, tuneTo } from './osd.ts';
import { Overlay } from './overlay/overlay.ts';
import { clearScene } from './overlay/scene.ts';
import { changed, magnificationAt, nextMagnification, scaleBarAt, zoomAt } from './scale.ts';
import { SceneControls } from './scene-controls.ts';
import { SlideLook } from './slide-look.ts';
import { colourAt, composed, drawScaleBar, joined, pngOf } from './snapshot.ts';
import { SwipeHandle } from './swipe-handle.ts';
import { SlideTileSource } from './tile-source.ts';
import type {
  BesideViewer,
  Gap,
  Legend,
  RegionMarks,
  ScaleBar,
  Swipe,
  Tool,
  View,
  ViewChange,
  Viewer,
  ViewerEvents,
} from './viewer-api.ts';
import type { ViewerOptions } from './viewer-options.ts';
import { drawn, fitTo, frameOf, moveTo, opened } from './viewport.ts';

const NOTHING: Frame = { centre: { x: 0, y: 0 }, zoom: 0, rotation: 0, width: 0, height: 0 };

/** The slide that is open and what reads its tiles. */
interface Open {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly source: SlideTileSource;
  readonly left: AbortController; // aborted when the slide is closed
}

class SlideViewer extends SceneControls implements Viewer {
  readonly #element: HTMLElement;
  readonly #osd: OpenSeadragon.Viewer;
  readonly #overlay: Overlay;
  readonly #overview: Overview | undefined;
  readonly #tools: DrawingTools;
  readonly #divider: SwipeHandle;
  readonly #look: SlideLook;
  readonly #events = new Emitter<ViewerEvents>();
  readonly #life = new AbortController(); // ends with the viewer
  #open: Open | undefined;
  #mpp: MppXY | undefined;
  #beside: BesideViewer | undefined;
  #lastFrame = NOTHING;
  #lastLegend = '';
  #pending = 0; // the requested animation frame, 0 where none

  constructor({ element, navigatorElement, drawer = 'auto', label = 'Slide' }: ViewerOptions) {
    super();
    this.#element = element;
    element.tabIndex = 0;
    element.setAttribute('role', 'application');
    element.setAttribute('aria-label', label);
    this.#osd = createOsd(element, drawer === 'auto' ? (hasFastWebGL() ? 'webgl' : 'canvas') : drawer);
    this.#osd.canvas.removeAttribute('tabindex'); // the element has the focus, and the keys
    this.#overlay = new Overlay(this.#osd.canvas, this.scene, () => this.invalidate('marks'));
    this.#look = new SlideLook(this.#osd.canvas, () => this.invalidate('marks'));
    this.#overview = navigatorElement && new Overview(navigatorElement, (at) => this.#goTo(at, true));
    this.#tools = new DrawingTools({
      osd: this.#osd,
      element,
      scene: this.scene,
      events: this.#events,
      toSlide: (x, y) => this.toSlide(x, y),
      toScreen: (x, y) => this.toScreen(x, y),
      zoom: () => this.#frame.zoom,
      slide: () => this.#open && { x: 0, y: 0, width: this.#open.widthPx, height: this.#open.heightPx },
      mpp: () => this.#mpp,
      redraw: () => this.invalidate('marks'),
    });
    this.#divider = new SwipeHandle(element, (at) => this.#events.emit('swipe', at));
    this.#listen();
  }

  #listen(): void {
    const { signal } = this.#life;
    this.#osd.addHandler('update-viewport', () => this.#draw());
    this.#osd.addHandler('viewport-change', () => this.#dropUnseen());
    this.#element.addEventListener('pointerdown', () => this.#element.focus({ preventScroll: true }), { signal });
    this.#element.addEventListener('pointermove', (event) => this.#tellPointer(event), { signal });
    this.#element.addEventListener('pointerleave', () => this.#tellPointer(undefined), { signal });
    const unbind = bindKeys(this.#element, {
      panBy: (x, y) => this.#panBy(x, y),
      cancel: () => this.#tools.cancel(),
      back: () => this.#tools.back(),
      close: () => this.#tools.close(),
    });
    signal.addEventListener('abort', unbind);
  }

  // ── opening ──

  async open(slide: Slide, waits: Waits, first?: ViewChange): Promise<void> {
    waits.signal.throwIfAborted();
    this.close();
    const base = levelOf(slide, 0);
    const source = new SlideTileSource(slide, () => this.#tellGaps());
    this.#mpp = slide.mpp;
    tuneTo(this.#osd, slide.levels);
    const open = { widthPx: base.widthPx, heightPx: base.heightPx, source, left: new AbortController() };
    this.#open = open;
    this.scene.slide = { x: 0, y: 0, width: base.widthPx, height: base.heightPx };
    try {
      await opened(this.#osd, source, waits);
      if (first) moveTo(this.#osd, open.widthPx, changed(first, this.#mpp), true);
      else if (slide.bounds) fitTo(this.#osd, open.widthPx, slide.bounds, true);
      await drawn(this.#osd, waits);
      source.sharpFirst();
      const shown = this.showsAll() ? { frame: this.#frame, screen: this.#osd.drawer.canvas } : undefined;
      void this.#overview?.show(slide, shown, open.left).then(() => {
        if (this.#open === open) this.invalidate('marks');
      });
      this.invalidate('marks');
    } catch (thrown) {
      if (this.#open === open) this.close();
      throw thrown;
    }
  }

  close(): void {
    this.#open?.source.abortAll();
    this.#open?.left.abort(new DOMException('The slide was closed.', 'AbortError'));
    this.#open = undefined;
    this.#tools.forget();
    clearScene(this.scene);
    this.#divider.show(undefined);
    this.#overlay.forget();
    this.#overview?.forget();
    this.#osd.close();
    this.#lastFrame = NOTHING;
    this.invalidate('marks');
  }

  [Symbol.dispose](): void {
    this.#open?.source.abortAll();
    this.#open?.left.abort(new DOMException('The viewer was disposed.', 'AbortError'));
    this.#open = undefined;
    cancelAnimationFrame(this.#pending);
    this.#life.abort();
    this.#divider[Symbol.dispose]();
    this.#tools[Symbol.dispose]();
    this.#look[Symbol.dispose]();
    this.#overlay[Symbol.dispose]();
    this.#overview?.[Symbol.dispose]();
    this.#osd.destroy();
    this.#events.clear();
    for (const name of ['tabindex', 'role', 'aria-label']) this.#element.removeAttribute(name);
  }

  setMpp(mpp: MppXY | undefined): void {
    this.#mpp = mpp;
    this.#lastFrame = NOTHING; // the same view has another magnification
    this.invalidate('findings');
  }

  // ── the view ──

  get #frame(): Frame {
    return this.#open ? frameOf(this.#osd, this.#open.widthPx) : NOTHING;
  }

  get #target(): Frame {
    return this.#open ? frameOf(this.#osd, this.#open.widthPx, 'target') : NOTHING;
  }

  /** Device px a CSS px, of the slide's canvas. */
  get #pixelRatio(): number {
    const { canvas } = this.#osd.drawer;
    return canvas.width / (this.#osd.viewport.getContainerSize().x || 1);
  }

  #viewOf({ centre, zoom, rotation, flipped = false }: Frame): View {
    const magnification = magnificationAt(zoom, this.#mpp);
    return { centre, zoom, magnification, rotation: ((rotation % 360) + 360) % 360, flipped };
  }

  view(): View {
    return this.#viewOf(this.#frame);
  }

  async setView(change: ViewChange, waits: Waits): Promise<void> {
    waits.signal.throwIfAborted();
    if (!this.#open) return;
    this.place(change);
    await drawn(this.#osd, waits);
  }

  place(change: ViewChange): void {
    if (this.#open) moveTo(this.#osd, this.#open.widthPx, changed(change, this.#mpp), true);
  }

  zoomTo(magnification: number): void {
    if (this.#open && this.#mpp) {
      moveTo(this.#osd, this.#open.widthPx, { zoom: zoomAt(magnification, this.#mpp) }, false);
    }
  }

  #zoomBy(factor: number): void {
    if (this.#open) moveTo(this.#osd, this.#open.widthPx, { zoom: this.#target.zoom * factor }, false);
  }

  /** The next button's magnification; twice or half while uncalibrated. */
  zoomStep(direction: 1 | -1): void {
    const now = magnificationAt(this.#target.zoom, this.#mpp);
    if (now === undefined) this.#zoomBy(direction > 0 ? 2 : 0.5);
    else this.zoomTo(nextMagnification(now, direction));
  }

  fit(rect?: Rect): void {
    if (!this.#open) return;
    if (rect) fitTo(this.#osd, this.#open.widthPx, rect, motionSeconds() === 0);
    else this.#osd.viewport.goHome(motionSeconds() === 0);
  }

  rotate(degrees: number): void {
    if (!this.#open) return;
    const target = this.#target;
    const rotation = target.rotation + (target.flipped ? -degrees : degrees);
    moveTo(this.#osd, this.#open.widthPx, { rotation }, motionSeconds() === 0);
  }

  flip(): void {
    if (this.#open) moveTo(this.#osd, this.#open.widthPx, { flipped: !this.#target.flipped }, true);
  }

  glideTo(at: Point): void {
    this.#goTo(at, motionSeconds() === 0);
  }

  #goTo(at: Point, immediately: boolean): void {
    if (this.#open) moveTo(this.#osd, this.#open.widthPx, { centre: at }, immediately);
  }

  /** CSS px on screen, whatever the rotation. */
  #panBy(x: number, y: number): void {
    const frame = this.#target;
    if (this.#open) this.#goTo(toSlide(frame, frame.width / 2 + x, frame.height / 2 + y), motionSeconds() === 0);
  }

  visibleRect(): Rect {
    return this.#open ? visibleRect(this.#frame, this.#open.widthPx, this.#open.heightPx) : EMPTY;
  }

  toSlide(x: number, y: number): Point {
    return toSlide(this.#frame, x, y);
  }

  toScreen(x: number, y: number): Point {
    return toScreen(this.#frame, x, y);
  }

  scaleBar(): ScaleBar {
    return scaleBarAt(this.#frame.zoom, this.#mpp);
  }

  showsAll(): boolean {
    return !this.#open || showsAll(this.#frame, this.#open.widthPx, this.#open.heightPx);
  }

  /** Reads for places that neither this frame nor the animation's last one shows are given up. */
  #dropUnseen(): void {
    if (!this.#open) return;
    const target = this.#target;
    const seen = boundsOf([...cornersOnSlide(this.#frame), ...cornersOnSlide(target)]);
    const downsample = 1 / (target.zoom * this.#pixelRatio);
    this.#open.source.abortUnseen(grow(seen, 0.1 * seen.width), downsample);
    this.#open.source.moved({ rect: boundsOf(cornersOnSlide(target)), downsample });
  }

  // ── tools ──

  tool(): Tool {
    return this.#tools.tool;
  }

  setTool(tool: Tool): void {
    this.#tools.tool = tool;
  }

  clearDrawing(): void {
    this.#tools.clear();
  }

  setBrushSize(px: number): void {
    this.#tools.setBrushSize(px);
  }

  override setRegion(region: RegionMarks | undefined): void {
    super.setRegion(region);
    this.#tools.showHandles();
  }

  #tellPointer(event: PointerEvent | undefined): void {
    if (!event || !this.#open) {
      this.#tools.hover(undefined);
      this.#events.emit('pointer', { at: undefined, colour: () => undefined });
      return;
    }
    const box = this.#element.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const at = this.toSlide(x, y);
    this.#tools.hover(at);
    const ratio = this.#pixelRatio;
    const colour = () => colourAt(this.#osd.drawer.canvas, { x: x * ratio, y: y * ratio });
    this.#events.emit('pointer', { at, colour });
  }

  // ── layers ──

  setSlide(style: { readonly shown: boolean; readonly opacity: number }): void {
    this.#look.setStyle(style);
  }

  setBeside(viewer: BesideViewer | undefined): void {
    this.#beside = viewer;
    viewer?.setSlideFilter(this.#look.filter);
    if (this.#look.transform) void viewer?.setColours(this.#look.transform);
    for (const [kind, by] of this.scene.colourBy) viewer?.setColourBy(kind, by);
  }

  override setColourBy(kind: ObjectKind, by: ColourBy | undefined): void {
    super.setColourBy(kind, by);
    this.#beside?.setColourBy(kind, by);
  }

  setSlideFilter(filter: string): void {
    this.#look.setFilter(filter);
    this.#beside?.setSlideFilter(filter);
  }

  async setColours(transform: ColourTransform | undefined): Promise<void> {
    await Promise.all([this.#look.setColours(transform), this.#beside?.setColours(transform)]);
  }

  setSwipe(swipe: Swipe | undefined): void {
    this.scene.swipe = swipe;
    this.#divider.show(swipe?.at);
    this.invalidate('findings');
  }

  legend(): Legend {
    return { ...this.#overlay.legend(this.#frame.zoom, this.#mpp), colours: this.#look.colours };
  }

  // ── drawing ──

  /** The slide's own next frame serves as well. */
  protected override invalidate(what: 'findings' | 'marks'): void {
    if (what === 'findings') this.#overlay.outdate();
    if (this.#events.has('marks')) this.#events.emit('marks', this.marks());
    if (this.#pending !== 0) return;
    this.#pending = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    cancelAnimationFrame(this.#pending);
    this.#pending = 0;
    const frame = this.#frame;
    const ratio = this.#pixelRatio;
    this.#overlay.draw(frame, this.#mpp, ratio);
    this.#look.show(this.#osd.drawer.canvas);
    if (!this.#open) return;
    this.#overview?.draw(frame, this.scene.run, ratio);
    if (!sameFrame(frame, this.#lastFrame)) {
      this.#lastFrame = frame;
      this.#tools.place();
      this.#events.emit('view', this.#viewOf(frame));
    }
    this.#tellLegend();
  }

  #tellLegend(): void {
    if (!this.#events.has('legend')) return;
    const legend = this.legend();
    const text = JSON.stringify(legend);
    if (text === this.#lastLegend) return;
    this.#lastLegend = text;
    this.#events.emit('legend', legend);
  }

  async settled({ signal }: Waits): Promise<void> {
    signal.throwIfAborted();
    if (!this.#open) return;
    await this.#overlay.settled();
    signal.throwIfAborted();
  }

  gaps(): readonly Gap[] {
    return this.scene.gaps;
  }

  #tellGaps(): void {
    this.scene.gaps = this.#open?.source.gaps ?? [];
    this.#events.emit('gaps', this.scene.gaps);
    this.invalidate('marks');
  }

  retryGaps(): void {
    this.#open?.source.forgetGaps();
    this.#osd.forceResize(); // has OpenSeadragon look for tiles anew, though the view stays
    this.#tellGaps();
  }

  async snapshot({ signal }: Waits): Promise<Blob> {
    const { drawLegend } = await import('./snapshot-legend.ts');
    await drawn(this.#osd, { signal });
    await this.settled({ signal });
    const slide = this.#look.seen(this.#osd.drawer.canvas);
    const background = getComputedStyle(this.#element).backgroundColor;
    const canvas = composed(slide, this.#overlay.layers(this.#pixelRatio), background);
    drawScaleBar(canvas, this.scaleBar(), this.#pixelRatio);
    drawLegend(canvas, this.legend(), this.#pixelRatio);
    const right = await this.#beside?.snapshot({ signal });
    const png = await pngOf(right ? await joined(canvas, right, this.#pixelRatio) : canvas);
    signal.throwIfAborted();
    return png;
  }

  on<E extends keyof ViewerEvents>(event: E, listener: (value: ViewerEvents[E]) => void): () => void {
    return this.#events.on(event, listener);
  }

  tell<E extends keyof ViewerEvents>(event: E, value: ViewerEvents[E]): void {
    this.#events.emit(event, value);
  }
}

const EMPTY: Rect = { x: 0, y: 0, width: 0, height: 0 };

export const createViewer = (options: ViewerOptions): Viewer => new SlideViewer(options);
