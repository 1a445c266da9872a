// Slides that are many small files, as a folder and by address: OME-Zarr, Deep Zoom, IIIF.
import { setMaxListeners } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { relative, resolve } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openSlide, type SlideSource } from '../open.ts';
import { pixelsOf } from '../raster.ts';
import { readRegion } from '../region.ts';
import type { Pixels, Slide } from '../slide.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { serveFolder } from '../testing/folder-server.ts';
import { largestDifference } from '../testing/pixels.ts';
import { sharedFile, sharedFiles, sharedPath, testOn } from '../testing/shared.ts';

const { signal } = new AbortController();
setMaxListeners(200, signal);
const open = (from: SlideSource, channel = 0): Promise<Slide> =>
  openSlide(from, { signal, decoders: nodeDecoders, chosen: { channel } });
const region = (slide: Slide, x: number, y: number, width: number, height: number, downsample = 1): Promise<Pixels> =>
  readRegion(slide, { x, y, width, height }, downsample, { signal });

const FIXTURES = resolve(import.meta.dirname, '../testing/fixtures');
const RAMP = 'two-channels.ome.zarr'; // made by make_zarr.py

function filesOf(folder: string): File[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ parentPath, name }) => {
    const path = resolve(parentPath, name);
    const value = `${RAMP}/${relative(folder, path)}`;
    return Object.defineProperty(new File([readFileSync(path)], name), 'webkitRelativePath', { value });
  });
}

describe('OME-Zarr', () => {
  testOn('derived/cmu-crop.ome.zarr', '0.4: pixels are those of the slide it was cut from', async () => {
    await using server = await serveFolder(sharedPath('derived'));
    using svs = await open(sharedFile('CMU-1-Small-Region.svs'));
    for (const source of [sharedFiles('derived/cmu-crop.ome.zarr'), `${server.url}cmu-crop.ome.zarr`]) {
      using slide = await open(source);
      expect(slide).toMatchObject({ name: 'cmu-crop.ome.zarr', format: 'OME-Zarr', mpp: { x: 0.499, y: 0.499 } });
      expect(slide.levels.map(({ widthPx }) => widthPx)).toEqual([1024, 512, 256]);
      expect(largestDifference(await region(slide, 256, 256, 768, 768), await region(svs, 756, 1156, 768, 768))).toBe(
        0,
      );
      const absent = await region(slide, 0, 0, 256, 256); // chunks that are left out: their fill value
      expect(absent.rgba.every((value) => value === 255)).toBe(true);
    }
  });

  for (const how of ['folder', 'address'] as const) {
    test(`0.5 with shards, 16 bits, blosc, by ${how}: windows as they are said, or as the values ask for`, async () => {
      await using server = await serveFolder(FIXTURES);
      const source = how === 'folder' ? filesOf(resolve(FIXTURES, RAMP)) : `${server.url}${RAMP}/`;
      using second = await open(source, 1);
      expect(second.properties).toMatchObject({ 'eosin.channels': 'DAPI, CD3', 'eosin.channel': 'CD3' });
      expect(second.mpp).toEqual({ x: 0.325, y: 0.325 });
      const { rgba } = await region(second, 0, 0, 96, 64);
      const at = (x: number, y: number): number => rgba[(y * 96 + x) * 4] ?? 0;
      const expected = (x: number, y: number): number => Math.round(((10 * x + y) * 255) / 1020); // its window: 1000 to 2020
      for (const [x, y] of [
        [0, 0],
        [95, 0],
        [31, 63],
        [63, 40],
        [64, 31],
      ] as const)
        expect(at(x, y)).toBe(expected(x, y));
      expect(at(80, 50)).toBe(0); // its chunk is left out
      using first = await open(source);
      const values = new Set((await region(first, 0, 0, 96, 64)).rgba.filter((_, i) => i % 4 === 0));
      expect(values.has(0) && values.has(255)).toBe(true);
    });
  }

  test('a path that leaves the folder is not followed', async () => {
    const meta = { multiscales: [{ axes: [{ name: 'y' }, { name: 'x' }], datasets: [{ path: '../../secret' }] }] };
    await using server = await serveFolder(FIXTURES, async (path) =>
      path === 'a.zarr/.zattrs' ? new TextEncoder().encode(JSON.stringify(meta)) : undefined,
    );
    await expect(open(`${server.url}a.zarr`)).rejects.toMatchObject({ failure: { tag: 'CorruptSlide' } });
    expect(server.asked.every((path) => path.startsWith('a.zarr/'))).toBe(true);
  });
});

