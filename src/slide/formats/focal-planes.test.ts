// Slides that were scanned at several depths: one is shown, chosen by its number; each has a fingerprint of its own.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { openSlide, type SlideSource } from '../open.ts';
import { readRegion } from '../region.ts';
import type { Chosen } from '../slide.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { ascii, type Entry, tiffBytes } from '../testing/tiff-bytes.ts';

const { signal } = new AbortController();
const open = (from: SlideSource, chosen: Chosen = {}) => openSlide(from, { signal, decoders: nodeDecoders, chosen });

/** The grey of a slide's first pixel, and which plane it says that this is. */
async function seen(from: SlideSource, chosen: Chosen = {}) {
  using slide = await open(from, chosen);
  const { rgba } = await readRegion(slide, { x: 0, y: 0, width: 1, height: 1 }, 1, { signal });
  return { grey: rgba[0], shown: slide.planes?.shown, plane: slide.properties['eosin.plane'] };
}

async function expectOwnFingerprints(from: SlideSource, count: number): Promise<void> {
  const prints = new Set<string>();
  for (let plane = 0; plane < count; plane++) {
    using slide = await open(from, { plane });
    prints.add(await slide.fingerprint({ signal }));
  }
  expect(prints.size).toBe(count);
  using first = await open(from); // what is found on the plane that a slide begins with is found there again
  using again = await open(from, { plane: first.planes?.shown });
  expect(await first.fingerprint({ signal })).toBe(await again.fingerprint({ signal }));
}

const SIDE = 16;

/** A page of one grey. Its pixels lie in its own directory's values: an undefined tag that is long enough. */
function page(grey: number, more: readonly Entry[] = []): readonly Entry[] {
  const entries: Entry[] = [
    [256, 4, [SIDE]],
    [257, 4, [SIDE]],
    [258, 3, [8]],
    [259, 3, [1]],
    [262, 3, [1]],
    [273, 4, [0]], // set by `placed`
    [277, 3, [1]],
    [278, 4, [SIDE]],
    [279, 4, [SIDE * SIDE]],
    ...more,
    [65000, 7, Array.from({ length: SIDE * SIDE }, () => grey)],
  ];
  return entries.sort(([a], [b]) => a - b);
}

/** The same TIFF, whose strips are where their greys came to lie. */
function placed(pages: readonly (readonly Entry[])[]): Uint8Array<ArrayBuffer> {
  const bytes = tiffBytes(pages);
  const view = new DataView(bytes.buffer);
  let at = view.getUint32(4, true);
  while (at > 0) {
    const count = view.getUint16(at, true);
    const entryOf = (tag: number): number =>
      Array.from({ length: count }, (_, i) => at + 2 + i * 12).find((one) => view.getUint16(one, true) === tag) ?? 0;
    view.setUint32(entryOf(273) + 8, view.getUint32(entryOf(65000) + 8, true), true);
    at = view.getUint32(at + 2 + count * 12, true);
  }
  return bytes;
}

test.for(['lights-full.dcm', 'lights-sparse.dcm'])(
  'DICOM, %s: the middle of three depths, or the one asked for',
  async (name) => {
    const folder = resolve(import.meta.dirname, '../testing/fixtures/dicom');
    const file = new File([readFileSync(resolve(folder, name))], name);
    const middle = readFileSync(resolve(folder, 'grey.rgb'));
    for (const [plane, part] of [
      [undefined, 1],
      [0, 2],
      [1, 1],
      [2, 2],
      [3, 1], // there is none
    ] as const) {
      using slide = await open(file, { plane });
      expect(slide.planes?.shown).toBe(plane === undefined || plane > 2 ? 1 : plane);
      const { rgba } = await readRegion(slide, { x: 0, y: 0, width: 40, height: 28 }, 1, { signal });
      for (let i = 0; i < 40 * 28; i++) expect(rgba[4 * i]).toBe(Math.floor((middle[3 * i] ?? 0) / part));
    }
    using second = await open(file, { channel: 1, plane: 0 });
    const { rgba } = await readRegion(second, { x: 0, y: 0, width: 40, height: 28 }, 1, { signal });
    for (let i = 0; i < 40 * 28; i++) expect(rgba[4 * i]).toBe(Math.floor((255 - (middle[3 * i] ?? 0)) / 2));
    await expectOwnFingerprints(file, 3);
  },
);

