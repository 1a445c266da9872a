// The patch grid with its seams: whether it shows, and what was counted so far. The grid itself belongs to the viewer.
import { createStore } from 'zustand/vanilla';
import type { RunLayer } from './layers-store.ts';

export interface SeamsState {
  readonly shown: boolean;
  readonly patches: number; //                            in the grid
  readonly sidePx: number; //                             of the first patch, level-0 px
  readonly counted: number; //                            patches whose seams are counted
  readonly byKind: Readonly<Record<RunLayer, number>>; // objects that touch a seam, each once
}

export const noSeams: SeamsState = {
  shown: false,
  patches: 0,
  sidePx: 0,
  counted: 0,
  byKind: { nuclei: 0, glands: 0, lumina: 0 },
};

export const createSeamsStore = () => createStore<SeamsState>(() => noSeams);
