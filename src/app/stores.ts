// All stores of one window, made together.
import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import { createAttentionStore } from './stores/attention-store.ts';
import { createCompareStore } from './stores/compare-store.ts';
import { createLayersStore } from './stores/layers-store.ts';
import { createModelsStore } from './stores/models-store.ts';
import { createObjectsStore } from './stores/objects-store.ts';
import { createPanesStore, layersInHand } from './stores/panes-store.ts';
import { createRegionStore } from './stores/region-store.ts';
import { createRunStore } from './stores/run-store.ts';
import { createSeamsStore } from './stores/seams-store.ts';
import { createSelectionStore } from './stores/selection-store.ts';
import { createSettingsStore } from './stores/settings-store.ts';
import { createSlideStore } from './stores/slide-store.ts';
import { createViewStore } from './stores/view-store.ts';
import { createWindowStore } from './stores/window-store.ts';

/** Of the slide, or of the left pane; of the right pane; of the one in hand, which controls and commands change. */
function layerStores() {
  const [panes, layers, besideLayers] = [createPanesStore(), createLayersStore(), createLayersStore()];
  return { panes, layers, besideLayers, layersInHand: layersInHand(panes, layers, besideLayers) };
}

export const createStores = (storage: Pick<Storage, 'getItem' | 'setItem'> | undefined) => ({
  ...layerStores(),
  slide: createSlideStore(),
  view: createViewStore(),
  attention: createAttentionStore(),
  compare: createCompareStore(),
  objects: createObjectsStore(),
  regions: createRegionStore(),
  run: createRunStore(),
  seams: createSeamsStore(),
  selection: createSelectionStore(),
  settings: createSettingsStore(storage),
  window: createWindowStore(),
  models: createModelsStore(),
});
export type Stores = ReturnType<typeof createStores>;

/** A component's view of one store; it renders again only when what it picked has changed. */
export const usePicked = <S, T>(store: StoreApi<S>, pick: (state: S) => T): T => useStore(store, pick);
