import { expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { moved, openChannel, serve } from './channel.ts';

type Sums = {
  add: { in: [number, number]; out: number };
  fill: { in: number; out: Uint8Array };
  hang: { in: undefined; out: undefined };
  fail: { in: undefined; out: undefined };
};

/** Both ends of a MessageChannel, as a worker and its owner would hold them. */
function pair(onHangAborted: () => void = () => undefined) {
  const { port1, port2 } = new MessageChannel();
  port1.start();
  port2.start();
  serve<Sums>(port2, {
    add: ([a, b]) => a + b,
    fill: (n) => {
      const out = new Uint8Array(n).fill(7);
      return moved(out, [out.buffer]);
    },
    hang: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          onHangAborted();
          reject(signal.reason);
        });
      }),
    fail: () => {
      throw new EosinError({ tag: 'TimedOut', label: 'The sum', seconds: 3 });
    },
  });
  const channel = openChannel<Sums>(port1);
  return { channel, done: () => (port1.close(), port2.close()) };
}
const { signal } = new AbortController();

test('answers, and moves what a handler gives away', async () => {
  const { channel, done } = pair();
  expect(await channel.call('add', [2, 3], { signal })).toBe(5);
  expect(await channel.call('fill', 3, { signal })).toEqual(new Uint8Array([7, 7, 7]));
  done();
});

test('a failure arrives with its tag and fields', async () => {
  const { channel, done } = pair();
  await expect(channel.call('fail', undefined, { signal })).rejects.toMatchObject({
    failure: { tag: 'TimedOut', label: 'The sum', seconds: 3 },
  });
  done();
});

test('an abort rejects at once with its reason and reaches the handler', async () => {
  let told = () => undefined as undefined;
  const heard = new Promise<void>((resolve) => {
    told = () => resolve() as undefined;
  });
  const { channel, done } = pair(() => told());
  const controller = new AbortController();
  const call = channel.call('hang', undefined, { signal: controller.signal });
  controller.abort(new Error('moved on'));
  await expect(call).rejects.toThrow('moved on');
  await heard;
  expect(await channel.call('add', [1, 1], { signal })).toBe(2); // the channel goes on
  done();
});

test('closing rejects what waits and whatever comes later', async () => {
  const { channel, done } = pair();
  const call = channel.call('hang', undefined, { signal });
  channel.close({ tag: 'WorkerDied', label: 'The worker', reason: 'it was stopped' });
  await expect(call).rejects.toMatchObject({ failure: { tag: 'WorkerDied' } });
  await expect(channel.call('add', [1, 1], { signal })).rejects.toMatchObject({ failure: { tag: 'WorkerDied' } });
  done();
});
