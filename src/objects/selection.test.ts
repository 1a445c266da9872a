import { expect, test } from 'vitest';
import { difference, intersection, isSelected, selectionOf, union } from './selection.ts';

const seeded = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};

test('rows come sorted, each once', () => {
  expect([...selectionOf('nuclei', [5, 1, 5, 3, 1]).rows]).toEqual([1, 3, 5]);
  expect(selectionOf('nuclei', []).rows).toHaveLength(0);
});

test.each([1, 2, 3, 4, 5])('sets of rows agree with plain sets (seed %i)', (seed) => {
  const random = seeded(seed);
  const some = (): number[] => Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 50));
  for (let k = 0; k < 50; k++) {
    const [first, second] = [some(), some()];
    const [a, b] = [selectionOf('nuclei', first), selectionOf('nuclei', second)];
    const [sa, sb] = [new Set(first), new Set(second)];
    const ascending = (rows: Iterable<number>): number[] => [...rows].sort((x, y) => x - y);
    expect([...union(a, b).rows]).toEqual(ascending(new Set([...first, ...second])));
    expect([...intersection(a, b).rows]).toEqual(ascending([...sa].filter((row) => sb.has(row))));
    expect([...difference(a, b).rows]).toEqual(ascending([...sa].filter((row) => !sb.has(row))));
    for (let row = 0; row < 50; row++) expect(isSelected(a, row)).toBe(sa.has(row));
  }
});

test('rows of two kinds have nothing in common', () => {
  const [nuclei, glands] = [selectionOf('nuclei', [1, 2]), selectionOf('glands', [2, 3])];
  expect(union(nuclei, glands)).toBe(glands);
  expect(intersection(nuclei, glands).rows).toHaveLength(0);
  expect(difference(nuclei, glands)).toBe(nuclei);
});
