import { expect, test } from 'vitest';
import { GatheredReads } from './gathered-reads.ts';

const file = Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 255);
const { signal } = new AbortController();

/** Reads that the test lets go by hand. */
function slow() {
  const asked: { from: number; to: number; go(): void; fail(): void }[] = [];
  const reads = new GatheredReads(
    (offset, length) =>
      new Promise((resolve, reject) =>
        asked.push({
          from: offset,
          to: offset + length,
          go: () => resolve(file.slice(offset, offset + length)),
          fail: () => reject(new Error('gone')),
        }),
      ),
  );
  return { asked, reads, ranges: () => asked.map(({ from, to }) => [from, to]) };
}

const turn = (): Promise<void> => Promise.resolve();

test('reads of one turn go together, few at first and then many, each with its own bytes', async () => {
  const { asked, reads, ranges } = slow();
  const all = Array.from({ length: 40 }, (_, i) => reads.read(((i * 17) % 40) * 20_000, 18_000, { signal }));
  await turn();
  expect(ranges()).toEqual([
    [0, 258_000],
    [260_000, 798_000],
  ]);
  for (const { go } of asked) go();
  for (const [i, bytes] of (await Promise.all(all)).entries()) {
    const offset = ((i * 17) % 40) * 20_000;
    expect(Buffer.compare(bytes, file.subarray(offset, offset + 18_000))).toBe(0); // toEqual takes seconds
  }
  expect(asked).toHaveLength(2);
});

test('what waits for others goes together when one of them comes back, up to as much as a read may bring', async () => {
  const { asked, reads, ranges } = slow();
  const places = Array.from({ length: 40 }, (_, i) => [((i * 17) % 40) * 60_000, 58_000] as const);
  const [first, further] = [places.slice(0, 2), places.slice(2)];
  const all = first.map(([offset, length]) => reads.read(offset, length, { signal }));
  await turn();
  all.push(...further.map(([offset, length]) => reads.read(offset, length, { signal })));
  await turn();
  expect(ranges()).toEqual([
    [0, 58_000],
    [1_020_000, 1_078_000],
  ]);
  asked[0]?.go();
  await all[0];
  expect(ranges().slice(2)).toEqual([[360_000, 2_398_000]]); // the hole that was asked for before is less than a read
  asked[1]?.go();
  await all[1];
  expect(ranges().slice(3)).toEqual([[60_000, 358_000]]);
  asked[2]?.go();
  asked[3]?.go();
  for (const [i, bytes] of (await Promise.all(all)).entries()) {
    const [offset = 0, length = 0] = places[i] ?? [];
    expect(Buffer.compare(bytes, file.subarray(offset, offset + length))).toBe(0);
  }
  expect(asked).toHaveLength(4);
});

test('what lies far apart, and what would be too much, travels alone', async () => {
  const { asked, reads, ranges } = slow();
  const all = [0, 100_000, 300_000, 310_000].map((offset) => reads.read(offset, 1_000, { signal }));
  await turn();
  expect(ranges()).toEqual([
    [0, 1_000],
    [100_000, 101_000],
  ]);
  asked[0]?.go();
  await all[0];
  expect(ranges().slice(2)).toEqual([[300_000, 311_000]]);
  for (const { go } of asked) go();
  await Promise.all(all);
});

test('what is given up settles at once, waiting or on its way; what waited is not read', async () => {
  const { asked, reads, ranges } = slow();
  const [flying, waiting] = [new AbortController(), new AbortController()];
  const first = reads.read(0, 10, { signal: flying.signal });
  const second = reads.read(100_000, 10, { signal });
  const third = reads.read(500_000, 10, { signal: waiting.signal });
  await turn();
  flying.abort(new Error('left'));
  waiting.abort(new Error('left, too'));
  await expect(first).rejects.toThrow('left'); // while no read has come back
  await expect(third).rejects.toThrow('left, too');
  asked[0]?.go();
  asked[1]?.go();
  expect((await second).byteLength).toBe(10);
  expect(ranges()).toHaveLength(2);
});

test('a read that fails fails those that travelled with it, and the next one goes', async () => {
  const { asked, reads } = slow();
  const all = [0, 100_000, 200_000, 200_010].map((offset) => reads.read(offset, 10, { signal }));
  const told = Promise.allSettled(all);
  await expect.poll(() => asked.length).toBe(2);
  asked[0]?.go();
  asked[1]?.go();
  await expect.poll(() => asked.length).toBe(3);
  asked[2]?.fail();
  expect((await told).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
  const again = reads.read(0, 5, { signal });
  await turn();
  asked[3]?.go();
  expect((await again).byteLength).toBe(5);
});
