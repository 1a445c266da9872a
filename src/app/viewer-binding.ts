// The viewer's events into the stores, and the stores' wishes to the viewer. The only place where both meet.
import type { ObjectClass } from '#objects/columns.ts';
import type { GridStyle, LayerStyle } from '#viewer/viewer-api.ts';
import type { DrawnObjects } from './drawn-objects.ts';
import { bindRegions } from './regions/bind-regions.ts';
import { selectedAt } from './selected-object.ts';
import { type LayersState, type ObjectLayer, setTissueLayer } from './stores/layers-store.ts';
import { OBJECT_LAYERS } from './stores/objects-store.ts';
import { titleOf } from './stores/selection-store.ts';
import type { Workbench } from './workbench.ts';

const PICK_TOLERANCE = 4; //      CSS px
const COLOUR_EVERY_MS = 120; //   a read-back costs
const RESCALE_MS = 2000; //       values of a whole map are sorted

const objectStyle = (
  state: LayersState,
  layer: ObjectLayer,
  { count, areOfRun }: ReturnType<DrawnObjects['classes']>,
  classes: readonly ObjectClass[],
): LayerStyle => {
  const { shown, opacity, fill, hiddenClasses, threshold, colours } = state[layer];
  const classShown = Array.from({ length: count }, (_, index) => !areOfRun || !hiddenClasses.includes(index));
  const own = areOfRun ? classes.map(({ name }) => colours[name]) : [];
  return { shown, opacity, fill: fill || !areOfRun, stroke: true, classShown, threshold, colours: own };
};

const gridStyle = ({ tissue }: LayersState): GridStyle => ({
  shown: tissue.shown,
  opacity: tissue.opacity,
  threshold: tissue.threshold,
  channel: tissue.channel,
  colormap: tissue.colourMap,
  interpolated: tissue.interpolated,
  ...(tissue.scale !== 'values' && tissue.edges && { edges: tissue.edges, scale: SCALE_WORDS[tissue.scale] }),
});

const SCALE_WORDS = { percentiles: '2nd to 98th percentile', rank: 'rank' } as const;

export function bindViewer(bench: Workbench): void {
  showView(bench);
  showPointer(bench);
  pickObjects(bench);
  chooseObjects(bench);
  drawLayers(bench);
  scaleTissue(bench);
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
  viewer.on('gaps', (gaps) => stores.slide.setState({ gaps: gaps.length }));
  viewer.on('line', ({ lengthPx, lengthUm }) => {
    store.setState({ measured: { lengthPx, lengthUm } });
    if (!stores.slide.getState().open?.info.mpp) stores.window.setState({ popover: 'calibration' });
  });
}

/** The filter's code comes with the first wish for it. */
function showDisplay({ viewer, stores }: Workbench): void {
  stores.view.subscribe(async ({ display }, before) => {
    if (display === before.display) return;
    const { displayFilter, PLAIN } = await import('#viewer/display-filter.ts');
    viewer.setSlideFilter(displayFilter(stores.view.getState().display ?? PLAIN));
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
  viewer.on('pick', ({ at }) => {
    if (stores.settings.getState().workspace === 'learn') return; // a click labels there
    const tolerance = PICK_TOLERANCE / viewer.view().zoom;
    const { selection } = stores;
    for (const kind of ['nuclei', 'lumina', 'glands', 'annotations'] as const) {
      if (!found.has(kind) || !stores.layers.getState()[kind].shown) continue;
      const row = found.store(kind).live.pick(at.x, at.y, kind === 'nuclei' || kind === 'annotations' ? tolerance : 0);
      if (row === undefined) continue;
      const selected = selectedAt(found, kind, row);
      selection.setState({ selected });
      const text =
        kind === 'annotations'
          ? `Annotation ${titleOf(selected)}`
          : `${titleOf(selected)}, probability ${selected.probability.toFixed(2)}`;
      return stores.window.setState({ announcement: text });
    }
    selection.setState({ selected: undefined });
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

/** Steps that follow the map's values are worked out when they are asked for, and now and then while the map grows. */
function scaleTissue({ stores, found }: Workbench): void {
  const { layers } = stores;
  let isWaiting = false;
  const work = async (): Promise<void> => {
    const { edgesOf } = await import('./tissue-scale.ts');
    isWaiting = false;
    const { scale, channel } = layers.getState().tissue;
    const grid = found.tissueGrid();
    if (scale !== 'values' && channel !== 'argmax')
      setTissueLayer(layers, { edges: grid && edgesOf(grid, channel, scale) });
  };
  const soon = (ms: number): void => {
    if (isWaiting || layers.getState().tissue.scale === 'values') return;
    isWaiting = true;
    setTimeout(() => void work(), ms);
  };
  layers.subscribe(({ tissue }, { tissue: before }) => {
    if (tissue.scale !== before.scale || tissue.channel !== before.channel) soon(0);
  });
  found.subscribe(() => soon(RESCALE_MS));
}

function chooseObjects(bench: Workbench): void {
  const { viewer, stores } = bench;
  viewer.on('chosen', (piece) => void import('./choose.ts').then(({ choose }) => choose(bench, piece)));
  stores.selection.subscribe(({ brushed }, before) => {
    if (brushed !== before.brushed) viewer.setBrushed(brushed);
  });
}

function drawLayers({ viewer, stores, found, drawn }: Workbench): void {
  const { layers } = stores;
  const style = (layer: ObjectLayer): void =>
    viewer.setLayerStyle(
      layer,
      objectStyle(layers.getState(), layer, drawn.classes(layer), found.store(layer).classes),
    );
  const all = (): void => {
    for (const kind of OBJECT_LAYERS) {
      viewer.setObjects(kind, drawn.source(kind));
      style(kind);
    }
    viewer.setGrid(found.tissueGrid(), gridStyle(layers.getState()));
  };
  found.subscribe(all);
  drawn.subscribe(all);
  layers.subscribe((state, before) => {
    for (const kind of OBJECT_LAYERS) if (state[kind] !== before[kind]) style(kind);
    if (state.tissue !== before.tissue) viewer.setGrid(found.tissueGrid(), gridStyle(state));
    if (state.slide !== before.slide) {
      viewer.setSlide({ shown: state.slide.shown, opacity: state.slide.opacity });
      viewer.setTissue(state.slide.stained ? 'stained' : 'auto');
    }
  });
}
