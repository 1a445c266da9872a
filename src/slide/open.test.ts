// What opens, as what, and what is said of what does not. On made-up files, so nothing here is ever skipped.
import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Decoders } from './decode.ts';
import { openSlide } from './open.ts';
import { readRegion } from './region.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { largestDifference } from './testing/pixels.ts';
import { serveRanges } from './testing/range-server.ts';
import { ascii, type Entry, tiffBytes } from './testing/tiff-bytes.ts';
import { TileCache } from './tile-cache.ts';

const { signal } = new AbortController();
setMaxListeners(64, signal); // many tiles wait under the one signal
const fixture = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(resolve(import.meta.dirname, 'testing/fixtures', name)));
const fileOf = (bytes: Uint8Array<ArrayBuffer> | string, name: string): File => new File([bytes], name);
const open = (file: Blob, decoders: Decoders = nodeDecoders) => openSlide(file, { signal, decoders });

/** An uncompressed grey picture of 4 × 4, with any entries replaced or added. */
function greyTiff(changes: readonly Entry[] = []): Uint8Array<ArrayBuffer> {
  const plain: Entry[] = [
    [256, 3, [4]],
    [257, 3, [4]],
    [258, 3, [8]],
    [259, 3, [1]],
    [262, 3, [1]],
    [273, 4, [8]], // any 16 bytes will do for pixels
    [277, 3, [1]],
    [278, 3, [4]],
    [279, 4, [16]],
  ];
  const entries = new Map(plain.map((entry) => [entry[0], entry]));
  for (const change of changes) entries.set(change[0], change);
  return tiffBytes([[...entries.values()].sort((a, b) => a[0] - b[0])]);
}

describe('pixels equal what libvips reads, level by level', () => {
  const cases = [
    ['jpeg-rgb.tif', 3, 0],
    ['jpeg-ycbcr.tif', 3, 0],
    ['lzw-predictor.tif', 3, 0],
    ['deflate-big.tif', 3, 0],
    ['deflate-alpha.tif', 3, 1], // libvips rounds otherwise when it blends with white
    ['grey.tif', 3, 0],
    ['strips-lzw.tif', 1, 0],
    ['strips-packbits.tif', 1, 0],
    ['strips-zstd.tif', 1, 0],
    ['ycbcr-420.jpg', 1, 0],
  ] as const;
  for (const [name, levels, tolerance] of cases) {
    test(name, async () => {
      using slide = await open(fileOf(fixture(name), name));
      expect(slide.levels).toHaveLength(levels);
      for (const [index, level] of slide.levels.entries()) {
        const rect = { x: 0, y: 0, width: level.widthPx * level.downsample, height: level.heightPx * level.downsample };
        const pixels = await readRegion(slide, rect, level.downsample, { signal });
        const { data, info } = await sharp(fixture(`${name}.${index}.png`))
          .ensureAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true });
        const truth = { width: info.width, height: info.height, rgba: new Uint8ClampedArray(data) };
        expect(largestDifference(pixels, truth)).toBeLessThanOrEqual(tolerance);
      }
    });
  }
});

