// Trains a head on labelled patches: balanced classes, AdamW, stopped early by patches held back, then once more on all of
// them for as many epochs; probabilities calibrated on those held back.
import { type Augmentation, augmenter } from './augment.ts';
import { type Dense, type Layer, uniformLayer, zeroLayer } from './dense.ts';
import { badInput, checkFeatures, type Features, type Scaling, scalingOf, standardise, taken } from './features.ts';
import { countsOf, foldCount, foldsOf, split } from './folds.ts';
import { forward, type Head, layersOf, logitsOf } from './head.ts';
import type { Kernel } from './kernel/kernel.ts';
import { Random } from './random.ts';
import { crossEntropy, crossEntropyGradient, temperatureOf } from './softmax.ts';
import { asPart, type Steps } from './steps.ts';

/** Labelled patches: row i of the features is of class labels[i]. */
export interface Labelled {
  readonly features: Features;
  readonly labels: Uint8Array; // [rows] below `classes`
  readonly classes: number;
  /** [rows] of which slide, patient or stain group; undefined: each patch by itself. */
  readonly groups: Uint32Array | undefined;
}

export interface HeadPlan {
  readonly hidden: number; // 0: logistic
  readonly augmentation: Augmentation;
  readonly seed: number;
  readonly epochs: number; // at most
  readonly patience: number; // epochs without gain on what is held back
  readonly rate: number;
  readonly decay: number;
  readonly batch: number;
}

export const USUAL_HEAD: HeadPlan = {
  hidden: 0,
  augmentation: { kind: 'none' },
  seed: 1,
  epochs: 60,
  patience: 6,
  rate: 3e-3,
  decay: 1e-2,
  batch: 64,
};

export interface TrainedHead {
  readonly head: Head;
  readonly epochs: number;
  /** [epochs] mean cross entropy of what is held back; empty where nothing was. */
  readonly heldBack: Float32Array<ArrayBuffer>;
}

const HELD_BACK = 5; //  a fifth
const FEWEST = 5; //     labels of a class, to hold any back

/**
 * @throws EosinError BadInput for one class only, equal patches, features that are no number
 */
export function* trainHead(kernel: Kernel, labelled: Labelled, plan: HeadPlan): Steps<TrainedHead> {
  checkLabels(labelled);
  scalingOf(labelled.features); // throws where all are equal, before any are held back
  const back = heldBack(labelled, plan.seed);
  if (!back) {
    const { layers, scaling } = yield* fitted(kernel, labelled, undefined, plan, plan.epochs);
    const head = { ...shapeOf(labelled), scaling, layers, temperature: 1, isCalibrated: false };
    return { head, epochs: plan.epochs, heldBack: new Float32Array() };
  }
  const first = yield* asPart(
    fitted(kernel, part(labelled, back.left), part(labelled, back.out), plan, plan.epochs),
    0,
    2,
  );
  const epochs = Math.max(1, first.best);
  const { layers, scaling } = yield* asPart(fitted(kernel, labelled, undefined, plan, epochs), 1, 2);
  const { temperature } = first;
  const head = { ...shapeOf(labelled), scaling, layers, temperature, isCalibrated: true };
  return { head, epochs, heldBack: Float32Array.from(first.losses) };
}

const shapeOf = ({ features, classes }: Labelled) => ({ inputs: features.cols, classes });

export const part = ({ features, labels, classes, groups }: Labelled, rows: Uint32Array): Labelled => ({
  features: taken(features, rows),
  labels: Uint8Array.from(rows, (row) => labels[row] ?? 0),
  classes,
  groups: groups && Uint32Array.from(rows, (row) => groups[row] ?? 0),
});

export function checkLabels({ features, labels, classes }: Labelled): void {
  checkFeatures(features);
  const counts = countsOf(labels);
  if (labels.length !== features.rows || counts.length > classes) {
    const seen = `${labels.length} labels of ${counts.length} classes do not fit ${features.rows} patches of ${classes}`;
    throw badInput('The labels', seen, 'Label the patches again.');
  }
  if (counts.filter((count) => count > 0).length >= 2) return;
  const seen = labels.length === 1 ? 'there is one only' : `all ${labels.length} are of one class`;
  throw badInput('The labels', seen, 'Label patches of at least one more class.');
}

/** A fifth of every class, or of the groups; undefined where a class would have too few for it to mean anything. */
function heldBack({ labels, groups, classes }: Labelled, seed: number): ReturnType<typeof split> | undefined {
  const counts = countsOf(labels);
  if (counts.some((count) => count > 0 && count < FEWEST)) return undefined;
  const several = groups && new Set(groups).size >= HELD_BACK;
  const folds = foldsOf({ labels, groups: several ? groups : undefined, folds: HELD_BACK, seed });
  for (let fold = 0; fold < foldCount(folds); fold++) {
    const found = split(folds, fold);
    const sides = [found.left, found.out].map((rows) => countsOf(Uint8Array.from(rows, (row) => labels[row] ?? 0)));
    const isWhole = (side: Float64Array): boolean =>
      Array.from({ length: classes }, (_, k) => !counts[k] || (side[k] ?? 0) > 0).every(Boolean);
    if (sides.every(isWhole)) return found;
  }
  return undefined;
}

