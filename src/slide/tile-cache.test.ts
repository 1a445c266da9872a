import { expect, test } from 'vitest';
import { TileCache } from './tile-cache.ts';

const waits = { signal: new AbortController().signal };

test('of bytes that came with others no more is kept than what is counted', async () => {
  const tiles = new TileCache();
  const read = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const part = await tiles.get('slide/part', async () => read.subarray(2, 5), waits);
  expect(part).toEqual(Uint8Array.of(3, 4, 5));
  expect([part.buffer.byteLength, tiles.usedBytes]).toEqual([3, 3]);
  const whole = await tiles.get('slide/whole', async () => read, waits);
  expect(whole).toBe(read); // not copied
});
