import { expect, test } from 'vitest';
import type { Waits } from '#channel/waits.ts';
import { SharedCache } from './shared-cache.ts';

const { signal } = new AbortController();
const waits: Waits = { signal };
const abort = (): AbortController => new AbortController();

/** A job that the test settles by hand. */
function held() {
  const started: AbortSignal[] = [];
  const settle: { resolve(value: string): void; reject(reason: unknown): void }[] = [];
  const make = (shared: Waits): Promise<string> => {
    started.push(shared.signal);
    return new Promise((resolve, reject) => {
      settle.push({ resolve, reject });
      shared.signal.addEventListener('abort', () => reject(shared.signal.reason));
    });
  };
  return { started, settle, make };
}
const cacheOf = (budget = 100): SharedCache<string, string> => new SharedCache(budget, (text) => text.length);

test('many ask, one reads', async () => {
  const { started, settle, make } = held();
  const cache = cacheOf();
  const answers = [cache.get('a', make, waits), cache.get('a', make, waits)];
  await expect.poll(() => started.length).toBe(1);
  settle[0]?.resolve('tile');
  expect(await Promise.all(answers)).toEqual(['tile', 'tile']);
  expect(await cache.get('a', make, waits)).toBe('tile');
  expect(started).toHaveLength(1);
});

test('one who aborts leaves at once; the job is aborted with the last', async () => {
  const { started, make } = held();
  const cache = cacheOf();
  const [one, two] = [abort(), abort()];
  const first = cache.get('a', make, { signal: one.signal });
  const second = cache.get('a', make, { signal: two.signal });
  await expect.poll(() => started.length).toBe(1);
  one.abort(new Error('one left'));
  await expect(first).rejects.toThrow('one left');
  expect(started[0]?.aborted).toBe(false);
  two.abort(new Error('two left'));
  await expect(second).rejects.toThrow('two left');
  expect(started[0]?.aborted).toBe(true);
});

test('an abandoned job is not joined, even while it is ending', async () => {
  const { started, settle, make } = held();
  const cache = cacheOf();
  const one = abort();
  const first = cache.get('a', make, { signal: one.signal });
  await expect.poll(() => started.length).toBe(1);
  one.abort(new Error('left'));
  const second = cache.get('a', make, waits);
  await expect(first).rejects.toThrow('left');
  await expect.poll(() => started.length).toBe(2);
  settle[1]?.resolve('again');
  expect(await second).toBe('again');
});

test('a failure reaches all who wait, and is not kept', async () => {
  const { started, settle, make } = held();
  const cache = cacheOf();
  const answers = Promise.allSettled([cache.get('a', make, waits), cache.get('a', make, waits)]);
  await expect.poll(() => started.length).toBe(1);
  settle[0]?.reject(new Error('gone'));
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const again = cache.get('a', make, waits);
  await expect.poll(() => started.length).toBe(2);
  settle[1]?.resolve('back');
  expect(await again).toBe('back');
});

test('the budget is kept by letting go of what was used longest ago', async () => {
  const cache = cacheOf(10);
  const made: string[] = [];
  const get = (key: string): Promise<string> =>
    cache.get(
      key,
      async () => {
        made.push(key);
        return key.repeat(4);
      },
      waits,
    );
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await get(key);
  expect(made).toEqual(['a', 'b', 'c', 'b']);
  expect(cache.usedBytes).toBe(8);
  await cache.get('large', async () => 'x'.repeat(11), waits);
  expect(cache.usedBytes).toBe(8); // larger than the budget: handed out, not kept
});
