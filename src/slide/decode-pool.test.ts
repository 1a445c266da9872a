import { afterEach, describe, expect, test } from 'vitest';
import { moved, serve } from '#channel/channel.ts';
import type { Spawned } from '#channel/worker-set.ts';
import type { ImageDecode } from './decode.ts';
import type { DecodeCalls } from './decode-calls.ts';
import { DecodePool } from './decode-pool.ts';
import type { Pixels } from './slide.ts';
import type { PackedBlock } from './unpack.ts';

const { signal } = new AbortController();
const waits = { signal };
const answer: Pixels = { width: 1, height: 1, rgba: new Uint8ClampedArray([1, 2, 3, 255]) };
const block = (first: number): PackedBlock => ({
  pieces: [Uint8Array.of(first, 2, 3)],
  packing: 1,
  width: 1,
  height: 1,
  layout: 'interleaved',
  samples: 3,
  depth: 8,
  numbers: 'unsigned',
  colours: { kind: 'stored' },
  littleEndian: true,
  predictor: 1,
  shown: [0, 1, 2],
  inverted: false,
  range: { low: 0, high: 255 },
  alpha: undefined,
});

interface Fake {
  readonly looks: {
    lengths: readonly number[];
    bytes: readonly number[];
    room: number; // bytes of the memory that they came in
    answer(found: (string | undefined)[]): void;
  }[];
  readonly jobs: { block: PackedBlock; answer(pixels: Pixels): void }[];
  terminated: boolean;
  die(message: string): void;
}

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** Workers whose jobs the test answers by hand, over real ports. */
function fakes() {
  const workers: Fake[] = [];
  const spawn = (): Spawned => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    const failing: ((message: string) => void)[] = [];
    const fake: Fake = {
      jobs: [],
      looks: [],
      terminated: false,
      die: (message) => {
        for (const tell of failing) tell(message);
      },
    };
    workers.push(fake);
    serve<DecodeCalls>(port2, {
      unpack: (asked) => new Promise((resolve) => fake.jobs.push({ block: asked, answer: resolve })),
      range: async () => ({ low: 0, high: 1 }),
      jpeg2000: async () => answer,
      jpeg2000Range: async () => ({ low: 0, high: 1 }),
      soundness: ({ jpegs, lengths }) =>
        new Promise((resolve) => {
          const answer = (found: readonly (string | undefined)[]): void =>
            resolve(moved({ found, jpegs }, [jpegs.buffer]));
          fake.looks.push({ lengths, bytes: [...jpegs], room: jpegs.buffer.byteLength, answer });
        }),
    });
    port2.start();
    port1.start();
    return {
      port: port1,
      terminate: () => {
        fake.terminated = true;
      },
      onError: (tell) => failing.push(tell),
    };
  };
  return { workers, spawn };
}

const jobs = (workers: Fake[]): Fake['jobs'] => workers.flatMap((worker) => worker.jobs);

test('work is spread over as many workers as allowed, started when needed', async () => {
  const { workers, spawn } = fakes();
  using pool = new DecodePool(spawn, 2);
  expect(workers).toHaveLength(0);
  const lent = block(7);
  const decoding = [lent, block(8), block(9), block(10)].map((each) => pool.block(each, waits));
  await expect.poll(() => workers.map((worker) => worker.jobs.length)).toEqual([2, 2]);
  expect(lent.pieces[0]?.length).toBe(3); // lent: a copy travelled
  for (const job of jobs(workers))
    job.answer({ ...answer, rgba: new Uint8ClampedArray(4).fill(job.block.pieces[0]?.[0] ?? 0) });
  const rasters = await Promise.all(decoding);
  expect(rasters.map(({ rgba }) => rgba[0])).toEqual([7, 8, 9, 10]);
});

