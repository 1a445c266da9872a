// The models at hand, from public/models/index.json, and which of them is chosen.
import { createStore } from 'zustand/vanilla';
import type { Failure } from '#errors/failure.ts';
import type { ModelManifest } from '#inference/manifest.ts';

export interface ModelsState {
  readonly manifests: readonly ModelManifest[];
  readonly chosen: string | undefined;
  readonly problem: Failure | undefined; // why the list could not be read
}

export const createModelsStore = () =>
  createStore<ModelsState>(() => ({ manifests: [], chosen: undefined, problem: undefined }));

export const chosenManifest = (state: ModelsState): ModelManifest | undefined =>
  state.manifests.find(({ id }) => id === state.chosen);
