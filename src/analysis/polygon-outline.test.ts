import { expect, test } from 'vitest';
import { outlineOf } from './polygon-outline.ts';
import { type Piece, polygonsAreaIn, ringOf } from './polygons.ts';

const square = (does: Piece['does'], x: number, y: number, side: number): Piece => ({
  does,
  ring: ringOf({ x, y, width: side, height: side }),
});

function lengthOf(lines: readonly Float64Array[]): number {
  let length = 0;
  for (const line of lines) {
    for (let v = 0; v + 3 < line.length; v += 2) {
      length += Math.hypot((line[v + 2] ?? 0) - (line[v] ?? 0), (line[v + 3] ?? 0) - (line[v + 1] ?? 0));
    }
  }
  return length;
}

test.each<[string, number, Piece[]]>([
  ['one square', 40, [square('add', 0, 0, 10)]],
  ['two that overlap show one outline', 60, [square('add', 0, 0, 10), square('add', 5, 5, 10)]],
  ['one within another shows nothing of itself', 40, [square('add', 0, 0, 10), square('add', 2, 2, 3)]],
  ['a hole shows', 56, [square('add', 0, 0, 10), square('subtract', 3, 3, 4)]],
  ['a bite out of a side', 40 + 2 * 3, [square('add', 0, 0, 10), square('subtract', 3, -3, 6)]],
  ['what is taken away where nothing is shows nothing', 40, [square('add', 0, 0, 10), square('subtract', 20, 0, 10)]],
  ['two that share a side show none there', 60, [square('add', 0, 0, 10), square('add', 10, 0, 10)]],
  ['an island in a hole', 64, [square('add', 0, 0, 10), square('subtract', 3, 3, 4), square('add', 4, 4, 2)]],
])('%s', (_, length, pieces) => {
  expect(lengthOf(outlineOf({ pieces }))).toBeCloseTo(length, 9);
});

test('a line that crosses itself keeps its outer edge alone', () => {
  const loop: Piece = {
    does: 'add',
    ring: Float64Array.of(0, 0, 30, 0, 30, 20, 10, 20, 10, -10, 20, -10, 20, 10, 0, 10),
  };
  const length = lengthOf(outlineOf({ pieces: [loop] }));
  const area = polygonsAreaIn({ pieces: [loop] }, { x: -50, y: -50, width: 200, height: 200 });
  expect(area).toBeCloseTo(10 * 10 + 20 * 20 + 10 * 10, 9);
  expect(length).toBeLessThan(30 + 20 + 20 + 30 + 10 + 20 + 20 + 10); // the line itself
});
