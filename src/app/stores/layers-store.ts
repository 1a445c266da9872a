// How each layer is drawn. Live: a change never needs a new run.
import { createStore } from 'zustand/vanilla';

/** What a run looks for; annotations are what people bring. */
export type RunLayer = 'nuclei' | 'glands' | 'lumina';
export type ObjectLayer = RunLayer | 'annotations';
export type LayerId = 'slide' | ObjectLayer | 'tissue' | 'attention';
export type ColourMap = 'classes' | 'viridis' | 'cividis' | 'grey';

export interface ObjectLayerState {
  readonly shown: boolean;
  readonly opacity: number; //               0 to 1
  readonly fill: boolean;
  readonly hiddenClasses: readonly number[]; // indices into the layer's classes
  readonly threshold: number; //             objects of a lower probability are not drawn
  readonly colours: Readonly<Record<string, string>>; // by class name, instead of the class's own
}

export interface TissueLayerState {
  readonly shown: boolean;
  readonly opacity: number; //               0 to 1; UI.md: class fills 42 %, maps 62 %
  readonly threshold: number; //             cells whose probability is lower are not drawn
  readonly channel: 'argmax' | number; //    the most probable class, or the probability of one
  readonly colourMap: ColourMap;
  readonly scale: TissueScale; //            of one class's probability
  readonly edges: readonly number[] | undefined; // [11] of the ten steps, once they are worked out; undefined: even from 0 to 1
  readonly interpolated: boolean; //         between the centres of cells; classes never are
}

/** Steps as even as values are, between their 2nd and 98th percentile, or with a tenth of the cells each. */
export type TissueScale = 'values' | 'percentiles' | 'rank';

export type AttentionScaleChoice = 'raw' | 'minmax' | 'percentiles' | 'rank';

export interface AttentionLayerState {
  readonly shown: boolean;
  readonly opacity: number; //               0 to 1
  readonly from: number; //                  0 to 1 of the scale's range: patches below are not drawn
  readonly scale: AttentionScaleChoice;
  readonly colourMap: Exclude<ColourMap, 'classes'>;
  readonly interpolated: boolean; //         between the centres of patches
}

export interface LayersState {
  readonly slide: { readonly shown: boolean; readonly opacity: number; readonly stained: boolean };
  readonly nuclei: ObjectLayerState;
  readonly glands: ObjectLayerState;
  readonly lumina: ObjectLayerState;
  readonly annotations: ObjectLayerState;
  readonly tissue: TissueLayerState;
  readonly attention: AttentionLayerState;
  readonly selected: LayerId | undefined; // its controls are open
}

const objectLayer: ObjectLayerState = {
  shown: true,
  opacity: 1,
  fill: false,
  hiddenClasses: [],
  threshold: 0,
  colours: {},
};

export const initialLayers: LayersState = {
  slide: { shown: true, opacity: 1, stained: false },
  nuclei: objectLayer,
  glands: objectLayer,
  lumina: objectLayer,
  annotations: objectLayer,
  tissue: {
    shown: false,
    opacity: 0.42,
    threshold: 0,
    channel: 'argmax',
    colourMap: 'classes',
    scale: 'values',
    edges: undefined,
    interpolated: false,
  },
  attention: { shown: false, opacity: 0.62, from: 0, scale: 'rank', colourMap: 'viridis', interpolated: false },
  selected: undefined,
};

export const createLayersStore = () => createStore<LayersState>(() => initialLayers);
export type LayersStore = ReturnType<typeof createLayersStore>;

export const setObjectLayer = (store: LayersStore, layer: ObjectLayer, change: Partial<ObjectLayerState>): void =>
  store.setState((state) => ({ [layer]: { ...state[layer], ...change } }));

export const setTissueLayer = (store: LayersStore, change: Partial<TissueLayerState>): void =>
  store.setState((state) => ({ tissue: { ...state.tissue, ...change } }));

export const setAttentionLayer = (store: LayersStore, change: Partial<AttentionLayerState>): void =>
  store.setState((state) => ({ attention: { ...state.attention, ...change } }));

export const setSlideLayer = (store: LayersStore, change: Partial<LayersState['slide']>): void =>
  store.setState((state) => ({ slide: { ...state.slide, ...change } }));

export const setShown = (store: LayersStore, layer: LayerId, shown: boolean): void =>
  store.setState((state) => ({ [layer]: { ...state[layer], shown } }));

const ALL: readonly LayerId[] = ['nuclei', 'glands', 'lumina', 'annotations', 'tissue', 'attention'];

const MAPS: readonly LayerId[] = ['tissue', 'attention'];

/** Alt-click: this layer alone over the slide; again: all object layers back. */
export function showAlone(store: LayersStore, layer: LayerId): void {
  const state = store.getState();
  const alone = ALL.every((id) => state[id].shown === (id === layer));
  for (const id of ALL) setShown(store, id, alone ? !MAPS.includes(id) : id === layer);
}

export const toggleClass = (store: LayersStore, layer: ObjectLayer, index: number): void =>
  store.setState((state) => {
    const { hiddenClasses } = state[layer];
    const hidden = hiddenClasses.includes(index);
    const next = hidden ? hiddenClasses.filter((i) => i !== index) : [...hiddenClasses, index];
    return { [layer]: { ...state[layer], hiddenClasses: next } };
  });
