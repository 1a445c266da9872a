import { expect, test } from 'vitest';
import { marksOf, withCorner, withPiece } from './drawn.ts';

const square = Float64Array.of(0, 0, 10, 0, 10, 10, 0, 10);
const triangle = Float64Array.of(20, 0, 30, 0, 20, 10);
const rect = { x: 0, y: 0, width: 10, height: 10 };

test('one rectangle is a rectangle, more pieces are polygons, and a new one instead of them again a rectangle', () => {
  const one = withPiece(undefined, { does: 'replace', ring: square });
  expect(one).toEqual(rect);
  const two = withPiece(one, { does: 'add', ring: triangle });
  expect(two).toEqual({
    pieces: [
      { does: 'add', ring: square },
      { does: 'add', ring: triangle },
    ],
  });
  expect(withPiece(two, { does: 'replace', ring: square })).toEqual(rect);
});

test('taking away from nothing leaves nothing, and what comes first takes nothing later', () => {
  expect(withPiece(undefined, { does: 'subtract', ring: square })).toBeUndefined();
  const early = { pieces: [{ does: 'subtract' as const, ring: triangle }] };
  expect(withPiece(early, { does: 'add', ring: square })).toEqual(rect);
});

test('a moved corner keeps a rectangle upright, also past its opposite corner, and never flat', () => {
  expect(withCorner(rect, { piece: 0, corner: 2, at: { x: 12, y: 15 } })).toEqual({
    x: 0,
    y: 0,
    width: 12,
    height: 15,
  });
  expect(withCorner(rect, { piece: 0, corner: 2, at: { x: -5, y: 15 } })).toEqual({
    x: -5,
    y: 0,
    width: 5,
    height: 15,
  });
  expect(withCorner(rect, { piece: 0, corner: 2, at: { x: 0, y: 15 } })).toEqual(rect);
});

test('a moved corner of a polygon moves alone', () => {
  const drawn = withPiece(undefined, { does: 'replace', ring: triangle });
  expect(withCorner(drawn, { piece: 0, corner: 1, at: { x: 40, y: 2 } })).toEqual({
    pieces: [{ does: 'add', ring: Float64Array.of(20, 0, 40, 2, 20, 10) }],
  });
});

test('handles stand on corners that were clicked, not on freehand lines', () => {
  expect(marksOf(rect).corners.map(({ at }) => [at.x, at.y])).toEqual([
    [0, 0],
    [10, 0],
    [10, 10],
    [0, 10],
  ]);
  const free = Float64Array.from({ length: 200 }, (_, k) => 50 + 40 * (k % 2 ? Math.sin(k / 32) : Math.cos(k / 32)));
  expect(marksOf({ pieces: [{ does: 'add', ring: free }] }).corners).toEqual([]);
});
