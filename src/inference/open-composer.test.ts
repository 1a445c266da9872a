import { afterEach, expect, test } from 'vitest';
import { moved, serve } from '#channel/channel.ts';
import { movable } from '#channel/movable.ts';
import type { Spawned } from '#channel/worker-set.ts';
import { EosinError } from '#errors/failure.ts';
import type { ComposeCalls } from './compose-calls.ts';
import type { Patch } from './model.ts';
import { openComposer } from './open-composer.ts';

const input = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
const calm = new AbortController().signal;

interface Job {
  readonly patch: Patch;
  readonly found: number | undefined; // the first value, of before
  answer(first: number): void;
}
interface Fake {
  readonly jobs: Job[];
  terminated: boolean;
  die(message: string): void;
}

const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** Workers that the test answers by hand, over real ports. */
function fakes(): { workers: Fake[]; spawn: () => Spawned } {
  const workers: Fake[] = [];
  const spawn = (): Spawned => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    const failing: ((message: string) => void)[] = [];
    const die = (message: string): void => {
      for (const tell of failing) tell(message);
    };
    const fake: Fake = { jobs: [], terminated: false, die };
    workers.push(fake);
    serve<ComposeCalls>(port2, {
      compose: ({ patch, into }) =>
        new Promise((resolve) => {
          const answer = (first: number): void => {
            into[0] = first;
            resolve(moved(into, movable([into.buffer])));
          };
          fake.jobs.push({ patch, found: into[0], answer });
        }),
    });
    port2.start();
    port1.start();
    return {
      port: port1,
      terminate: () => (fake.terminated = true),
      onError: (tell) => void failing.push(tell),
    };
  };
  return { workers, spawn };
}

const patch = (): Patch => {
  const image = { width: 1, height: 1, rgba: new Uint8ClampedArray([1, 2, 3, 255]) };
  const tiles = [
    { image, x: 0, y: 0 },
    { image, x: 1, y: 0 }, // the same picture twice must not be transferred twice
  ];
  return { tiles, x: 0, y: 0, scaleX: 1, scaleY: 1, size: 2 };
};

const until = async (met: () => boolean): Promise<void> => {
  while (!met()) await new Promise((resolve) => setTimeout(resolve, 1));
};

test('pictures move to the worker, values back; one worker serves all', async () => {
  const { workers, spawn } = fakes();
  using composer = openComposer({ spawn });
  expect(workers).toHaveLength(0);
  const first = patch();
  const [one, two] = [
    composer.compose(first, input, { signal: calm }),
    composer.compose(patch(), input, { signal: calm }),
  ];
  await until(() => workers[0]?.jobs.length === 2);
  const image = first.tiles[0]?.image;
  expect(image && 'rgba' in image && image.rgba.byteLength).toBe(0);
  workers[0]?.jobs[1]?.answer(2);
  workers[0]?.jobs[0]?.answer(1);
  expect([(await one)[0], (await two)[0]]).toEqual([1, 2]);
  expect(workers).toHaveLength(1);
});

test.each([true, false])('memory is written over once it is given back; it is shared: %s', async (shared) => {
  const { workers, spawn } = fakes();
  using composer = openComposer({ spawn, shared });
  const composed = async (job: number): Promise<Float32Array> => {
    const values = composer.compose(patch(), input, { signal: calm });
    await until(() => workers[0]?.jobs.length === job + 1);
    workers[0]?.jobs[job]?.answer(job + 1);
    return values;
  };
  const [one, two] = [await composed(0), await composed(1)];
  expect([one.length, one.buffer instanceof SharedArrayBuffer]).toEqual([12, shared]);
  expect([one[0], two[0]]).toEqual([1, 2]);
  composer.giveBack(one);
  expect((await composed(2))[0]).toBe(3);
  expect(workers[0]?.jobs.map(({ found }) => found)).toEqual([0, 0, 1]); // the second was not given back
  expect(two[0]).toBe(2);
});

test('an abort settles at once, although the worker goes on', async () => {
  const { workers, spawn } = fakes();
  using composer = openComposer({ spawn });
  const leaving = new AbortController();
  const left = composer.compose(patch(), input, { signal: leaving.signal });
  await until(() => workers[0]?.jobs.length === 1);
  leaving.abort(new Error('left'));
  await expect(left).rejects.toThrow('left');
  await expect(composer.compose(patch(), input, { signal: leaving.signal })).rejects.toThrow('left');
});

test('a worker that dies fails what it held, and the next patch starts another', async () => {
  const { workers, spawn } = fakes();
  using composer = openComposer({ spawn });
  const held = composer.compose(patch(), input, { signal: calm });
  await until(() => workers[0]?.jobs.length === 1);
  workers[0]?.die('out of memory');
  const failure = await held.catch((thrown: unknown) => thrown);
  expect(failure instanceof EosinError && failure.failure).toMatchObject({
    tag: 'WorkerDied',
    reason: 'out of memory',
  });
  const next = composer.compose(patch(), input, { signal: calm });
  await until(() => workers[1]?.jobs.length === 1);
  workers[1]?.jobs[0]?.answer(3);
  expect((await next)[0]).toBe(3);
});

test('a worker that never answers counts as dead, and the next patch starts another', async () => {
  const { workers, spawn } = fakes();
  using composer = openComposer({ spawn, silentSeconds: 0.2 });
  const all = await Promise.allSettled([1, 2].map(() => composer.compose(patch(), input, { signal: calm })));
  const failure = { tag: 'WorkerDied', label: 'Preparing patches', reason: 'it gave no answer for 0.2 s' };
  for (const each of all) expect(each).toMatchObject({ status: 'rejected', reason: { failure } });
  expect(workers[0]?.terminated).toBe(true);
  const next = composer.compose(patch(), input, { signal: calm });
  await until(() => workers[1]?.jobs.length === 1);
  workers[1]?.jobs[0]?.answer(4);
  expect((await next)[0]).toBe(4);
});

test('disposed, it ends its worker and takes nothing more', async () => {
  const { workers, spawn } = fakes();
  const composer = openComposer({ spawn });
  const held = composer.compose(patch(), input, { signal: calm });
  await until(() => workers[0]?.jobs.length === 1);
  composer[Symbol.dispose]();
  await expect(held).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
  await expect(composer.compose(patch(), input, { signal: calm })).rejects.toMatchObject({
    failure: { tag: 'UseAfterDispose' },
  });
  expect(workers[0]?.terminated).toBe(true);
});
