import { expect, test } from 'vitest';
import { SerialQueue } from './serial-queue.ts';

const { signal } = new AbortController();

test('jobs run one after the other, whatever became of the one before', async () => {
  const queue = new SerialQueue();
  const log: string[] = [];
  const job =
    (name: string, fails = false) =>
    async () => {
      log.push(`${name} starts`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const all = await Promise.allSettled([
    queue.add(job('a'), { signal }),
    queue.add(job('b', true), { signal }),
    queue.add(job('c'), { signal }),
  ]);
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
});

test('a job aborted while it waits never starts, even by a message that arrives during the job before', async () => {
  const queue = new SerialQueue();
  const controller = new AbortController();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => controller.abort(new Error('cancelled'));
  const first = queue.add(
    async () => {
      port2.postMessage('cancel');
      const until = performance.now() + 30; // blocks the thread as a WASM run does
      while (performance.now() < until);
    },
    { signal },
  );
  let started = false;
  const second = queue.add(async () => (started = true), { signal: controller.signal });
  await first;
  await expect(second).rejects.toThrow('cancelled');
  expect(started).toBe(false);
  await expect(queue.add(async () => 'next', { signal })).resolves.toBe('next');
  port1.close();
});
