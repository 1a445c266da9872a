// How well instances agree. Label pictures: 0 is background, other numbers are objects, with or without gaps.
// The same definitions as models/eosin_models/metrics.py.
import { type Labels, objectHausdorff } from './hausdorff.ts';

/** Pixels of all pairs of objects that meet, and of each object. */
interface Overlap {
  readonly truth: readonly number[]; //     [objects] pixels, in order of their numbers
  readonly predicted: readonly number[];
  /** [truth × …] the predicted objects that each truth object meets, by index, ascending, with the pixels shared */
  readonly pairs: readonly (readonly { readonly with: number; readonly shared: number }[])[];
}

/** One image. Counts and sums are kept so that a set can be pooled. */
export interface Score {
  readonly dice: number; //                of the foreground
  readonly aji: number; //                 aggregated Jaccard index (Kumar et al., 2017)
  readonly matched: number; //             pairs with intersection over union above 0.5
  readonly falsePositive: number;
  readonly falseNegative: number;
  readonly matchedIou: number; //          summed
  readonly glasHits: number; //            predicted objects that cover half of a truth object of their own
  readonly truthObjects: number;
  readonly predictedObjects: number;
  readonly diceByTruth: number; //         summed, weighted by area (Sirinukunwattana et al., 2017)
  readonly diceByPredicted: number;
  readonly truthPixels: number;
  readonly predictedPixels: number;
  readonly hausdorffByTruth: number; //    summed, weighted by area, px; NaN where it was not asked for
  readonly hausdorffByPredicted: number;
}

export interface Metrics {
  readonly dice: number; //       mean over images
  readonly aji: number; //        mean over images
  readonly pq: number; //         DQ × SQ, mean over images
  readonly dq: number; //         mean over images
  readonly sq: number; //         mean over images
  readonly f1: number; //         pooled: IoU above 0.5, or of GlaS (half of a truth object covered)
  readonly objectDice: number; // pooled, as GlaS defines it
  readonly objectHausdorff: number; // the same, px of the images; NaN where it was not asked for
}

/** Which F1: objects matched at IoU above 0.5 (nuclei), or the GlaS challenge's rule (glands, lumina). */
export type Detection = 'iou' | 'glas';

/**
 * Both pictures have the same size.
 * @param hausdorffWidth px of a row, where objects are few and their Hausdorff distances are wanted
 */
export function score(truth: Labels, predicted: Labels, hausdorffWidth?: number): Score {
  if (truth.length !== predicted.length) {
    throw new RangeError(`Label pictures differ in size: ${truth.length} and ${predicted.length} pixels.`);
  }
  const overlap = overlapOf(truth, predicted);
  const { pairs } = overlap;
  const [truthPixels, predictedPixels] = [sum(overlap.truth), sum(overlap.predicted)];
  let [shared, matched, matchedIou] = [0, 0, 0];
  for (const [t, met] of pairs.entries()) {
    for (const pair of met) {
      shared += pair.shared;
      const iou = iouOf(overlap, t, pair);
      if (iou <= 0.5) continue;
      matched++;
      matchedIou += iou;
    }
  }
  const transposed = transposedOf(overlap);
  const apart =
    hausdorffWidth === undefined
      ? { byTruth: Number.NaN, byPredicted: Number.NaN }
      : objectHausdorff(truth, predicted, hausdorffWidth);
  return {
    dice: ratio(2 * shared, truthPixels + predictedPixels),
    aji: ajiOf(overlap),
    matched,
    falsePositive: overlap.predicted.length - matched,
    falseNegative: overlap.truth.length - matched,
    matchedIou,
    glasHits: glasHitsOf(transposed),
    truthObjects: overlap.truth.length,
    predictedObjects: overlap.predicted.length,
    diceByTruth: objectDiceOf(overlap),
    diceByPredicted: objectDiceOf(transposed),
    truthPixels,
    predictedPixels,
    hausdorffByTruth: apart.byTruth,
    hausdorffByPredicted: apart.byPredicted,
  };
}

export const dqOf = ({ matched, falsePositive, falseNegative }: Score): number =>
  ratio(2 * matched, 2 * matched + falsePositive + falseNegative);

export const sqOf = ({ matched, falsePositive, falseNegative, matchedIou }: Score): number =>
  matched + falsePositive + falseNegative === 0 ? 1 : matchedIou / Math.max(1, matched);

export const pqOf = (one: Score): number => dqOf(one) * sqOf(one);

/** Of a set of at least one image. */
export function summary(scores: readonly Score[], detection: Detection): Metrics {
  const mean = (of: (one: Score) => number): number => sum(scores.map(of)) / scores.length;
  const total = (of: (one: Score) => number): number => sum(scores.map(of));
  const objects = total((s) => s.truthObjects + s.predictedObjects);
  return {
    dice: mean((s) => s.dice),
    aji: mean((s) => s.aji),
    pq: mean(pqOf),
    dq: mean(dqOf),
    sq: mean(sqOf),
    f1: ratio(2 * total((s) => (detection === 'iou' ? s.matched : s.glasHits)), objects),
    objectDice:
      0.5 *
      (ratio(
        total((s) => s.diceByTruth),
        total((s) => s.truthPixels),
      ) +
        ratio(
          total((s) => s.diceByPredicted),
          total((s) => s.predictedPixels),
        )),
    objectHausdorff:
      0.5 *
      (total((s) => s.hausdorffByTruth) /
        Math.max(
          1,
          total((s) => s.truthPixels),
        ) +
        total((s) => s.hausdorffByPredicted) /
          Math.max(
            1,
            total((s) => s.predictedPixels),
          )),
  };
}

