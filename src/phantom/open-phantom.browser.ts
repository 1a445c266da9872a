import { expect, test, vi } from 'vitest';
import { openPhantom } from './open-phantom.ts';
import { phantomHere } from './paint-here.ts';

const { signal } = new AbortController();

/** Every channel of a picture. */
function bytesOf(raster: ImageBitmap | { rgba: Uint8ClampedArray }): Uint8ClampedArray {
  if ('rgba' in raster) return raster.rgba;
  const context = new OffscreenCanvas(raster.width, raster.height).getContext('2d');
  if (!context) throw new Error('no canvas');
  context.drawImage(raster, 0, 0);
  return context.getImageData(0, 0, raster.width, raster.height).data;
}

/** How many bytes differ: of a million, `toEqual` takes seconds to say so. */
const differences = (a: Uint8ClampedArray, b: Uint8ClampedArray): number =>
  a.reduce((sum, value, i) => sum + (value === b[i] ? 0 : 1), Math.abs(a.length - b.length));

test('a worker paints what this thread paints, bit for bit', async () => {
  using pool = openPhantom(11, 2);
  using here = phantomHere(11);
  const tiles = [
    { level: 0, col: 97, row: 78 },
    { level: 2, col: 24, row: 19 },
    { level: 8, col: 0, row: 0 },
  ];
  for (const at of tiles) {
    const [there, same] = await Promise.all([pool.readTile(at, { signal }), here.readTile(at, { signal })]);
    expect(there).toBeInstanceOf(ImageBitmap);
    expect([there.width, there.height]).toEqual([same.width, same.height]);
    expect(differences(bytesOf(there), bytesOf(same))).toBe(0);
  }
});

test('a tile that is asked for again is not painted again; each who asks has a picture of their own', async () => {
  using slide = openPhantom(11, 2);
  using posted = vi.spyOn(Worker.prototype, 'postMessage');
  const at = { level: 2, col: 24, row: 19 };
  const [first, beside] = await Promise.all([slide.readTile(at, { signal }), slide.readTile(at, { signal })]);
  const before = bytesOf(first);
  if ('close' in first) first.close();
  const again = await slide.readTile(at, { signal });
  expect(posted).toHaveBeenCalledTimes(1);
  expect(differences(bytesOf(beside), before)).toBe(0);
  expect(differences(bytesOf(again), before)).toBe(0);
});

test('disposing the slide rejects what is still wanted', async () => {
  const slide = openPhantom(11, 1);
  const wanted = [70, 71, 72].map((col) => slide.readTile({ level: 0, col: col + 25, row: 78 }, { signal }));
  slide[Symbol.dispose]();
  for (const tile of wanted) await expect(tile).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
});
