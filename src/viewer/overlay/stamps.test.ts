import { expect, test } from 'vitest';
import { Stamps } from './stamps.ts';

/** Writes so many px of one object. @returns where they end */
function written(stamps: Stamps, count: number, value: number): number {
  const first = stamps.room(count);
  stamps.px.fill(value, first, first + count);
  stamps.codes.fill(value, first, first + count);
  return first + count;
}

test('what objects mark is kept one behind the other, however much it is, and what is not kept is written over', () => {
  const stamps = new Stamps(4);
  expect(stamps.first(0)).toBe(-1);
  for (const [object, count] of [
    [2, 3],
    [0, 100_000], // more than there was room for
  ] as const)
    stamps.keep(object, written(stamps, count, object + 1));
  written(stamps, 5, 9); // not kept
  stamps.keep(3, stamps.room(0)); // marks nothing
  stamps.keep(1, written(stamps, 1, 2));
  for (const [object, count] of [
    [2, 3],
    [0, 100_000],
    [3, 0],
    [1, 1],
  ] as const) {
    const own = stamps.px.subarray(stamps.first(object), stamps.end(object));
    expect(own.length).toBe(count);
    expect(own.every((px) => px === object + 1)).toBe(true);
  }
});

test('objects that together mark more than is kept are found again each time', () => {
  const stamps = new Stamps(3);
  const half = 2 ** 21 + 1;
  stamps.keep(0, written(stamps, half, 1));
  stamps.keep(1, written(stamps, half, 2));
  stamps.keep(2, written(stamps, 7, 3));
  expect([0, 1, 2].map((object) => stamps.first(object))).toEqual([0, -1, half]);
});
