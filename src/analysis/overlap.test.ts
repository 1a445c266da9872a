import { describe, expect, test } from 'vitest';
import { overlapped } from './overlap.ts';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let n = 0; n < count; n++) {
    await Promise.resolve();
    yield n;
  }
}

const worked = async (n: number): Promise<string> => {
  await new Promise((resolve) => setTimeout(resolve, 5 + ((n * 7) % 5)));
  return `r${n}`;
};

test('gives every result, at most so many at work', async () => {
  let [atWork, most] = [0, 0];
  const results: string[] = [];
  const work = async (n: number): Promise<string> => {
    most = Math.max(most, ++atWork);
    return worked(n).finally(() => atWork--);
  };
  for await (const result of overlapped(numbers(12), 3, work)) results.push(result);
  expect(results.sort()).toEqual(Array.from({ length: 12 }, (_, n) => `r${n}`).sort());
  expect(most).toBe(3);
});

describe('left before its end', () => {
  test.each([0, 1, 2, 3, 4, 5, 6])('what nobody asks for any more is handed back, after %i results', async (after) => {
    const [made, started, got, back, itemsBack]: Set<unknown>[] = [
      new Set(),
      new Set(),
      new Set(),
      new Set(),
      new Set(),
    ];
    async function* source(): AsyncGenerator<number> {
      for await (const n of numbers(20)) {
        made?.add(n);
        yield n;
      }
    }
    const work = (n: number): Promise<string> => {
      started?.add(n);
      return worked(n);
    };
    const results = overlapped(source(), 3, work, {
      item: (n) => itemsBack?.add(n),
      result: (r) => back?.add(r),
    });
    for (let k = 0; k < after; k++) {
      const next = await results.next();
      if (!next.done) got?.add(next.value);
    }
    await results.return();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const over = [...(got ?? []), ...(back ?? [])];
    expect(over.sort()).toEqual([...(started ?? [])].map((n) => `r${n}`).sort());
    expect([...(started ?? []), ...(itemsBack ?? [])].sort()).toEqual([...(made ?? [])].sort());
    if (after > 0) expect(back?.size).toBeGreaterThan(0);
  });
});
