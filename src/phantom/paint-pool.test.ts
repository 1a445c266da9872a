import { expect, test } from 'vitest';
import { serve } from '#channel/channel.ts';
import type { Spawned } from '#channel/worker-set.ts';
import type { Pixels, TileAt } from '#slide/slide.ts';
import { PaintPool } from './paint-pool.ts';
import type { PhantomCalls } from './phantom-calls.ts';

const at = (col: number): TileAt => ({ level: 0, col, row: 0 });
const { signal } = new AbortController();

/** Painters that paint when told to, and a record of what they were asked. */
function painters() {
  const asked: number[] = [];
  const finish: (() => void)[] = [];
  const fail: ((message: string) => void)[] = [];
  let alive = 0;
  const spawn = (): Spawned => {
    const { port1, port2 } = new MessageChannel();
    port1.start();
    port2.start();
    alive++;
    serve<PhantomCalls>(port2, {
      paint: ({ at: { col } }) =>
        new Promise<Pixels>((resolve) => {
          asked.push(col);
          finish.push(() => resolve({ width: col, height: 1, rgba: new Uint8ClampedArray(4) }));
        }),
    });
    return {
      port: port1,
      terminate: () => {
        alive--;
        port1.close();
        port2.close();
      },
      onError: (tell) => fail.push(tell),
    };
  };
  const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
  return { asked, finish, fail, spawn, settled, alive: () => alive };
}

test('one tile a worker at a time; the newest wish goes first; a wish taken back is never painted', async () => {
  const { asked, finish, spawn, settled } = painters();
  using pool = new PaintPool(spawn, 1);
  const controller = new AbortController();
  const first = pool.paint(1, at(1), { signal });
  const second = pool.paint(1, at(2), { signal });
  const dropped = pool.paint(1, at(3), { signal: controller.signal });
  const fourth = pool.paint(1, at(4), { signal });
  controller.abort(new Error('scrolled away'));
  await expect(dropped).rejects.toThrow('scrolled away');
  await settled();
  expect(asked).toEqual([1]);
  finish.shift()?.();
  expect((await first).width).toBe(1);
  await settled();
  expect(asked).toEqual([1, 4]);
  finish.shift()?.();
  await fourth;
  await settled();
  finish.shift()?.();
  expect((await second).width).toBe(2);
  expect(asked).toEqual([1, 4, 2]);
});

test('a worker that dies fails its tile only; another takes over', async () => {
  const { fail, finish, spawn, settled } = painters();
  using pool = new PaintPool(spawn, 1);
  const lost = pool.paint(1, at(1), { signal });
  const next = pool.paint(1, at(2), { signal });
  await settled();
  fail[0]?.('out of memory');
  await expect(lost).rejects.toMatchObject({ failure: { tag: 'WorkerDied', reason: 'out of memory' } });
  await settled();
  finish[1]?.();
  expect((await next).width).toBe(2);
});

test('closing tells whoever waits, and leaves no worker', async () => {
  const { spawn, settled, alive } = painters();
  const pool = new PaintPool(spawn, 2);
  const tiles = [1, 2, 3].map((col) => pool.paint(1, at(col), { signal }));
  await settled();
  expect(alive()).toBe(2);
  pool[Symbol.dispose]();
  for (const tile of tiles) await expect(tile).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
  await expect(pool.paint(1, at(9), { signal })).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
  expect(alive()).toBe(0);
});