describe('the pixel size', () => {
  const mppOf = async (...changes: Entry[]): Promise<unknown> => (await open(fileOf(greyTiff(changes), 'a.tif'))).mpp;
  const resolution = (x: number, y: number, unit: number): Entry[] => [
    [282, 5, [x, 1]],
    [283, 5, [y, 1]],
    [296, 3, [unit]],
  ];
  test('comes from the resolution in centimetres or inches', async () => {
    expect(await mppOf(...resolution(20_000, 40_000, 3))).toEqual({ x: 0.5, y: 0.25 });
    expect(await mppOf(...resolution(50_800, 50_800, 2))).toEqual({ x: 0.5, y: 0.5 });
  });
  test('is not what screens and printers say, nor without a unit, nor impossible', async () => {
    for (const dpi of [72, 96, 300, 600, 1200]) expect(await mppOf(...resolution(dpi, dpi, 2))).toBeUndefined();
    expect(await mppOf(...resolution(20_000, 20_000, 1))).toBeUndefined();
    expect(await mppOf([282, 5, [1, 0]], [283, 5, [0, 0]], [296, 3, [3]])).toBeUndefined();
    expect(await mppOf()).toBeUndefined();
  });
  const ome = (attributes: string): Entry => [
    270,
    2,
    ascii(
      `<?xml version="1.0"?><OME:OME xmlns:OME="x"><OME:Image><OME:Pixels ID="Pixels:0" ${attributes}><Channel/></OME:Pixels></OME:Image></OME:OME>`,
    ),
  ];
  test('comes from OME-XML in its own units, before the resolution', async () => {
    const cm = resolution(20_000, 20_000, 3);
    const cases = [
      ['PhysicalSizeX="0.25" PhysicalSizeY="0.26"', { x: 0.25, y: 0.26 }],
      [
        "PhysicalSizeX='250' PhysicalSizeXUnit='nm' PhysicalSizeY='0.00025' PhysicalSizeYUnit='mm'",
        { x: 0.25, y: 0.25 },
      ],
      [
        'PhysicalSizeX="0.5" PhysicalSizeXUnit="&#181;m" PhysicalSizeY="0.5" PhysicalSizeYUnit="µm"',
        { x: 0.5, y: 0.5 },
      ],
      ['PhysicalSizeX="1" PhysicalSizeXUnit="pixel" PhysicalSizeY="1" PhysicalSizeYUnit="pixel"', undefined],
      ['SizeX="4"', undefined],
    ] as const;
    for (const [attributes, expected] of cases) expect(await mppOf(ome(attributes), ...cm)).toEqual(expected);
  });
  const aperio = (text: string): Entry => [270, 2, ascii(`Aperio Image Library\r\n4x4 JPEG|AppMag = 40|${text}`)];
  test('of an SVS is its MPP, and nothing where that is no size', async () => {
    expect(await mppOf(aperio('MPP = 0.2520'))).toEqual({ x: 0.252, y: 0.252 });
    expect(await mppOf(aperio('MPP = 0,4990'))).toEqual({ x: 0.499, y: 0.499 }); // as OpenSlide reads it
    for (const wrong of ['0', 'NaN', '-0.25', '1e308', '0.4.990', ''])
      expect(await mppOf(aperio(`MPP = ${wrong}`))).toBeUndefined();
  });
});

test('an SVS tells all its properties, those named like JavaScript’s own too', async () => {
  const description = 'Aperio Image Library\r\n4x4 JPEG|AppMag = 40|Title = <b>a = b</b>|__proto__ = 1|User = é';
  using slide = await open(fileOf(greyTiff([[270, 2, ascii(description)]]), 'a.svs'));
  expect([slide.format, slide.vendor, slide.objective]).toEqual(['Aperio SVS', 'aperio', 40]);
  expect(slide.properties['aperio.Title']).toBe('<b>a = b</b>');
  expect(slide.properties['aperio.__proto__']).toBe('1');
  expect(slide.properties['aperio.User']).toBe('é');
});

test('label and macro of an SVS are never levels, though they be tiled; levels come largest first', async () => {
  const page = (side: number, text: string): Entry[] => [
    [256, 3, [side]],
    [257, 3, [side]],
    [258, 3, [8]],
    [259, 3, [1]],
    [262, 3, [1]],
    [270, 2, ascii(`Aperio Image Library\r\n${text}`)],
    [277, 3, [1]],
    [322, 3, [64]],
    [323, 3, [64]],
    [324, 4, [8]],
    [325, 4, [4096]],
  ];
  const bytes = tiffBytes([
    page(64, '64x64'),
    page(16, '16x16'),
    page(32, '32x32'),
    page(40, 'label 40x40'),
    page(48, 'macro 48x48'),
  ]);
  using slide = await open(fileOf(bytes, 'a.svs'));
  expect(slide.levels.map(({ widthPx }) => widthPx)).toEqual([64, 32, 16]);
  expect(slide.associated).toEqual(['label', 'macro']);
});

