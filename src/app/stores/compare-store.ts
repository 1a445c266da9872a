// What the tissue map is compared with, as plain values. Maps themselves belong to the comparison.
import { createStore } from 'zustand/vanilla';
import type { Failure } from '#errors/failure.ts';
import type { ObjectClass } from '#objects/columns.ts';

/** Another map: a class of this map or of an earlier run's (`run`), or attention as its layer shows it. */
export type ComparedMap =
  | { readonly is: 'tissue'; readonly run: string | undefined; readonly channel: 'argmax' | number }
  | { readonly is: 'attention' };

/** 'beside': on the right of two panes. */
export type ComparedHow = 'swipe' | 'difference' | 'beside';

/** An earlier run, as what is made of it names it. */
export interface RunOfMap {
  readonly id: string;
  readonly created: number; // ms of Date.now()
  readonly model: { readonly id: string };
}

export interface CompareState {
  readonly other: ComparedMap | undefined; // undefined: nothing is compared
  readonly how: ComparedHow;
  readonly swipeAt: number; //                where the divider is, of attention too: 0 to 1 of the width from the left
  readonly classes: readonly ObjectClass[] | undefined; // of the other run's map, once it was read
  /** An earlier run that a session brought, and its map's classes: the list of runs may not have it. */
  readonly brought: (RunOfMap & { readonly classes: readonly ObjectClass[] }) | undefined;
  readonly problem: Failure | undefined; //   why the other run's map cannot be had
  /** What a difference shows, 'Tumour less Stroma', its range, and of what it is; undefined while none is shown. */
  readonly difference: { readonly name: string; readonly most: number; readonly of: 'values' | 'ranks' } | undefined;
}

const nothing = {
  other: undefined,
  classes: undefined,
  problem: undefined,
  difference: undefined,
} as const;

export const createCompareStore = () =>
  createStore<CompareState>(() => ({ ...nothing, brought: undefined, how: 'swipe', swipeAt: 0.5 }));
export type CompareStore = ReturnType<typeof createCompareStore>;

/** Nothing is compared; how things are compared stays, with the divider’s place, and what a session brought. */
export const endCompare = (store: CompareStore): void => store.setState(nothing);
