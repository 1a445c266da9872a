import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openerInTab, type SlideOpener } from './open-in-tab.ts';
import { pixelsOf } from './raster.ts';
import { readRegion } from './region.ts';
import { levelOf, type Pixels, type Slide } from './slide.ts';
import { dicomBytes } from './testing/dicom-bytes.ts';
import { ascii, type Entry, tiffBytes } from './testing/tiff-bytes.ts';

// Folders that a page may read, as showDirectoryPicker and a drop give them: handles of the origin-private file system are of
// the same class, with the same methods and errors.
const { signal } = new AbortController();
const urls = import.meta.glob<string>('./testing/fixtures/*', { query: '?url', import: 'default', eager: true });
async function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const url = urls[`./testing/fixtures/${name}`] ?? `missing/${name}`;
  return new Uint8Array(await (await fetch(new URL(url, location.href))).arrayBuffer());
}

let opener: SlideOpener;
beforeAll(() => {
  opener = openerInTab();
});
afterAll(() => opener[Symbol.dispose]());

const FOLDER = 'picked folder';
afterEach(async () => (await navigator.storage.getDirectory()).removeEntry(FOLDER, { recursive: true }));

/** A folder on the disk of this origin, with these files at their paths. */
async function folderWith(files: readonly (readonly [path: string, bytes: Uint8Array<ArrayBuffer>])[]) {
  const root = await navigator.storage.getDirectory();
  const top = await root.getDirectoryHandle(FOLDER, { create: true });
  for (const [path, bytes] of files) {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    let at = top;
    for (const part of parts) at = await at.getDirectoryHandle(part, { create: true });
    const out = await (await at.getFileHandle(name, { create: true })).createWritable();
    await out.write(bytes);
    await out.close();
  }
  return top;
}

const open = async (files: Parameters<typeof folderWith>[0]): Promise<Slide> =>
  opener.open(await folderWith(files), { signal });

async function truthOf(name: string): Promise<Pixels> {
  const blob = new Blob([await fixture(name)]);
  return pixelsOf(await createImageBitmap(blob, { colorSpaceConversion: 'none' }));
}

async function expectPixels(slide: Slide, x: number, level: number, truth: Pixels): Promise<void> {
  const { width, height } = truth;
  const { downsample } = levelOf(slide, level);
  const rect = { x: x * downsample, y: 0, width: width * downsample, height: height * downsample };
  const pixels = await readRegion(slide, rect, downsample, { signal });
  expect([pixels.width, pixels.height]).toEqual([width, height]);
  expect(pixels.rgba.every((value, i) => value === truth.rgba[i])).toBe(true);
}

const note = new TextEncoder().encode('Not a slide.');

test('a folder of DICOM files, in folders of their own, is one slide', async () => {
  const jpeg = await fixture('ycbcr-444.jpg'); // 150 × 110
  const frame = [150, 110] as const;
  const large = dicomBytes({ uid: '1.2.3.4.1', matrix: [300, 110], frame, frames: [jpeg, jpeg] });
  const small = dicomBytes({ uid: '1.2.3.4.2', matrix: frame, frame, frames: [jpeg], spacingMm: 0.0006 }); // twice would say that its lower half is padding
  const label = dicomBytes({ uid: '1.2.3.4.3', matrix: frame, frame, frames: [jpeg], kind: 'LABEL' });
  using slide = await open([
    ['DICOMDIR', note],
    ['.DS_Store', note],
    ['series/I1', small],
    ['series/deeper/level-0.dcm', large],
    ['series/label.dcm', label],
    ['series/notes.txt', note],
  ]);
  expect(slide).toMatchObject({ format: 'DICOM WSI', mpp: { x: 0.5, y: 0.5 }, associated: ['label'] });
  expect(slide.levels.map(({ widthPx }) => widthPx)).toEqual([300, 150]);
  const truth = await truthOf('ycbcr-444.jpg.0.png');
  await expectPixels(slide, 150, 0, truth);
  await expectPixels(slide, 0, 1, truth);
  expect((await slide.readAssociated('label', { signal })).width).toBe(150);
});

