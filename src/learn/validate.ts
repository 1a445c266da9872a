// How good a head will be where it has not looked: cross-validation, and what an augmentation is worth, on the same folds.
import type { Augmentation } from './augment.ts';
import { foldCount, split, validationFolds } from './folds.ts';
import { predict } from './head.ts';
import type { Kernel } from './kernel/kernel.ts';
import { accuracy, bootstrap, confusionOf, type Interval, largest, macroF1, unitsOf } from './scores.ts';
import { asPart, type Steps } from './steps.ts';
import { checkLabels, type HeadPlan, type Labelled, part, trainHead } from './train-head.ts';

export interface Validation {
  readonly fold: Uint8Array<ArrayBuffer>; //            [rows] in which a patch was left out
  readonly probabilities: Float32Array<ArrayBuffer>; // [rows × classes] by the head that had not seen it
  readonly confusion: Float64Array; //                  [truth × predicted]
  readonly macroF1: number;
  readonly interval: Interval; //                       of macro F1, over groups where there are any
  readonly accuracy: number;
}

export interface FoldPlan {
  readonly folds: number;
  readonly seed: number;
}

/** @throws EosinError BadInput as trainHead, and where labels or groups are too few to leave any out */
export function* crossValidate(
  kernel: Kernel,
  labelled: Labelled,
  plan: HeadPlan,
  { folds, seed }: FoldPlan,
): Steps<Validation> {
  checkLabels(labelled);
  const { labels, groups, classes } = labelled;
  const fold = validationFolds({ labels, groups, folds, seed });
  const count = foldCount(fold);
  const probabilities = new Float32Array(labels.length * classes);
  for (let index = 0; index < count; index++) {
    const { left, out } = split(fold, index);
    const { head } = yield* asPart(trainHead(kernel, part(labelled, left), plan), index, count);
    const found = predict(kernel, head, part(labelled, out).features);
    for (const [i, row] of out.entries())
      probabilities.set(found.subarray(i * classes, (i + 1) * classes), row * classes);
  }
  const predicted = largest(probabilities, classes);
  const confusion = confusionOf(labels, predicted, classes);
  const units = unitsOf(labels.length, groups);
  const score = (rows: Uint32Array): number => f1Of(labels, predicted, classes, rows);
  return {
    fold,
    probabilities,
    confusion,
    macroF1: macroF1(confusion, classes),
    interval: bootstrap(units, score, seed),
    accuracy: accuracy(confusion, classes),
  };
}

function f1Of(labels: Uint8Array, predicted: Uint8Array, classes: number, rows: Uint32Array): number {
  const table = new Float64Array(classes * classes);
  for (const row of rows) {
    const cell = (labels[row] ?? 0) * classes + (predicted[row] ?? 0);
    table[cell] = (table[cell] ?? 0) + 1;
  }
  return macroF1(table, classes);
}

export interface Ablation {
  readonly without: Validation;
  readonly withIt: Validation;
  readonly gain: number; //       of macro F1
  readonly interval: Interval; // of the gain, both on the same draws
}

/** The same folds and seed with and without an augmentation. */
export function* ablate(
  kernel: Kernel,
  labelled: Labelled,
  plan: HeadPlan,
  augmentation: Augmentation,
  folds: FoldPlan,
): Steps<Ablation> {
  const plain: HeadPlan = { ...plan, augmentation: { kind: 'none' } };
  const without = yield* asPart(crossValidate(kernel, labelled, plain, folds), 0, 2);
  const withIt = yield* asPart(crossValidate(kernel, labelled, { ...plan, augmentation }, folds), 1, 2);
  const { labels, classes, groups } = labelled;
  const [a, b] = [without, withIt].map(({ probabilities }) => largest(probabilities, classes));
  if (!a || !b) return { without, withIt, gain: 0, interval: [0, 0] };
  const units = unitsOf(labels.length, groups);
  const gain = (rows: Uint32Array): number => f1Of(labels, b, classes, rows) - f1Of(labels, a, classes, rows);
  return { without, withIt, gain: withIt.macroF1 - without.macroF1, interval: bootstrap(units, gain, folds.seed) };
}
