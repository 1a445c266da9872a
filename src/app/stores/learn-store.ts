// What was labelled and learnt on the open slide, as plain values. Features, heads and what is computed of them belong to
// the learn session. Loaded with the Learn workspace.
import { createStore } from 'zustand/vanilla';
import type { Failure } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';

export type LearnPart = 'patches' | 'objects' | 'slides';
export type Interval = readonly [low: number, high: number]; // 95 %

/** Features of the open slide's patches (or nuclei) by one encoder. */
export interface SetSummary {
  readonly set: string; //                   the console's name of it
  readonly of: 'patches' | 'nuclei' | 'pictures';
  readonly encoder: string; //               a model's id
  readonly sha256: string; //                of the encoder: a set of another version is not mixed in
  readonly name: string; //                  the encoder's, for people
  readonly bytes: number; //                 of the encoder's file
  readonly blocks: readonly { readonly name: string; readonly dims: number }[];
  readonly rows: number;
  readonly secondsPerPatch: number | undefined;
  readonly kept: 'on disk' | 'in memory';
}

export interface LabelClass {
  readonly name: string;
  readonly color: string; //                 UI.md's colours on tissue, in their order
  readonly count: number;
  readonly examples: readonly LabelledPlace[]; // the latest first, a dozen at most
}

/** A patch or an object by its row in the shown set. */
export interface LabelledPlace {
  readonly row: number;
  readonly box: Rect; //                     level-0 px
}

export interface UnsurePlace extends LabelledPlace {
  readonly probability: number; //           of the likeliest class
}

export type AugmentationName = 'none' | 'noise' | 'mixup' | 'directions';

/** A head as the list shows it. Trained anew, it keeps its id. */
export interface HeadSummary {
  readonly id: string;
  readonly name: string; //                  'Logistic', 'One hidden layer'
  readonly set: string;
  readonly encoder: string;
  readonly block: string;
  readonly hidden: number; //                0: logistic
  readonly augmentation: AugmentationName;
  readonly macroF1: number | undefined; //   undefined: too few labels to leave any out
  readonly interval: Interval | undefined;
  readonly folds: number;
  readonly groupedBy: string | undefined; // 'slide', 'patient', ...; undefined: by patch, which flatters
  readonly isCalibrated: boolean;
  readonly seconds: number; //               of training, without the folds
  readonly labels: number; //                it learnt from
  readonly stale: boolean; //                labels have changed since, it is being trained anew
  readonly confusion: readonly (readonly number[])[] | undefined; // [truth][predicted]
  readonly counts: readonly number[] | undefined; // patches of the slide by class, then those it is not sure of
}

/** One block of one encoder, compared. */
export interface EncoderRow {
  readonly set: string;
  readonly encoder: string;
  readonly name: string;
  readonly block: string;
  readonly dims: number;
  readonly probe: { readonly macroF1: number; readonly interval: Interval } | undefined; // linear probe on the labels
  readonly nearest: { readonly macroF1: number } | undefined; // k nearest neighbours vote
  readonly proxy: { readonly score: number; readonly interval: Interval } | undefined;
  readonly patchesPerSecond: number | undefined;
  readonly bytes: number;
}

export interface CkaFindings {
  readonly entries: readonly { readonly set: string; readonly name: string; readonly block: string }[];
  readonly matrix: readonly number[]; //     [n × n] row-major
  readonly rows: number; //                  patches that all of them have
  readonly estimate: 'plain' | 'debiased' | 'minibatch';
}

/** A slide, region or folder of pictures that is labelled as a whole. */
export interface BagSummary {
  readonly id: string;
  readonly name: string;
  readonly set: string;
  readonly slide: string | undefined; //     undefined: pictures
  readonly onOpenSlide: boolean;
  readonly encoder: string;
  readonly patches: number;
  readonly label: string | undefined;
  readonly group: string | undefined; //     patient
}

export interface LearntAttention {
  readonly model: string;
  readonly encoder: string;
  readonly block: string;
  readonly gated: boolean;
  readonly topK: number;
  readonly auc: number;
  readonly interval: Interval;
  readonly curve: readonly { readonly epoch: number; readonly loss: number; readonly valLoss: number }[];
  readonly classes: readonly string[];
}

export interface LearnState {
  readonly part: LearnPart;
  readonly encoder: string | undefined; //   chosen: whose features are labelled on; undefined: the first that has some
  readonly block: string | undefined; //     undefined: the last
  readonly sets: readonly SetSummary[];
  readonly labelsVersion: number; //         counts every change
  readonly classes: readonly LabelClass[];
  readonly current: number | undefined; //   the class that a click gives
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly heads: readonly HeadSummary[];
  readonly shown: string | undefined; //     the head that colours the slide
  readonly sureFrom: number; //              patches whose likeliest class is below this are "not sure"; 0.6
  readonly next: readonly UnsurePlace[]; //  to label next
  readonly augmentation: AugmentationName;
  readonly gain: { readonly of: AugmentationName; readonly gain: number; readonly interval: Interval } | undefined;
  readonly encoders: readonly EncoderRow[];
  readonly agreement: number | undefined; // Spearman of the proxy ranking with macro F1, where labels exist
  readonly cka: CkaFindings | undefined;
  readonly similar:
    | {
        readonly to: LabelledPlace;
        readonly rows: readonly (LabelledPlace & { readonly similarity: number })[];
        readonly ms: number;
      }
    | undefined;
  readonly pictureVersion: number; //        of session.picture(), which holds the points
  readonly brushed: readonly number[]; //    rows chosen in the picture, outlined on the slide
  readonly bags: readonly BagSummary[];
  readonly attention: LearntAttention | undefined;
  readonly live: readonly { readonly epoch: number; readonly loss: number; readonly valLoss: number }[]; // while it trains
  readonly working: { readonly what: string; readonly done: number; readonly total: number } | undefined;
  readonly trainedMs: number | undefined; // from the last label to the coloured slide
  readonly problem: Failure | undefined;
  readonly notKept: string | undefined; //   why nothing is kept on disk, a sentence
}

export const nothingLearnt: LearnState = {
  part: 'patches',
  encoder: undefined,
  block: undefined,
  sets: [],
  labelsVersion: 0,
  classes: [],
  current: undefined,
  canUndo: false,
  canRedo: false,
  heads: [],
  shown: undefined,
  sureFrom: 0.6,
  next: [],
  augmentation: 'none',
  gain: undefined,
  encoders: [],
  agreement: undefined,
  cka: undefined,
  similar: undefined,
  pictureVersion: 0,
  brushed: [],
  bags: [],
  attention: undefined,
  live: [],
  working: undefined,
  trainedMs: undefined,
  problem: undefined,
  notKept: undefined,
};

export const createLearnStore = () => createStore<LearnState>(() => nothingLearnt);
export type LearnStore = ReturnType<typeof createLearnStore>;
