import { expect, test } from 'vitest';
import { tissueSentence } from './region-words.ts';

const facts = { areaPx: 49.2e6, pieces: 4, automatic: 15, leastPx: 1, gapPx: 1, penPx: 0, foldsPx: 0 };
const half = { x: 0.5, y: 0.5 };

test('tissue, and what was marked on it', () => {
  const usual = { pen: 'leave out', folds: 'keep' } as const;
  expect(tissueSentence(facts, usual, half)).toBe('12.3 mm² tissue in 4 pieces.');
  expect(tissueSentence({ ...facts, penPx: 3.2e6 }, usual, half)).toBe(
    '12.3 mm² tissue in 4 pieces; 0.8 mm² of pen left out.',
  );
  expect(
    tissueSentence({ ...facts, pieces: 1, penPx: 3.2e6, foldsPx: 4e5 }, { pen: 'keep', folds: 'leave out' }, half),
  ).toBe('12.3 mm² tissue in 1 piece; 0.8 mm² of pen kept; 0.1 mm² of folds left out.');
  expect(tissueSentence(facts, usual, undefined)).toBe('49,200,000 px² tissue in 4 pieces.');
});
