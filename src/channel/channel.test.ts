import { expect, test, vi } from 'vitest';
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
  const done = (): void => {
    port1.close();
    port2.close();
  };
  return { channel, done };
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

test.each([
  ['by itself', (port: MessagePort): unknown => port],
  ['in an object', (port: MessagePort): unknown => ({ width: 4, bitmap: port })],
])('what moves here after its call was aborted is closed, %s', async (_, form) => {
  // A port stands in for a bitmap: it moves, is closed, and its other end hears of that.
  type Pictures = { paint: { in: undefined; out: unknown } };
  const { port1, port2 } = new MessageChannel();
  const { port1: kept, port2: given } = new MessageChannel();
  const closed = new Promise((resolve) => kept.addEventListener('close', resolve));
  const controller = new AbortController();
  let finish = (): void => undefined;
  serve<Pictures>(port2, {
    paint: () =>
      new Promise((resolve) => {
        finish = () => resolve(moved(form(given), [given]));
      }),
  });
  for (const port of [port1, port2, kept]) port.start();
  const call = openChannel<Pictures>(port1).call('paint', undefined, { signal: controller.signal });
  await new Promise((resolve) => setTimeout(resolve, 10));
  controller.abort(new Error('moved on'));
  await expect(call).rejects.toThrow('moved on');
  finish();
  await closed;
  port1.close();
});

test('what cannot be sent is not waited for', async () => {
  const { channel, done } = pair();
  const { signal } = new AbortController();
  const [listens, leaves] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
  const twice = new ArrayBuffer(1);
  await expect(channel.call('add', [1, 2], { signal, transfer: [twice, twice] })).rejects.toThrow();
  expect(listens.mock.calls.length).toBe(leaves.mock.calls.length);
  done();
});

test('an answer that cannot be sent is a failure, not silence', async () => {
  const { port1, port2 } = new MessageChannel();
  serve<Pick<Sums, 'fill'>>(port2, {
    fill: (n) => {
      const out = new Uint8Array(n);
      return moved(out, [out.buffer, out.buffer]);
    },
  });
  for (const port of [port1, port2]) port.start();
  const call = openChannel<Pick<Sums, 'fill'>>(port1).call('fill', 3, { signal });
  await expect(call).rejects.toMatchObject({ failure: { tag: 'Unexpected' } });
  port1.close();
});

test('closing rejects what waits and whatever comes later', async () => {
  const { channel, done } = pair();
  const call = channel.call('hang', undefined, { signal });
  channel.close({ tag: 'WorkerDied', label: 'The worker', reason: 'it was stopped' });
  await expect(call).rejects.toMatchObject({ failure: { tag: 'WorkerDied' } });
  await expect(channel.call('add', [1, 1], { signal })).rejects.toMatchObject({ failure: { tag: 'WorkerDied' } });
  done();
});