test('a small TIFF of many pages that share one huge text takes little memory', async () => {
  const shared = 2 ** 21; // bytes of description and of JPEG tables that every page names
  const page = (side: number): Entry[] => [
    [256, 3, [side]],
    [257, 3, [side]],
    [258, 3, [8]],
    [259, 3, [1]],
    [262, 3, [1]],
    [270, 2, Array.from({ length: 8 }, () => 65)],
    [277, 3, [1]],
    [322, 3, [64]],
    [323, 3, [64]],
    [324, 4, [8]],
    [325, 4, [4096]],
  ];
  const bytes = tiffBytes(Array.from({ length: 600 }, (_, i) => page(64 - (i % 48))));
  const whole = new Uint8Array(bytes.length + shared).fill(65);
  whole.set(bytes);
  const view = new DataView(whole.buffer);
  for (let at = view.getUint32(4, true); at !== 0; at = view.getUint32(at + 2 + 11 * 12, true)) {
    view.setUint32(at + 2 + 5 * 12 + 4, shared, true); // the description's length and place
    view.setUint32(at + 2 + 5 * 12 + 8, bytes.length, true);
  }
  let read = 0;
  class Counting extends File {
    override slice(from = 0, to = this.size): Blob {
      read += to - from;
      return super.slice(from, to);
    }
  }
  using slide = await open(new Counting([whole], 'a.tif'));
  expect(slide.levels[0]?.widthPx).toBe(64);
  expect(read).toBeLessThan(shared + 300 * 2 ** 16); // the first page's text, and 64 KiB of at most 256 others
});

test('JPEG tables longer than any are damage', async () => {
  const tables: Entry = [347, 7, Array.from({ length: 2 ** 16 + 1 }, () => 1)];
  await expect(open(fileOf(greyTiff([tables]), 'a.tif'))).rejects.toThrow('tag 347 claims 65537 bytes');
});

test('two files as long that begin alike, in one session: each shows itself', async () => {
  const side = 300; // more than 64 kB until the last row
  const grey = (last: number): Uint8Array<ArrayBuffer> => {
    const directory = [
      [256, 3, [side]],
      [257, 3, [side]],
      [258, 3, [8]],
      [259, 3, [1]],
      [262, 3, [1]],
      [273, 4, [500]],
      [277, 3, [1]],
      [278, 3, [side]],
      [279, 4, [side * side]],
    ] as const satisfies readonly Entry[];
    const bytes = new Uint8Array(500 + side * side).fill(255);
    bytes.set(tiffBytes([directory]));
    bytes.fill(last, bytes.length - side);
    return bytes;
  };
  const tiles = new TileCache();
  const shades: (number | undefined)[] = [];
  for (const [name, last] of [
    ['a.tif', 10],
    ['b.tif', 200],
  ] as const) {
    const slide = await openSlide(fileOf(grey(last), name), { signal, decoders: nodeDecoders, tiles }); // left open
    const { rgba } = await readRegion(slide, { x: 0, y: side - 1, width: 1, height: 1 }, 1, { signal });
    shades.push(rgba[0]);
  }
  expect(shades).toEqual([10, 200]);
});