test('DICOM: a place that was seen at fewer depths is shown at the one that is chosen, where it has it', async () => {
  const folder = resolve(import.meta.dirname, '../testing/fixtures/dicom');
  const bytes = readFileSync(resolve(folder, 'lights-sparse.dcm'));
  const middle = readFileSync(resolve(folder, 'grey.rgb'));
  let lowest = 0; // frames of the first light: all but one are made another's
  for (let at = bytes.indexOf('DAPI'); at >= 0; at = bytes.indexOf('DAPI', at + 4))
    if (bytes.toString('latin1', at, at + 88).includes('-1.5') && lowest++ > 0) bytes.write('FITC', at, 'latin1');
  expect(lowest).toBe(6);
  using slide = await open(new File([bytes], 'sparse.dcm'), { plane: 1 });
  expect(slide.planes?.names).toHaveLength(3);
  const { rgba } = await readRegion(slide, { x: 0, y: 0, width: 40, height: 28 }, 1, { signal });
  for (let i = 0; i < 40 * 28; i++) expect(rgba[4 * i]).toBe(middle[3 * i]);
});

test('OME-TIFF: depths in any order of dimensions, named by their size; planes of another file are none', async () => {
  const xml = (order: string, more: string) =>
    `<OME UUID="urn:uuid:here"><Image ID="Image:0"><Pixels DimensionOrder="${order}" SizeX="16" SizeY="16" SizeC="2" SizeZ="3" SizeT="1" PhysicalSizeZ="500" PhysicalSizeZUnit="nm" Type="uint8"><Channel Name="A"/><Channel Name="B"/>${more}</Pixels></Image></OME>`;
  const stack = (description: string) =>
    new File(
      [placed([10, 20, 30, 40, 50, 60].map((grey, i) => page(grey, i === 0 ? [[270, 2, ascii(description)]] : [])))],
      'stack.ome.tif',
    );
  const byDepth = stack(xml('XYZCT', '<TiffData/>'));
  expect(await seen(byDepth)).toEqual({ grey: 20, shown: 1, plane: 'Plane 2, 0.5 µm' });
  expect(await seen(byDepth, { plane: 2 })).toMatchObject({ grey: 30, shown: 2 });
  expect(await seen(byDepth, { channel: 1, plane: 0 })).toMatchObject({ grey: 40, shown: 0 });
  expect(await seen(stack(xml('XYCZT', '<TiffData/>')), { channel: 1, plane: 2 })).toMatchObject({ grey: 60 });
  const block = (z: number, ifd: number, file: string) =>
    `<TiffData FirstZ="${z}" IFD="${ifd}" PlaneCount="1"><UUID FileName="${file}.tif">urn:uuid:${file}</UUID></TiffData>`;
  const partly = stack(xml('XYZCT', block(0, 1, 'there') + block(1, 3, 'here') + block(2, 5, 'here')));
  using slide = await open(partly);
  expect(slide.planes?.names).toEqual(['Plane 2, 0.5 µm', 'Plane 3, 1 µm']);
  expect(await seen(partly, { plane: 1 })).toMatchObject({ grey: 60 });
  await expectOwnFingerprints(byDepth, 3);
});

test('NDPI: the plane in focus, those above and below it by their distance', async () => {
  const at = (grey: number, nm: number) =>
    page(grey, [
      [65420, 4, [1]],
      [65421, 4, [20]],
      [65424, 9, [nm >>> 0]],
    ]);
  const file = new File([placed([at(10, -2000), at(20, 0), at(30, 2000)])], 'stack.ndpi');
  expect(await seen(file)).toEqual({ grey: 20, shown: 1, plane: 'Plane 2, 0 µm' });
  expect(await seen(file, { plane: 0 })).toEqual({ grey: 10, shown: 0, plane: 'Plane 1, −2 µm' });
  expect(await seen(file, { plane: 2 })).toMatchObject({ grey: 30, plane: 'Plane 3, 2 µm' });
  await expectOwnFingerprints(file, 3);
});