describe('Deep Zoom', () => {
  const files = (): File[] => {
    const tiles = sharedFiles('derived/cmu_files').map((file) =>
      Object.defineProperty(file, 'webkitRelativePath', { value: `d/${Reflect.get(file, 'webkitRelativePath')}` }),
    );
    const dzi = Object.defineProperty(sharedFile('derived/cmu.dzi'), 'webkitRelativePath', { value: 'd/cmu.dzi' });
    return [dzi, ...tiles];
  };
  testOn('derived/cmu.dzi', 'tiles without their overlap, from a folder and by address', async () => {
    await using server = await serveFolder(sharedPath('derived'));
    const truth = await nodeDecoders.image(
      new Uint8Array(readFileSync(sharedPath('derived/cmu_files/12/3_4.jpg'))),
      'image/jpeg',
      { signal },
    );
    for (const source of [files(), `${server.url}cmu.dzi`]) {
      using slide = await open(source);
      expect(slide.format).toBe('Deep Zoom');
      expect(slide.levels[0]).toMatchObject({ widthPx: 2220, heightPx: 2967, tileWidth: 254 });
      const tile = pixelsOf(await slide.readTile({ level: 0, col: 3, row: 4 }, { signal }));
      expect(largestDifference(tile, pixelsOf(truth, { x: 1, y: 1, width: 254, height: 254 }))).toBe(0);
    }
  });
  testOn('derived/cmu.dzi', 'by itself it says what lacks; a tile that is not there is a gap', async (file) => {
    await expect(open(file)).rejects.toMatchObject({
      failure: { tag: 'UnsupportedSlide', todo: expect.stringContaining('folder') },
    });
    using slide = await open(files().filter(({ name }) => name !== '3_4.jpg'));
    await expect(slide.readTile({ level: 0, col: 3, row: 4 }, { signal })).rejects.toMatchObject({
      failure: { tag: 'CorruptTile', reason: expect.stringContaining('3_4.jpg is not there') },
    });
  });
});

