// OME-TIFF as our own reader of slides sees it, pixel by pixel. libvips and tifffile were held against it by hand (docs/files.md).
import { expect, test } from 'vitest';
import { openSlide } from '#slide/open.ts';
import { nodeDecoders } from '#slide/testing/decoders.ts';
import { ColumnsBuilder } from '../builder.ts';
import { random } from '../testing/random.ts';
import { ImageFile } from './image-file.ts';
import { drawLabels } from './label-strip.ts';
import { omeXml } from './ome-xml.ts';
import { TiffWriter } from './tiff-writer.ts';
import { imageOfBoxes, imageOfGrid } from './value-image.ts';

const { signal } = new AbortController();
const um = { x: 0.5, y: 0.25 };

test('what is written is read again: size, pixel size, every pixel', async () => {
  const [width, height] = [1300, 700];
  const next = random(3);
  const values = Uint8Array.from({ length: width * height }, () => next() * 256);
  const file = new ImageFile({
    name: 'A <map>',
    width,
    height,
    type: 'uint8',
    channels: [{ name: 'x', color: '#ff0000' }],
    umPerPx: um,
    at: { x: 10, y: 20 },
  });
  await file.strip(0, values.slice(0, 512 * width));
  await file.strip(0, values.slice(512 * width));
  const blob = await file.end();
  using slide = await openSlide(new File([blob], 'map.ome.tif'), { signal, decoders: nodeDecoders });
  expect([slide.format, slide.levels[0]?.widthPx, slide.levels[0]?.heightPx, slide.mpp]).toEqual([
    'OME-TIFF',
    width,
    height,
    um,
  ]);
  for (const [col, row] of [
    [0, 0],
    [2, 1],
  ] as const) {
    const tile = await slide.readTile({ level: 0, col, row }, { signal });
    if (!('rgba' in tile)) throw new Error('pixels were expected');
    for (let y = 0; y < tile.height; y += 7)
      for (let x = 0; x < tile.width; x += 5)
        expect(tile.rgba[4 * (y * tile.width + x)]).toBe(values[(row * 512 + y) * width + col * 512 + x]);
  }
});

test('beyond 4 GB it is a BigTIFF: here from the first byte on', async () => {
  const [width, height] = [600, 20];
  const values = Uint16Array.from({ length: width * height }, (_, k) => k % 251);
  const description = omeXml({
    name: 'big',
    width,
    height,
    type: 'uint16',
    channels: [{ name: 'x', color: undefined }],
    umPerPx: um,
    at: { x: 0, y: 0 },
  });
  const writer = new TiffWriter({ width, height, type: 'uint16', channels: 1, description, umPerPx: um }, 0);
  const pieces = writer.strip(0, values);
  const { header, directories } = writer.ends();
  const blob = new Blob([header, ...pieces, directories]);
  expect([...header.slice(0, 4)]).toEqual([0x49, 0x49, 43, 0]);
  using slide = await openSlide(new File([blob], 'big.ome.tif'), { signal, decoders: nodeDecoders });
  expect([slide.levels[0]?.widthPx, slide.levels[0]?.heightPx, slide.mpp]).toEqual([width, height, um]);
});

test('labels lie where the objects do, holes stay open', () => {
  const builder = new ColumnsBuilder('annotations', [{ name: 'a', color: '#000000' }]);
  const square = (x: number, y: number, s: number): number[] => [x, y, x + s, y, x + s, y + s, x, y + s];
  builder.add({
    classIndex: 0,
    probability: 1,
    x: 40,
    y: 40,
    areaPx: 1,
    ring: square(20, 20, 40),
    holes: [square(30, 30, 10)],
  });
  builder.add({ classIndex: 0, probability: 1, x: 5, y: 5, areaPx: 1, ring: square(2, 2, 6) });
  const into = new Uint16Array(40 * 40);
  drawLabels(builder.view(), [7, 9], { width: 40, top: 0, rows: 40, px: 2 }, into);
  const counted = (label: number): number => into.reduce((sum, value) => sum + (value === label ? 1 : 0), 0);
  expect([counted(7), counted(9)]).toEqual([20 * 20 - 5 * 5, 9]);
  expect([into[10 * 40 + 10], into[17 * 40 + 17], into[0], into[1 * 40 + 1]]).toEqual([7, 0, 0, 9]);
});

test('cells of a map are pixels, fractional sizes too; NaN where nothing is known', () => {
  const patch = (x: number, from: number) => ({
    x,
    y: 7.5,
    cellWidth: 56.25,
    cellHeight: 56.25,
    cols: 2,
    rows: 1,
    values: Float32Array.of(from, Number.NaN, from + 1, from + 2),
  });
  const channels = [
    { name: 'a', color: '#000000' },
    { name: 'b', color: '#ffffff' },
  ];
  const image = imageOfGrid({ name: 'Tissue', channels, patches: [patch(100, 1), patch(100 + 4 * 56.25, 5)] });
  expect([image.width, image.height, image.x, image.y]).toEqual([6, 1, 100, 7.5]);
  expect(image.values.map((of) => [...of])).toEqual([
    [1, Number.NaN, Number.NaN, Number.NaN, 5, Number.NaN],
    [2, 3, Number.NaN, Number.NaN, 6, 7],
  ]);
  expect(() => imageOfGrid({ name: 'Tissue', channels, patches: [patch(100, 1), patch(120, 5)] })).toThrow(
    /no common grid/,
  );
});

test('boxes that overlap are as far apart as their grid', () => {
  const boxes = Float32Array.from(
    [
      [0, 0],
      [112.5, 0],
      [0, 112.5],
    ].flatMap(([x = 0, y = 0]) => [x, y, 225, 225]),
  );
  const { width, height, x, y, values } = imageOfBoxes('Attention', boxes, Float32Array.of(1, 2, 3));
  expect([width, height, x, y, [...(values[0] ?? [])]]).toEqual([2, 2, 56.25, 56.25, [1, 2, 3, Number.NaN]]);
});
