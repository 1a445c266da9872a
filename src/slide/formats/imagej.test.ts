// Stacks of ImageJ: pages with directories, or one directory and the pixels of all images behind it.
import { expect, test } from 'vitest';
import { openSlide } from '../open.ts';
import { readRegion } from '../region.ts';
import type { Chosen } from '../slide.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { ascii, type Entry, tiffBytes } from '../testing/tiff-bytes.ts';
import { TileCache } from '../tile-cache.ts';

const { signal } = new AbortController();
const [WIDTH, HEIGHT] = [20, 10];
const tiles = new TileCache(); // one for all that is opened: channels of a file must not be taken for each other

interface Asked {
  readonly says: string;
  readonly images: number;
  readonly bits?: 8 | 16;
  readonly colour?: boolean;
  readonly littleEndian?: boolean;
  readonly rowsPerStrip?: number;
  /** Bytes between one strip and the next. */
  readonly gap?: number;
}

/** One directory, then the images, each of one value: 10 more than the one before. */
function stack({
  says,
  images,
  bits = 8,
  colour = false,
  littleEndian = false,
  rowsPerStrip = HEIGHT,
  gap = 0,
}: Asked) {
  const samples = colour ? 3 : 1;
  const rowBytes = (WIDTH * samples * bits) / 8;
  const strips = Math.ceil(HEIGHT / rowsPerStrip);
  const entries = (start: number): Entry[] => [
    [256, 3, [WIDTH]],
    [257, 3, [HEIGHT]],
    [258, 3, Array.from({ length: samples }, () => bits)],
    [259, 3, [1]],
    [262, 3, [colour ? 2 : 1]],
    [270, 2, ascii(`ImageJ=1.54f\nimages=${images}\n${says}`)],
    [273, 4, Array.from({ length: strips }, (_, i) => start + i * (rowsPerStrip * rowBytes + gap))],
    [277, 3, [samples]],
    [278, 3, [rowsPerStrip]],
    [279, 4, Array.from({ length: strips }, () => rowsPerStrip * rowBytes)],
    [282, 5, [2, 1]],
    [283, 5, [2, 1]],
    [296, 3, [1]],
  ];
  const { length } = tiffBytes([entries(0)], { littleEndian });
  const header = tiffBytes([entries(length)], { littleEndian });
  const pixels = new DataView(new ArrayBuffer(images * HEIGHT * rowBytes + strips * gap));
  for (let at = 0; at < pixels.byteLength; at += bits / 8) {
    const value = 10 * (1 + Math.floor(at / (HEIGHT * rowBytes)));
    if (bits === 8) pixels.setUint8(at, value);
    else pixels.setUint16(at, value, littleEndian);
  }
  return new File([header, pixels], 'stack.tif');
}

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
