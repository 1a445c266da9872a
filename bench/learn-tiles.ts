// `npx tsx bench/learn-tiles.ts DIR`: the figures of docs/learn.md on the colorectal tiles, from features that
// models/learn_tiles.py wrote into DIR. Prints the rows of the table.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { USUAL } from '#learn/augment.ts';
import { findAgain, rankCorrelation } from '#learn/proxy.ts';
import { finished } from '#learn/steps.ts';
import { testKernel } from '#learn/testing/made-up.ts';
import { type Labelled, trainHead, USUAL_HEAD } from '#learn/train-head.ts';
import { ablate } from '#learn/validate.ts';

const ENCODERS = ['resnet18-simclr', 'resnet18-imagenet-distilled', 'efficientnet-lite0-imagenet'];
const BLOCKS = ['block1', 'block2', 'block3', 'block4'];
const FOLDS = { folds: 6, seed: 1 };

const folder = process.argv[2];
if (!folder) throw new Error('Give the folder that models/learn_tiles.py wrote.');
const bytesOf = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(join(folder, name)));
const labels = bytesOf('labels.bin');
const groups = new Uint32Array(bytesOf('groups.bin').buffer);
const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(3)}`;
const kernel = testKernel(2e9);

/** ms of one training, both fits; the best of ten, for others use the machine too. */
const msOf = (labelled: Labelled, hidden: number): number => {
  const times = Array.from({ length: 10 }, () => {
    const began = performance.now();
    finished(trainHead(kernel, labelled, { ...USUAL_HEAD, hidden }));
    return performance.now() - began;
  });
  return Math.min(...times);
};
let slowest = 0;

const proxy: number[] = [];
const final: number[] = [];

for (const encoder of ENCODERS) {
  for (const block of BLOCKS) {
    if (!existsSync(join(folder, `${encoder}.${block}.copy.bin`))) continue;
    const load = (view: string) => {
      const values = new Float32Array(bytesOf(`${encoder}.${block}.${view}.bin`).buffer);
      return { values, rows: labels.length, cols: values.length / labels.length };
    };
    const [features, copies] = [load('plain'), load('copy')];
    const labelled = { features, labels, classes: 5, groups };
    const values = copies.values.map((value, i) => value - (features.values[i] ?? 0));
    const directions = { kind: 'directions', values, count: labels.length, most: 1 } as const;
    const rows = [USUAL.noise, USUAL.mixup, directions].map((augmentation) =>
      finished(ablate(kernel, labelled, USUAL_HEAD, augmentation, FOLDS)),
    );
    const { score } = finished(findAgain(kernel, features, copies, undefined, 1));
    const without = rows[0]?.without;
    if (!without) continue;
    proxy.push(score);
    final.push(without.macroF1);
    const gains = rows.map(({ gain, interval: [low, high] }) => `${signed(gain)} (${signed(low)} to ${signed(high)})`);
    const [low, high] = without.interval;
    const f1 = `${without.macroF1.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;
    const ms = [msOf(labelled, 0), msOf(labelled, 64)];
    slowest = Math.max(slowest, ...ms);
    const times = ms.map((each) => each.toFixed(0)).join(', ');
    console.log(`| ${[`${encoder}, ${block}`, features.cols, f1, ...gains, score.toFixed(3), times].join(' | ')} |`);
  }
}
console.log(
  `Spearman, find again with macro F1: ${rankCorrelation(proxy, final).toFixed(2)} over ${proxy.length} blocks`,
);
const WHOLE_S = 86; // models/whole_encoder.py, to the head's macro F1: run it on this machine to compare
console.log(
  `slowest head ${slowest.toFixed(0)} ms: ${((1000 * WHOLE_S) / slowest).toFixed(0)} times less than ${WHOLE_S} s`,
);