test('what is given up is not sent to a worker, and what waits goes in the order of asking', async () => {
  const { workers, spawn } = fakes();
  using pool = new DecodePool(spawn, 2);
  const left = new AbortController();
  const kept = new Set([4, 7, 8]);
  const told: number[] = [];
  const decoding = Array.from({ length: 9 }, (_, i) =>
    pool.block(block(i), kept.has(i) ? waits : { signal: left.signal }).then(() => told.push(i)),
  );
  const all = Promise.allSettled(decoding);
  const held = (): number[] => jobs(workers).map((job) => job.block.pieces[0]?.[0] ?? -1);
  await expect.poll(() => held().sort()).toEqual([0, 1, 2, 3]); // two a worker
  left.abort(new Error('enough'));
  await expect(decoding[0]).rejects.toThrow('enough'); // at once, though its worker is at it
  await expect(decoding[6]).rejects.toThrow('enough');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(held()).toHaveLength(4); // a worker at something that nobody wants has no room for more
  workers[0]?.jobs[0]?.answer(answer);
  await expect.poll(() => workers[0]?.jobs[2]?.block.pieces[0]?.[0]).toBe(4);
  for (const job of jobs(workers)) job.answer(answer);
  await expect.poll(() => held().sort()).toEqual([0, 1, 2, 3, 4, 7, 8]);
  for (const job of jobs(workers)) job.answer(answer);
  await all;
  expect(told).toEqual([4, 7, 8]);
});

test('a worker that dies fails what it held; the next call gets a new one', async () => {
  const { workers, spawn } = fakes();
  using pool = new DecodePool(spawn, 1);
  const decoding = pool.block(block(1), waits);
  await expect.poll(() => jobs(workers).length).toBe(1);
  workers[0]?.die('out of memory');
  await expect(decoding).rejects.toMatchObject({ failure: { tag: 'WorkerDied', reason: 'out of memory' } });
  expect(workers[0]?.terminated).toBe(true);
  const again = pool.block(block(1), waits);
  await expect.poll(() => workers[1]?.jobs.length).toBe(1);
  workers[1]?.jobs[0]?.answer(answer);
  expect((await again).rgba).toEqual(answer.rgba);
});

test('a worker that gives no answer fails what it held and is replaced; one that answers in time goes on', async () => {
  const { workers, spawn } = fakes();
  using pool = new DecodePool(spawn, 1, 30_000, 200);
  const held = Promise.allSettled([1, 2].map((first) => pool.block(block(first), waits)));
  await expect.poll(() => jobs(workers).length).toBe(2);
  const next = pool.block(block(3), waits); // waits for room
  expect(await held).toMatchObject(
    Array.from({ length: 2 }, () => ({
      reason: { failure: { tag: 'WorkerDied', label: 'The decoder', reason: 'it gave no answer for 0.2 s' } },
    })),
  );
  expect(workers[0]?.terminated).toBe(true);
  await expect.poll(() => workers[1]?.jobs.length).toBe(1);
  workers[1]?.jobs[0]?.answer(answer);
  expect((await next).rgba).toEqual(answer.rgba);

  const slow = Array.from({ length: 5 }, (_, i) => pool.block(block(i), waits));
  for (const [i, decoding] of slow.entries()) {
    await expect.poll(() => workers[1]?.jobs.length).toBeGreaterThan(i + 1);
    await new Promise((resolve) => setTimeout(resolve, 100)); // of all five, longer than the patience
    workers[1]?.jobs[i + 1]?.answer(answer);
    await decoding;
  }
  expect(workers).toHaveLength(2);
});

test('idle workers stop, and start again', async () => {
  const { workers, spawn } = fakes();
  using pool = new DecodePool(spawn, 1, 10);
  const first = pool.block(block(1), waits);
  await expect.poll(() => jobs(workers).length).toBe(1);
  jobs(workers)[0]?.answer(answer);
  await first;
  await expect.poll(() => workers[0]?.terminated).toBe(true);
  expect(pool.workers).toBe(0);
  const second = pool.block(block(2), waits);
  await expect.poll(() => workers[1]?.jobs.length).toBe(1);
  workers[1]?.jobs[0]?.answer(answer);
  await second;
});

