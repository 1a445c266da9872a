// The right one of two panes: a viewer of the open slide with layers of its own, which goes where the left one goes.
import { isAbort } from '#errors/failure.ts';
import { Twins } from '#viewer/twins.ts';
import { createViewer } from '#viewer/viewer.ts';
import type { Viewer } from '#viewer/viewer-api.ts';
import { drawLayers } from '../draw-layers.ts';
import { createViewStore } from '../stores/view-store.ts';
import { notify } from '../stores/window-store.ts';
import type { Desk } from '../workbench.ts';

interface OnScreen {
  readonly id: number; // of the open slide
  readonly left: AbortController; // aborted when it leaves this pane
}

export class SecondPane implements Disposable {
  readonly viewer: Viewer;
  readonly view = createViewStore(); // what the legend needs; all else is the left pane's
  readonly #desk: Desk;
  readonly #element = document.createElement('div');
  readonly #ends: (() => void)[] = [];
  readonly #layers: ReturnType<typeof drawLayers>;
  #slide: OnScreen | undefined;
  #twins: Twins | undefined;
  #attention: (() => void) | undefined;

  /** @param host gives the pane its place and size */
  constructor(desk: Desk, host: HTMLElement) {
    this.#desk = desk;
    const { stores, viewer: left, stage } = desk;
    host.append(this.#element);
    const { drawer } = stage;
    this.viewer = createViewer({ element: this.#element, label: 'Slide, right pane', ...(drawer && { drawer }) });
    this.#layers = drawLayers({ ...desk, side: 'right', viewer: this.viewer, stores: { layers: stores.besideLayers } });
    this.viewer.on('legend', (legend) => this.view.setState({ legend }));
    for (const [element, inHand] of [
      [stage.element, 'left'],
      [this.#element, 'right'],
    ] as const)
      for (const event of ['pointerdown', 'focusin'] as const) {
        const take = (): void => stores.panes.setState({ inHand });
        element.addEventListener(event, take);
        this.#ends.push(() => element.removeEventListener(event, take));
      }
    this.#ends.push(
      left.on('view', () => this.#follow()), // a slide's first view: it is open there
      stores.slide.subscribe(({ open }, before) => {
        if (open?.id !== before.open?.id) this.#close();
        else if (open && open.info.mpp !== before.open?.info.mpp) this.viewer.setMpp(desk.slides.mpp());
      }),
      stores.regions.subscribe(({ brushPx }) => this.viewer.setBrushSize(brushPx)),
      stores.attention.subscribe(() => this.#attend()),
      stores.view.subscribe(({ objectClasses }) => this.view.setState({ objectClasses })),
    );
    this.viewer.setBrushSize(stores.regions.getState().brushPx);
    this.#follow();
  }

  /** Opens what the left pane shows, unless that is open here. */
  #follow(): void {
    const { stores, slides, viewer: left } = this.#desk;
    const [{ open }, opened] = [stores.slide.getState(), slides.opened()];
    if (!open || !opened || this.#slide?.id === open.id || left.view().zoom === 0) return;
    const mine = { id: open.id, left: new AbortController() };
    this.#slide = mine;
    this.#element.ariaBusy = 'true';
    const linked = this.viewer.on('view', () => this.#link()); // its first view: from then on it can be moved
    mine.left.signal.addEventListener('abort', linked);
    const { centre, zoom, rotation, flipped } = left.view();
    const shown = this.viewer.open(opened.slide, mine.left, { centre, zoom, rotation, flipped });
    this.viewer.setMpp(slides.mpp());
    this.#layers.all();
    this.#attend();
    shown.catch((thrown: unknown) => {
      if (!isAbort(thrown))
        notify(stores.window, { text: thrown instanceof Error ? thrown.message : String(thrown), tone: 'bad' });
    });
  }

  #link(): void {
    this.#twins ??= new Twins(this.#desk.viewer, this.viewer);
    this.#element.ariaBusy = null;
  }

  /** Attention may come later than the pane. */
  #attend(): void {
    const session = this.#desk.attention.loaded();
    if (this.#slide && session) this.#attention ??= session.showBeside(this.viewer, this.#desk.stores.besideLayers);
  }

  #close(): void {
    this.#twins?.[Symbol.dispose]();
    this.#twins = undefined;
    this.#attention?.();
    this.#attention = undefined;
    this.#slide?.left.abort(new DOMException('The pane was closed.', 'AbortError'));
    this.#slide = undefined;
    this.viewer.close();
  }

  [Symbol.dispose](): void {
    this.#close();
    this.#layers.end();
    for (const end of this.#ends.splice(0)) end();
    this.viewer[Symbol.dispose]();
    this.#element.remove();
  }
}
