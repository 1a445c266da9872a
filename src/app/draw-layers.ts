// The layers of one viewer, as a store of layers says they are drawn.
import type { ObjectClass } from '#objects/columns.ts';
import type { GridStyle, LayerStyle, Viewer } from '#viewer/viewer-api.ts';
import type { DrawnObjects } from './drawn-objects.ts';
import type { FoundObjects } from './found-objects.ts';
import type { LazyCompare } from './lazy-compare.ts';
import { scaleTissue } from './scale-tissue.ts';
import type { LayersState, LayersStore, ObjectLayer } from './stores/layers-store.ts';
import { OBJECT_LAYERS } from './stores/objects-store.ts';
import type { Side } from './stores/panes-store.ts';

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

/** What layers are drawn from. */
export interface LayerSources {
  readonly viewer: Viewer;
  readonly side: Side;
  readonly compared: Pick<LazyCompare, 'drawn' | 'subscribe'>;
  readonly stores: { readonly layers: LayersStore };
  readonly found: FoundObjects;
  readonly drawn: DrawnObjects;
}

/** From the next change on. @returns `all` draws all of it now, `end` ends it */
export function drawLayers({ viewer, side, compared, stores, found, drawn }: LayerSources): {
  all(): void;
  end(): void;
} {
  const { layers } = stores;
  const style = (layer: ObjectLayer): void =>
    viewer.setLayerStyle(
      layer,
      objectStyle(layers.getState(), layer, drawn.classes(layer), found.store(layer).classes),
    );
  const showSlide = ({ slide }: LayersState): void => {
    viewer.setSlide({ shown: slide.shown, opacity: slide.opacity });
    viewer.setTissue(slide.stained ? 'stained' : 'auto');
  };
  let isSwiped = false; // by a comparison of this layer
  let ofRange = found.tissueGrid(); // what its colours' steps follow
  const tissue = (): void => {
    const [grid, own] = [found.tissueGrid(), gridStyle(layers.getState())];
    const instead = grid && compared.drawn(side, { grid, style: own });
    viewer.setGrid(instead?.grid ?? grid, instead?.style ?? own);
    if (instead?.swipe || isSwiped) viewer.setSwipe(instead?.swipe);
    isSwiped = instead?.swipe !== undefined;
    ofRange = side === 'right' ? (instead?.grid ?? grid) : grid;
  };
  const findings = (): void => {
    viewer.setAnalysed({ boxes: found.area.boxes(), version: found.area.version });
    for (const kind of OBJECT_LAYERS) {
      viewer.setObjects(kind, drawn.source(kind));
      style(kind);
    }
    tissue();
  };
  const ends = [
    found.subscribe(findings),
    compared.subscribe(tissue),
    drawn.subscribe(findings),
    layers.subscribe((state, before) => {
      for (const kind of OBJECT_LAYERS) if (state[kind] !== before[kind]) style(kind);
      if (state.tissue !== before.tissue) tissue();
      if (state.slide !== before.slide) showSlide(state);
    }),
    scaleTissue(layers, { tissueGrid: () => ofRange, subscribe: (listener) => found.subscribe(listener) }),
  ];
  return {
    all: () => {
      findings();
      showSlide(layers.getState());
    },
    end: () => {
      for (const end of ends.splice(0)) end();
    },
  };
}