describe('Zoomify', () => {
  const xml = (width: number, height: number, tiles: number, side: number): string =>
    `<IMAGE_PROPERTIES WIDTH="${width}" HEIGHT="${height}" NUMTILES="${tiles}" NUMIMAGES="1" VERSION="1.8" TILESIZE="${side}" />`;

  test('tiles in groups of 256, from a folder and by address; as libvips writes them', async () => {
    const folder = mkdtempSync(resolve(tmpdir(), 'zoomify-'));
    try {
      const [width, height] = [1101, 803];
      const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
        const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
        return [x / 5, y / 4, (x + y) / 8][i % 3] ?? 0;
      });
      const picture = sharp(pixels, { raw: { width, height, channels: 3 } });
      await picture.jpeg({ quality: 95 }).tile({ size: 64, layout: 'zoomify' }).toFile(resolve(folder, 'slide'));
      await using server = await serveFolder(folder);
      for (const from of [filesOf(resolve(folder, 'slide')), `${server.url}slide/ImageProperties.xml`]) {
        using slide = await open(from);
        expect(slide).toMatchObject({ format: 'Zoomify', name: typeof from === 'string' ? 'slide' : RAMP });
        expect(slide.levels.map(({ widthPx, heightPx }) => [widthPx, heightPx])).toEqual([
          [1101, 803],
          [550, 401], // libvips writes a row and a column more, whose number of tiles is the same
          [275, 200],
          [137, 100],
          [68, 50],
          [34, 25],
        ]);
        for (const part of [1, 4, 32]) {
          const { rgba, width: across } = await region(slide, 0, 0, width, height, part);
          let difference = 0;
          for (let i = 0; i < rgba.length; i += 4) {
            const [x, y] = [((i / 4) % across) * part, Math.floor(i / 4 / across) * part];
            difference = Math.max(difference, Math.abs((rgba[i] ?? 0) - x / 5), Math.abs((rgba[i + 1] ?? 0) - y / 4));
          }
          expect(difference).toBeLessThan(part === 32 ? 12 : 6); // JPEG, and what halving takes the middle of
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('halves are rounded as the number of tiles says', async () => {
    const levelsOf = async (tiles: number): Promise<number[]> => {
      await using server = await serveFolder(FIXTURES, async (path) =>
        path === 'z/ImageProperties.xml' ? new TextEncoder().encode(xml(33, 16, tiles, 16)) : undefined,
      );
      using slide = await open(`${server.url}z/ImageProperties.xml`);
      await expect(slide.readTile({ level: 0, col: 0, row: 0 }, { signal })).rejects.toThrow(
        `TileGroup0/${slide.levels.length - 1}-0-0.jpg is not there`,
      );
      return slide.levels.map(({ widthPx }) => widthPx);
    };
    expect(await levelsOf(4)).toEqual([33, 16]);
    expect(await levelsOf(6)).toEqual([33, 17, 9]);
    expect(await levelsOf(99)).toEqual([33, 16]);
  });

  test.for([
    [0, 100, 256],
    [2 ** 31, 100, 256],
    [100, 100, 1],
    [100, 100.5, 256],
  ] as const)('%s × %s in tiles of %s are damage', async ([width, height, side]) => {
    await using server = await serveFolder(FIXTURES, async () => new TextEncoder().encode(xml(width, height, 1, side)));
    await expect(open(`${server.url}z/ImageProperties.xml`)).rejects.toMatchObject({
      failure: {
        tag: 'CorruptSlide',
        reason: expect.stringContaining(`${width} × ${height} pixels in tiles of ${side}`),
      },
    });
  });
});

describe('IIIF', () => {
  const picture = sharp({ create: { width: 700, height: 500, channels: 3, background: '#fff' } }).composite([
    {
      input: Buffer.from(
        '<svg width="700" height="500"><circle cx="350" cy="250" r="200" fill="#704080"/><rect x="20" y="30" width="90" height="70" fill="#c06090"/></svg>',
      ),
    },
  ]);
  const kinds = [
    { version: 2, whole: 'full', format: 'jpg', more: {} },
    { version: 3, whole: 'full', format: 'jpg', more: {} },
    { version: 2, whole: '0,0,700,500', format: 'jpg', more: {} },
    {
      version: 2,
      whole: 'full',
      format: 'png',
      more: { profile: ['http://iiif.io/api/image/2/level0.json', { formats: ['png'] }] },
    },
    { version: 3, whole: 'full', format: 'webp', more: { preferredFormats: ['webp'] } },
    { version: 3, whole: 'full', format: 'png', more: { profile: 'level0' } }, // libvips says nothing of PNG
  ];
  for (const { version, whole: named, format, more } of kinds) {
    test(`version ${version}: each tile is an address, in the canonical form (${named}, ${format}, ${JSON.stringify(more)})`, async () => {
      const whole = await picture.png().toBuffer();
      const info = {
        '@context': `http://iiif.io/api/image/${version}/context.json`,
        width: 700,
        height: 500,
        tiles: [{ width: 256, scaleFactors: [1, 2, 4] }],
        ...more,
      };
      await using server = await serveFolder(FIXTURES, async (given) => {
        if (given.startsWith(named === 'full' ? 'pic/0,0,700,500/' : 'pic/full/')) return undefined;
        const path = given.replace('/full/', '/0,0,700,500/').replace(`default.${format}`, 'default.jpg');
        if (format !== 'jpg' && given.endsWith('jpg')) return undefined;
        if (path === 'pic/info.json') return new TextEncoder().encode(JSON.stringify(info));
        const asked = /^pic\/(\d+),(\d+),(\d+),(\d+)\/(\d+),(\d*)\/0\/default\.jpg$/.exec(path);
        if (!asked || (version === 2) !== (asked[6] === '')) return undefined;
        const [left = 0, top = 0, width = 0, height = 0, across = 0] = asked.slice(1).map(Number);
        const down = asked[6] === '' ? Math.ceil((height * across) / width) : Number(asked[6]);
        return sharp(whole)
          .extract({ left, top, width, height })
          .resize(across, down, { fit: 'fill' })
          .png()
          .toBuffer();
      });
      using slide = await open(`${server.url}pic/info.json`);
      expect(slide.format).toBe('IIIF');
      expect(slide.levels.map(({ widthPx, heightPx }) => [widthPx, heightPx])).toEqual([
        [700, 500],
        [350, 250],
        [175, 125],
      ]);
      const data = await sharp(whole).ensureAlpha().raw().toBuffer();
      const truth = { width: 700, height: 500, rgba: new Uint8ClampedArray(data) };
      expect(largestDifference(await region(slide, 0, 0, 700, 500), truth)).toBe(0);
      expect((await region(slide, 0, 0, 700, 500, 4)).width).toBe(175);
    });
  }
});
