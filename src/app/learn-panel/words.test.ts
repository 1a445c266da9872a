import { expect, test } from 'vitest';
import { ckaWords, estimateWords, gainWords } from './words.ts';

test('a gain says whether it is one', () => {
  expect(gainWords({ of: 'noise', gain: 0.01, interval: [-0.02, 0.04] })).toBe(
    '+0.01 (−0.02 to +0.04), no clear gain here',
  );
  expect(gainWords({ of: 'mixup', gain: 0.05, interval: [0.01, 0.09] })).toMatch(/, a gain here$/);
  expect(gainWords({ of: 'mixup', gain: -0.05, interval: [-0.09, -0.01] })).toMatch(/^−0.05 .*, a loss here$/);
});

test('CKA is put into words, and few patches are warned of', () => {
  expect(ckaWords(0.47, 'A block 4', 'B block 4')).toBe('A block 4 against B block 4: they share a part.');
  expect(ckaWords(1, 'A block 4', 'A block 4')).toBe('A block 4 against itself.');
  expect(estimateWords({ estimate: 'plain', isFew: true, rows: 40 })).toMatch(/^40 patches are few/);
  expect(estimateWords({ estimate: 'debiased', isFew: true, rows: 40 })).toMatch(/unbiased/);
});
