import { expect, test } from 'vitest';
import { assemble, composed, regionOf } from './kernels/compose.ts';
import type { Patch } from './model.ts';
import { openComposer } from './open-composer.ts';
import { speckled } from './testing/sibling.ts';

const INPUT = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;
const { signal } = new AbortController();
const place = { x: 20.3, y: 30.7, scaleX: 2.016, scaleY: 1.984, size: 32 };
const tiles = [
  { image: speckled(96, 80, 1), x: 0, y: 0 },
  { image: speckled(96, 80, 2), x: 96, y: 0 },
];

const bitmapsOf = (of: typeof tiles): Promise<Patch['tiles']> =>
  Promise.all(
    of.map(async ({ image: { rgba, width, height }, x, y }) => ({
      image: await createImageBitmap(new ImageData(rgba, width, height), { premultiplyAlpha: 'none' }),
      x,
      y,
    })),
  );

test.each([true, false])(
  'the worker gives the twin’s numbers, and takes the bitmaps over: memory is shared: %s',
  async (shared) => {
    using composer = openComposer({ shared });
    const region = regionOf({ ...place, tiles });
    const expected = composed(assemble(tiles, region), region, INPUT);
    const bitmaps = await bitmapsOf(tiles);
    for (const of of [bitmaps, tiles.map((tile) => ({ ...tile, image: structuredClone(tile.image) }))])
      expect(Array.from(await composer.compose({ ...place, tiles: of }, INPUT, { signal }))).toEqual(
        Array.from(expected),
      );
    expect(bitmaps.map(({ image }) => image.width)).toEqual([0, 0]); // closed, or moved away
  },
);

test('a patch that cannot be read is told as itself', async () => {
  using composer = openComposer();
  const far = { ...place, scaleX: 1000, tiles: await bitmapsOf(tiles) };
  await expect(composer.compose(far, INPUT, { signal })).rejects.toMatchObject({ failure: { tag: 'BadInput' } });
});
