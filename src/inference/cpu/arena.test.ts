import { expect, test } from 'vitest';
import { arranged, type Life } from './arena.ts';
import { randomFrom } from './testing/networks.ts';

test.each([1, 2, 3, 4])('what lives at once does not overlap, and space is used again: seed %d', (seed) => {
  const random = randomFrom(seed);
  const upTo = (most: number): number => Math.floor(((random() + 1) / 2) * most);
  const lives = Array.from({ length: 60 }, (_, i): Life => {
    const from = upTo(40);
    return { name: `map ${i}`, bytes: 64 * (1 + upTo(100)), from, until: from + upTo(6) };
  });
  const { offsets, bytes } = arranged(lives);
  const at = (name: string): number => offsets.get(name) ?? Number.NaN;
  for (const a of lives)
    for (const b of lives) {
      if (a === b || a.until < b.from || b.until < a.from) continue;
      expect(at(a.name) + a.bytes <= at(b.name) || at(b.name) + b.bytes <= at(a.name)).toBe(true);
    }
  const all = lives.reduce((sum, life) => sum + life.bytes, 0);
  const least = Array.from({ length: 50 }, (_, t) =>
    lives.reduce((sum, life) => (life.from <= t && t <= life.until ? sum + life.bytes : sum), 0),
  );
  expect(bytes).toBeGreaterThanOrEqual(Math.max(...least));
  expect(bytes).toBeLessThan(all / 2);
});
