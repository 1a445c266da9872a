// What the slide holds now, as counts: written at most four times a second, never the columns themselves.
import { createStore } from 'zustand/vanilla';
import type { ObjectClass } from '#objects/columns.ts';
import type { ObjectLayer, RunLayer } from './layers-store.ts';

export interface KindCounts {
  readonly count: number;
  readonly classes: readonly ObjectClass[];
  readonly byClass: readonly number[];
}

export interface ObjectsState {
  readonly version: number; //                grows with every change, so that views can recount
  readonly nuclei: KindCounts | undefined; // undefined: not computed yet
  readonly glands: KindCounts | undefined;
  readonly lumina: KindCounts | undefined;
  readonly annotations: KindCounts | undefined; // undefined: none were brought
  readonly tissueClasses: readonly ObjectClass[] | undefined;
  readonly areaPx: number; //                 level-0 px² that were analysed
}

export const initialObjects: ObjectsState = {
  version: 0,
  nuclei: undefined,
  glands: undefined,
  lumina: undefined,
  annotations: undefined,
  tissueClasses: undefined,
  areaPx: 0,
};

export const RUN_LAYERS: readonly RunLayer[] = ['nuclei', 'glands', 'lumina'];
export const OBJECT_LAYERS: readonly ObjectLayer[] = [...RUN_LAYERS, 'annotations'];

export const createObjectsStore = () => createStore<ObjectsState>(() => initialObjects);
