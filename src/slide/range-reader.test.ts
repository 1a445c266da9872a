import { setMaxListeners } from 'node:events';
import { expect, test } from 'vitest';
import { RangeReader } from './range-reader.ts';

const { signal } = new AbortController();
setMaxListeners(40, signal); // so many reads wait at once here
/** Long enough for the reader's own timer of no length, and for what follows from it. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

/** A host that answers when told to. */
function slowHost(): { asked: [offset: number, length: number][]; answer(): void; reader: RangeReader } {
  const asked: [number, number][] = [];
  const waiting: (() => void)[] = [];
  const fetchRange = async (offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> => {
    asked.push([offset, length]);
    await new Promise<void>((resolve) => waiting.push(resolve));
    return Uint8Array.from({ length }, (_, i) => (offset + i) & 255);
  };
  return { asked, answer: () => waiting.shift()?.(), reader: new RangeReader(fetchRange, 1e6, 1e6) };
}

test('what is asked for while all ways are taken travels together, and those given up meanwhile do not', async () => {
  const { asked, answer, reader } = slowHost();
  const gone = new AbortController();
  const reads: Promise<Uint8Array>[] = [];
  for (let i = 0; i < 20; i++) {
    reads.push(reader.read(1000 * i, 1000, { signal: i === 19 ? gone.signal : signal }));
    await turn();
  }
  expect(asked).toEqual([0, 1, 2, 3, 4, 5].map((i) => [1000 * i, 1000]));
  gone.abort(new Error('given up'));
  await expect(reads[19]).rejects.toThrow('given up');
  answer();
  await turn();
  expect(asked.slice(6)).toEqual([[6000, 13_000]]);
  for (let i = 1; i < 7; i++) answer();
  const read = await Promise.all(reads.slice(0, 19));
  expect(read.map(([first]) => first)).toEqual(read.map((_, i) => (1000 * i) & 255));
  expect(asked).toHaveLength(7);
});

test('what is given up on its way, but comes with what others wait for, is not asked for again', async () => {
  const { asked, answer, reader } = slowHost();
  const gone = new AbortController();
  const kept = reader.read(0, 1000, { signal });
  const left = reader.read(1000, 1000, { signal: gone.signal });
  await turn();
  expect(asked).toEqual([[0, 2000]]);
  gone.abort(new Error('given up'));
  await expect(left).rejects.toThrow('given up');
  const again = reader.read(1000, 1000, { signal }); // while it is still on its way
  await turn();
  answer();
  expect([(await kept)[1], (await again)[1]]).toEqual([1, 1001 & 255]);
  expect((await reader.read(1000, 1000, { signal })).length).toBe(1000);
  expect(asked).toEqual([[0, 2000]]);
});

test('what was given up on its way is kept when it came, though nobody asked again until then', async () => {
  const { asked, answer, reader } = slowHost();
  const gone = new AbortController();
  const kept = reader.read(0, 1000, { signal });
  const left = reader.read(1000, 1000, { signal: gone.signal });
  await turn();
  gone.abort(new Error('given up'));
  await expect(left).rejects.toThrow('given up');
  answer();
  await kept;
  expect((await reader.read(1000, 1000, { signal }))[1]).toBe(1001 & 255);
  expect(asked).toEqual([[0, 2000]]);
});

test('a request that everybody gave up is asked for anew, by itself and in pieces', async () => {
  const { asked, answer, reader } = slowHost();
  const gone = new AbortController();
  const left = [0, 1000].map((at) => reader.read(at, 1000, { signal: gone.signal }));
  await turn();
  gone.abort(new Error('given up'));
  for (const each of left) await expect(each).rejects.toThrow('given up');
  const again = [0, 1000].map((at) => reader.read(at, 1000, { signal }));
  await turn();
  answer(); // the one that nobody waits for: its host did not hear that
  answer();
  expect((await Promise.all(again)).map((bytes) => bytes[1])).toEqual([1, 1001 & 255]);
  expect(asked).toEqual([
    [0, 2000],
    [0, 2000],
  ]);
});

test('of a request that everybody gave up, what had come is kept: only the rest is asked for', async () => {
  const asked: [offset: number, length: number][] = [];
  const byteAt = (offset: number, length: number) => Uint8Array.from({ length }, (_, i) => (offset + i) & 255);
  const reader = new RangeReader(
    async (offset, length, waits, cut) => {
      asked.push([offset, length]);
      if (asked.length > 1) return byteAt(offset, length);
      await new Promise((resolve) => waits.signal.addEventListener('abort', resolve));
      cut(byteAt(offset, 1500));
      throw waits.signal.reason;
    },
    1e6,
    1e6,
  );
  const gone = new AbortController();
  const left = [0, 1000, 2500].map((at) => reader.read(at, 1000, { signal: gone.signal })); // a hole before the last
  await turn();
  gone.abort(new Error('given up'));
  for (const each of left) await expect(each).rejects.toThrow('given up');
  const again = await Promise.all([0, 1000, 2500].map((at) => reader.read(at, 1000, { signal })));
  expect(again).toEqual([0, 1000, 2500].map((at) => byteAt(at, 1000)));
  expect(asked).toEqual([
    [0, 3500],
    [1500, 2000],
  ]);
});

test('what was asked for first goes first, wherever it lies', async () => {
  const { asked, answer, reader } = slowHost();
  const reads = [0, 10, 20, 30, 40, 50].map((i) => reader.read(10_000 * i, 100, { signal }));
  await turn();
  reads.push(reader.read(900_000, 100, { signal }), reader.read(55_000, 100, { signal }));
  await turn();
  answer();
  await turn();
  expect(asked.slice(6)).toEqual([[900_000, 100]]);
  for (let i = 0; i < 8; i++) {
    answer();
    await turn();
  }
  expect((await Promise.all(reads)).map((bytes) => bytes.length)).toEqual(Array(8).fill(100));
});

test('a request that fails leaves its way to the next', async () => {
  let calls = 0;
  const reader = new RangeReader(
    async (_offset, length) => {
      calls++;
      if (calls <= 6) throw new Error('hung up');
      return new Uint8Array(length);
    },
    1e6,
    1e6,
  );
  const reads = Array.from({ length: 8 }, (_, i) => reader.read(100_000 * i, 10, { signal }));
  const ends = await Promise.allSettled(reads);
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
});
