// Slides whose descriptions are the same to the byte, in one session: none shows another's tiles, or what was found on another.
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openSlide } from './open.ts';
import { readRegion } from './region.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { TileCache } from './tile-cache.ts';

const { signal } = new AbortController();
const SIDE = 32;

type Content = string | Uint8Array<ArrayBuffer>;

/** Files of a folder that was picked, of which each read is counted. */
function folderOf(contents: Readonly<Record<string, Content>>): { files: File[]; reads: string[] } {
  const reads: string[] = [];
  const files = Object.entries(contents).map(([path, content]) => {
    const file = new File([content], path.slice(path.lastIndexOf('/') + 1), { lastModified: 0 });
    const arrayBuffer = (): Promise<ArrayBuffer> => {
      reads.push(path);
      return new Blob([content]).arrayBuffer();
    };
    return Object.defineProperties(file, {
      webkitRelativePath: { value: `slide/${path}` },
      arrayBuffer: { value: arrayBuffer },
    });
  });
  return { files, reads };
}

const png = async (shade: number): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(
    await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: { r: shade, g: shade, b: shade } } })
      .png()
      .toBuffer(),
  );

const scales = JSON.stringify({
  multiscales: [{ version: '0.4', axes: [{ name: 'y' }, { name: 'x' }], datasets: [{ path: '0' }] }],
});
const array = JSON.stringify({
  zarr_format: 2,
  shape: [SIDE, SIDE],
  chunks: [SIDE, SIDE],
  dtype: '|u1',
  compressor: null,
  fill_value: 0,
  filters: null,
  order: 'C',
});
const zarr = (shade: number, before = ''): Readonly<Record<string, Content>> => ({
  [`${before}.zattrs`]: scales,
  [`${before}0/.zarray`]: array,
  [`${before}0/0.0`]: new Uint8Array(SIDE * SIDE).fill(shade),
});

const KINDS: Readonly<
  Record<string, (shade: number) => Promise<{ contents: Readonly<Record<string, Content>>; tile: string }>>
> = {
  'Deep Zoom': async (shade) => ({
    contents: {
      'a.dzi': `<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="png" Overlap="0" TileSize="${SIDE}"><Size Width="${SIDE}" Height="${SIDE}"/></Image>`,
      'a_files/5/0_0.png': await png(shade),
      'a_files/4/0_0.png': await png(shade),
    },
    tile: 'a_files/4/0_0.png',
  }),
  Zoomify: async (shade) => ({
    contents: {
      'ImageProperties.xml': `<IMAGE_PROPERTIES WIDTH="${SIDE}" HEIGHT="${SIDE}" NUMTILES="1" NUMIMAGES="1" VERSION="1.8" TILESIZE="${SIDE}"/>`,
      'TileGroup0/0-0-0.jpg': await png(shade),
    },
    tile: 'TileGroup0/0-0-0.jpg',
  }),
  'OME-Zarr': async (shade) => ({ contents: zarr(shade), tile: '0/0.0' }),
  'OME-Zarr of bioformats2raw': async (shade) => ({
    contents: {
      '.zattrs': JSON.stringify({ 'bioformats2raw.layout': 3 }),
      'OME/.zattrs': JSON.stringify({ series: ['0', '1'] }),
      ...zarr(shade, '0/'),
      ...zarr(7, '1/'),
    },
    tile: '0/0/0.0',
  }),
};

const open = (files: readonly File[], tiles: TileCache) => openSlide(files, { signal, decoders: nodeDecoders, tiles });

describe.for(Object.entries(KINDS))('%s', ([, make]) => {
  test('two with the same description have tiles and fingerprints of their own', async () => {
    const tiles = new TileCache();
    const seen: [shade: number | undefined, fingerprint: string][] = [];
    for (const shade of [40, 90, 40]) {
      const { files } = folderOf((await make(shade)).contents);
      const slide = await open(files, tiles); // not closed: its tiles stay in the cache
      const { rgba } = await readRegion(slide, { x: 0, y: 0, width: SIDE, height: SIDE }, 1, { signal });
      seen.push([rgba[0], await slide.fingerprint({ signal })]);
    }
    expect(seen.map(([shade]) => shade)).toEqual([40, 90, 40]);
    expect(seen[1]?.[1]).not.toBe(seen[0]?.[1]);
    expect(seen[2]?.[1]).toBe(seen[0]?.[1]); // the same slide again
  });

  test('what tells them apart is read once', async () => {
    const { contents, tile } = await make(40);
    const { files, reads } = folderOf(contents);
    using slide = await open(files, new TileCache());
    await readRegion(slide, { x: 0, y: 0, width: SIDE, height: SIDE }, slide.levels.at(-1)?.downsample ?? 1, {
      signal,
    });
    await slide.fingerprint({ signal });
    expect(reads.filter((path) => path === tile)).toHaveLength(1);
  });
});

test('without that tile a slide opens, and has a fingerprint', async () => {
  const rest = Object.fromEntries(Object.entries(zarr(40)).filter(([path]) => path !== '0/0.0'));
  using slide = await open(folderOf(rest).files, new TileCache());
  const of = createHash('sha256').update(
    Buffer.concat([Buffer.from([scales.length, 0, 0, 0, 0, 0, 0, 0]), Buffer.from(scales)]),
  );
  expect(await slide.fingerprint({ signal })).toBe(of.digest('hex'));
});

test.each([
  [{ plate: { wells: [{ path: 'B/3' }, { path: 'B/4' }] } }, 'a plate of 2 wells', 'such as B/3/0.'],
  [{ well: { images: [{ path: '0' }] } }, 'a well of a plate, with 1 fields', 'such as 0.'],
])('%j is no slide, but its fields are', async (attributes, reason, todo) => {
  const { files } = folderOf({ '.zattrs': JSON.stringify(attributes), ...zarr(5, 'B/3/0/') });
  await expect(open(files, new TileCache())).rejects.toMatchObject({
    message: expect.stringContaining(todo),
    failure: { tag: 'UnsupportedSlide', reason },
  });
});

test('pictures of bioformats2raw of which the first is missing', async () => {
  const { files } = folderOf({ '.zattrs': JSON.stringify({ 'bioformats2raw.layout': 3 }), ...zarr(5, '1/') });
  await expect(open(files, new TileCache())).rejects.toThrow('the first of its pictures, 0, is not in it');
});