describe('what is no slide says what it is', () => {
  const cases = [
    ['<!DOCTYPE html><html>', 'slide.svs', 'an HTML page'],
    ['<?xml version="1.0"?><a/>', 'a.xml', 'XML'],
    ['{"a": 1}', 'a.json', 'JSON'],
    ['Dear colleague,\nsee below', 'letter.tif', 'the text “Dear colleague,”'],
    ['%PDF-1.7', 'report.pdf', 'a PDF'],
    ['\x01\x02\x03\x04', 'x.bin', 'the bytes 01 02 03 04'],
  ] as const;
  for (const [content, name, seen] of cases) {
    test(seen, () =>
      expect(open(fileOf(content, name))).rejects.toMatchObject({ failure: { tag: 'NotASlide', name, seen } }),
    );
  }
  test.each([
    ['PK\x03\x04 and so on', 'slides.zip', 'a ZIP archive'],
    ['PK\x05\x06', 'nothing.zip', 'a ZIP archive'],
    ['\x1f\x8b\x08 and so on', 'slide.svs', 'a gzip archive'], // packed on its way, under the slide's own name
    ['7z\xbc\xaf\x27\x1c', 'slide.7z', 'a 7-Zip archive'],
    ['Rar!\x1a', 'slide.rar', 'a RAR archive'],
    [`${'slide.svs'.padEnd(257, '\0')}ustar`, 'slide.tar', 'a tar archive'],
  ])('%j: an archive is to be unpacked', (content, name, reason) => {
    const bytes = Uint8Array.from(content, (char) => char.charCodeAt(0));
    return expect(open(fileOf(bytes, name))).rejects.toMatchObject({
      message: expect.stringContaining('Unpack it first'),
      failure: { tag: 'UnsupportedSlide', name, reason },
    });
  });
  test.each([
    ['[Virtual Microscope Specimen]\nNoLayers=1', 'a.vms', 'a Hamamatsu VMS or VMU slide', 'vips tiffsave'],
    ['[Uncompressed Virtual Microscope Specimen]', 'a.vmu', 'a Hamamatsu VMS or VMU slide', 'vips tiffsave'],
    ['SQLite format 3\0', 'a.svslide', 'a Sakura slide', 'vips tiffsave'],
    ['<DataObject ObjectType="DPUfsImport">', 'a.isyntax', 'a Philips iSyntax slide', 'Export it'],
    ['p\0\0\0', 'a.lif', 'a Leica LIF file', 'bfconvert'],
    ['\xda\xce\xbe\x0a', 'a.nd2', 'a Nikon ND2 file', 'bfconvert'],
    ['KFB', 'a.kfb', 'a KFBio KFB slide', 'Export it'],
    ['SQ', 'a.SDPC', 'a SQRAY SDPC slide', 'Export it'],
  ])('%j in %s is refused with the way out', (content, name, reason, todo) => {
    const bytes = Uint8Array.from(content, (char) => char.charCodeAt(0));
    return expect(open(fileOf(bytes, name))).rejects.toMatchObject({
      message: expect.stringContaining(todo),
      failure: { tag: 'UnsupportedSlide', name, reason: expect.stringContaining(reason) },
    });
  });
  test('an empty file says so', () =>
    expect(open(fileOf('', 'slide.svs'))).rejects.toThrow(
      'slide.svs: it is empty (0 bytes). Copy the file again from the scanner or the archive, and compare the sizes.',
    ));
  test('a picture that calls itself a slide', () =>
    expect(open(fileOf(fixture('ycbcr-420.jpg'), 'slide.svs'))).rejects.toMatchObject({
      failure: { tag: 'NotASlide', seen: 'a JPEG picture' },
    }));
});

test('a Zoomify picture without its tiles is named', async () => {
  const xml = '<IMAGE_PROPERTIES WIDTH="1101" HEIGHT="803" NUMTILES="29" NUMIMAGES="1" VERSION="1.8" TILESIZE="256" />';
  const within = (path: string, bytes: BlobPart): File =>
    Object.defineProperty(new File([bytes], path.slice(path.lastIndexOf('/') + 1)), 'webkitRelativePath', {
      value: `slide/${path}`,
    });
  const description = within('ImageProperties.xml', xml);
  await expect(openSlide(description, { signal, decoders: nodeDecoders })).rejects.toMatchObject({
    failure: {
      tag: 'UnsupportedSlide',
      reason: expect.stringContaining('Zoomify'),
      todo: expect.stringContaining('vips dzsave'),
    },
  });
});

test('a file that was changed or removed after it was opened', async () => {
  const whole = fixture('jpeg-rgb.tif');
  let gone = false;
  class Fading extends File {
    override slice(from?: number, to?: number): Blob {
      const part = super.slice(from, to);
      if (gone)
        part.arrayBuffer = () => Promise.reject(new DOMException('The file could not be read', 'NotReadableError'));
      return part;
    }
  }
  using slide = await open(new Fading([whole], 'a.tif'));
  gone = true;
  await expect(slide.readTile({ level: 0, col: 0, row: 0 }, { signal })).rejects.toMatchObject({
    failure: { tag: 'SlideChanged', name: 'a.tif' },
  });
});