interface Fit {
  readonly layers: readonly Layer[];
  readonly scaling: Scaling;
  readonly best: number; // epochs
  readonly losses: readonly number[];
  readonly temperature: number;
}

function firstLayers({ features, classes }: Labelled, { hidden }: HeadPlan, random: Random): Layer[] {
  if (hidden === 0) return [zeroLayer(features.cols, classes)]; // convex: where it starts does not matter
  return [uniformLayer(features.cols, hidden, random), uniformLayer(hidden, classes, random)];
}

/** Classes count alike, however many patches they have; the mean weight is 1. */
function classWeights(labels: Uint8Array, classes: number): Float32Array {
  const counts = countsOf(labels);
  const occurring = counts.filter((count) => count > 0).length;
  return Float32Array.from({ length: classes }, (_, k) => (counts[k] ? labels.length / (occurring * counts[k]) : 0));
}

function* fitted(
  kernel: Kernel,
  labelled: Labelled,
  held: Labelled | undefined,
  plan: HeadPlan,
  epochs: number,
): Steps<Fit> {
  using _ = kernel.scope();
  const scaling = scalingOf(labelled.features);
  const standard = (features: Features): Features => {
    const values = Float32Array.from(features.values);
    standardise(values, features.cols, scaling);
    return { ...features, values };
  };
  const x = standard(labelled.features);
  const back = held && { features: standard(held.features), labels: held.labels };
  const random = new Random(plan.seed);
  const layers = layersOf(kernel, firstLayers(labelled, plan, random));
  const copy = (): Layer[] => layers.map((layer) => layer.layer());
  const learn = epochOf(kernel, layers, { ...labelled, features: x }, plan, scaling, random);
  const weights = held && classWeights(held.labels, held.classes);
  const losses: number[] = [];
  let best = { layers: copy(), loss: Number.POSITIVE_INFINITY, epochs: 0, logits: new Float32Array() };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const loss = learn(1 - (epoch - 1) / (2 * plan.epochs));
    if (back) {
      const logits = logitsOf(kernel, layers, back.features);
      const now = crossEntropy(logits, back.labels, labelled.classes, 1, weights);
      losses.push(now);
      if (now < best.loss) best = { layers: copy(), loss: now, epochs: epoch, logits };
      else if (epoch - best.epochs >= plan.patience) break;
    }
    yield { done: epoch, total: epochs, loss };
  }
  if (!back) return { layers: copy(), scaling, best: epochs, losses, temperature: 1 };
  const temperature = temperatureOf(best.logits, back.labels, labelled.classes);
  return { layers: best.layers, scaling, best: best.epochs, losses, temperature };
}

/** One pass over all patches in a new order. @returns does it, at this share of the rate, and gives the mean loss */
function epochOf(
  kernel: Kernel,
  layers: readonly Dense[],
  { features, labels, classes }: Labelled,
  plan: HeadPlan,
  scaling: Scaling,
  random: Random,
): (share: number) => number {
  const { cols, rows, values } = features;
  const weights = classWeights(labels, classes);
  const augment = augmenter(plan.augmentation, cols, scaling.deviation, plan.seed + 1);
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  let t = 0;
  const batch = (chosen: Uint32Array, rate: number): number => {
    using _ = kernel.scope();
    const x = kernel.matrix(chosen.length, cols);
    const view = kernel.view(x);
    const targets = new Float32Array(chosen.length * classes);
    for (const [i, row] of chosen.entries()) {
      view.set(values.subarray(row * cols, (row + 1) * cols), i * cols);
      targets[i * classes + (labels[row] ?? 0)] = 1;
    }
    augment(view, targets, chosen.length);
    const outs = forward(kernel, layers, x);
    const gradient = outs.at(-1);
    if (!gradient) return 0;
    const loss = crossEntropyGradient(kernel.view(gradient), targets, weights, classes);
    backward(kernel, layers, x, outs, gradient);
    t++;
    for (const layer of layers) layer.step(t, { rate, decay: plan.decay });
    return loss * chosen.length;
  };
  return (share) => {
    random.shuffle(order);
    let loss = 0;
    for (let from = 0; from < rows; from += plan.batch) {
      loss += batch(order.subarray(from, Math.min(rows, from + plan.batch)), plan.rate * share);
    }
    return loss / rows;
  };
}

/** Gradients of all layers from that of the last one's output. */
function backward(
  kernel: Kernel,
  layers: readonly Dense[],
  x: Parameters<Dense['learn']>[0],
  outs: readonly Parameters<Dense['learn']>[0][],
  last: Parameters<Dense['learn']>[0],
): void {
  let gradient = last;
  for (let index = layers.length - 1; index > 0; index--) {
    const before = outs[index - 1];
    if (!before) return;
    gradient = layers[index]?.backward(before, gradient) ?? gradient;
    kernel.reluBack(gradient, before);
  }
  layers[0]?.learn(x, gradient);
}
