// One viewer over the whole slide area, or two side by side, each with layers of its own.
import { createStore, type StoreApi } from 'zustand/vanilla';
import { initialLayers, type LayersState, type LayersStore } from './layers-store.ts';

export type Side = 'left' | 'right';

export interface PanesState {
  readonly beside: boolean;
  readonly inHand: Side; // whose layers the controls and commands change; 'left' while there is one pane
}

export const createPanesStore = () => createStore<PanesState>(() => ({ beside: false, inHand: 'left' }));
export type PanesStore = StoreApi<PanesState>;

/** The layers of the pane in hand, as one store that lasts. */
export function layersInHand(panes: PanesStore, left: LayersStore, right: LayersStore): LayersStore {
  const now = (): LayersStore => (panes.getState().inHand === 'right' ? right : left);
  return {
    get getState() {
      return now().getState;
    },
    get setState() {
      return now().setState;
    },
    getInitialState: () => initialLayers,
    subscribe: (listener) => {
      let before = now().getState();
      const look = (): void => {
        const last = before;
        before = now().getState();
        if (before !== last) listener(before, last);
      };
      const ends = [left.subscribe(look), right.subscribe(look), panes.subscribe(look)];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

/** The slide by itself: what a second pane begins with. */
export const slideAlone = (state: LayersState): LayersState => ({
  ...state,
  nuclei: { ...state.nuclei, shown: false },
  glands: { ...state.glands, shown: false },
  lumina: { ...state.lumina, shown: false },
  annotations: { ...state.annotations, shown: false },
  tissue: { ...state.tissue, shown: false },
  attention: { ...state.attention, shown: false },
  selected: undefined,
});