describe('pictures', () => {
  test('transparent ones lie on white, in tiles of at most 512', async () => {
    const png = await sharp({
      create: { width: 700, height: 30, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    using slide = await open(fileOf(new Uint8Array(png), 'a.png'));
    expect(slide).toMatchObject({
      format: 'PNG',
      mpp: undefined,
      levels: [{ widthPx: 700, heightPx: 30, tileWidth: 512, tileHeight: 30 }],
    });
    const tile = await slide.readTile({ level: 0, col: 1, row: 0 }, { signal });
    expect([tile.width, tile.height]).toEqual([188, 30]);
    if ('rgba' in tile) expect(tile.rgba.every((sample) => sample === 255)).toBe(true);
  });
  test('WebP opens', async () => {
    const webp = await sharp({ create: { width: 20, height: 10, channels: 3, background: '#936' } })
      .webp()
      .toBuffer();
    using slide = await open(fileOf(new Uint8Array(webp), 'a.webp'));
    expect(slide).toMatchObject({ format: 'WebP', levels: [{ widthPx: 20, heightPx: 10 }] });
  });
  test('one that claims to be huge is refused before it is decoded; one cut short is damaged', async () => {
    const bytes = new Uint8Array(
      await sharp({ create: { width: 64, height: 64, channels: 3, background: '#936' } })
        .png()
        .toBuffer(),
    );
    const huge = bytes.slice();
    new DataView(huge.buffer).setUint32(16, 60_000);
    new DataView(huge.buffer).setUint32(20, 60_000);
    let decoded = 0;
    const counting: Decoders = {
      ...nodeDecoders,
      image: (...asked) => {
        decoded++;
        return nodeDecoders.image(...asked);
      },
    };
    await expect(open(fileOf(huge, 'huge.png'), counting)).rejects.toMatchObject({
      failure: { tag: 'UnsupportedSlide' },
    });
    expect(decoded).toBe(0);
    await expect(open(fileOf(bytes.slice(0, 60), 'cut.png'))).rejects.toMatchObject({
      failure: { tag: 'CorruptSlide' },
    });
  });
});

describe('tiles', () => {
  const at = { level: 0, col: 1, row: 0 };
  test('outside of the level there are none', async () => {
    using slide = await open(fileOf(fixture('jpeg-rgb.tif'), 'a.tif'));
    for (const wrong of [
      { ...at, col: 3 },
      { ...at, row: -1 },
      { ...at, level: 9 },
    ]) {
      await expect(slide.readTile(wrong, { signal })).rejects.toThrow(RangeError);
    }
  });

  test('one that is damaged says which it is; the others still come', async () => {
    const bytes = fixture('deflate-big.tif');
    bytes.fill(0x55, 1000, 1400); // inside the data of some tile
    using slide = await open(fileOf(bytes, 'a.tif'));
    const places = [0, 1, 2].flatMap((col) => [0, 1].map((row) => ({ level: 0, col, row })));
    const results = await Promise.allSettled(places.map((place) => slide.readTile(place, { signal })));
    const failed = results.flatMap((result, i) =>
      result.status === 'rejected' ? [{ reason: result.reason, place: places[i] }] : [],
    );
    expect(failed.length).toBeGreaterThanOrEqual(1);
    expect(failed.length).toBeLessThan(places.length);
    for (const { reason, place } of failed) expect(reason.failure).toMatchObject({ tag: 'CorruptTile', ...place });
  });

  test('one that was broken on its way comes once it is asked for again', async () => {
    const bytes = fixture('deflate-big.tif');
    const damaged = fixture('deflate-big.tif').fill(0x55, 1000, 1400); // inside the data of some tile
    let broken = true;
    await using server = await serveRanges(() => (broken ? damaged : bytes));
    using slide = await openSlide(server.url, { signal, decoders: nodeDecoders });
    const places = [0, 1, 2].flatMap((col) => [0, 1].map((row) => ({ level: 0, col, row })));
    const results = await Promise.allSettled(places.map((place) => slide.readTile(place, { signal })));
    const failed = places.filter((_, i) => results[i]?.status === 'rejected');
    expect(failed.length).toBeGreaterThanOrEqual(1);
    broken = false;
    for (const place of failed) expect((await slide.readTile(place, { signal })).width).toBeGreaterThan(0);
  });

  test('a JPEG that proves damaged when its picture is there says which tile it was, and comes whole once it is asked for again', async () => {
    const bytes = fixture('jpeg-ycbcr.tif');
    const damaged = fixture('jpeg-ycbcr.tif');
    for (let i = 0; i + 1 < damaged.length; i++)
      if (damaged[i] === 0xff && damaged[i + 1] === 0xd9) damaged.fill(0, i - 24, i); // the last codes of each tile
    let broken = true;
    const lenient: Decoders = {
      ...nodeDecoders,
      image: async () => ({ width: 128, height: 128, rgba: new Uint8ClampedArray(4 * 128 * 128) }),
    };
    await using server = await serveRanges(() => (broken ? damaged : bytes));
    using slide = await openSlide(server.url, { signal, decoders: lenient });
    const place = { level: 0, col: 1, row: 0 };
    const looks: Promise<void>[] = [];
    const onLook = (whole: Promise<void>): void => void looks.push(whole);
    expect((await slide.readTile(place, { signal, onLook })).width).toBeGreaterThan(0);
    await expect(looks[0]).rejects.toMatchObject({ failure: { tag: 'CorruptTile', ...place } });
    broken = false;
    await slide.readTile(place, { signal, onLook });
    await expect(looks[1]).resolves.toBeUndefined();
  });

  test('a file cut before its directories says how much is missing', async () => {
    const made = fixture('jpeg-ycbcr.tif');
    await expect(open(fileOf(made.slice(0, 300), 'a.tif'))).rejects.toMatchObject({
      failure: { tag: 'CorruptSlide', reason: expect.stringMatching(/more bytes are needed/) },
    });
  });

  test('a tile that the end of the file cuts says so', async () => {
    const bytes = greyTiff([[273, 4, [100]]]);
    const cut = greyTiff([[273, 4, [bytes.length - 6]]]);
    using slide = await open(fileOf(cut, 'a.tif'));
    await expect(slide.readTile({ level: 0, col: 0, row: 0 }, { signal })).rejects.toMatchObject({
      failure: { tag: 'CorruptTile', level: 0, col: 0, row: 0, reason: expect.stringContaining('10 more bytes') },
    });
  });

  test('a JPEG tile without its end is damaged, though a decoder would make something of it', async () => {
    const bytes = fixture('jpeg-ycbcr.tif');
    for (let i = 0; i + 1 < bytes.length; i++) if (bytes[i] === 0xff && bytes[i + 1] === 0xd9) bytes.fill(0, i, i + 2);
    using slide = await open(fileOf(bytes, 'a.tif'));
    await expect(slide.readTile({ level: 0, col: 0, row: 0 }, { signal })).rejects.toMatchObject({
      failure: { tag: 'CorruptTile', reason: 'its JPEG data is cut short' },
    });
  });

  test('one that is left out is glass in a sparse TIFF, and a gap in an SVS', async () => {
    const absent: Entry[] = [
      [322, 3, [16]],
      [323, 3, [16]],
      [324, 4, [0]],
      [325, 4, [0]],
    ];
    const first = { level: 0, col: 0, row: 0 };
    using sparse = await open(fileOf(greyTiff(absent), 'a.tif'));
    const tile = await sparse.readTile(first, { signal });
    expect([tile.width, tile.height, 'rgba' in tile && tile.rgba.every((sample) => sample === 255)]).toEqual([
      4,
      4,
      true,
    ]);
    using svs = await open(fileOf(greyTiff([...absent, [270, 2, ascii('Aperio Image Library')]]), 'a.svs'));
    await expect(svs.readTile(first, { signal })).rejects.toMatchObject({
      failure: { tag: 'CorruptTile', reason: 'the file leaves it out' },
    });
  });

  test('aborting reaches the decoder, and rejects with the reason', async () => {
    const seen: AbortSignal[] = [];
    const stuck: Decoders = {
      ...nodeDecoders,
      image: (_bytes, _type, waits) =>
        new Promise((_, reject) => {
          seen.push(waits.signal);
          waits.signal.addEventListener('abort', () => reject(waits.signal.reason));
        }),
    };
    using slide = await open(fileOf(fixture('jpeg-rgb.tif'), 'a.tif'), stuck);
    const controller = new AbortController();
    const reading = slide.readTile(at, { signal: controller.signal });
    await expect.poll(() => seen.length).toBe(1);
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    expect(seen[0]?.aborted).toBe(true);
  });

  test('after closing nothing is read, and its tiles leave the cache', async () => {
    const { TileCache } = await import('./tile-cache.ts');
    const tiles = new TileCache();
    const slide = await openSlide(fileOf(fixture('jpeg-rgb.tif'), 'a.tif'), { signal, decoders: nodeDecoders, tiles });
    await slide.readTile(at, { signal });
    expect(tiles.usedBytes).toBeGreaterThan(0);
    slide[Symbol.dispose]();
    expect(tiles.usedBytes).toBe(0);
    await expect(slide.readTile(at, { signal })).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
  });
});

describe('TIFFs that are not read are refused with the way out', () => {
  const cases = [
    ['whole numbers of 24 bits', [[258, 3, [24]]], '24 bits a sample', "astype('float32')"],
    ['a palette without colours', [[262, 3, [3]]], 'colours of a palette', 'vips tiffsave'],
    ['fax', [[259, 3, [4]]], 'CCITT fax', 'vips tiffsave'],
    ['an unknown compression', [[259, 3, [50_999]]], 'compression number 50999', 'vips tiffsave'],
    ['JPEG XL', [[259, 3, [50_002]]], 'JPEG XL', 'pip install tifffile'],
    ['LZMA', [[259, 3, [34_925]]], 'LZMA', 'pip install tifffile'],
    [
      'JPEG 2000 of signed numbers',
      [
        [258, 3, [16]],
        [259, 3, [34_712]],
        [339, 3, [2]],
      ],
      '16 signed bits',
      'pip install tifffile',
    ], // black, by libvips
    [
      'inks as JPEG',
      [
        [259, 3, [7]],
        [262, 3, [5]],
        [277, 3, [4]],
      ],
      'inks (CMYK)',
      'vips colourspace',
    ],
    [
      'L*a*b*',
      [
        [262, 3, [8]],
        [277, 3, [3]],
      ],
      'L*a*b*',
      'vips colourspace',
    ],
    [
      'Y, Cb and Cr as JPEGs of their own',
      [
        [259, 3, [7]],
        [262, 3, [6]],
        [277, 3, [3]],
        [284, 3, [2]],
        [273, 4, [8, 8, 8]],
        [279, 4, [9, 9, 9]],
        [530, 3, [1, 1]],
      ],
      'separate planes',
      'bfconvert',
    ],
    ['200 samples', [[277, 3, [200]]], '200 samples', 'vips tiffsave'],
  ] as const;
  for (const [title, changes, reason, todo] of cases) {
    test(title, () =>
      expect(open(fileOf(greyTiff(changes), 'a.tif'))).rejects.toMatchObject({
        failure: {
          tag: 'UnsupportedSlide',
          reason: expect.stringContaining(reason),
          todo: expect.stringContaining(todo),
        },
      }),
    );
  }
});

describe('TIFFs that lie are damaged', () => {
  const cases: [string, Entry[]][] = [
    ['no width', [[256, 3, [0]]]],
    [
      '2³¹ pixels',
      [
        [256, 4, [2 ** 31]],
        [257, 4, [2 ** 31]],
      ],
    ],
    ['fewer strips than rows need', [[278, 3, [1]]]],
  ];
  for (const [title, changes] of cases) {
    test(title, () =>
      expect(open(fileOf(greyTiff(changes), 'a.tif'))).rejects.toMatchObject({ failure: { tag: 'CorruptSlide' } }),
    );
  }
});
