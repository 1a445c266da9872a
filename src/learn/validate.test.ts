import { describe, expect, test } from 'vitest';
import { type Augmentation, augmenter, USUAL } from './augment.ts';
import { foldsOf, validationFolds } from './folds.ts';
import { accuracy, auc, bootstrap, confusionOf, macroF1, unitsOf } from './scores.ts';
import { finished } from './steps.ts';
import { clouds, testKernel } from './testing/made-up.ts';
import { USUAL_HEAD } from './train-head.ts';
import { ablate, crossValidate } from './validate.ts';

const kernel = testKernel();
const five = { folds: 5, seed: 3 };

describe('scores', () => {
  test('macro F1 and accuracy by hand', () => {
    const table = confusionOf([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2], 4);
    expect(macroF1(table, 4)).toBeCloseTo((0.8 + 0.5 + 2 / 3) / 3, 12); // the fourth class does not occur
    expect(accuracy(table, 4)).toBeCloseTo(4 / 6, 12);
  });

  test('AUC with ties by hand', () => {
    expect(auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])).toBe(0.75);
    expect(auc([1, 0, 1, 0], [1, 1, 1, 1])).toBe(0.5);
    expect(auc([1, 1], [1, 2])).toBeNaN();
  });

  test('the bootstrap is as wide as theory has it, and wider over groups', () => {
    const hits = Float32Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 0 : 1));
    const mean = (rows: Uint32Array): number => rows.reduce((sum, row) => sum + (hits[row] ?? 0), 0) / rows.length;
    const [low, high] = bootstrap(unitsOf(400, undefined), mean, 1);
    expect(high - low).toBeCloseTo(2 * 1.96 * Math.sqrt((0.75 * 0.25) / 400), 1.8);
    const sorted = Float32Array.from(hits).sort();
    const grouped = unitsOf(
      400,
      Uint32Array.from(sorted, (_, i) => Math.floor(i / 50)),
    );
    const byGroup = bootstrap(grouped, (rows) => rows.reduce((sum, r) => sum + (sorted[r] ?? 0), 0) / rows.length, 1);
    expect(byGroup[1] - byGroup[0]).toBeGreaterThan(3 * (high - low));
  });
});

describe('folds', () => {
  test('without groups every class is spread evenly', () => {
    const labels = Uint8Array.from({ length: 103 }, (_, i) => (i < 20 ? 1 : 0));
    const folds = foldsOf({ labels, groups: undefined, ...five });
    for (let fold = 0; fold < 5; fold++) {
      const mine = [...labels].filter((_, i) => folds[i] === fold);
      expect(mine.filter((label) => label === 1)).toHaveLength(4);
      expect(mine.length).toBeGreaterThanOrEqual(20);
    }
  });

  test('groups stay whole', () => {
    const { labels, groups } = clouds({ rows: 500, cols: 2, classes: 3, apart: 1, groups: 11 });
    const folds = foldsOf({ labels, groups, ...five });
    const of = new Map<number, number>();
    for (const [i, group] of (groups ?? []).entries()) {
      expect(of.get(group) ?? folds[i]).toBe(folds[i]);
      of.set(group, folds[i] ?? 0);
    }
    expect(new Set(folds).size).toBe(5);
  });

  test('too few say so', () => {
    expect(() => foldsOf({ labels: [0, 1], groups: undefined, ...five })).toThrow('one class has a single label');
    expect(() => foldsOf({ labels: [0, 1, 0], groups: [4, 4, 4], ...five })).toThrow('all labels are of one group');
    expect(() => validationFolds({ labels: [0, 0, 1, 1], groups: [1, 1, 2, 2], ...five })).toThrow(
      'without some of its groups only one class is left',
    );
  });
});

