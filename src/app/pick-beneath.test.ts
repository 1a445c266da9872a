import { expect, test } from 'vitest';
import { pickBeneath } from './pick-beneath.ts';

const under = [
  { kind: 'nuclei', row: 4 },
  { kind: 'lumina', row: 0 },
  { kind: 'glands', row: 0 },
] as const;

test('a click takes what is on top; again at the same place, what lies beneath, and round', () => {
  expect(pickBeneath(under, undefined, false)).toBe(under[0]);
  expect(pickBeneath(under, under[0], true)).toBe(under[1]);
  expect(pickBeneath(under, under[1], true)).toBe(under[2]);
  expect(pickBeneath(under, under[2], true)).toBe(under[0]);
});

test('elsewhere it begins on top, also in the same gland; where nothing lies there is nothing', () => {
  expect(pickBeneath(under, under[2], false)).toBe(under[0]);
  expect(pickBeneath(under, { kind: 'glands', row: 7 }, true)).toBe(under[0]);
  expect(pickBeneath([], under[0], true)).toBeUndefined();
});
