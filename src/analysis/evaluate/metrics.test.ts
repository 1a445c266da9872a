import { describe, expect, test } from 'vitest';
import { random } from '#objects/testing/random.ts';
import { dqOf, intervals, pqOf, score, sqOf, summary } from './metrics.ts';

const labels = (rows: string): Int32Array => Int32Array.from(rows.replace(/\s/g, ''), Number);

describe('by hand', () => {
  const truth = labels(`
    1 1 1 1 0 0 2 2
    1 1 1 1 0 0 2 2
    0 0 0 0 0 0 0 0
    3 3 0 0 0 0 0 0`);
  const predicted = labels(`
    1 1 1 0 0 0 5 5
    1 1 1 0 0 0 0 0
    0 0 0 0 0 7 7 0
    0 0 0 0 0 7 7 0`);
  // shared: 1 with 1: 6 (IoU 6/8); 2 with 5: 2 (IoU 2/4, not above a half); 3 with none; 7 with none
  const one = score(truth, predicted);

  test('Dice of the foreground', () => expect(one.dice).toBeCloseTo((2 * 8) / (14 + 12), 12));
  test('AJI counts what is missed and what is too much', () => {
    expect(one.aji).toBeCloseTo((6 + 2) / (8 + 4 + 2 + 4), 12);
  });
  test('DQ, SQ, PQ', () => {
    expect([one.matched, one.falsePositive, one.falseNegative]).toEqual([1, 2, 2]);
    expect(dqOf(one)).toBeCloseTo(2 / 6, 12);
    expect(sqOf(one)).toBeCloseTo(0.75, 12);
    expect(pqOf(one)).toBeCloseTo(0.25, 12);
  });
  test('F1 by both rules', () => {
    expect(summary([one], 'iou').f1).toBeCloseTo(2 / 6, 12);
    expect(summary([one], 'glas').f1).toBeCloseTo(4 / 6, 12); // 5 covers exactly half of 2
  });
  test('object Dice', () => {
    const byTruth = (8 * (12 / 14) + 4 * (4 / 6) + 0) / 14;
    const byPredicted = (6 * (12 / 14) + 2 * (4 / 6) + 0) / 12;
    expect(summary([one], 'glas').objectDice).toBeCloseTo((byTruth + byPredicted) / 2, 12);
  });
});

test('equal pictures score 1 whatever the numbers, nothing against nothing too', () => {
  const truth = labels('1100220033');
  const other = labels('9900440011');
  for (const one of [score(truth, other), score(new Int32Array(4), new Int32Array(4))]) {
    const { objectHausdorff, ...all } = summary([one], 'glas');
    expect(Object.values(all)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect(objectHausdorff).toBeNaN(); // was not asked for
  }
});

test('nothing found scores 0', () => {
  const all = summary([score(labels('1100'), labels('0000'))], 'iou');
  expect([all.dice, all.aji, all.pq, all.f1, all.objectDice]).toEqual([0, 0, 0, 0, 0.5 * (0 + 1)]);
});

test('two predicted halves of one object: one claims it at most', () => {
  const one = score(labels('11111111'), labels('11112222'));
  expect(one.glasHits).toBe(1);
  expect(one.matched).toBe(0);
});

test('pictures of different size are refused', () => {
  expect(() => score(new Int32Array(4), new Int32Array(5))).toThrow('differ in size');
});

test('intervals hold the mean, are steady by seed, and narrow with more images', () => {
  const next = random(3);
  const images = Array.from({ length: 40 }, () => {
    const truth = Int32Array.from({ length: 100 }, (_, i) => 1 + Math.floor(i / 10));
    return score(
      truth,
      truth.map((label) => (next() < 0.2 ? 0 : label)),
    );
  });
  const all = intervals(images, 'iou', random(1));
  const few = intervals(images.slice(0, 5), 'iou', random(1));
  const { dice } = summary(images, 'iou');
  expect(all.dice[0]).toBeLessThan(dice);
  expect(all.dice[1]).toBeGreaterThan(dice);
  expect(all.dice[1] - all.dice[0]).toBeLessThan(few.dice[1] - few.dice[0]);
  expect(intervals(images, 'iou', random(1))).toEqual(all);
});
