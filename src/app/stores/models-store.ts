// The models at hand, from public/models/index.json, and which of them is chosen.
import { createStore } from 'zustand/vanilla';
import type { Failure } from '#errors/failure.ts';
import { type ModelManifest, type PatchManifest, type RowsManifest, readsPatches } from '#inference/manifest.ts';

export interface ModelsState {
  readonly manifests: readonly ModelManifest[];
  readonly chosen: string | undefined;
  readonly about: string | undefined; //   whose panel is open; undefined: the chosen one's
  readonly problem: Failure | undefined; // why the list could not be read
}

export const createModelsStore = () =>
  createStore<ModelsState>(() => ({ manifests: [], chosen: undefined, about: undefined, problem: undefined }));

/** Those that outline objects; the chosen one is among them. */
export const segmentations = ({ manifests }: ModelsState): PatchManifest[] =>
  manifests.filter(readsPatches).filter(({ task }) => task === 'segmentation');

export const chosenManifest = (state: ModelsState): PatchManifest | undefined =>
  segmentations(state).find(({ id }) => id === state.chosen);

export const encoders = ({ manifests }: Pick<ModelsState, 'manifests'>): PatchManifest[] =>
  manifests.filter(readsPatches).filter(({ task }) => task === 'encoder');

export const attentionModels = ({ manifests }: Pick<ModelsState, 'manifests'>): RowsManifest[] =>
  manifests.filter((one): one is RowsManifest => one.task === 'attention');
