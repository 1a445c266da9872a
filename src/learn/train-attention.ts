// Training attention on bags of patches that are labelled as a whole: HistoTransfer's two stages, here with a small adapter
// of the features in place of the encoder in the second.
import {
  type AttentionModel,
  AttentionNetwork,
  attendWith,
  firstAttention,
  type Pooled,
  pool,
} from './attention-network.ts';
import { uniformLayer, zeroLayer } from './dense.ts';
import { badInput, checkFeatures, type Features, type Scaling, scalingOf, standardise, taken } from './features.ts';
import { countsOf, foldCount, split, validationFolds } from './folds.ts';
import type { Kernel } from './kernel/kernel.ts';
import { Random } from './random.ts';
import { auc, bootstrap, type Interval, unitsOf } from './scores.ts';
import { asPart, type Steps } from './steps.ts';

/** A slide, a region or a folder of pictures. */
export interface Bag {
  readonly name: string;
  readonly features: Features;
  readonly label: number;
  /** Whose bag it is: those of one patient are left out together. */
  readonly group: number | undefined;
}

export interface AttentionPlan {
  readonly classes: number;
  readonly gated: boolean;
  readonly epochs: number;
  readonly rate: number; //  falls linearly to nothing
  readonly decay: number;
  readonly atMost: number; // patches of a bag in one step, drawn anew each time
  readonly seed: number;
  /** Stage 2 on the k most attended patches of each bag; 0: none. */
  readonly topK: number;
}

export const USUAL_ATTENTION: AttentionPlan = {
  classes: 2,
  gated: false,
  epochs: 10,
  rate: 1e-3,
  decay: 1e-2,
  atMost: 1_024,
  seed: 1,
  topK: 0,
};

/** HistoTransfer's second stage: 8 of the patches a step, at a hundredth of the rate. */
const SECOND = { epochs: 3, atOnce: 8, rate: 1 / 100, adapter: 16, adapterRate: 10 } as const;

export interface Curve {
  readonly learnt: Float32Array<ArrayBuffer>; //  [epochs] mean cross entropy of the bags learnt from
  readonly leftOut: Float32Array<ArrayBuffer>; // [epochs] of those left out; empty where none are
}

export interface TrainedAttention {
  readonly model: AttentionModel;
  /** Where the second stage began: the same network on frozen features. Undefined where there was no second stage. */
  readonly frozen: AttentionModel | undefined;
  readonly curve: Curve;
}

/** @throws EosinError BadInput for an empty bag, bags of other widths, one class only, equal patches */
export function* trainAttention(
  kernel: Kernel,
  bags: readonly Bag[],
  plan: AttentionPlan,
  leftOut: readonly Bag[] = [],
): Steps<TrainedAttention> {
  checkBags([...bags, ...leftOut], plan.classes);
  checkClasses(bags);
  using _ = kernel.scope();
  const inputs = bags[0]?.features.cols ?? 0;
  const scaling = scalingOf(together(bags));
  const random = new Random(plan.seed);
  const network = new AttentionNetwork(kernel, firstAttention(inputs, plan.classes, plan.gated, plan.seed));
  const weights = bagWeights(bags, plan.classes);
  const order = Uint32Array.from(bags, (_bag, i) => i);
  const curve = { learnt: [] as number[], leftOut: [] as number[] };
  const stages = plan.topK > 0 ? plan.epochs + SECOND.epochs : plan.epochs;
  for (let epoch = 0, t = 0; epoch < plan.epochs; epoch++) {
    const rate = plan.rate * (1 - epoch / plan.epochs);
    let loss = 0;
    for (const index of random.shuffle(order)) {
      const bag = bags[index];
      if (!bag) continue;
      loss += learnBag(kernel, network, scaling, bag, drawn(bag.features.rows, plan.atMost, random), {
        weight: weights[bag.label] ?? 1,
        step: { t: ++t, rate, decay: plan.decay },
      });
    }
    curve.learnt.push(loss / bags.length);
    if (leftOut.length > 0) curve.leftOut.push(meanLoss(kernel, network, scaling, leftOut));
    yield { done: epoch + 1, total: stages, loss: loss / bags.length, lossLeftOut: curve.leftOut.at(-1) };
  }
  const first = { inputs, classes: plan.classes, scaling, layers: network.layers() };
  const model = plan.topK > 0 ? yield* secondStage(kernel, first, bags, leftOut, plan, curve) : first;
  const frozen = plan.topK > 0 ? first : undefined;
  return {
    model,
    frozen,
    curve: { learnt: Float32Array.from(curve.learnt), leftOut: Float32Array.from(curve.leftOut) },
  };
}

