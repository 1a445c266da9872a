import { afterEach, expect, test } from 'vitest';
import { serve } from '#channel/channel.ts';
import type { Spawned } from '#channel/worker-set.ts';
import { EosinError } from '#errors/failure.ts';
import type { ComposeCalls } from './compose-calls.ts';
import type { Patch } from './model.ts';
import { openComposer } from './open-composer.ts';

const input = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
const calm = new AbortController().signal;

interface Job {
  readonly patch: Patch;
  answer(values?: Float32Array): void; // without them, the shared memory
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
      compose: ({ patch, into = new Float32Array() }) =>
        new Promise((resolve) => void fake.jobs.push({ patch, answer: (values = into) => resolve(values) })),
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
  workers[0]?.jobs[1]?.answer(Float32Array.of(2));
  workers[0]?.jobs[0]?.answer(Float32Array.of(1));
  expect([await one, await two]).toEqual([Float32Array.of(1), Float32Array.of(2)]);
  expect(workers).toHaveLength(1);
});

test('memory that is shared is written over once it is given back', async () => {
  const { workers, spawn } = fakes();
  using composer = openComposer({ spawn, shared: true });
  const composed = async (job: number): Promise<Float32Array> => {
    const values = composer.compose(patch(), input, { signal: calm });
    await until(() => workers[0]?.jobs.length === job + 1);
    workers[0]?.jobs[job]?.answer();
    return values;
  };
  const [one, two] = [await composed(0), await composed(1)];
  expect([one.length, one.buffer instanceof SharedArrayBuffer]).toEqual([12, true]);
  one.fill(1);
  two.fill(2);
  expect(one[0]).toBe(1); // not given back, nobody else has it
  composer.giveBack(one);
  const three = await composed(2);
  three.fill(3);
  expect([one[0], two[0]]).toEqual([3, 2]);
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
  workers[1]?.jobs[0]?.answer(Float32Array.of(3));
  expect(await next).toEqual(Float32Array.of(3));
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
