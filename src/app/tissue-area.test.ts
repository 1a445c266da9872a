import { expect, test } from 'vitest';
import { tissueAreaIn } from './tissue-area.ts';

const mask = { x0: 10, y0: 20, cellPx: 4, cols: 3, rows: 2, mask: Uint8Array.from([1, 0, 1, 1, 1, 0]) };

test('all of it is the sum of its cells', () => {
  expect(tissueAreaIn(mask, { x: 0, y: 0, width: 100, height: 100 })).toBe(4 * 16);
});

test('cells count by the part that lies inside', () => {
  expect(tissueAreaIn(mask, { x: 12, y: 21, width: 8, height: 4 })).toBe(3 * (2 + 2) + 1 * (2 + 4));
  expect(tissueAreaIn(mask, { x: 14, y: 20, width: 4, height: 4 })).toBe(0);
});
