// The object a click chose, with what is said of it, and the objects that were brushed. Rows are valid for one version of
// the objects only.
import { createStore } from 'zustand/vanilla';
import { oneOfClass } from '#objects/class-words.ts';
import type { Selection } from '#objects/selection.ts';
import type { Point } from '#units/rect.ts';
import type { ObjectLayer } from './layers-store.ts';

export interface Selected {
  readonly kind: ObjectLayer;
  readonly row: number;
  readonly at: Point; //                   level-0 px, its centroid
  readonly className: string;
  readonly color: string;
  readonly probability: number; //         0 to 1
  readonly areaPx: number; //              level-0 px²
  readonly name: string | undefined; //    its own, of a file
  readonly measured: readonly (readonly [name: string, value: number])[]; // elsewhere, as the file said
}

export interface SelectionState {
  readonly selected: Selected | undefined;
  readonly brushed: Selection | undefined; // by a filter, a plot, a box or a lasso
}

export const createSelectionStore = () =>
  createStore<SelectionState>(() => ({ selected: undefined, brushed: undefined }));

/** 'Epithelial nucleus', 'Gland', 'Lumen'. */
export const titleOf = ({ kind, className }: Pick<Selected, 'kind' | 'className'>): string =>
  oneOfClass(kind, className);
