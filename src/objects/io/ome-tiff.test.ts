// OME-TIFF as our own reader of slides sees it, pixel by pixel. libvips and tifffile were held against it by hand (docs/files.md).
import { expect, test, vi } from 'vitest';
import { openSlide } from '#slide/open.ts';
import { nodeDecoders } from '#slide/testing/decoders.ts';
import { ColumnsBuilder } from '../builder.ts';
import { ringOf } from '../columns.ts';
import { random } from '../testing/random.ts';
import { ImageFile } from './image-file.ts';
import { LabelStrip } from './label-strip.ts';
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
  const into = new Uint16Array(512 * 512);
  new LabelStrip(builder.view(), [7, 9], { width: 40, top: 0, rows: 40, px: 2 }).draw(0, into);
  const counted = (label: number): number => into.reduce((sum, value) => sum + (value === label ? 1 : 0), 0);
  expect([counted(7), counted(9)]).toEqual([20 * 20 - 5 * 5, 9]);
  expect([into[10 * 512 + 10], into[17 * 512 + 17], into[0], into[1 * 512 + 1]]).toEqual([7, 0, 0, 9]);
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
  expect([0, 1].map((channel) => [...image.strip(channel, 0, 1)])).toEqual([
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
  const image = imageOfBoxes('Attention', boxes, Float32Array.of(1, 2, 3));
  const { width, height, x, y } = image;
  expect([width, height, x, y, [...image.strip(0, 0, 2)]]).toEqual([2, 2, 56.25, 56.25, [1, 2, 3, Number.NaN]]);
});

/** Squares in rows over the whole of an image of so many px, some of them over others. */
function scattered(width: number, height: number, count: number, seed: number) {
  const next = random(seed);
  const builder = new ColumnsBuilder('annotations', [{ name: 'a', color: '#000000' }]);
  for (let k = 0; k < count; k++) {
    const [x, y, r] = [next() * width, next() * height, 3 + next() * 40];
    const ring = Array.from({ length: 24 }, (_, v) => {
      const [turn, reach] = [(2 * Math.PI * Math.floor(v / 2)) / 12, r * (0.4 + 0.6 * next())];
      return v % 2 === 0 ? x + reach * Math.cos(turn) : y + reach * Math.sin(turn);
    });
    builder.add({ classIndex: 0, probability: 1, x, y, areaPx: r * r, ring });
  }
  const wide = [-5, 600.2, width + 5, 590.2, width + 5, 640.7, -5, 650.7]; // over all tiles of a row, and beyond
  builder.add({ classIndex: 0, probability: 1, x: width / 2, y: 620, areaPx: 50 * width, ring: wide });
  return builder.copy();
}

/** Whether the middle of a pixel lies in a ring, corner by corner. */
function holds(ring: Float64Array, x: number, y: number): boolean {
  let inside = false;
  for (let k = 0, b = ring.length - 2; k < ring.length; b = k, k += 2) {
    const [ax, ay, bx, by] = [ring[k] ?? 0, ring[k + 1] ?? 0, ring[b] ?? 0, ring[b + 1] ?? 0];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}
function boxOf(ring: Float64Array): Box {
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (let k = 0; k < ring.length; k += 2) {
    const [x = 0, y = 0] = [ring[k], ring[k + 1]];
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}
/** What lies outside a ring's box need not be asked of each of its corners. */
const isIn = (box: Box | undefined, x: number, y: number): boolean =>
  box !== undefined && x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;

test('every pixel of a label image, over the edges of tiles and strips, is the last object that holds its middle', async () => {
  const [width, height] = [1100, 1030];
  const objects = scattered(width, height, 120, 11);
  const rings = Array.from({ length: objects.count }, (_, i) => ringOf(objects, i));
  const boxes = rings.map((ring) => boxOf(ring));
  const channels = [{ name: 'x', color: undefined }];
  const file = new ImageFile({
    name: 'Labels',
    width,
    height,
    type: 'uint8',
    channels,
    umPerPx: um,
    at: { x: 0, y: 0 },
  });
  const labels = Uint32Array.from(rings, (_, i) => i + 1);
  for (let strip = 0; strip < 3; strip++) await file.labels(strip, objects, labels, 1);
  using slide = await openSlide(new File([await file.end()], 'labels.ome.tif'), { signal, decoders: nodeDecoders });
  const seen = new Set<number>();
  for (let row = 0; row < 3; row++)
    for (let col = 0; col < 3; col++) {
      const tile = await slide.readTile({ level: 0, col, row }, { signal });
      if (!('rgba' in tile)) throw new Error('pixels were expected');
      for (let y = 0; y < tile.height; y++)
        for (let x = 0; x < tile.width; x += 7) {
          const [px, py] = [col * 512 + x + 0.5, row * 512 + y + 0.5];
          const label = rings.findLastIndex((ring, k) => isIn(boxes[k], px, py) && holds(ring, px, py)) + 1;
          if (tile.rgba[4 * (y * tile.width + x)] !== label) throw new Error(`${label} at ${col} ${row} ${x} ${y}`);
          seen.add(label);
        }
    }
  expect(seen.size).toBeGreaterThan(100);
});

/** Bytes of the largest array of a kind that is made meanwhile. */
async function largestMade(kind: 'Uint32Array' | 'Float32Array', making: () => Promise<void>): Promise<number> {
  let most = 0;
  const watched = new Proxy(globalThis[kind], {
    construct(target, given) {
      const made = Reflect.construct(target, given);
      most = Math.max(most, made.byteLength);
      return made;
    },
  });
  vi.stubGlobal(kind, watched);
  try {
    await making();
  } finally {
    vi.unstubAllGlobals();
  }
  return most;
}

test('labels of a slide 40,000 pixels wide are held a tile at a time', async () => {
  const [width, height] = [40_000, 512];
  const objects = scattered(width, height, 200, 12);
  const channels = [{ name: 'x', color: undefined }];
  const labels = Uint32Array.from({ length: objects.count }, (_, i) => i + 1);
  let size = 0;
  const most = await largestMade('Uint32Array', async () => {
    const file = new ImageFile({ name: 'L', width, height, type: 'uint32', channels, umPerPx: um, at: { x: 0, y: 0 } });
    await file.labels(0, objects, labels, 1);
    ({ size } = await file.end());
  });
  expect(size).toBeGreaterThan(20_000);
  expect(most).toBe(4 * 512 * 512); // all of the rows would be 80 MB
});

test('a map is made a strip at a time, however far apart its patches lie', async () => {
  const at = { cellWidth: 4, cellHeight: 4, cols: 2, rows: 1 };
  const patches = [
    { ...at, x: 0, y: 0, values: Float32Array.of(1, 2) },
    { ...at, x: 40_000, y: 39_996, values: Float32Array.of(3, 4) },
  ];
  const seen: number[] = [];
  const most = await largestMade('Float32Array', async () => {
    const image = imageOfGrid({ name: 'Tissue', channels: [{ name: 'a', color: '#000000' }], patches });
    expect([image.width, image.height]).toEqual([10_002, 10_000]);
    for (const top of [0, 9728]) seen.push(...image.strip(0, top, 272).filter((value) => !Number.isNaN(value)));
  });
  expect(seen).toEqual([1, 2, 3, 4]);
  expect(most).toBe(4 * 272 * 10_002); // all of it would be 400 MB
});