/** The adapter starts at nothing, so that the first step begins where stage 1 ended. */
function* secondStage(
  kernel: Kernel,
  model: AttentionModel,
  bags: readonly Bag[],
  leftOut: readonly Bag[],
  plan: AttentionPlan,
  curve: { learnt: number[]; leftOut: number[] },
): Steps<AttentionModel> {
  using _ = kernel.scope();
  const { inputs, scaling } = model;
  const random = new Random(plan.seed + 1);
  const adapter = { down: uniformLayer(inputs, SECOND.adapter, random), up: zeroLayer(SECOND.adapter, inputs) };
  const network = new AttentionNetwork(kernel, { ...model.layers, adapter });
  const weights = bagWeights(bags, plan.classes);
  const chosen = bags.map(({ features }) => {
    const { attention } = attendWith(kernel, network, scaling, features, plan.classes);
    return mostAttended(attention, plan.topK);
  });
  const order = Uint32Array.from(bags, (_bag, i) => i);
  for (let epoch = 0, t = 0; epoch < SECOND.epochs; epoch++) {
    let loss = 0;
    for (const index of random.shuffle(order)) {
      const [bag, rows] = [bags[index], chosen[index]];
      if (!bag || !rows) continue;
      const few = Uint32Array.from(drawn(rows.length, SECOND.atOnce, random), (at) => rows[at] ?? 0);
      const step = { t: ++t, rate: plan.rate * SECOND.rate * SECOND.adapterRate, decay: 0 };
      loss += learnBag(kernel, network, scaling, bag, few, { weight: weights[bag.label] ?? 1, step });
    }
    curve.learnt.push(loss / bags.length);
    if (leftOut.length > 0) curve.leftOut.push(meanLoss(kernel, network, scaling, leftOut));
    const [done, total] = [plan.epochs + epoch + 1, plan.epochs + SECOND.epochs];
    yield { done, total, loss: loss / bags.length, lossLeftOut: curve.leftOut.at(-1) };
  }
  return { ...model, layers: network.layers() };
}

function learnBag(
  kernel: Kernel,
  network: AttentionNetwork,
  scaling: Scaling,
  { features, label }: Bag,
  rows: Uint32Array,
  { weight, step }: { weight: number; step: { t: number; rate: number; decay: number } },
): number {
  using _ = kernel.scope();
  const { values, cols } = rows.length === features.rows ? features : taken(features, rows);
  const x = kernel.from(values, rows.length, cols);
  standardise(kernel.view(x), cols, scaling);
  return network.learn(x, label, weight, step);
}

/** All rows, or `atMost` of them. */
function drawn(rows: number, atMost: number, random: Random): Uint32Array {
  const all = Uint32Array.from({ length: rows }, (_, i) => i);
  return rows <= atMost ? all : random.shuffle(all).subarray(0, atMost);
}

/** The k rows of most attention, that one first; equal ones by row. */
function mostAttended(attention: Float32Array, k: number): Uint32Array {
  const rows = Uint32Array.from(attention, (_, i) => i);
  return rows.sort((a, b) => (attention[b] ?? 0) - (attention[a] ?? 0) || a - b).subarray(0, k);
}

function meanLoss(kernel: Kernel, network: AttentionNetwork, scaling: Scaling, bags: readonly Bag[]): number {
  let loss = 0;
  for (const { features, label } of bags) {
    const { attention, patch, classes } = attendWith(kernel, network, scaling, features, network.classes);
    loss -= Math.log(Math.max(pool(attention, patch, classes).probabilities[label] ?? 0, 1e-30));
  }
  return loss / bags.length;
}

export function sayOf(kernel: Kernel, model: AttentionModel, features: Features): Pooled {
  using _ = kernel.scope();
  const network = new AttentionNetwork(kernel, model.layers);
  const { attention, patch, classes } = attendWith(kernel, network, model.scaling, features, model.classes);
  return pool(attention, patch, classes);
}

/** Classes count alike, however many bags they have; the mean weight is 1. */
function bagWeights(bags: readonly Bag[], classes: number): Float64Array {
  const counts = countsOf(bags.map(({ label }) => label));
  const occurring = counts.filter((count) => count > 0).length;
  return Float64Array.from({ length: classes }, (_, k) => (counts[k] ? bags.length / (occurring * counts[k]) : 0));
}

const MOST_ROWS = 50_000; // that the scaling is taken of: more do not change it

function together(bags: readonly Bag[]): Features {
  const all = bags.reduce((sum, { features }) => sum + features.rows, 0);
  const every = Math.max(1, Math.ceil(all / MOST_ROWS));
  const cols = bags[0]?.features.cols ?? 0;
  const parts = bags.map(({ features }) => {
    if (every === 1) return features.values;
    return taken(
      features,
      Uint32Array.from({ length: Math.ceil(features.rows / every) }, (_, i) => i * every),
    ).values;
  });
  const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return { values, rows: values.length / cols, cols };
}

