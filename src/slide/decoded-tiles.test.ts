import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withDecodedTiles } from './decoded-tiles.ts';
import { type Slide, type TileAt, type TileWaits, untold } from './slide.ts';

const waits = { signal: new AbortController().signal };
const TILE = 10 * 9 * 4; // bytes of a tile

/** A slide of tiles in one row, each of a grey of its own, and a record of what was read. */
function greys({ fails = () => false }: { fails?: () => boolean } = {}): Slide & { readonly reads: readonly TileAt[] } {
  const reads: TileAt[] = [];
  return {
    ...untold,
    name: 'greys',
    format: 'Test',
    levels: [{ widthPx: 100, heightPx: 9, tileWidth: 10, tileHeight: 9, downsample: 1 }],
    fingerprint: async () => 'greys',
    reads,
    readTile: async (at, { signal }) => {
      reads.push(at);
      await pause(0);
      signal.throwIfAborted();
      if (fails()) throw new Error('made to fail');
      return { width: 10, height: 9, rgba: new Uint8ClampedArray(TILE).fill(100 + at.col) };
    },
    [Symbol.dispose]: () => undefined,
  };
}

test('each call gives a picture of its own, equal to the slide’s', async () => {
  const inner = greys();
  const slide = withDecodedTiles(inner, 10 * TILE);
  const at = { level: 0, col: 1, row: 0 };
  const [a, b, own] = await Promise.all([
    slide.readTile(at, waits),
    slide.readTile(at, waits),
    inner.readTile(at, waits),
  ]);
  if (!('rgba' in a && 'rgba' in b && 'rgba' in own)) throw new Error('Node gives plain pixels');
  expect(a.rgba).toEqual(own.rgba);
  a.rgba.fill(0);
  expect(b.rgba).toEqual(own.rgba);
  expect(inner.reads.length).toBe(2); // one of them is our own
});

test('keeps no more than its budget, the latest', async () => {
  const inner = greys();
  const slide = withDecodedTiles(inner, 2 * TILE);
  for (const col of [0, 1, 0, 2, 0, 1]) await slide.readTile({ level: 0, col, row: 0 }, waits);
  expect(inner.reads.map(({ col }) => col)).toEqual([0, 1, 2, 1]); // 1 was the longest unused when 2 came
});

test('a read that failed is asked for again; an abort of one does not fail the other', async () => {
  let fails = true;
  const slide = withDecodedTiles(greys({ fails: () => fails }), 10 * TILE);
  const at = { level: 0, col: 0, row: 0 };
  await expect(slide.readTile(at, waits)).rejects.toThrow('made to fail');
  fails = false;
  await expect(slide.readTile(at, waits)).resolves.toBeDefined();
  const controller = new AbortController();
  const other = { level: 0, col: 1, row: 0 };
  const first = slide.readTile(other, { signal: controller.signal });
  const second = slide.readTile(other, waits);
  controller.abort(new Error('gave up'));
  await expect(first).rejects.toThrow('gave up');
  await expect(second).resolves.toBeDefined();
});

test('what it keeps is known to be whole, whoever asks first', async () => {
  const inner = greys();
  const asked: TileWaits[] = [];
  const readTile: Slide['readTile'] = (at, how) => {
    asked.push(how);
    return inner.readTile(at, how);
  };
  const slide = withDecodedTiles({ ...inner, readTile }, 10 * TILE);
  await slide.readTile({ level: 0, col: 0, row: 0 }, { ...waits, onLook: () => undefined });
  expect(asked).toEqual([{ signal: waits.signal }]);
});
