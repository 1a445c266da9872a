import type { Waits } from '#channel/waits.ts';
import type { ColourBy } from '#objects/colour-by.ts';
import type { ObjectKind } from '#objects/columns.ts';
import type { ColourTransform } from '#slide/icc/colour-transform.ts';
import { levelOf, type Slide } from '#slide/slide.ts';
import { grow } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import { colourAt } from './colour-at.ts';
import { DrawingTools } from './drawing-tools.ts';
import { Emitter } from './emitter.ts';
import { boundsOf, cornersOnSlide, sameFrame } from './frame.ts';
import { bindKeys } from './keyboard.ts';
import { Overview } from './navigator.ts';
import { createOsd, hasFastWebGL, tuneTo } from './osd.ts';
import { Overlay } from './overlay/overlay.ts';
import { clearScene } from './overlay/scene.ts';
import { changed } from './scale.ts';
import { SlideLook } from './slide-look.ts';
import type { SwipeHandle } from './swipe-handle.ts';
import { SlideTileSource } from './tile-source.ts';
import { NOTHING, ViewControls } from './view-controls.ts';
import type {
  BesideViewer,
  Gap,
  Legend,
  RegionMarks,
  Swipe,
  Tool,
  ViewChange,
  Viewer,
  ViewerEvents,
} from './viewer-api.ts';
import type { ViewerOptions } from './viewer-options.ts';
import { drawn, fitTo, moveTo, opened } from './viewport.ts';

/** The slide that is open and what reads its tiles. */
interface Open {
  readonly source: SlideTileSource;
  readonly left: AbortController; // aborted when the slide is closed
}

class SlideViewer extends ViewControls implements Viewer {
  readonly #element: HTMLElement;
  readonly #overlay: Overlay;
  readonly #overview: Overview | undefined;
  readonly #tools: DrawingTools;
  #divider: SwipeHandle | undefined; // comes with the first swipe
  readonly #look: SlideLook;
  readonly #events = new Emitter<ViewerEvents>();
  readonly #life = new AbortController(); // ends with the viewer
  #open: Open | undefined;
  #beside: BesideViewer | undefined;
  #lastFrame = NOTHING;
  #lastLegend = '';
  #pending = 0; // the requested animation frame, 0 where none

