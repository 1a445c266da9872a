// `npx tsx bench/attention-tiles.ts DIR`: attention on bags of real patches, as src/learn trains it, beside what PyTorch made of
// the same bags (models/attention_tiles.py wrote DIR). From the same weights in the same order it must come out alike; from
// our own draws it is another sample of the same thing. Prints the figures of docs/learn.md; fails where the first is off.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttentionLayers, type AttentionModel, AttentionNetwork } from '#learn/attention-network.ts';
import type { Layer } from '#learn/dense.ts';
import { type Features, scalingOf, standardise, taken } from '#learn/features.ts';
import { auc } from '#learn/scores.ts';
import { finished } from '#learn/steps.ts';
import { testKernel } from '#learn/testing/made-up.ts';
import { type Bag, sayOf, trainAttention, USUAL_ATTENTION } from '#learn/train-attention.ts';

interface BagSaid {
  readonly rows: readonly number[];
  readonly label: number;
  readonly kind: 'tiles' | 'image';
}

interface Fold {
  readonly weights: readonly number[]; // by class
  readonly learn: readonly BagSaid[];
  readonly out: readonly BagSaid[];
  readonly runs: readonly {
    readonly seed: number;
    readonly orders: readonly (readonly number[])[]; // by epoch
    readonly logits: readonly (readonly number[])[]; // of `out`
    readonly double: readonly (readonly number[])[];
  }[];
}

interface Reference {
  readonly encoder: string;
  readonly block: string;
  readonly width: number;
  readonly rate: number;
  readonly decay: number;
  readonly tensors: Readonly<Record<string, readonly number[]>>;
  readonly folds: readonly Fold[];
  readonly torch: string;
}

const WITHIN = 0.01; // of AUC

const folder = process.argv[2];
if (!folder) throw new Error('Give the folder that models/attention_tiles.py wrote.');
const floatsOf = (name: string): Float32Array<ArrayBuffer> =>
  new Float32Array(Uint8Array.from(readFileSync(join(folder, name))).buffer);
const reference: Reference = JSON.parse(readFileSync(join(folder, 'bags.json'), 'utf8'));
const values = floatsOf('features.bin');
const all: Features = { values, rows: values.length / reference.width, cols: reference.width };
const kernel = testKernel(2e9);

const bagOf = ({ rows, label }: BagSaid, i: number): Bag => ({
  name: `${i}`,
  features: taken(all, rows),
  label,
  group: undefined,
});

function startOf(seed: number): AttentionLayers {
  const flat = floatsOf(`start-${seed}.bin`);
  const found = new Map<string, Float32Array<ArrayBuffer>>();
  let at = 0;
  for (const [name, shape] of Object.entries(reference.tensors)) {
    const length = shape.reduce((product, side) => product * side, 1);
    found.set(name, flat.slice(at, at + length));
    at += length;
  }
  const layer = (name: string): Layer => {
    const [outputs = 0, inputs = 0] = reference.tensors[`${name}.weight`] ?? [];
    const weight = found.get(`${name}.weight`) ?? new Float32Array();
    return { inputs, outputs, weight, bias: found.get(`${name}.bias`) };
  };
  const [first, second, read, last] = ['tail.0', 'tail.2', 'attention.0', 'attention.2'].map(layer);
  if (!first || !second || !read || !last) throw new Error('The start has no such layers.');
  const layers = { 'tail.0': first, 'tail.2': second, 'attention.0': read, 'attention.2': last };
  return { ...layers, 'attention.gate': undefined, classifier: layer('classifier'), adapter: undefined };
}

/** The same weights at the start, the same bags in the same order. */
function replayed(
  fold: Fold,
  learn: readonly Bag[],
  seed: number,
  orders: Fold['runs'][number]['orders'],
): AttentionModel {
  using _ = kernel.scope();
  const scaling = scalingOf(
    taken(
      all,
      fold.learn.flatMap(({ rows }) => rows),
    ),
  );
  const network = new AttentionNetwork(kernel, startOf(seed));
  let t = 0;
  for (const [epoch, order] of orders.entries())
    for (const index of order) {
      using __ = kernel.scope();
      const bag = learn[index];
      if (!bag) continue;
      const x = kernel.from(bag.features.values, bag.features.rows, bag.features.cols);
      standardise(kernel.view(x), bag.features.cols, scaling);
      const rate = reference.rate * (1 - epoch / orders.length);
      network.learn(x, bag.label, fold.weights[bag.label] ?? 1, { t: ++t, rate, decay: reference.decay });
    }
  return { inputs: reference.width, classes: 2, scaling, layers: network.layers() };
}

