// What was labelled and learnt on the open slide, as plain values. Features, heads and what is computed of them belong to
// the learn session. Loaded with it.
import { createStore } from 'zustand/vanilla';
import type { Failure } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import type { LearnKind } from '../learn/noun.ts';

export type Interval = readonly [low: number, high: number]; // 95 %

/** Features of the open slide's patches by one encoder. */
export interface SetSummary {
  readonly set: string; //                   the console's name of it
  readonly encoder: string; //               a model's id
  readonly name: string; //                  the encoder's, for people
  readonly bytes: number; //                 of the encoder's file
  readonly blocks: readonly { readonly name: string; readonly dims: number }[];
  readonly rows: number;
  readonly secondsPerPatch: number | undefined;
  readonly isKept: boolean; //               on disk
  readonly copies: number; //                altered copies of its rows, embedded too
}

/** A patch by its row in the shown set. */
export interface Patch {
  readonly row: number;
  readonly box: Rect; //                     level-0 px
}

export interface LabelClass {
  readonly name: string;
  readonly color: string;
  readonly count: number; //                 on the whole slide
  readonly examples: readonly Patch[]; //    of the shown set, the latest first, a dozen at most
}

export type AugmentationName = 'none' | 'noise' | 'mixup' | 'directions';

/** What an augmentation is worth on the user's own labels: macro F1 with it minus without, on the same folds. */
export interface Gain {
  readonly of: AugmentationName;
  readonly gain: number;
  readonly interval: Interval;
}

/** A head as the list shows it. Trained anew, it keeps its id. */
export interface HeadSummary {
  readonly id: string;
  readonly name: string; //                  'Logistic', 'One hidden layer'
  readonly encoder: string;
  readonly block: string;
  readonly hidden: number; //                0: logistic
  readonly augmentation: AugmentationName;
  readonly classes: readonly string[];
  readonly labels: number; //                it learnt from
  readonly seconds: number; //               of training, without the folds
  readonly isCalibrated: boolean;
  readonly isByPlace: boolean; //            blocks of the slide were left out together; else patches one by one
  /** On patches left out; undefined until it is measured, or where it cannot be. */
  readonly figure:
    | {
        readonly macroF1: number;
        readonly interval: Interval;
        readonly confusion: readonly (readonly number[])[]; // [truth][predicted]
      }
    | undefined;
  readonly whyNoFigure: string | undefined;
  readonly byScript: boolean; //             trained by window.eosin: it stays as it has learnt, whatever is labelled then
}

/** One block of one encoder, compared. */
export interface EncoderRow {
  readonly set: string;
  readonly encoder: string;
  readonly name: string;
  readonly block: string;
  readonly dims: number;
  readonly probe: { readonly macroF1: number; readonly interval: Interval } | undefined; // linear, on the labels
  readonly nearest: { readonly macroF1: number } | undefined; // vote of the nearest labelled patches
  readonly proxy: { readonly score: number; readonly interval: Interval } | undefined; // without labels
  readonly again: { readonly score: number; readonly interval: Interval } | undefined; // altered copies found again
  readonly patchesPerSecond: number | undefined;
  readonly bytes: number;
}

export interface CkaFindings {
  readonly entries: readonly { readonly set: string; readonly name: string; readonly block: string }[];
  readonly matrix: readonly number[]; //     [n × n] row-major
  readonly rows: number; //                  patches that all of them have
  readonly estimate: 'plain' | 'debiased' | 'minibatch';
  readonly isFew: boolean; //                patches for the features' width: plain CKA then flatters
  readonly isAbout: boolean; //              windows differ in size: each encoder read its own about the same centres
}

export interface SimilarPatch extends Patch {
  readonly similarity: number;
}

/** A slide that is labelled as a whole. */
export interface BagSummary {
  readonly id: string;
  readonly name: string;
  readonly encoder: string;
  readonly patches: number;
  readonly label: string; //                 empty: not labelled yet
  readonly group: string; //                 the patient; empty: a bag by itself
  readonly isOpen: boolean; //               of the slide on screen
}

/** An attention network, and what was seen of it on bags left out. Plain data: it is kept on disk with its network. */
export interface AttentionSummary {
  readonly block: string;
  readonly gated: boolean;
  readonly topK: number;
  readonly auc: number;
  readonly interval: Interval;
  readonly frozen: { readonly auc: number; readonly interval: Interval } | undefined; // of two stages the first alone
  readonly curve: readonly { readonly epoch: number; readonly loss: number; readonly valLoss: number }[];
  readonly classes: readonly string[];
  readonly bags: number;
  readonly isByGroup: boolean; //            bags of one patient were left out together
}

