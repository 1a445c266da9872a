// The models at hand, from public/models/index.json, and which of them is chosen.
import { createStore } from 'zustand/vanilla';
import type { Failure } from '#errors/failure.ts';
import { type ModelManifest, type PatchManifest, type RowsManifest, readsPatches } from '#inference/manifest.ts';

export interface ModelsState {
  readonly manifests: readonly ModelManifest[];
  readonly chosen: string | undefined;
  readonly also: readonly string[]; //     find objects in the same run; each may be the chosen one, too
  readonly about: string | undefined; //   whose panel is open; undefined: the chosen one's
  readonly problem: Failure | undefined; // why the list could not be read
}

export const createModelsStore = () =>
  createStore<ModelsState>(() => ({
    manifests: [],
    chosen: undefined,
    also: [],
    about: undefined,
    problem: undefined,
  }));

/** Those that outline objects; the chosen one is among them. */
export const segmentations = ({ manifests }: ModelsState): PatchManifest[] =>
  manifests.filter(readsPatches).filter(({ task }) => task === 'segmentation');

export const chosenManifest = (state: ModelsState): PatchManifest | undefined =>
  segmentations(state).find(({ id }) => id === state.chosen);

export const MOST_TOGETHER = 3; // models that find objects in one run: with an encoder beside them, all that are kept loaded

/** Ids of those that go along with the chosen one. */
export const alsoChosen = (state: ModelsState): string[] =>
  segmentations(state).flatMap(({ id }) => (id !== state.chosen && state.also.includes(id) ? [id] : []));

export const encoders = ({ manifests }: Pick<ModelsState, 'manifests'>): PatchManifest[] =>
  manifests.filter(readsPatches).filter(({ task }) => task === 'encoder');

export const attentionModels = ({ manifests }: Pick<ModelsState, 'manifests'>): RowsManifest[] =>
  manifests.filter((one): one is RowsManifest => one.task === 'attention');
