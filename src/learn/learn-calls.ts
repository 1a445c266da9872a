// What the learn worker offers: types only, the one file that both threads import. Features go in once, by `keep`, and stay
// in the worker under a name; everything after speaks of them by that name.
import type { ModelClass } from '#inference/manifest.ts';
import type { Attended, AttentionModel } from './attention-network.ts';
import type { Augmentation } from './augment.ts';
import type { CkaPlan } from './cka.ts';
import type { Head } from './head.ts';
import type { ModelFolder, ModelName } from './model-folder.ts';
import type { Nearest } from './neighbours.ts';
import type { Components } from './pca.ts';
import type { ProxyScore } from './proxy.ts';
import type { AttentionPlan, AttentionValidation, TrainedAttention } from './train-attention.ts';
import type { HeadPlan, TrainedHead } from './train-head.ts';
import type { UmapPlan } from './umap.ts';
import type { Ablation, FoldPlan, Validation } from './validate.ts';

/** Row rows[i] of a set is of class labels[i], and of group groups[i]. */
export interface Labels {
  readonly set: string;
  readonly rows: Uint32Array;
  readonly labels: Uint8Array;
  readonly classes: number;
  readonly groups: Uint32Array | undefined;
}

export interface BagOf {
  readonly name: string;
  readonly set: string;
  readonly rows: Uint32Array | undefined; // of the set; undefined: all
  readonly label: number;
  readonly group: number | undefined;
}

/** Where progress is told; moves to the worker. Undefined where nobody listens. */
type Told<T> = T & { readonly tell: MessagePort | undefined };

export type LearnCalls = {
  /** `values` [rows × cols] move. A set of that name is replaced. */
  keep: { in: { set: string; values: Float32Array; rows: number; cols: number }; out: { heldBytes: number } };
  drop: { in: { set: string }; out: { heldBytes: number } };
  trainHead: { in: Told<{ of: Labels; plan: HeadPlan }>; out: TrainedHead };
  validateHead: { in: Told<{ of: Labels; plan: HeadPlan; folds: FoldPlan }>; out: Validation };
  ablate: { in: Told<{ of: Labels; plan: HeadPlan; augmentation: Augmentation; folds: FoldPlan }>; out: Ablation };
  /** The class most of a patch's k nearest labelled patches have, none of its own group: [labels]. */
  voteNearest: { in: Told<{ of: Labels; k: number }>; out: Uint8Array };
  predict: { in: { head: Head; set: string }; out: Float32Array };
  headFolder: {
    in: { head: Head; set: string; classes: readonly ModelClass[]; named: ModelName };
    out: ModelFolder;
  };
  trainAttention: { in: Told<{ bags: readonly BagOf[]; plan: AttentionPlan }>; out: TrainedAttention };
  validateAttention: {
    in: Told<{ bags: readonly BagOf[]; plan: AttentionPlan; folds: FoldPlan }>;
    out: AttentionValidation;
  };
  attentionFolder: {
    in: { model: AttentionModel; set: string; classes: readonly ModelClass[]; named: ModelName };
    out: ModelFolder;
  };
  attend: { in: { model: AttentionModel; set: string }; out: Attended };
  cka: { in: Told<{ sets: readonly string[]; plan: CkaPlan }>; out: Float64Array };
  components: { in: { set: string; count: number }; out: Components };
  /** A map in the plane, [rows × 2]. */
  umap: { in: Told<{ set: string; plan: UmapPlan }>; out: Float32Array };
  nearest: { in: { set: string; row: number; k: number }; out: Nearest };
  /** Row i of the copies is of row rows[i] of the set. */
  findAgain: { in: Told<{ set: string; copies: string; rows: Uint32Array; seed: number }>; out: ProxyScore };
  nextDoor: { in: Told<{ set: string; boxes: Float32Array; seed: number }>; out: ProxyScore };
};

/** Calls that take their time, and tell how far they are. */
export type Long = {
  [K in keyof LearnCalls]: LearnCalls[K]['in'] extends { tell: MessagePort | undefined } ? K : never;
}[keyof LearnCalls];
