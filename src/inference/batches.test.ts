import { expect, test } from 'vitest';
import { Batches } from './batches.ts';
import { SerialQueue } from './serial-queue.ts';

const { signal } = new AbortController();

/** Doubles numbers, three at a time where they have the same sign; fails on 13. */
function doubling(most = 3, during: () => void = () => undefined) {
  const runs: number[][] = [];
  const queue = new SerialQueue();
  const batches = new Batches<number, number>(queue, {
    most: () => most,
    alike: (a, b) => Math.sign(a) === Math.sign(b),
    run: async (jobs) => {
      runs.push([...jobs]);
      during();
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (jobs.includes(13)) throw new Error('thirteen');
      return jobs.map((job) => 2 * job);
    },
  });
  return { batches, queue, runs };
}

test('jobs of a kind share a run, each gets its own result, and a rest goes one by one', async () => {
  const { batches, runs } = doubling();
  const results = await Promise.all([1, -2, 3, 4, 5, -6, 7].map((job) => batches.add(job, { signal })));
  expect(results).toEqual([2, -4, 6, 8, 10, -12, 14]);
  expect(runs).toEqual([[1, 3, 4], [-2], [5], [-6], [7]]);
});

test('one at a time where one is the most', async () => {
  const { batches, runs } = doubling(1);
  await Promise.all([1, 2].map((job) => batches.add(job, { signal })));
  expect(runs).toEqual([[1], [2]]);
});

test('a failed run is told to all in it and to nobody else', async () => {
  const { batches, runs } = doubling();
  const settled = await Promise.allSettled([1, 13, 2, 4, 5, 6].map((job) => batches.add(job, { signal })));
  expect(settled.map(({ status }) => status)).toEqual([...Array(3).fill('rejected'), ...Array(3).fill('fulfilled')]);
  expect(runs).toEqual([
    [1, 13, 2],
    [4, 5, 6],
  ]);
});

test('what was aborted before its run is not in it; what was aborted after is computed for nobody', async () => {
  const [early, late] = [new AbortController(), new AbortController()];
  const { batches, queue, runs } = doubling(3, () => late.abort(new Error('late')));
  const before = queue.add(async () => early.abort(new Error('early')), { signal });
  const jobs = [
    batches.add(1, { signal }),
    batches.add(2, { signal: early.signal }),
    batches.add(3, { signal: late.signal }),
    batches.add(4, { signal }),
  ];
  const all = Promise.allSettled(jobs);
  await before;
  expect((await all).map((each) => ('value' in each ? each.value : each.reason.message))).toEqual([
    2,
    'early',
    'late',
    8,
  ]);
  expect(runs).toEqual([[1, 3, 4]]);
});

test('jobs that come while a batch runs form the next', async () => {
  const { batches, runs } = doubling(2);
  const first = [1, 2].map((job) => batches.add(job, { signal }));
  await expect.poll(() => runs.length).toBe(1);
  const second = [3, 4].map((job) => batches.add(job, { signal }));
  expect(await Promise.all([...first, ...second])).toEqual([2, 4, 6, 8]);
  expect(runs).toEqual([
    [1, 2],
    [3, 4],
  ]);
});