const scoresOf = (model: AttentionModel, bags: readonly Bag[]): number[] =>
  bags.map(({ features }) => {
    const [none = 0, some = 0] = sayOf(kernel, model, features).logits;
    return some - none;
  });

type Pair = readonly [tiles: number, images: number];

interface Scored {
  readonly tiles: number; //     AUC of the left-out bags of tiles
  readonly images: readonly { readonly label: number; readonly score: number }[];
}

function scored(fold: Fold, scores: readonly number[]): Scored {
  const of = fold.out.map(({ label, kind }, i) => ({ label, kind, score: scores[i] ?? 0 }));
  const tiles = of.filter(({ kind }) => kind === 'tiles');
  return { tiles: aucOf(tiles), images: of.filter(({ kind }) => kind === 'image') };
}

const aucOf = (of: readonly { label: number; score: number }[]): number =>
  auc(
    of.map(({ label }) => label),
    of.map(({ score }) => score),
  );

/** Mean over folds, and all left-out images together. */
const summed = (folds: readonly Scored[]): Pair => [
  folds.reduce((sum, { tiles }) => sum + tiles, 0) / folds.length,
  aucOf(folds.flatMap(({ images }) => images)),
];

const differenceOf = (logits: readonly (readonly number[])[]): number[] =>
  logits.map(([none = 0, some = 0]) => some - none);
const written = ([tiles, images]: Pair): string => `${tiles.toFixed(3)} | ${images.toFixed(3)}`;

const seeds = reference.folds[0]?.runs.map(({ seed }) => seed) ?? [];
console.log(`torch ${reference.torch}, ${reference.encoder} ${reference.block}, ${all.rows} patches`);
console.log(
  'AUC of bags of tiles | of images: PyTorch float32; float64; src/learn, same start and order; src/learn, own draws',
);
const rows: (readonly [Pair, Pair, Pair, Pair])[] = [];
for (const [k, seed] of seeds.entries()) {
  const [theirs, double, same, own]: [Scored[], Scored[], Scored[], Scored[]] = [[], [], [], []];
  for (const fold of reference.folds) {
    const run = fold.runs[k];
    if (!run) continue;
    const [learn, out] = [fold.learn.map(bagOf), fold.out.map(bagOf)];
    theirs.push(scored(fold, differenceOf(run.logits)));
    double.push(scored(fold, differenceOf(run.double)));
    same.push(scored(fold, scoresOf(replayed(fold, learn, seed, run.orders), out)));
    own.push(scored(fold, scoresOf(finished(trainAttention(kernel, learn, { ...USUAL_ATTENTION, seed })).model, out)));
  }
  const row = [summed(theirs), summed(double), summed(same), summed(own)] as const;
  rows.push(row);
  console.log(`| ${seed} | ${row.map(written).join(' | ')} |`);
}
const mean = (column: 0 | 1 | 2 | 3): Pair => {
  const of = (which: 0 | 1): number => rows.reduce((sum, row) => sum + row[column][which], 0) / rows.length;
  return [of(0), of(1)];
};
const means = [mean(0), mean(1), mean(2), mean(3)] as const;
console.log(`| mean | ${means.map(written).join(' | ')} |`);
const off = ([a, b]: Pair, [c, d]: Pair): number => Math.max(Math.abs(a - c), Math.abs(b - d));
const most = (column: 1 | 2): number => Math.max(...rows.map((row) => off(row[0], row[column])));
console.log(`largest of one seed: float64 ${most(1).toFixed(4)}, src/learn ${most(2).toFixed(4)}`);
const found = off(means[0], means[2]);
console.log(`mean over seeds, src/learn from the same start: off by ${found.toFixed(4)}; wanted: ${WITHIN}`);
if (found > WITHIN) process.exitCode = 1;