function checkBags(bags: readonly Bag[], classes: number): void {
  const cols = bags.find(({ features }) => features.rows > 0)?.features.cols;
  for (const { name, features, label } of bags) {
    if (features.rows === 0)
      throw badInput(`The bag ${name}`, 'it holds no patch', 'Leave it out, or embed a region of it with tissue.');
    if (features.cols !== cols) {
      const seen = `its features are ${features.cols} wide, and those of the first ${cols}`;
      throw badInput(`The bag ${name}`, seen, 'Embed all bags by one encoder and block.');
    }
    if (label >= classes)
      throw badInput(`The bag ${name}`, `its label is of class ${label + 1} of ${classes}`, 'Label it again.');
    checkFeatures(features);
  }
}

function checkClasses(bags: readonly Bag[]): void {
  if (new Set(bags.map(({ label }) => label)).size >= 2) return;
  const seen =
    bags.length < 2 ? `there ${bags.length === 1 ? 'is one' : 'are none'}` : `all ${bags.length} are of one class`;
  throw badInput('The bags', seen, 'Add bags of at least one more class.');
}

export interface AttentionValidation {
  readonly fold: Uint8Array<ArrayBuffer>; //            [bags] in which a bag was left out
  readonly probabilities: Float32Array<ArrayBuffer>; // [bags × classes] by the network that had not seen it
  /** Of two classes, of the second; of more, the mean of one against the rest. NaN where only one class was left out. */
  readonly auc: number;
  readonly interval: Interval; //                       over groups where there are any
  /** Of two stages: the first alone, on the same bags and draws. */
  readonly frozen: { readonly auc: number; readonly interval: Interval } | undefined;
  readonly curves: readonly Curve[]; //                 by fold
}

/** @throws EosinError BadInput as trainAttention, and where bags or groups are too few to leave any out */
export function* validateAttention(
  kernel: Kernel,
  bags: readonly Bag[],
  plan: AttentionPlan,
  { folds, seed }: { readonly folds: number; readonly seed: number },
): Steps<AttentionValidation> {
  checkBags(bags, plan.classes);
  checkClasses(bags);
  const labels = Uint8Array.from(bags, ({ label }) => label);
  const groups = groupsOf(bags);
  const fold = validationFolds({ labels, groups, folds, seed });
  const count = foldCount(fold);
  const probabilities = new Float32Array(bags.length * plan.classes);
  const byFrozen = new Float32Array(bags.length * plan.classes);
  const curves: Curve[] = [];
  for (let index = 0; index < count; index++) {
    const { left, out } = split(fold, index);
    const pick = (rows: Uint32Array): Bag[] => [...rows].flatMap((row) => bags[row] ?? []);
    const { model, frozen, curve } = yield* asPart(trainAttention(kernel, pick(left), plan, pick(out)), index, count);
    curves.push(curve);
    for (const row of out) {
      const bag = bags[row];
      if (!bag) continue;
      probabilities.set(sayOf(kernel, model, bag.features).probabilities, row * plan.classes);
      if (frozen) byFrozen.set(sayOf(kernel, frozen, bag.features).probabilities, row * plan.classes);
    }
  }
  const all = Uint32Array.from(labels.keys());
  const judged = (of: Float32Array): { readonly auc: number; readonly interval: Interval } => {
    const score = (rows: ArrayLike<number>): number => aucOf(labels, of, plan.classes, rows);
    return { auc: score(all), interval: bootstrap(unitsOf(bags.length, groups), score, seed) };
  };
  return {
    fold,
    probabilities,
    ...judged(probabilities),
    frozen: plan.topK > 0 ? judged(byFrozen) : undefined,
    curves,
  };
}

/** Bags without a group are each a group by themselves, once any bag has one. */
function groupsOf(bags: readonly Bag[]): Uint32Array | undefined {
  if (bags.every(({ group }) => group === undefined)) return undefined;
  const least = 1 + bags.reduce((most, { group }) => Math.max(most, group ?? 0), 0);
  return Uint32Array.from(bags, ({ group }, i) => group ?? least + i);
}

function aucOf(labels: Uint8Array, probabilities: Float32Array, classes: number, rows: ArrayLike<number>): number {
  const of = (k: number): number => {
    const list = Array.from(rows);
    return auc(
      list.map((row) => (labels[row] === k ? 1 : 0)),
      list.map((row) => probabilities[row * classes + k] ?? 0),
    );
  };
  if (classes === 2) return of(1);
  const each = Array.from({ length: classes }, (_, k) => of(k)).filter(Number.isFinite);
  return each.reduce((sum, value) => sum + value, 0) / each.length;
}
