// Features as a map in the plane (UMAP, McInnes et al. 2018; umap-js lays it out): patches that are alike lie together. Its
// neighbours are ours, exact and by cosine, in place of umap-js' approximate search; it begins at the principal components.
import { UMAP } from 'umap-js';
import { badInput, checkFeatures, type Features, taken } from './features.ts';
import type { Kernel } from './kernel/kernel.ts';
import { MOST_ON_MAP } from './map-sample.ts';
import { allNearest } from './neighbours.ts';
import { principalComponents } from './pca.ts';
import { Random } from './random.ts';
import { asPart, type Steps } from './steps.ts';

export interface UmapPlan {
  /** Of the set, each once; undefined: all. */
  readonly rows: Uint32Array | undefined;
  readonly seed: number;
}

const NEIGHBOURS = 15; //            umap-learn's default; patches fewer than twice that have half of them as neighbours
const EPOCHS = 300;
const FEWEST = 4;
const SPREAD = 10; //                of the start, as umap-learn scales it

/**
 * @returns [rows × 2]
 * @throws EosinError BadInput for too few or too many patches, or where all are equal
 */
export function* umapOf(kernel: Kernel, all: Features, { rows, seed }: UmapPlan): Steps<Float32Array<ArrayBuffer>> {
  const features = rows ? taken(all, rows) : all;
  checkFeatures(features);
  if (features.rows < FEWEST)
    throw badInput('The map', `there are ${features.rows} patches`, `Embed at least ${FEWEST}.`);
  if (features.rows > MOST_ON_MAP)
    throw badInput('The map', `there are ${features.rows} patches`, `Take a sample of at most ${MOST_ON_MAP}.`);
  const { scores, share } = principalComponents(kernel, features, 2);
  const k = Math.min(NEIGHBOURS, Math.floor(features.rows / 2));
  const nearest = yield* asPart(allNearest(kernel, features, k - 1, undefined), 0, 2);
  const random = new Random(seed);
  const umap = new UMAP({ nNeighbors: k, nEpochs: EPOCHS, random: () => random.next() });
  // Each patch is the first of its own neighbours, as umap-js expects them.
  const each = Array.from({ length: features.rows }, (_, row) => row);
  umap.setPrecomputedKNN(
    each.map((row) => [row, ...nearest.rows.subarray(row * (k - 1), (row + 1) * (k - 1))]),
    each.map((row) => [0, ...nearest.similarity.subarray(row * (k - 1), (row + 1) * (k - 1)).map(toDistance)]),
  );
  const epochs = umap.initializeFit(each.map(() => [])); // it reads no features where it has neighbours
  begin(umap.getEmbedding(), scores, share.length);
  for (let epoch = 0; epoch < epochs; epoch++) {
    umap.step();
    yield { done: epochs + epoch + 1, total: 2 * epochs };
  }
  return Float32Array.from(umap.getEmbedding().flat());
}

/** Of cosine; equal patches are as near as can be, and not a negative rounding apart. */
const toDistance = (similarity: number): number => Math.max(0, 1 - similarity);

/** In place of a random start: the components, the larger of both 10 either way. */
function begin(embedding: number[][], scores: Float32Array, components: number): void {
  const most = scores.reduce((largest, score) => Math.max(largest, Math.abs(score)), 0) || 1;
  for (const [row, point] of embedding.entries())
    for (const axis of [0, 1])
      point[axis] = axis < components ? (SPREAD * (scores[row * components + axis] ?? 0)) / most : 0;
}