  constructor({ element, navigatorElement, drawer = 'auto', label = 'Slide' }: ViewerOptions) {
    super(createOsd(element, drawer === 'auto' ? (hasFastWebGL() ? 'webgl' : 'canvas') : drawer));
    this.#element = element;
    element.tabIndex = 0;
    element.setAttribute('role', 'application');
    element.setAttribute('aria-label', label);
    this.osd.canvas.removeAttribute('tabindex'); // the element has the focus, and the keys
    this.#overlay = new Overlay(this.osd.canvas, this.scene, () => this.invalidate('marks'));
    this.#look = new SlideLook(this.osd.canvas, () => this.invalidate('marks'));
    this.#overview = navigatorElement && new Overview(navigatorElement, (at) => this.goTo(at, true));
    this.#tools = new DrawingTools({
      osd: this.osd,
      element,
      scene: this.scene,
      events: this.#events,
      toSlide: (x, y) => this.toSlide(x, y),
      toScreen: (x, y) => this.toScreen(x, y),
      zoom: () => this.frame.zoom,
      slide: () => this.scene.slide,
      mpp: () => this.mpp,
      redraw: () => this.invalidate('marks'),
    });
    this.#listen();
  }

  #listen(): void {
    const { signal } = this.#life;
    this.osd.addHandler('update-viewport', () => this.#draw());
    this.osd.addHandler('viewport-change', () => this.#dropUnseen());
    this.#element.addEventListener('pointerdown', () => this.#element.focus({ preventScroll: true }), { signal });
    this.#element.addEventListener('pointermove', (event) => this.#tellPointer(event), { signal });
    this.#element.addEventListener('pointerleave', () => this.#tellPointer(undefined), { signal });
    const unbind = bindKeys(this.#element, {
      panBy: (x, y) => this.panBy(x, y),
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
    this.mpp = slide.mpp;
    tuneTo(this.osd, slide.levels);
    const open = { source, left: new AbortController() };
    this.#open = open;
    this.scene.slide = { x: 0, y: 0, width: base.widthPx, height: base.heightPx };
    try {
      await opened(this.osd, source, waits);
      if (first) moveTo(this.osd, base.widthPx, changed(first, this.mpp), true);
      else if (slide.bounds) fitTo(this.osd, base.widthPx, slide.bounds, true);
      await drawn(this.osd, waits);
      source.sharpFirst();
      void this.#showOverview(slide, open).catch(() => undefined); // closed
      this.invalidate('marks');
    } catch (thrown) {
      if (this.#open === open) this.close();
      throw thrown;
    }
  }

  /** Again where a tile of its picture proves damaged. */
  async #showOverview(slide: Slide, { source, left }: Open): Promise<void> {
    for (let known = -1; source.gaps.length > known && !left.signal.aborted; ) {
      if (known >= 0) await drawn(this.osd, left);
      known = source.gaps.length;
      const shown = this.showsAll() ? { frame: this.frame, screen: this.osd.drawer.canvas } : undefined;
      await this.#overview?.show(slide, shown, left);
      if (!left.signal.aborted) this.invalidate('marks');
      await source.looked();
    }
  }

  /** What is on screen is all there, and known to be whole. */
  async #drawnWhole(waits: Waits): Promise<void> {
    do await drawn(this.osd, waits);
    while (await this.#open?.source.looked());
  }

  close(): void {
    this.#open?.source.abortAll();
    this.#open?.left.abort(new DOMException('The slide was closed.', 'AbortError'));
    this.#open = undefined;
    this.#tools.forget();
    clearScene(this.scene);
    this.#divider?.show(undefined);
    this.#overlay.forget();
    this.#overview?.forget();
    this.osd.close();
    this.#lastFrame = NOTHING;
    this.invalidate('marks');
  }

  [Symbol.dispose](): void {
    this.#open?.source.abortAll();
    this.#open?.left.abort(new DOMException('The viewer was disposed.', 'AbortError'));
    this.#open = undefined;
    this.scene.slide = undefined;
    cancelAnimationFrame(this.#pending);
    this.#life.abort();
    this.scene.swipe = undefined;
    this.#divider?.[Symbol.dispose]();
    this.#tools[Symbol.dispose]();
    this.#look[Symbol.dispose]();
    this.#overlay[Symbol.dispose]();
    this.#overview?.[Symbol.dispose]();
    this.osd.destroy();
    this.#events.clear();
    for (const name of ['tabindex', 'role', 'aria-label']) this.#element.removeAttribute(name);
  }

  setMpp(mpp: MppXY | undefined): void {
    this.mpp = mpp;
    this.#lastFrame = NOTHING; // the same view has another magnification
    this.invalidate('findings');
  }

  // ── reading what is seen ──

  /** Reads for places that neither this frame nor the animation's last one shows are given up. */
  #dropUnseen(): void {
    if (!this.#open) return;
    const target = this.target;
    const seen = boundsOf([...cornersOnSlide(this.frame), ...cornersOnSlide(target)]);
    const downsample = 1 / (target.zoom * this.pixelRatio);
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
    const ratio = this.pixelRatio;
    const colour = () => colourAt(this.osd.drawer.canvas, { x: x * ratio, y: y * ratio });
    this.#events.emit('pointer', { at, colour });
  }

  // ── layers ──

  setSlide(style: { readonly shown: boolean; readonly opacity: number }): void {
    this.#look.setStyle(style);
  }

  setBeside(viewer: BesideViewer | undefined): void {
    this.#beside = viewer;
    viewer?.setSlideFilter(this.#look.filter);
    void viewer?.setColours(this.#look.transform); // the one of an earlier slide goes
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
    if (swipe && !this.#divider) void this.#divide();
    this.#divider?.show(swipe?.at);
    this.invalidate('marks'); // findings look themselves whether it is another one, or has but moved
  }

  /** Where it is to be may have changed by the time its code is there. */
  async #divide(): Promise<void> {
    const part = await import('./swipe-handle.ts').catch(() => undefined); // what does not come is told where parts arrive
    if (!part || this.#life.signal.aborted) return;
    const { SwipeHandle } = part;
    this.#divider ??= new SwipeHandle(this.#element, (at) => this.#events.emit('swipe', at));
    this.#divider.show(this.scene.swipe?.at);
  }

  legend(): Legend {
    return { ...this.#overlay.legend(this.frame.zoom, this.mpp), colours: this.#look.colours };
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
    const frame = this.frame;
    const ratio = this.pixelRatio;
    this.#overlay.draw(frame, this.mpp, ratio);
    this.#look.show(this.osd.drawer.canvas);
    if (!this.#open) return;
    this.#overview?.draw(frame, this.scene.run, ratio);
    if (!sameFrame(frame, this.#lastFrame)) {
      this.#lastFrame = frame;
      this.#tools.place();
      this.#events.emit('view', this.viewOf(frame));
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
    this.osd.forceResize(); // has OpenSeadragon look for tiles anew, though the view stays
    this.#tellGaps();
  }

  async snapshot({ signal }: Waits): Promise<Blob> {
    const { snapshotOf } = await import('./snapshot.ts');
    await this.#drawnWhole({ signal });
    await this.settled({ signal });
    const png = await snapshotOf({
      slide: this.#look.seen(this.osd.drawer.canvas),
      layers: this.#overlay.layers(this.pixelRatio),
      background: getComputedStyle(this.#element).backgroundColor,
      scaleBar: this.scaleBar(),
      legend: this.legend(),
      pixelRatio: this.pixelRatio,
      beside: () => this.#beside?.snapshot({ signal }),
    });
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

export const createViewer = (options: ViewerOptions): Viewer => new SlideViewer(options);
