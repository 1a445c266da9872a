import { expect, test } from 'vitest';
import { modelsWords } from './run-bar-words.ts';

const of = (model: string, done: number, total: number, failed = 0, isOver = false) => ({
  ...{ model, done, total, failed, isOver },
});
const words = (...models: Parameters<typeof modelsWords>[0]) => modelsWords(models, (id) => id.toUpperCase());

test('which of several models is behind, by its share and not by its number of patches', () => {
  expect(words(of('a', 5, 10), of('b', 40, 100)).behind).toBe('B is behind');
  expect(words(of('a', 4, 10), of('b', 40, 100)).behind).toBe('they keep step');
  expect(words(of('a', 1, 10, 0, true), of('b', 40, 100), of('c', 41, 100)).behind).toBe('B is behind');
  expect(words(of('a', 1, 10, 0, true), of('b', 40, 100)).behind).toBe('they keep step');
});

test('each by itself, and what stops them', () => {
  expect(words(of('a', 5, 10, 1), of('b', 3, 3, 0, true)).detail).toBe(
    'A: 5 of 10 patches, 1 failed. B: 3 patches, over. Pause and Cancel act on all of them.',
  );
});
