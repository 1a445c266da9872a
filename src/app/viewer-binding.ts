// The viewer's events into the stores, and the stores' wishes to the viewer. The only place where both meet.
import type { Point } from '#units/rect.ts';
import { drawLayers } from './draw-layers.ts';
import { pickBeneath } from './pick-beneath.ts';
import { bindRegions } from './regions/bind-regions.ts';
import { selectedAt } from './selected-object.ts';
import { titleOf } from './stores/selection-store.ts';
import type { Workbench } from './workbench.ts';

const PICK_TOLERANCE = 4; //      CSS px
const COLOUR_EVERY_MS = 120; //   a read-back costs

export function bindViewer(bench: Workbench): void {
  showView(bench);
  showPointer(bench);
  pickObjects(bench);
  chooseObjects(bench);
  drawLayers({ ...bench, side: 'left' });
  showDisplay(bench);
  showProfile(bench);
  bindRegions(bench);
}

function showView({ viewer, stores }: Workbench): void {
  const { view: store } = stores;
  const look = (): void => {
    const open = stores.slide.getState().open !== undefined;
    store.setState({
      view: open ? viewer.view() : undefined,
      visible: open ? viewer.visibleRect() : undefined,
      showsAll: viewer.showsAll(),
      scaleBar: open ? viewer.scaleBar() : undefined,
    });
  };
  viewer.on('view', look);
  stores.slide.subscribe(look);
  viewer.on('tool', (tool) => store.setState({ tool }));
  viewer.on('legend', (legend) => store.setState({ legend }));
  viewer.on('gaps', (gaps) => {
    stores.slide.setState({ gaps: gaps.length });
    if (gaps.filter(({ tag }) => tag === 'SlideChanged').length !== 1) return; // told with the first of them
    void import('./slide-changed.ts').then(({ tellChanged }) => tellChanged(stores));
  });
  viewer.on('line', ({ lengthPx, lengthUm }) => {
    store.setState({ measured: { lengthPx, lengthUm } });
    if (!stores.slide.getState().open?.info.mpp) stores.window.setState({ popover: 'calibration' });
  });
}

/** The filter's code comes with the first wish for it. */
function showDisplay({ viewer, stores }: Workbench): void {
  stores.view.subscribe(async ({ display }, before) => {
    if (display === before.display) return;
    const { displayFilter, isPlain, PLAIN } = await import('#viewer/display-filter.ts');
    const now = stores.view.getState().display;
    if (now && isPlain(now))
      stores.view.setState({ display: undefined }); // nothing is adjusted, then
    else viewer.setSlideFilter(displayFilter(now ?? PLAIN));
  });
  // A window of values belongs to the channel that it was set for.
  stores.slide.subscribe(({ open }, before) => {
    if (open?.id === before.open?.id) return;
    const { display } = stores.view.getState();
    if (display) stores.view.setState({ display: { ...display, black: 0, white: 1 } });
  });
}

/** The switch is asked, or another slide has come; until it is first asked nothing is loaded. */
function showProfile(bench: Workbench): void {
  const { view, slide } = bench.stores;
  const show = async (): Promise<void> => (await import('./slide-colours.ts')).showColours(bench);
  view.subscribe(({ byProfile }, before) => {
    if (byProfile !== before.byProfile) void show();
  });
  slide.subscribe(({ open }, before) => {
    if (open?.id !== before.open?.id && view.getState().byProfile) void show();
  });
}

function showPointer({ viewer, stores }: Workbench): void {
  let readAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  viewer.on('pointer', ({ at, colour }) => {
    clearTimeout(timer);
    if (!at) return stores.view.setState({ pointer: undefined });
    const now = performance.now();
    const read = (): void => {
      readAt = performance.now();
      stores.view.setState({ pointer: { at, rgb: colour() } });
    };
    if (now - readAt >= COLOUR_EVERY_MS) return read();
    stores.view.setState(({ pointer }) => ({ pointer: { at, rgb: pointer?.rgb } }));
    timer = setTimeout(read, COLOUR_EVERY_MS);
  });
}

function pickObjects({ viewer, stores, found }: Workbench): void {
  let last: Point | undefined; // of the last click
  viewer.on('pick', ({ at, screen }) => {
    if (stores.settings.getState().workspace === 'learn') return; // a click labels there
    const tolerance = PICK_TOLERANCE / viewer.view().zoom;
    const under = (['nuclei', 'lumina', 'glands', 'annotations'] as const).flatMap((kind) => {
      if (!found.has(kind) || !stores.layersInHand.getState()[kind].shown) return [];
      const row = found.store(kind).live.pick(at.x, at.y, kind === 'nuclei' || kind === 'annotations' ? tolerance : 0);
      return row === undefined ? [] : [{ kind, row }];
    });
    const { selected: before } = stores.selection.getState();
    const isAgain = last !== undefined && Math.hypot(screen.x - last.x, screen.y - last.y) <= PICK_TOLERANCE;
    last = screen;
    const picked = pickBeneath(under, before, isAgain);
    const selected = picked && selectedAt(found, picked.kind, picked.row);
    stores.selection.setState({ selected });
    if (!selected) return;
    const text =
      selected.kind === 'annotations'
        ? `Annotation ${titleOf(selected)}`
        : `${titleOf(selected)}, probability ${selected.probability.toFixed(2)}`;
    stores.window.setState({ announcement: text });
  });
  stores.selection.subscribe(({ selected, brushed }, before) => {
    if (selected !== before.selected) viewer.setSelection(selected && { kind: selected.kind, row: selected.row });
    if (brushed !== before.brushed) viewer.setBrushed(brushed);
  });
  // Rows move while a run goes on: the object is found again by its place, or is gone.
  found.subscribe(() => {
    const { selected } = stores.selection.getState();
    if (!selected) return;
    const row = found.store(selected.kind).live.pick(selected.at.x, selected.at.y, 0);
    if (row === undefined) stores.selection.setState({ selected: undefined });
    else if (row !== selected.row) stores.selection.setState({ selected: { ...selected, row } });
  });
}

function chooseObjects(bench: Workbench): void {
  bench.viewer.on('chosen', (piece) => void import('./choose.ts').then(({ choose }) => choose(bench, piece)));
}