export type Intervals = Readonly<Record<keyof Metrics, readonly [number, number]>>;

/** 2.5 and 97.5 percent of the bootstrap over images. `next` gives numbers in [0, 1), seeded for a steady result. */
export function intervals(scores: readonly Score[], detection: Detection, next: () => number, draws = 1000): Intervals {
  const drawn: Metrics[] = [];
  for (let d = 0; d < draws; d++) {
    const picked = scores.flatMap(() => scores[Math.floor(next() * scores.length)] ?? []);
    drawn.push(summary(picked, detection));
  }
  const of = (name: keyof Metrics): readonly [number, number] => {
    const sorted = drawn.map((metrics) => metrics[name]).sort((a, b) => a - b);
    return [percentile(sorted, 0.025), percentile(sorted, 0.975)];
  };
  return {
    dice: of('dice'),
    aji: of('aji'),
    pq: of('pq'),
    dq: of('dq'),
    sq: of('sq'),
    f1: of('f1'),
    objectDice: of('objectDice'),
    objectHausdorff: of('objectHausdorff'),
  };
}

/** Linear between ranks. */
function percentile(sorted: readonly number[], at: number): number {
  const rank = at * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(rank)] ?? 0, sorted[Math.ceil(rank)] ?? 0];
  return low + (high - low) * (rank - Math.floor(rank));
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** 1 where there is nothing to find and nothing was found. */
const ratio = (part: number, whole: number): number => (whole > 0 ? part / whole : 1);

function overlapOf(truth: Labels, predicted: Labels): Overlap {
  const [t, p] = [numbersOf(truth), numbersOf(predicted)];
  const shared = new Map<number, number>();
  for (let i = 0; i < truth.length; i++) {
    const [a, b] = [truth[i] ?? 0, predicted[i] ?? 0];
    if (a === 0 || b === 0) continue;
    const key = (t.index.get(a) ?? 0) * p.pixels.length + (p.index.get(b) ?? 0);
    shared.set(key, (shared.get(key) ?? 0) + 1);
  }
  const pairs: { with: number; shared: number }[][] = t.pixels.map(() => []);
  for (const [key, pixels] of [...shared].sort(([a], [b]) => a - b)) {
    pairs[Math.floor(key / p.pixels.length)]?.push({ with: key % p.pixels.length, shared: pixels });
  }
  return { truth: t.pixels, predicted: p.pixels, pairs };
}

/** Objects in order of their numbers. */
function numbersOf(labels: Labels): { pixels: number[]; index: Map<number, number> } {
  const counts = new Map<number, number>();
  for (const label of labels) if (label !== 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return { pixels: sorted.map(([, pixels]) => pixels), index: new Map(sorted.map(([label], i) => [label, i])) };
}

function transposedOf({ truth, predicted, pairs }: Overlap): Overlap {
  const turned: { with: number; shared: number }[][] = predicted.map(() => []);
  for (const [t, met] of pairs.entries()) {
    for (const pair of met) turned[pair.with]?.push({ with: t, shared: pair.shared });
  }
  return { truth: predicted, predicted: truth, pairs: turned };
}

function iouOf({ truth, predicted }: Overlap, t: number, pair: { with: number; shared: number }): number {
  return pair.shared / ((truth[t] ?? 0) + (predicted[pair.with] ?? 0) - pair.shared);
}

function ajiOf(overlap: Overlap): number {
  const { truth, predicted, pairs } = overlap;
  if (truth.length === 0 || predicted.length === 0) return truth.length === predicted.length ? 1 : 0;
  const used = new Set<number>();
  let [shared, union] = [0, 0];
  for (const [t, met] of pairs.entries()) {
    const best = mostOf(met, (pair) => iouOf(overlap, t, pair));
    union += truth[t] ?? 0;
    if (!best) continue;
    used.add(best.with);
    shared += best.shared;
    union += (predicted[best.with] ?? 0) - best.shared;
  }
  for (const [p, pixels] of predicted.entries()) if (!used.has(p)) union += pixels;
  return shared / union;
}

/** Over own objects (`truth`): area × Dice with the other object that shares most of it, summed. */
function objectDiceOf({ truth, predicted, pairs }: Overlap): number {
  let total = 0;
  for (const [t, met] of pairs.entries()) {
    const best = mostOf(met, ({ shared }) => shared);
    const own = truth[t] ?? 0;
    if (best) total += (own * 2 * best.shared) / (own + (predicted[best.with] ?? 0));
  }
  return total;
}

/** `truth` of this overlap are the predicted objects: each may claim one truth object that it covers half of. */
function glasHitsOf({ predicted: truth, pairs }: Overlap): number {
  const claimed = new Set<number>();
  for (const met of pairs) {
    const best = mostOf(met, ({ shared }) => shared);
    if (best && !claimed.has(best.with) && best.shared >= 0.5 * (truth[best.with] ?? 0)) claimed.add(best.with);
  }
  return claimed.size;
}

/** The first one with the largest value. */
function mostOf<T>(of: readonly T[], value: (one: T) => number): T | undefined {
  let best: T | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const one of of) {
    const here = value(one);
    if (here > most) [best, most] = [one, here];
  }
  return best;
}
