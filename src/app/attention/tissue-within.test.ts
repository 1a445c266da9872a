import { expect, test } from 'vitest';
import { tissueWithin } from './tissue-within.ts';

const tissue = { x0: 0, y0: 0, cellPx: 10, cols: 3, rows: 2, mask: new Uint8Array([1, 1, 1, 0, 1, 1]) };

test('of a rectangle only its tissue counts; a tissue mask stays as it is', () => {
  const { mask, ...rest } = tissueWithin(tissue, { x: 8, y: 0, width: 12, height: 20 });
  expect([...mask]).toEqual([0, 1, 0, 0, 1, 0]);
  expect(rest).toEqual({ x0: 0, y0: 0, cellPx: 10, cols: 3, rows: 2 });
  const part = { ...tissue, mask: new Uint8Array(6) };
  expect(tissueWithin(tissue, part)).toBe(part);
});
