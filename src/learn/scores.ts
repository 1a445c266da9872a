// How good predictions are, with intervals: by the bootstrap (Efron 1979), over whole groups where rows of one slide or
// patient hang together.
import { Random } from './random.ts';

export type Interval = readonly [low: number, high: number]; // 95 %

/** [truth × predicted] counts. */
export function confusionOf(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): Float64Array {
  const table = new Float64Array(classes * classes);
  for (let i = 0; i < truth.length; i++) {
    const cell = (truth[i] ?? 0) * classes + (predicted[i] ?? 0);
    table[cell] = (table[cell] ?? 0) + 1;
  }
  return table;
}

/** A table as lines: [truth][predicted]. */
export const linesOf = (table: Float64Array, classes: number): number[][] =>
  Array.from({ length: classes }, (_, i) => Array.from(table.subarray(i * classes, (i + 1) * classes)));

/** Mean F1 over the classes that occur in the truth. */
export function macroF1(table: Float64Array, classes: number): number {
  let [sum, occurring] = [0, 0];
  for (let k = 0; k < classes; k++) {
    let [truth, predicted] = [0, 0];
    for (let j = 0; j < classes; j++) {
      truth += table[k * classes + j] ?? 0;
      predicted += table[j * classes + k] ?? 0;
    }
    if (truth === 0) continue;
    occurring++;
    sum += (2 * (table[k * classes + k] ?? 0)) / (truth + predicted);
  }
  return occurring === 0 ? Number.NaN : sum / occurring;
}

export function accuracy(table: Float64Array, classes: number): number {
  let [hits, all] = [0, 0];
  for (let cell = 0; cell < table.length; cell++) {
    all += table[cell] ?? 0;
    if (cell % (classes + 1) === 0) hits += table[cell] ?? 0;
  }
  return hits / all;
}

/** Area under the ROC curve (Mann–Whitney), ties count half; NaN without both kinds. */
export function auc(positive: ArrayLike<number>, score: ArrayLike<number>): number {
  const order = Uint32Array.from({ length: score.length }, (_, i) => i).sort(
    (a, b) => (score[a] ?? 0) - (score[b] ?? 0),
  );
  let [ranks, ones] = [0, 0];
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && score[order[to] ?? 0] === score[order[from] ?? 0]) to++;
    for (let i = from; i < to; i++)
      if (positive[order[i] ?? 0]) {
        ones++;
        ranks += (from + to + 1) / 2;
      }
    from = to;
  }
  return (ranks - (ones * (ones + 1)) / 2) / (ones * (order.length - ones));
}

/** The class of the largest value in each row. */
export function largest(values: Float32Array, classes: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(values.length / classes);
  for (let i = 0; i < out.length; i++) {
    let best = 0;
    for (let k = 1; k < classes; k++) if ((values[i * classes + k] ?? 0) > (values[i * classes + best] ?? 0)) best = k;
    out[i] = best;
  }
  return out;
}

/** Rows that are drawn together, group by group; without groups each row by itself. */
export function unitsOf(rows: number, groups: ArrayLike<number> | undefined): Uint32Array<ArrayBuffer>[] {
  if (!groups) return Array.from({ length: rows }, (_, i) => Uint32Array.of(i));
  const members = new Map<number, number[]>();
  for (let i = 0; i < rows; i++) {
    const known = members.get(groups[i] ?? 0);
    if (known) known.push(i);
    else members.set(groups[i] ?? 0, [i]);
  }
  return [...members.values()].map((list) => Uint32Array.from(list));
}

const WORK = 2e7; // rows drawn in all: past it fewer draws, so that a large set does not wait

/** 2.5th to 97.5th percentile of a score over `draws` samples of the units, with replacement; NaN scores are left out. */
export function bootstrap(
  units: readonly Uint32Array[],
  score: (rows: Uint32Array) => number,
  seed: number,
  draws = 1_000,
): Interval {
  const random = new Random(seed);
  const all = units.reduce((sum, unit) => sum + unit.length, 0);
  const times = Math.max(100, Math.min(draws, Math.floor(WORK / Math.max(1, all))));
  const found: number[] = [];
  for (let draw = 0; draw < times; draw++) {
    const picked = units.map(() => units[random.below(units.length)] ?? new Uint32Array());
    const rows = new Uint32Array(picked.reduce((sum, unit) => sum + unit.length, 0));
    let at = 0;
    for (const unit of picked) {
      rows.set(unit, at);
      at += unit.length;
    }
    const value = score(rows);
    if (Number.isFinite(value)) found.push(value);
  }
  found.sort((a, b) => a - b);
  return [percentile(found, 0.025), percentile(found, 0.975)];
}

/** Linear between the values, as NumPy's default. @param sorted rising */
function percentile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at - Math.floor(at));
}
