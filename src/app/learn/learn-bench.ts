// What the parts of the learn session share: types, and what there is to work with.
import type { Block } from '#analysis/feature-set.ts';
import type { Waits } from '#channel/waits.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { LearnStore } from '../stores/learn-store.ts';
import type { BagDesk } from './bag-desk.ts';
import type { Labels } from './labels.ts';
import type { LearnDesk } from './learn-desk.ts';
import type { Learnt } from './learnt.ts';
import type { PatchSets, PatchSetsNeeds } from './patch-sets.ts';

export interface LearnBench {
  readonly needs: PatchSetsNeeds;
  readonly store: LearnStore;
  readonly labels: Labels;
  readonly learnt: Learnt;
  readonly sets: PatchSets;
  readonly bags: BagDesk;
  desk(): LearnDesk;
  /** The set that is labelled on. */
  shownSet(): NamedSet | undefined;
  /** The name of the chosen block, of those there are. */
  blockOf(blocks: readonly Block[]): string;
  /** Of the open slide; undefined where slides cannot be told apart. */
  fingerprint(): string | undefined;
  /** Does what a button started; the next ends the last, and a failure stands in the store. */
  work(what: string, work: (waits: Waits) => Promise<void>): Promise<void>;
  setsChanged(): void;
  draw(): void;
  /** Labels or heads have changed: they are written. */
  keep(): void;
}
