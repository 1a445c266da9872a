// Who is left out when: rows by class, or whole groups (slides, patients, stain groups), so that no near twin of a test
// patch is learnt from.
import { badInput } from './features.ts';
import { Random } from './random.ts';
import { unitsOf } from './scores.ts';

export interface FoldRequest {
  readonly labels: ArrayLike<number>; //             [n]
  readonly groups: ArrayLike<number> | undefined; // [n]
  readonly folds: number;
  readonly seed: number;
}

/**
 * The fold [n] in which each row is left out. Groups stay whole and are dealt out largest first, each to the fold that
 * then has the most even classes; without groups each class is dealt out in turn.
 * @throws EosinError BadInput where fewer than two folds come out
 */
export function foldsOf({ labels, groups, folds, seed }: FoldRequest): Uint8Array<ArrayBuffer> {
  const rows = labels.length;
  const classes = countsOf(labels);
  const units = unitsOf(rows, groups);
  if (units.length < 2) {
    const seen = groups ? 'all labels are of one group' : `there are ${rows} labels`;
    throw badInput('The cross-validation', seen, 'Label in at least two, or let it go by patch.');
  }
  const fewest = classes.reduce((least, count) => (count > 0 ? Math.min(least, count) : least), rows);
  if (!groups && fewest < 2) {
    const seen = 'one class has a single label';
    throw badInput('The cross-validation', seen, 'Label at least two patches of every class.');
  }
  const count = Math.min(folds, units.length, groups ? folds : fewest);
  const out = new Uint8Array(rows);
  const random = new Random(seed);
  const order = random.shuffle(Uint32Array.from(units, (_, i) => i));
  if (groups) order.sort((a, b) => (units[b]?.length ?? 0) - (units[a]?.length ?? 0)); // stable: equals stay shuffled
  const held = Array.from({ length: count }, () => new Float64Array(classes.length));
  for (const index of order) {
    const unit = units[index] ?? new Uint32Array();
    const own = new Float64Array(classes.length);
    for (const row of unit) own[labels[row] ?? 0] = (own[labels[row] ?? 0] ?? 0) + 1;
    const fold = best(held, own, classes);
    held[fold]?.forEach((value, k, all) => {
      all[k] = value + (own[k] ?? 0);
    });
    for (const row of unit) out[row] = fold;
  }
  return out;
}

/** @throws EosinError BadInput as foldsOf, and where leaving a fold out leaves one class to learn from */
export function validationFolds(request: FoldRequest): Uint8Array<ArrayBuffer> {
  const folds = foldsOf(request);
  for (let fold = 0; fold < foldCount(folds); fold++) {
    const left = split(folds, fold).left;
    if (new Set(Array.from(left, (row) => request.labels[row])).size >= 2) continue;
    const seen = request.groups ? 'without some of its groups only one class is left' : 'it would leave one class only';
    throw badInput('The cross-validation', seen, 'Label each class in more groups, or let it go by patch.');
  }
  return folds;
}

/** The fold whose shares of the classes, squared and summed, grow the least. */
function best(held: readonly Float64Array[], own: Float64Array, classes: Float64Array): number {
  let [found, least] = [0, Number.POSITIVE_INFINITY];
  for (const [fold, has] of held.entries()) {
    let cost = 0;
    for (let k = 0; k < classes.length; k++) {
      const [before, more] = [(has[k] ?? 0) / (classes[k] || 1), (own[k] ?? 0) / (classes[k] || 1)];
      cost += (before + more) ** 2 - before ** 2;
    }
    if (cost < least - 1e-12) [found, least] = [fold, cost];
  }
  return found;
}

export function countsOf(labels: ArrayLike<number>): Float64Array<ArrayBuffer> {
  let most = -1;
  for (let i = 0; i < labels.length; i++) most = Math.max(most, labels[i] ?? 0);
  const counts = new Float64Array(most + 1);
  for (let i = 0; i < labels.length; i++) counts[labels[i] ?? 0] = (counts[labels[i] ?? 0] ?? 0) + 1;
  return counts;
}

/** Places where the fold is, and is not, `fold`. */
export function split(folds: Uint8Array, fold: number): { left: Uint32Array; out: Uint32Array } {
  const left: number[] = [];
  const out: number[] = [];
  for (const [i, of] of folds.entries()) (of === fold ? out : left).push(i);
  return { left: Uint32Array.from(left), out: Uint32Array.from(out) };
}

export const foldCount = (folds: Uint8Array): number => folds.reduce((most, fold) => Math.max(most, fold + 1), 0);