/** Zarr 2, uncompressed: greys by [channel][depth], in a second level also halved in depth. */
function zarr(axes: string, chunk: readonly number[], omero: object): File[] {
  const [c, z] = [axes.indexOf('c'), axes.indexOf('z')];
  const files: File[] = [];
  const add = (path: string, bytes: BlobPart): void => {
    const file = new File([bytes], path.slice(path.lastIndexOf('/') + 1));
    files.push(Object.defineProperty(file, 'webkitRelativePath', { value: `stack.zarr/${path}` }));
  };
  const levels = [4, 2];
  const names = [...axes];
  const datasets = levels.map((_, i) => ({
    path: `${i}`,
    coordinateTransformations: [{ type: 'scale', scale: names.map((axis) => (axis === 'z' ? 1.5 : 0.5)) }],
  }));
  const described = names.map((name) => ({ name, unit: name === 'c' ? undefined : 'micrometer' }));
  add('.zattrs', JSON.stringify({ multiscales: [{ version: '0.4', axes: described, datasets }], omero }));
  for (const [level, depths] of levels.entries()) {
    const side = SIDE >> level;
    const sizes = { c: 2, z: depths, y: side, x: side };
    const shape = names.map((axis) => sizes[axis as 'c']);
    const chunks = [...chunk, side, side];
    add(
      `${level}/.zarray`,
      JSON.stringify({
        zarr_format: 2,
        shape,
        chunks,
        dtype: '|u1',
        compressor: null,
        fill_value: 0,
        order: 'C',
        filters: null,
      }),
    );
    const counts = shape.map((size, i) => Math.ceil(size / (chunks[i] ?? 1)));
    for (let a = 0; a < (counts[0] ?? 1); a++) {
      for (let b = 0; b < (counts[1] ?? 1); b++) {
        const bytes = new Uint8Array((chunks[0] ?? 1) * (chunks[1] ?? 1) * side * side);
        for (let i = 0; i < (chunks[0] ?? 1); i++) {
          for (let k = 0; k < (chunks[1] ?? 1); k++) {
            const at = [a * (chunks[0] ?? 1) + i, b * (chunks[1] ?? 1) + k];
            const grey = 100 * (at[c] ?? 0) + 10 * ((at[z] ?? 0) << level) + 10;
            bytes.fill(grey, (i * (chunks[1] ?? 1) + k) * side * side, (i * (chunks[1] ?? 1) + k + 1) * side * side);
          }
        }
        add(`${level}/${a}.${b}.0.0`, bytes);
      }
    }
  }
  return files;
}

const WINDOWS = { channels: [1, 2].map(() => ({ window: { start: 0, end: 255 } })) };

test.for([
  ['czyx', [1, 1]],
  ['czyx', [2, 3]],
  ['czyx', [1, 4]],
  ['zcyx', [1, 1]],
  ['zcyx', [3, 2]],
] as const)(
  'OME-Zarr, %s in chunks of %s: the middle of four depths, or the one that is said or asked for',
  async ([axes, chunk]) => {
    const files = zarr(axes, chunk, WINDOWS);
    expect(await seen(files)).toEqual({ grey: 20, shown: 1, plane: 'Plane 2, 1.5 µm' });
    for (let plane = 0; plane < 4; plane++) {
      expect(await seen(files, { plane })).toMatchObject({ grey: 10 + 10 * plane, shown: plane });
      expect(await seen(files, { plane, channel: 1 })).toMatchObject({ grey: 110 + 10 * plane, shown: plane });
    }
    expect(await seen(zarr(axes, chunk, { ...WINDOWS, rdefs: { defaultZ: 3 } }))).toMatchObject({ grey: 40, shown: 3 });
    using slide = await open(files, { plane: 3 });
    const { rgba } = await readRegion(slide, { x: 0, y: 0, width: SIDE, height: SIDE }, 2, { signal });
    expect(rgba[0]).toBe(30); // the smaller level holds half the depths
    await expectOwnFingerprints(files, 4);
  },
);
