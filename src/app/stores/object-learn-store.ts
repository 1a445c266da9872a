// Learning on objects of one kind, as plain values. Loaded with the learn session.
import { createStore } from 'zustand/vanilla';
import type { Reading } from './learn-store.ts';

export interface ObjectLearnState {
  readonly read: number; //                   objects on the slide now that have features
  readonly isKept: boolean; //                their features, on disk
  readonly whyNot: string | undefined; //     why none can be read with the chosen network, a sentence
  readonly reading: Reading | undefined;
  readonly byHead: boolean; //                objects take the classes of the shown head, and of labels
}

export const createObjectLearnStore = () =>
  createStore<ObjectLearnState>(() => ({
    read: 0,
    isKept: false,
    whyNot: undefined,
    reading: undefined,
    byHead: true,
  }));
export type ObjectLearnStore = ReturnType<typeof createObjectLearnStore>;