test('a worker that is begun beforehand takes the first call, and stops where none comes', async () => {
  const { workers, spawn } = fakes();
  using pool = new DecodePool(spawn, 1, 50);
  pool.begin();
  pool.begin();
  expect(pool.workers).toBe(1);
  const decoding = pool.block(block(1), waits);
  await expect.poll(() => workers.map((worker) => worker.jobs.length)).toEqual([1]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(workers[0]?.terminated).toBe(false); // it is busy
  jobs(workers)[0]?.answer(answer);
  await decoding;
  await expect.poll(() => workers[0]?.terminated).toBe(true);
  pool.begin();
  expect(pool.workers).toBe(1);
  await expect.poll(() => workers[1]?.terminated).toBe(true);
});

test('disposing rejects what waits, stops all, and refuses more', async () => {
  const { workers, spawn } = fakes();
  const pool = new DecodePool(spawn, 2);
  const decoding = [1, 2, 3, 4, 5].map((first) => pool.block(block(first), waits)); // the last one is not sent
  const told = Promise.allSettled(decoding);
  await expect.poll(() => jobs(workers).length).toBe(4);
  pool[Symbol.dispose]();
  for (const each of await told)
    expect(each).toMatchObject({ status: 'rejected', reason: { failure: { tag: 'UseAfterDispose' } } });
  expect(workers.every((worker) => worker.terminated)).toBe(true);
  await expect(pool.block(block(1), waits)).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
});

test('JPEGs of one turn travel together, and those that wait while others are looked through, unless given up', async () => {
  const { workers, spawn } = fakes();
  using pool = new DecodePool(spawn, 1);
  const looks = (): Fake['looks'] => workers.flatMap((worker) => worker.looks);
  const left = new AbortController();
  const lent = Array.from({ length: 6 }, (_, i) => new Uint8Array(i + 1));
  const look = (jpeg: Uint8Array<ArrayBuffer>, i: number) =>
    pool.soundness(jpeg, i === 4 ? { signal: left.signal } : waits);
  const found = lent.slice(0, 2).map(look);
  await expect.poll(() => looks().map(({ lengths }) => lengths)).toEqual([[1, 2]]);
  found.push(look(new Uint8Array(9), 9));
  await expect.poll(() => looks().map(({ lengths }) => lengths)).toEqual([[1, 2], [9]]);
  found.push(...lent.slice(2).map((jpeg, i) => look(jpeg, i + 2)));
  const told = Promise.allSettled(found);
  left.abort(new Error('left'));
  await expect(found[5]).rejects.toThrow('left'); // at once, while nothing has been looked through
  looks()[0]?.answer([undefined, 'damaged']);
  await expect.poll(() => looks().map(({ lengths }) => lengths)).toEqual([[1, 2], [9], [3, 4, 6]]);
  looks()[1]?.answer(['none']);
  looks()[2]?.answer([undefined, 'cut', undefined]);
  expect((await told).map((each) => (each.status === 'fulfilled' ? each.value : String(each.reason)))).toEqual([
    undefined,
    'damaged',
    'none',
    undefined,
    'cut',
    'Error: left',
    undefined,
  ]);
  expect(lent.map(({ length }) => length)).toEqual([1, 2, 3, 4, 5, 6]); // lent: a copy travelled
});

test('the memory of a message is used again by the next one, where it is large enough', async () => {
  const { workers, spawn } = fakes();
  using pool = new DecodePool(spawn, 1);
  const looks = (): Fake['looks'] => workers.flatMap((worker) => worker.looks);
  for (const [i, jpegs] of [[[1, 2, 3], [4]], [[5, 6]], [[7, 8, 9, 10, 11]]].entries()) {
    const found = Promise.all(jpegs.map((jpeg) => pool.soundness(Uint8Array.from(jpeg), waits)));
    await expect.poll(() => looks()[i]?.bytes).toEqual(jpegs.flat());
    looks()[i]?.answer(jpegs.map(String));
    expect(await found).toEqual(jpegs.map(String));
  }
  expect(looks().map(({ room }) => room)).toEqual([4, 4, 5]);
});

test('a JPEG that breaks the look through several costs the others nothing: they are looked through alone', async () => {
  const { workers, spawn } = fakes();
  using pool = new DecodePool(spawn, 1);
  const looks = (): Fake['looks'] => workers.flatMap((worker) => worker.looks);
  const look = (length: number) => pool.soundness(new Uint8Array(length), waits);
  const found = [look(1)];
  await expect.poll(() => looks().length).toBe(1);
  found.push(look(2));
  await expect.poll(() => looks().length).toBe(2);
  const told = Promise.allSettled([...found, look(3), look(4)]);
  looks()[0]?.answer([undefined]);
  await expect.poll(() => looks().map(({ lengths }) => lengths)).toEqual([[1], [2], [3, 4]]);
  workers[0]?.die('out of memory'); // with the second and the two that travelled together
  await expect
    .poll(() =>
      looks()
        .slice(3)
        .flatMap(({ lengths }) => lengths),
    )
    .toEqual([3, 4]);
  for (const look of looks().slice(3)) look.answer(['damaged']);
  expect((await told).map((each) => (each.status === 'fulfilled' ? each.value : each.reason.failure.tag))).toEqual([
    undefined,
    'WorkerDied',
    'damaged',
    'damaged',
  ]);
});

test('a worker that dies fails the JPEGs it held; disposing those that wait, too', async () => {
  const { workers, spawn } = fakes();
  const pool = new DecodePool(spawn, 1);
  const first = pool.soundness(new Uint8Array(1), waits);
  await expect.poll(() => workers[0]?.looks.length).toBe(1);
  workers[0]?.die('out of memory');
  await expect(first).rejects.toMatchObject({ failure: { tag: 'WorkerDied' } });
  const others = Promise.allSettled([1, 2, 3, 4].map((length) => pool.soundness(new Uint8Array(length), waits)));
  pool[Symbol.dispose]();
  expect((await others).every((each) => each.status === 'rejected' && each.reason.name === 'UseAfterDispose')).toBe(
    true,
  );
});

describe('looks that can wait', () => {
  const lengths = (workers: Fake[]) => workers.flatMap(({ looks }) => looks.map((look) => look.lengths));

  /** An image decoder that the test ends by hand. */
  function decoder() {
    const ends: (() => void)[] = [];
    const image: ImageDecode = () => new Promise((resolve) => ends.push(() => resolve(answer)));
    return { image, end: () => ends.shift()?.() };
  }

  test('begin when no picture is being decoded, and the others go before them', async () => {
    const { workers, spawn } = fakes();
    using pool = new DecodePool(spawn, 1);
    const { image, end } = decoder();
    const decode = pool.goingFirst(image);
    const pictures = [1, 2].map(() => decode(new Uint8Array(1), 'image/jpeg', waits));
    const asked = performance.now();
    const late = [1, 2].map((length) => pool.soundness(new Uint8Array(length), waits, 'later'));
    const now = pool.soundness(new Uint8Array(3), waits);
    await expect.poll(() => lengths(workers)).toEqual([[3]]);
    workers[0]?.looks[0]?.answer([undefined]);
    await now;
    end();
    await pictures[0];
    await new Promise((resolve) => setTimeout(resolve, 60)); // longer than a quiet moment
    if (performance.now() - asked < 200) expect(lengths(workers)).toEqual([[3]]); // one is still being decoded
    end();
    await expect.poll(() => lengths(workers)).toEqual([[3], [1, 2]]);
    workers[0]?.looks[1]?.answer([undefined, 'damaged']);
    expect(await Promise.all(late)).toEqual([undefined, 'damaged']);
    expect(await pictures[1]).toBe(answer);
  });

  test('are not put off for ever, however much is decoded and looked through meanwhile', async () => {
    const { workers, spawn } = fakes();
    using pool = new DecodePool(spawn, 1);
    const { image } = decoder();
    void pool.goingFirst(image)(new Uint8Array(1), 'image/jpeg', waits); // never there
    const late = pool.soundness(new Uint8Array(1), waits, 'later');
    let isSeen = false;
    void late.then(() => {
      isSeen = true;
    });
    while (!isSeen) {
      pool.soundness(new Uint8Array(2), waits).catch(() => undefined); // the last one is disposed of
      await new Promise((resolve) => setTimeout(resolve, 5));
      for (const look of workers.flatMap(({ looks }) => looks.splice(0))) look.answer(look.lengths.map(String));
    }
    expect(await late).toBe('1');
  });

  test('are failed when all is disposed, and not begun where they were given up', async () => {
    const { workers, spawn } = fakes();
    const pool = new DecodePool(spawn, 1);
    const controller = new AbortController();
    const left = pool.soundness(new Uint8Array(1), { signal: controller.signal }, 'later');
    controller.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    const late = pool.soundness(new Uint8Array(2), waits, 'later');
    await expect.poll(() => lengths(workers)).toEqual([[2]]);
    workers[0]?.looks[0]?.answer(['damaged']);
    await late;
    const waiting = pool.soundness(new Uint8Array(3), waits, 'later');
    pool[Symbol.dispose]();
    await expect(waiting).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
  });
});
