// Stacks of ImageJ: pages with directories, or one directory and the pixels of all images behind it.
import { expect, test } from 'vitest';
import { openSlide } from '../open.ts';
import { readRegion } from '../region.ts';
import type { Chosen } from '../slide.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { HEIGHT, stack, WIDTH } from '../testing/imagej-stack.ts';
import { TileCache } from '../tile-cache.ts';

const { signal } = new AbortController();
const tiles = new TileCache(); // one for all that is opened: channels of a file must not be taken for each other

async function seen(file: File, chosen: Chosen = {}) {
  using slide = await openSlide(file, { signal, decoders: nodeDecoders, chosen, tiles });
  const { rgba } = await readRegion(slide, { x: 0, y: 0, width: WIDTH, height: HEIGHT }, 1, { signal });
  const { mpp, format, channels, planes } = slide;
  return {
    format,
    um: mpp?.x,
    channels: channels?.names.length,
    planes: planes?.names,
    ends: [rgba[0], rgba.at(-4)],
    low: channels?.low,
  };
}

test('channels, depths and times: each page is where it lies, the first time is shown', async () => {
  const file = stack({
    says: 'channels=2\nslices=3\nframes=2\nhyperstack=true\nspacing=1.5\nunit=micron\n',
    images: 12,
  });
  expect(await seen(file)).toEqual({
    format: 'ImageJ TIFF',
    um: 0.5,
    channels: 2,
    planes: ['Plane 1, 0 µm', 'Plane 2, 1.5 µm', 'Plane 3, 3 µm'],
    ends: [30, 30],
    low: 0,
  });
  for (const plane of [0, 1, 2])
    for (const channel of [0, 1]) {
      const value = 10 * (1 + plane * 2 + channel);
      expect(await seen(file, { plane, channel })).toMatchObject({ ends: [value, value] });
    }
});

test.for([true, false])('16 bits, little-endian: %s, in strips', async (littleEndian) => {
  const file = stack({ says: 'channels=3\nunit=\\u00B5m\n', images: 3, bits: 16, littleEndian, rowsPerStrip: 4 });
  for (const channel of [0, 1, 2])
    expect(await seen(file, { channel })).toMatchObject({ um: 0.5, channels: 3, low: 10 * (channel + 1) });
});

test('a stack without names is one of depths; one in colours has no channels', async () => {
  expect(await seen(stack({ says: 'loop=false\n', images: 5 }), { plane: 4 })).toMatchObject({
    planes: ['Plane 1', 'Plane 2', 'Plane 3', 'Plane 4', 'Plane 5'],
    ends: [50, 50],
  });
  expect(await seen(stack({ says: 'channels=3\nslices=4\n', images: 4, colour: true }), { plane: 3 })).toMatchObject({
    channels: undefined,
    ends: [40, 40],
  });
});

test('what is not there is not offered: images cut off, strips apart, sizes of 2³¹', async () => {
  const whole = stack({ says: 'channels=2\nslices=3\n', images: 6 });
  const cut = new File([whole.slice(0, whole.size - 1)], 'cut.tif'); // the last depth without its second channel
  expect(await seen(cut)).toMatchObject({ channels: 2, planes: ['Plane 1', 'Plane 2', 'Plane 3'] });
  expect(await seen(cut, { plane: 2 })).toMatchObject({ channels: undefined, ends: [50, 50] });
  expect(await seen(stack({ says: 'channels=6\n', images: 6, rowsPerStrip: 5, gap: 3 }))).toMatchObject({
    channels: undefined,
    planes: undefined,
  });
  const huge = 'channels=2147483648\nslices=2147483648\nframes=2147483648\n';
  expect(await seen(stack({ says: huge, images: 2 }))).toMatchObject({ channels: 2, planes: undefined });
  expect(await seen(stack({ says: 'channels=-1\nslices=x\nunit=pixel\n', images: 1 }))).toMatchObject({
    um: undefined,
  });
});