describe('cross-validation', () => {
  test('sees through what a group gives away', () => {
    // Each group is of one class and far from the others: by patch all is right, by group nothing is.
    const base = clouds({ rows: 400, cols: 20, classes: 2, apart: 0, groups: 10, shift: 2 });
    const labels = Uint8Array.from(base.groups ?? [], (group) => group % 2);
    const byPatch = finished(crossValidate(kernel, { ...base, labels, groups: undefined }, USUAL_HEAD, five));
    const byGroup = finished(crossValidate(kernel, { ...base, labels }, USUAL_HEAD, five));
    expect(byPatch.macroF1).toBeGreaterThan(0.95);
    expect(byGroup.macroF1).toBeLessThan(0.75);
    const [low, high] = byGroup.interval;
    expect(low).toBeLessThanOrEqual(byGroup.macroF1);
    expect(high).toBeGreaterThanOrEqual(byGroup.macroF1);
    expect(byGroup.confusion.reduce((sum, count) => sum + count, 0)).toBe(400);
  });

  test('tells how far it is', () => {
    const steps = crossValidate(kernel, clouds({ rows: 60, cols: 4, classes: 2, apart: 1 }), USUAL_HEAD, five);
    const seen: number[] = [];
    for (let step = steps.next(); !step.done; step = steps.next()) seen.push(step.value.done / step.value.total);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBeGreaterThan(0.9);
  });
});

describe('augmentation', () => {
  test('directions of what labels do not depend on help where groups differ by them', () => {
    // Slides differ along four directions only; the classes elsewhere, less. Few slides: the head takes one for the other.
    const base = clouds({ rows: 300, cols: 30, classes: 2, apart: 0.35, seed: 5 });
    const groups = Uint32Array.from({ length: 300 }, (_, i) => i % 6);
    const shifted = Float32Array.from(base.features.values, (value, at) => {
      const [row, col] = [Math.floor(at / 30), at % 30];
      const sway =
        col < 4
          ? Math.sin(1 + (groups[row] ?? 0) * (2 + col)) * 12 +
            (base.labels[row] === 1 ? 4 : -4) * Math.cos((groups[row] ?? 0) * 1.7)
          : 0;
      return value + sway;
    });
    const labelled = { ...base, groups, features: { ...base.features, values: shifted } };
    const directions = new Float32Array(40 * 30);
    for (let i = 0; i < 40; i++) for (let j = 0; j < 4; j++) directions[i * 30 + j] = 25 * Math.sin(i * (j + 1) * 1.3);
    const asked: Augmentation = { kind: 'directions', values: directions, count: 40, most: 2 };
    const found = finished(ablate(kernel, labelled, USUAL_HEAD, asked, { folds: 6, seed: 3 }));
    expect(found.without.fold).toEqual(found.withIt.fold);
    expect(found.gain).toBeCloseTo(found.withIt.macroF1 - found.without.macroF1, 12);
    expect(found.gain).toBeGreaterThan(0);
    expect(found.interval[0]).toBeLessThanOrEqual(found.gain);
    expect(found.interval[1]).toBeGreaterThanOrEqual(found.gain);
  });

  test('none against none is no gain, exactly', () => {
    const labelled = clouds({ rows: 80, cols: 6, classes: 2, apart: 0.3 });
    const found = finished(ablate(kernel, labelled, USUAL_HEAD, USUAL.none, five));
    expect([found.gain, ...found.interval]).toEqual([0, 0, 0]);
  });

  test('mixup mixes features and labels alike', () => {
    const [features, targets] = [new Float32Array(64 * 3), new Float32Array(64 * 2)];
    for (let i = 0; i < 64; i++) {
      features.fill(i % 2, i * 3, i * 3 + 3);
      targets[2 * i + (i % 2)] = 1;
    }
    augmenter(USUAL.mixup, 3, new Float32Array(3).fill(1), 1)(features, targets, 64);
    for (let i = 0; i < 64; i++) expect(features[3 * i]).toBeCloseTo(targets[2 * i + 1] ?? -1, 6);
    expect(new Set(features).size).toBeGreaterThan(10);
  });

  test('noise is as large as asked', () => {
    const features = new Float32Array(400 * 50);
    augmenter({ kind: 'noise', size: 0.3 }, 50, new Float32Array(50).fill(9), 1)(features, new Float32Array(), 400);
    const square = features.reduce((sum, value) => sum + value * value, 0) / features.length;
    expect(Math.sqrt(square)).toBeCloseTo(0.3, 2);
  });

  test('directions of another width are refused', () => {
    const wrong: Augmentation = { kind: 'directions', values: new Float32Array(10), count: 2, most: 1 };
    expect(() => augmenter(wrong, 4, new Float32Array(4), 1)).toThrow('10 numbers are not 2 differences of 4 features');
  });
});
