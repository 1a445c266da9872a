import { expect, test } from 'vitest';
import { spawned } from '#channel/worker-set.ts';
import type { Jpeg2000Tile } from './decode-jpeg2000.ts';
import { DecodePool } from './decode-pool.ts';
import smallest from './testing/fixtures/odd/one-size.j2k?url';

test('of forty JPEG 2000 tiles of which two are still wanted, the worker decodes those and the two that it had', async () => {
  let answers = 0; // of the worker: what was given up is decoded where it answers
  const spawn = () => {
    const worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', () => answers++);
    return spawned(worker);
  };
  using pool = new DecodePool(spawn, 1);
  const bytes = new Uint8Array(await (await fetch(smallest)).arrayBuffer());
  const tile: Jpeg2000Tile = { bytes, mostWidth: 32, mostHeight: 24, colours: 'rgb', halved: 0 };
  const wanted = new AbortController();
  const left = new AbortController();
  const decoding = Array.from({ length: 40 }, (_, i) =>
    pool.jpeg2000(tile, { signal: i === 20 || i === 39 ? wanted.signal : left.signal }),
  );
  left.abort(new DOMException('The view moved on.', 'AbortError'));
  const told = await Promise.allSettled(decoding);
  expect(told.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []))).toEqual([20, 39]);
  await pool.jpeg2000(tile, { signal: wanted.signal }); // behind all that was sent before
  expect(answers).toBe(2 + 2 + 1);
});
