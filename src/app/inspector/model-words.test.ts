import { expect, test } from 'vitest';
import { headlines, metricName } from './model-words.ts';

const metric = (name: string) => ({ name, value: 0.5, ci: undefined });

test('one figure a subject, the first of each, and no more than asked for', () => {
  const metrics = [
    'Nuclei Dice, A',
    'Nuclei PQ, A',
    'Nucleus types F1, A',
    'Gland F1, B',
    'gland Dice, B',
    'Lumen F1, B',
  ].map(metric);
  expect(headlines(metrics, 4).map(({ name }) => name)).toEqual(['Nuclei Dice, A', 'Gland F1, B', 'Lumen F1, B']);
  expect(headlines(metrics, 2)).toHaveLength(2);
  expect(headlines([], 2)).toEqual([]);
});

test('a name parts at its first comma', () => {
  expect(metricName(metric('bag AUC, crc5, seed 1'))).toEqual({ what: 'Bag AUC', on: 'crc5, seed 1' });
  expect(metricName(metric('Accuracy'))).toEqual({ what: 'Accuracy', on: undefined });
});
