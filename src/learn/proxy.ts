// Which encoder suits a slide, before anybody has labelled anything: two proxy tasks of our own choice (docs/learn.md).
import { badInput, checkFeatures, type Features, type Scaling, scalingOf, standardise } from './features.ts';
import type { Kernel } from './kernel/kernel.ts';
import { ResidentFeatures } from './neighbours.ts';
import { Random } from './random.ts';
import { auc, bootstrap, type Interval } from './scores.ts';
import type { Steps } from './steps.ts';

export interface ProxyScore {
  readonly score: number; // 0 to 1
  readonly interval: Interval; // over patches
}

const QUERIES = 2_000;

/**
 * Find the patch again: the share of altered copies (turned, stained otherwise) whose most similar patch of the slide is
 * the one they were made of. Rewards features that tell places apart and do not mind stain or direction.
 * @param copies row i: of an altered copy of patch rows[i], by the same encoder
 * @param rows undefined: of patch i
 * @throws EosinError BadInput where copies and patches do not match
 */
export function* findAgain(
  kernel: Kernel,
  patches: Features,
  copies: Features,
  rows: Uint32Array | undefined,
  seed: number,
): Steps<ProxyScore> {
  if (copies.rows !== (rows?.length ?? patches.rows) || copies.cols !== patches.cols) {
    const seen = `there are ${copies.rows} × ${copies.cols} of ${rows?.length ?? patches.rows} × ${patches.cols} patches`;
    throw badInput('The altered copies', seen, 'Embed a copy of every patch by the same encoder and block.');
  }
  checkFeatures(copies);
  const scaling = scalingOf(patches);
  const [known, asked] = [standard(patches, scaling), standard(copies, scaling)];
  using _ = kernel.scope();
  const resident = new ResidentFeatures(kernel, known);
  const queries = sampled(copies.rows, QUERIES, seed);
  const hits = new Float64Array(queries.length);
  for (const [i, row] of queries.entries()) {
    const [found] = resident.nearest(asked.values.subarray(row * asked.cols, (row + 1) * asked.cols), 1).rows;
    hits[i] = found === (rows?.[row] ?? row) ? 1 : 0;
    if (i % 64 === 63) yield { done: i + 1, total: queries.length };
  }
  return meanOf(hits, seed);
}

/**
 * Neighbour or not: how often a patch is more similar to one next to it than to one from elsewhere on the slide (an AUC
 * patch by patch). Needs no further embedding; a tissue goes on beyond a patch's edge, and so should its features.
 * @param boxes [rows × 4] x, y, width, height, level-0 px
 * @throws EosinError BadInput where no patches lie side by side
 */
export function* nextDoor(patches: Features, boxes: Float32Array, seed: number): Steps<ProxyScore> {
  checkFeatures(patches);
  const known = standard(patches, scalingOf(patches));
  const pairs = neighbourPairs(boxes, patches.rows);
  if (pairs.length < 2) {
    throw badInput('The patches', 'none lie side by side', 'Embed a whole region, without gaps between patches.');
  }
  const random = new Random(seed);
  const { values, cols } = known;
  const similar = (a: number, b: number): number => {
    let [ab, aa, bb] = [0, 0, 0];
    for (let j = 0; j < cols; j++) {
      const [x, y] = [values[a * cols + j] ?? 0, values[b * cols + j] ?? 0];
      ab += x * y;
      aa += x * x;
      bb += y * y;
    }
    return ab / Math.sqrt(aa * bb || 1);
  };
  const chosen = sampled(pairs.length, QUERIES, seed);
  const wins = new Float64Array(chosen.length);
  for (const [i, index] of chosen.entries()) {
    const [a, b] = pairs[index] ?? [0, 0];
    const near = similar(a, b);
    const far = Array.from({ length: FAR }, () => similar(a, elsewhere(boxes, a, patches.rows, random)));
    wins[i] = auc([1, ...far.map(() => 0)], [near, ...far]);
    if (i % 64 === 63) yield { done: i + 1, total: chosen.length };
  }
  return meanOf(wins, seed);
}

const FAR = 8; // patches from elsewhere for each pair

/** Pairs whose boxes touch along a side: the same size, one step apart; overlapping ones share pixels and do not count. */
function neighbourPairs(boxes: Float32Array, rows: number): [number, number][] {
  const at = new Map<string, number>();
  const key = (x: number, y: number): string => `${Math.round(x)},${Math.round(y)}`;
  for (let i = 0; i < rows; i++) at.set(key(boxes[4 * i] ?? 0, boxes[4 * i + 1] ?? 0), i);
  const pairs: [number, number][] = [];
  for (let i = 0; i < rows; i++) {
    const [x = 0, y = 0, width = 0, height = 0] = boxes.subarray(4 * i, 4 * i + 4);
    for (const other of [at.get(key(x + width, y)), at.get(key(x, y + height))])
      if (other !== undefined) pairs.push([i, other]);
  }
  return pairs;
}

/** A patch at least three sides away, or after some tries any. */
function elsewhere(boxes: Float32Array, from: number, rows: number, random: Random): number {
  let other = from;
  for (let tries = 0; tries < 50; tries++) {
    other = random.below(rows);
    const dx = Math.abs((boxes[4 * other] ?? 0) - (boxes[4 * from] ?? 0));
    const dy = Math.abs((boxes[4 * other + 1] ?? 0) - (boxes[4 * from + 1] ?? 0));
    if (Math.max(dx, dy) >= 3 * (boxes[4 * from + 2] ?? 0)) break;
  }
  return other;
}

/** A copy; copies in the deviations of the patches, since an encoder's scale must not count. */
function standard({ values, rows, cols }: Features, scaling: Scaling): Features {
  const copy = Float32Array.from(values);
  standardise(copy, cols, scaling);
  return { values: copy, rows, cols };
}

const sampled = (rows: number, most: number, seed: number): Uint32Array => {
  const all = Uint32Array.from({ length: rows }, (_, i) => i);
  return rows <= most ? all : new Random(seed).shuffle(all).slice(0, most);
};

function meanOf(values: Float64Array, seed: number): ProxyScore {
  const mean = (rows: Uint32Array): number => rows.reduce((sum, row) => sum + (values[row] ?? 0), 0) / rows.length;
  const units = Array.from(values, (_, i) => Uint32Array.of(i));
  return {
    score: values.reduce((sum, value) => sum + value, 0) / values.length,
    interval: bootstrap(units, mean, seed),
  };
}

/** Spearman's rank correlation, equal values at their mean rank; NaN where one of both never changes. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (x.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = [(x[i] ?? 0) - mean, (y[i] ?? 0) - mean];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xy / Math.sqrt(xx * yy);
}

function ranks(values: ArrayLike<number>): Float64Array {
  const list = Array.from(values);
  return Float64Array.from(list, (value) => {
    const below = list.filter((other) => other < value).length;
    return below + (list.filter((other) => other === value).length - 1) / 2;
  });
}
