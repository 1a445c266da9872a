// What attention found on the open slide, as plain values. Features and logits themselves belong to the attention session.
import { createStore } from 'zustand/vanilla';
import type { Failure } from '#errors/failure.ts';
import type { ModelClass } from '#inference/manifest.ts';
import type { Rect } from '#units/rect.ts';

/** A piece of tissue that the user took out by the lasso. */
export interface LeftOutPiece {
  readonly id: number;
  readonly patches: number; //               those that no earlier piece had taken
}

/** A patch of the strip. */
export interface AttendedPatch {
  readonly row: number;
  readonly box: Rect; //                     level-0 px
  readonly value: number; //                 on the scale shown
}

/** What is shown of one bag: all patches of the slide that were embedded. */
export interface AttentionFindings {
  readonly model: string;
  readonly patches: number;
  readonly counted: number; //               without those left out
  readonly classes: readonly ModelClass[];
  readonly prediction: readonly number[] | undefined; // probabilities by class; undefined where all is left out
  readonly whole: readonly number[] | undefined; //      the same with nothing left out
  readonly half: number; //                  patches, most attended first, that hold half of the attention
  readonly histogram: readonly number[]; //  patches by attention, min–max, in even bins
  readonly most: readonly AttendedPatch[];
  readonly least: readonly AttendedPatch[];
}

/** What embedding goes on, where it is not part of a run. */
export interface Embedding {
  readonly phase: 'loading' | 'embedding';
  readonly done: number;
  readonly total: number;
  readonly loadedBytes: number;
  readonly totalBytes: number | undefined;
}

export interface AttentionState {
  readonly model: string | undefined; //     chosen of the shelf
  readonly encoder: string | undefined; //   chosen; undefined: the one that the attention model names
  readonly findings: AttentionFindings | undefined;
  readonly pieces: readonly LeftOutPiece[];
  readonly ms: number | undefined; //        what the last recomputation after a lasso took
  readonly current: number | undefined; //   row of the patch in the frame on the slide
  /** The patch beneath the pointer, and what the maps on screen say of it; NaN where it is left out, or not compared. */
  readonly under:
    | { readonly row: number; readonly values: readonly { readonly says: string; readonly value: number }[] }
    | undefined;
  readonly end: 'most' | 'least'; //         which the strip shows
  readonly strip: boolean; //                closed by the user, or not
  readonly compare: string | undefined; //   PATCH_PREDICTION, or the id of another attention model
  readonly how: 'swipe' | 'difference' | 'beside'; // 'beside': on the right of two panes
  readonly embedding: Embedding | undefined;
  readonly problem: Failure | undefined; //  why there is no attention
  readonly notKept: string | undefined; //   why features are not on disk, a sentence
}

/** Compared with: what the model says of each patch by itself. */
export const PATCH_PREDICTION = 'patch prediction';

const nothingFound = {
  findings: undefined,
  pieces: [],
  ms: undefined,
  current: undefined,
  under: undefined,
  compare: undefined,
  embedding: undefined,
  problem: undefined,
  notKept: undefined,
} as const;

export const createAttentionStore = () =>
  createStore<AttentionState>(() => ({
    model: undefined,
    encoder: undefined,
    end: 'most',
    strip: true,
    how: 'swipe',
    ...nothingFound,
  }));
export type AttentionStore = ReturnType<typeof createAttentionStore>;

/** Another slide: what was chosen stays, what was found goes. */
export const forgetAttention = (store: AttentionStore): void => store.setState(nothingFound);