/** OME-Zarr 0.4 of 96 × 64 px in chunks of 64, whose red is x, whose green is y and whose blue is 7. */
function zarr(): (readonly [string, Uint8Array<ArrayBuffer>])[] {
  const json = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(JSON.stringify(value));
  const axes = [
    { name: 'c', type: 'channel' },
    { name: 'y', type: 'space', unit: 'micrometer' },
    { name: 'x', type: 'space', unit: 'micrometer' },
  ];
  const coordinateTransformations = [{ type: 'scale', scale: [1, 0.5, 0.5] }];
  const array = {
    zarr_format: 2,
    shape: [3, 64, 96],
    chunks: [1, 64, 64],
    dtype: '|u1',
    order: 'C',
    compressor: null,
    filters: null,
    fill_value: 255,
    dimension_separator: '/',
  };
  const chunk = (channel: number, col: number): Uint8Array<ArrayBuffer> =>
    Uint8Array.from({ length: 64 * 64 }, (_, i) => [col * 64 + (i % 64), Math.floor(i / 64), 7][channel] ?? 0);
  return [
    ['.zgroup', json({ zarr_format: 2 })],
    [
      '.zattrs',
      json({ multiscales: [{ version: '0.4', axes, datasets: [{ path: '0', coordinateTransformations }] }] }),
    ],
    ['0/.zarray', json(array)],
    ...[0, 1, 2].flatMap((c) => [0, 1].map((col) => [`0/${c}/0/${col}`, chunk(c, col)] as const)),
  ];
}

test.each(['', 'slide.ome.zarr/'])('an OME-Zarr, picked itself or with the folder around it: “%s”', async (around) => {
  using slide = await open(zarr().map(([path, bytes]) => [`${around}${path}`, bytes] as const));
  expect(slide).toMatchObject({ format: 'OME-Zarr', mpp: { x: 0.5, y: 0.5 } });
  const { rgba } = await readRegion(slide, { x: 0, y: 0, width: 96, height: 64 }, 1, { signal });
  const truth = Uint8ClampedArray.from({ length: 96 * 64 * 4 }, (_, i) => {
    const pixel = Math.floor(i / 4);
    return [pixel % 96, Math.floor(pixel / 96), 7, 255][i % 4] ?? 0;
  });
  expect(rgba.every((value, i) => value === truth[i])).toBe(true);
});

/** An NDPI of one level in one strip. */
const ndpiOf = (jpeg: Uint8Array): Uint8Array<ArrayBuffer> => {
  const entries = (at: number): Entry[] => [
    [256, 4, [150]],
    [257, 4, [110]],
    [258, 3, [8, 8, 8]],
    [259, 3, [7]],
    [262, 3, [6]],
    [271, 2, ascii('Hamamatsu')],
    [273, 4, [at]],
    [277, 3, [3]],
    [278, 4, [110]],
    [279, 4, [jpeg.length]],
    [65_420, 4, [1]],
    [65_421, 4, [20]],
    [65_424, 4, [0]],
  ];
  const { length } = tiffBytes([entries(0)]);
  return Uint8Array.from([...tiffBytes([entries(length)]), ...jpeg]);
};

test('an NDPI with its annotations, what macOS leaves beside them, and a picture', async () => {
  const jpeg = await fixture('ycbcr-444.jpg');
  using slide = await open([
    ['case/slide.ndpi', ndpiOf(jpeg)],
    ['case/slide.ndpi.ndpa', note],
    ['case/._slide.ndpi', note],
    ['case/overview.jpg', jpeg],
  ]);
  expect(slide).toMatchObject({ name: 'slide.ndpi', format: 'Hamamatsu NDPI', objective: 20 });
  await expectPixels(slide, 0, 0, await truthOf('ycbcr-444.jpg.0.png'));
});

test('a folder of two slides, one without any, and one that goes away say so', async () => {
  const jpeg = await fixture('ycbcr-444.jpg');
  const ndpi = ndpiOf(jpeg);
  await expect(
    open([
      ['a.ndpi', ndpi],
      ['b.ndpi', ndpi],
    ]),
  ).rejects.toMatchObject({ failure: { tag: 'BadInput', seen: expect.stringContaining('2 slides: a.ndpi, b.ndpi') } });
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(FOLDER, { recursive: true });
  await expect(open([['notes.txt', note]])).rejects.toMatchObject({
    failure: { tag: 'BadInput', seen: 'no slide is in it, but notes.txt' },
  });
  await root.removeEntry(FOLDER, { recursive: true });
  const large = dicomBytes({ uid: '1.2.3.4.1', matrix: [300, 110], frame: [150, 110], frames: [jpeg, jpeg] });
  using slide = await open([['a.dcm', large]]);
  await root.removeEntry(FOLDER, { recursive: true });
  await expect(slide.readTile({ level: 0, col: 1, row: 0 }, { signal })).rejects.toMatchObject({
    failure: { tag: 'SlideChanged' },
  });
  await root.getDirectoryHandle(FOLDER, { create: true }); // for the end of this test
});
