import { expect, test } from 'vitest';
import { Growing } from './growing.ts';
import { random } from './testing/random.ts';

/** One that tells the most elements that one step has copied since `forget`, and the lengths of the arrays it made. */
function watched(capacity: number) {
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
  }, capacity);
  const forget = (): void => {
    most = 0;
  };
  return { growing, made, most: () => most, forget };
}

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
  const { growing, made, most } = watched(1 << 16);
  while (growing.length < 3_000_000) growing.extend(100);
  expect(made.at(-1)).toBeGreaterThanOrEqual(3_000_000);
  expect(most()).toBeLessThanOrEqual(1024);
});

test.each([0.76, 0.8, 0.9, 0.99, 0.999])(
  'after a rest at %f of its room, it holds no more than that, and moves in small steps again',
  (share) => {
    const { growing, most, forget } = watched(1 << 20);
    const add = (count: number): void => {
      const at = growing.length;
      const array = growing.extend(count);
      for (let k = 0; k < count; k++) array[at + k] = at + k;
    };
    while (growing.length < share * 2 ** 20) add(100);
    expect(growing.bytes).toBeGreaterThan(4 * 2 ** 20);
    growing.rest();
    expect(growing.bytes).toBe(4 * 2 ** 20);
    forget();
    while (growing.length < 1.2 * 2 ** 20) add(100);
    expect(most()).toBeLessThanOrEqual(Math.max(2048, (1.1 * 100) / (1 - share)));
    expect(growing.array.subarray(0, growing.length).every((value, k) => value === k)).toBe(true);
  },
);