export interface LearntAttention extends AttentionSummary {
  readonly model: string; //                 the console's name of it
  readonly encoder: string;
}

/** Features as points in the plane. */
export interface PictureSummary {
  readonly how: 'components' | 'umap';
  /** Of the differences that each axis holds; undefined for UMAP, whose axes mean nothing by themselves. */
  readonly share: readonly [number, number] | undefined;
  readonly rows: number; //                  patches that are drawn
}

export type LearnPart = 'patches' | 'objects' | 'slides';

/** Features of objects on their way. */
export interface Reading {
  readonly phase: 'loading' | 'reading';
  readonly done: number; //               bytes of the network, or objects
  readonly total: number | undefined;
}

/** Pictures in class folders, by the encoder that has seen them. */
export interface ClassPicturesSummary {
  readonly encoder: string;
  readonly pictures: number;
  readonly classes: readonly { readonly name: string; readonly count: number }[];
  readonly refused: number; //               files that are no pictures, or could not be read
}

export interface LearnState {
  readonly part: LearnPart;
  readonly kind: LearnKind; //               of the objects that are learnt on
  readonly bags: readonly BagSummary[];
  readonly pictures: ClassPicturesSummary | undefined; // learnt from beside the labels; they outlive the slide
  readonly networks: readonly LearntAttention[]; // the oldest first; they outlive slides and visits
  readonly network: string | undefined; //   the one that is looked at
  readonly encoder: string | undefined; //   chosen: whose features are learnt from
  readonly block: string | undefined; //     of it; undefined: the last but one, else the last
  readonly sets: readonly SetSummary[];
  readonly classes: readonly LabelClass[];
  readonly current: number | undefined; //   the class that a click gives
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly heads: readonly HeadSummary[];
  readonly shown: string | undefined; //     the head that colours the slide
  readonly sureFrom: number; //              patches whose likeliest class is below are 'not sure'
  readonly next: readonly (Patch & { readonly probability: number })[]; // to label next
  readonly augmentation: AugmentationName;
  readonly gain: Gain | undefined;
  readonly compare: readonly EncoderRow[];
  readonly agreement: number | undefined; // Spearman of proxy and linear probe
  readonly cka: CkaFindings | undefined;
  readonly similar: { readonly to: Patch; readonly patches: readonly SimilarPatch[]; readonly ms: number } | undefined;
  /** Of the chosen features; the points themselves belong to the session. */
  readonly picture: (PictureSummary & { readonly version: number }) | undefined;
  readonly brushed: readonly number[]; //    rows chosen in it, framed on the slide
  readonly working: string | undefined; //   what takes its time now, a few words
  readonly progress: number | undefined; //  0 to 1, of it, where it tells
  readonly curve: AttentionSummary['curve'] | undefined; // of the attention that is learnt now
  readonly trainedMs: number | undefined; // from the last label to the coloured slide
  readonly problem: Failure | undefined;
  readonly notKept: string | undefined; //   why nothing is kept on disk, a sentence
}

/** Of one slide. */
const nothingLearnt = {
  sets: [],
  classes: [],
  current: undefined,
  canUndo: false,
  canRedo: false,
  next: [],
  gain: undefined,
  compare: [],
  agreement: undefined,
  cka: undefined,
  similar: undefined,
  picture: undefined,
  brushed: [],
  working: undefined,
  progress: undefined,
  curve: undefined,
  trainedMs: undefined,
  problem: undefined,
  notKept: undefined,
} as const;

export const createLearnStore = () =>
  createStore<LearnState>(() => ({
    part: 'patches',
    kind: 'nuclei',
    bags: [],
    pictures: undefined,
    networks: [],
    network: undefined,
    encoder: undefined,
    block: undefined,
    heads: [],
    shown: undefined,
    sureFrom: 0.6,
    augmentation: 'none',
    ...nothingLearnt,
  }));
export type LearnStore = ReturnType<typeof createLearnStore>;

/** Another slide: the encoder that was chosen stays. */
export const forgetLearnt = (store: LearnStore): void => store.setState(nothingLearnt);
