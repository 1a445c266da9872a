// What is to be analysed, as far as the user drew or changed it, and how to take that back. Plain values.
import { createStore } from 'zustand/vanilla';
import type { Polygons } from '#analysis/polygons.ts';
import { automaticTissue, type TissueEdits } from '#analysis/tissue/edits.ts';
import type { TissueFacts } from '#analysis/tissue/rules.ts';
import type { Rect } from '#units/rect.ts';

/** One plain rectangle, or pieces added and taken away; level-0 px. */
export type Drawn = Rect | Polygons;

export interface RegionChoices {
  readonly drawn: Drawn | undefined;
  readonly edits: TissueEdits;
}

export interface RegionState extends RegionChoices {
  readonly brushPx: number; //                       diameter, CSS px
  readonly tissue: TissueFacts | undefined; //       of the open slide, once it was looked for
  readonly past: readonly RegionChoices[]; //        the latest last
  readonly future: readonly RegionChoices[]; //      the next last
  readonly lastKind: string | undefined; //          of the last change: steps of one drag are one change
}

export const BRUSH_MIN = 8;
export const BRUSH_MAX = 400;
const MOST_KEPT = 200; // changes that can be taken back

const untouched: RegionChoices = { drawn: undefined, edits: automaticTissue };

export const createRegionStore = () =>
  createStore<RegionState>(() => ({
    ...untouched,
    brushPx: 48,
    tissue: undefined,
    past: [],
    future: [],
    lastKind: undefined,
  }));
export type RegionStore = ReturnType<typeof createRegionStore>;

/** @param kind changes of the same kind in a row are taken back together; undefined: this one stands alone */
export function changeRegion(store: RegionStore, change: Partial<RegionChoices>, kind?: string): void {
  store.setState(({ drawn, edits, past, lastKind }) => ({
    ...change,
    past: kind !== undefined && kind === lastKind ? past : [...past, { drawn, edits }].slice(-MOST_KEPT),
    future: [],
    lastKind: kind,
  }));
}

export const changeTissue = (store: RegionStore, change: Partial<TissueEdits>, kind?: string): void =>
  changeRegion(store, { edits: { ...store.getState().edits, ...change } }, kind);

export const undoRegion = (store: RegionStore): void => step(store, 'past', 'future');
export const redoRegion = (store: RegionStore): void => step(store, 'future', 'past');

function step(store: RegionStore, from: 'past' | 'future', to: 'past' | 'future'): void {
  const { drawn, edits, ...state } = store.getState();
  const next = state[from].at(-1);
  if (!next) return;
  store.setState({
    ...next,
    [from]: state[from].slice(0, -1),
    [to]: [...state[to], { drawn, edits }],
    lastKind: undefined,
  });
}

/** Another slide has come: what was chosen for it before, or nothing. */
export const openRegions = (store: RegionStore, kept: RegionChoices | undefined): void =>
  store.setState({ ...(kept ?? untouched), tissue: undefined, past: [], future: [], lastKind: undefined });
