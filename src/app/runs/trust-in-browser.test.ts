import { expect, test } from 'vitest';
import { trustIn } from './trust-in-browser.ts';

function storage(room: number) {
  const held = new Map<string, string>();
  return {
    held,
    getItem: (key: string) => held.get(key) ?? null,
    setItem(key: string, value: string) {
      if (held.size >= room) throw new DOMException('full', 'QuotaExceededError');
      held.set(key, value);
    },
  };
}

test('what one visit keeps, the next one has', () => {
  const disk = storage(10);
  trustIn(disk).set('verdict a', { maxDifference: 0.001, since: 5 });
  expect(trustIn(disk).get('verdict a')).toEqual({ maxDifference: 0.001, since: 5 });
  expect(trustIn(disk).get('verdict b')).toBeUndefined();
});

test('a storage that is full, absent or holds something else is no failure', () => {
  const full = trustIn(storage(0));
  full.set('a', 1);
  expect(full.get('a')).toBe(1);
  const broken = storage(1);
  broken.held.set('eosin.trust a', '{');
  expect(trustIn(broken).get('a')).toBeUndefined();
  expect(trustIn(undefined).get('a')).toBeUndefined();
});
