import { expect, test } from 'vitest';
import { Growing } from './growing.ts';
import { random } from './testing/random.ts';

test.each([1, 2, 3])('holds what was written, as a plain list does, seed %i', (seed) => {
  const next = random(seed);
  const growing = new Growing((length) => new Int32Array(length), 64);
  const plain: number[] = [];
  const views: { readonly view: Int32Array; readonly length: number }[] = [];
  while (plain.length < 600_000) {
    const count = Math.floor(next() * (next() < 0.02 ? 90_000 : 700));
    const at = growing.length;
    const array = growing.extend(count);
    for (let k = 0; k < count; k++) {
      array[at + k] = plain.length + 1;
      plain.push(plain.length + 1);
    }
    if (next() < 0.01) views.push({ view: growing.array.subarray(0, growing.length), length: growing.length });
  }
  expect(growing.length).toBe(plain.length);
  expect(Array.from(growing.array.subarray(0, growing.length))).toEqual(plain);
  for (const { view, length } of views) expect([view[0], view[length - 1]]).toEqual([1, length]);
});

test('a large array moves with the additions: none copies more than a few times what it adds', () => {
  const made: number[] = [];
  let most = 0;
  const growing = new Growing((length) => {
    made.push(length);
    const array = new Int32Array(length);
    const set = array.set.bind(array);
    array.set = (from, at) => {
      most = Math.max(most, from.length);
      set(from, at);
    };
    return array;
  }, 1 << 16);
  while (growing.length < 3_000_000) growing.extend(100);
  expect(made.at(-1)).toBeGreaterThanOrEqual(3_000_000);
  expect(most).toBeLessThanOrEqual(1024);
});
