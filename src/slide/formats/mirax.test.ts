// MIRAX slides that testing/fixtures/mirax/make.py writes, beside what OpenSlide reads of them.
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openSlide, type SlideSource } from '../open.ts';
import { pixelsOf } from '../raster.ts';
import { readRegion } from '../region.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { serveFolder } from '../testing/folder-server.ts';
import { costOf } from '../testing/meter.ts';
import { largestDifference } from '../testing/pixels.ts';

interface Told {
  readonly slides: Readonly<
    Record<
      string,
      { readonly levels: readonly [number, number][]; readonly properties: Readonly<Record<string, string>> }
    >
  >;
}

const FIXTURES = resolve(import.meta.dirname, '../testing/fixtures/mirax');
const told: Told = JSON.parse(readFileSync(resolve(FIXTURES, 'what.json'), 'utf8'));
const { signal } = new AbortController();
const open = (from: SlideSource) => openSlide(from, { signal, decoders: nodeDecoders });

type Change = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | undefined;

/** The preview and its folder, as a browser gives the files of a folder that was picked. */
function folderOf(name: string, changes: Readonly<Record<string, Change>> = {}): File[] {
  const paths = [`${name}.mrxs`, ...readdirSync(resolve(FIXTURES, name)).map((file) => `${name}/${file}`)];
  return paths.flatMap((path) => {
    const file = path.slice(path.lastIndexOf('/') + 1);
    const bytes = new Uint8Array(readFileSync(resolve(FIXTURES, path)));
    const changed = changes[file] ? changes[file](bytes) : bytes;
    if (!changed) return [];
    return [Object.defineProperty(new File([changed], file), 'webkitRelativePath', { value: `case/${path}` })];
  });
}

async function openslide(name: string, level: number) {
  const { data, info } = await sharp(resolve(FIXTURES, `${name}.${level}.png`))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgba: new Uint8ClampedArray(data) };
}

describe.for(Object.entries(told.slides))('%s', ([name, { levels, properties }]) => {
  test('its properties are OpenSlide’s', async () => {
    using slide = await open(folderOf(name));
    expect(slide).toMatchObject({ name: `${name}.mrxs`, format: 'MIRAX', vendor: 'mirax', objective: 20 });
    expect(slide.mpp).toEqual({ x: 0.25, y: 0.25 });
    expect(slide.levels.map(({ widthPx, heightPx }) => [widthPx, heightPx])).toEqual(
      levels.slice(0, slide.levels.length),
    );
    expect(slide.levels.length).toBeGreaterThanOrEqual(3);
    for (const key of ['mpp-x', 'objective-power', 'bounds-x', 'bounds-y', 'bounds-width', 'bounds-height'])
      expect(slide.properties[`openslide.${key}`]).toBe(properties[`openslide.${key}`]);
    expect(slide.associated).toEqual(['macro', 'label']);
    const label = pixelsOf(await slide.readAssociated('label', { signal }));
    expect([label.width, label.height, label.rgba[0]]).toEqual([20, 30, 90]);
  });

  test('its pixels are OpenSlide’s', async () => {
    await using server = await serveFolder(FIXTURES);
    for (const from of [folderOf(name), `${server.url}${name}.mrxs`]) {
      using slide = await open(from);
      for (const level of [0, 1, 2]) {
        const truth = await openslide(name, level);
        const part = 2 ** level;
        const rect = { x: 0, y: 0, width: truth.width * part, height: truth.height * part };
        const seen = await readRegion(slide, rect, part, { signal });
        if (level === 0 || !properties['openslide.bounds-x']) expect(largestDifference(seen, truth)).toBe(0);
        // Of smaller levels photos lie at parts of a pixel: OpenSlide blends there, and at their edges with what is behind them.
        const differences = seen.rgba.map((value, i) => Math.abs(value - (truth.rgba[i] ?? 0))).sort();
        expect(differences[Math.floor(0.9 * differences.length)]).toBeLessThanOrEqual(6);
      }
    }
  });
});

const ini = (from: string | RegExp, to: string): Readonly<Record<string, Change>> => ({
  'Slidedat.ini': (bytes) => {
    const text = new TextDecoder().decode(bytes);
    expect(text.match(from)).not.toBeNull();
    return new TextEncoder().encode(text.replace(from, to));
  },
});
const none: Change = () => undefined;
const put =
  (at: number, value: number): Change =>
  (bytes) => {
    new DataView(bytes.buffer).setInt32(at, value, true);
    return bytes;
  };
const LEVELS = 5 + 32 + 8; // where the pointers to the levels begin

test('the folder alone is the same slide', async () => {
  const inner = folderOf('positions').filter(({ name }) => !name.endsWith('.mrxs'));
  const path = ({ name }: File): PropertyDescriptor => ({ value: `positions/${name}` });
  using slide = await open(
    inner.map((file) => Object.defineProperty(new File([file], file.name), 'webkitRelativePath', path(file))),
  );
  using whole = await open(folderOf('positions'));
  expect(slide).toMatchObject({ name: 'positions', format: 'MIRAX' });
  expect(await slide.fingerprint({ signal })).toBe(await whole.fingerprint({ signal }));
  const rect = { x: 0, y: 0, width: 176, height: 120 };
  expect(largestDifference(await readRegion(slide, rect, 1, { signal }), await openslide('positions', 0))).toBe(0);
});

describe('what is no whole slide is told', () => {
  test.for([
    [
      'no folder',
      { 'Slidedat.ini': none },
      /whose tiles lie in the folder positions beside it.*Open the folder that holds both/,
    ],
    ['no index', { 'Index.dat': none }, /without its index Index\.dat.*vips tiffsave/],
    ['no data file', { 'Data0001.dat': none }, /but its data file Data0001\.dat is not there/],
    ['an index elsewhere', ini('Index.dat', '../Index.dat'), /without its index \.\.\/Index\.dat/],
    ['no levels', ini('HIER_0_COUNT', 'HIER_COUNT_0'), /whose Slidedat\.ini says no HIER_0_COUNT/],
    ['a thousand million levels', ini('HIER_0_COUNT = 5', 'HIER_0_COUNT = 1000000000'), /HIER_0_COUNT = 1000000000/],
    ['2³¹ images', ini('IMAGENUMBER_X = 6', 'IMAGENUMBER_X = 2147483648'), /IMAGENUMBER_X = 2147483648/],
    ['too many images', ini('IMAGENUMBER_X = 6', 'IMAGENUMBER_X = 2000000'), /2000000 × 4 images/],
    ['images of JPEG XR', ini('IMAGE_FORMAT = JPEG', 'IMAGE_FORMAT = JPEGXR'), /tiles stored as JPEGXR/],
    ['photos that share all', ini('OVERLAP_X = 8', 'OVERLAP_X = 64'), /photos share 64 × 8 px/],
    ['photos cut to nothing', ini('IMAGE_CONCAT_FACTOR = 0', 'IMAGE_CONCAT_FACTOR = 8'), /no level of a size/],
    [
      'another slide’s index',
      { 'Index.dat': (bytes: Uint8Array<ArrayBuffer>) => bytes.fill(65, 10, 11) },
      /of another slide/,
    ],
    ['a pointer outside', { 'Index.dat': put(LEVELS, 2 ** 30) }, /points outside of itself/],
    [
      'a page that is no end',
      {
        'Index.dat': (bytes: Uint8Array<ArrayBuffer>) => {
          const view = new DataView(bytes.buffer);
          const page = view.getInt32(LEVELS, true);
          view.setInt32(page + 4, page, true);
          return bytes;
        },
      },
      /leads back to itself/,
    ],
    [
      'pages of 2³⁰ images',
      {
        'Index.dat': (bytes: Uint8Array<ArrayBuffer>) =>
          put(new DataView(bytes.buffer).getInt32(LEVELS, true), 2 ** 30)(bytes),
      },
      /is cut short/,
    ],
  ] as const)('%s', async ([, changes, message]) => {
    await expect(open(folderOf('positions', changes))).rejects.toMatchObject({
      failure: { tag: 'UnsupportedSlide' },
      message: expect.stringMatching(message),
    });
  });

  test('the preview alone', async () => {
    const [preview] = folderOf('positions');
    if (!preview) throw new Error('There is no preview');
    await expect(open(preview)).rejects.toThrow(/preview of a MIRAX slide.*Open the folder that holds both/);
    await expect(open(new File(['[GENERAL]'], 'Slidedat.ini'))).rejects.toThrow(
      /description of a MIRAX slide.*Open the folder/,
    );
  });

  test('places of photos that are packed and damaged', async () => {
    const cut = { 'Data0001.dat': (bytes: Uint8Array<ArrayBuffer>) => bytes.fill(0, bytes.length - 40) };
    await expect(open(folderOf('stitching', cut))).rejects.toThrow(/the places of its photos do not unpack/);
  });

  test('photos at no place lie nowhere: writers leave the places of those that were not taken at nought', async () => {
    const nowhere: Change = (bytes) => bytes.fill(0, bytes.length - 9); // of the last photo
    using slide = await open(folderOf('positions', { 'Data0001.dat': nowhere }));
    const truth = await openslide('positions', 0);
    const seen = await readRegion(slide, { x: 0, y: 0, width: 40, height: 40 }, 1, { signal });
    for (const at of [5, 20, 39]) expect(seen.rgba[(at * 40 + at) * 4]).toBe(truth.rgba[(at * truth.width + at) * 4]);
  });

  test('an image that is damaged, or whose file is cut short, is a gap', async () => {
    using slide = await open(folderOf('positions', { 'Data0000.dat': (bytes) => bytes.fill(7, 100, 400) }));
    await expect(slide.readTile({ level: 0, col: 0, row: 0 }, { signal })).rejects.toMatchObject({
      failure: { tag: 'CorruptTile', level: 0, col: 0, row: 0 },
    });
    using gone = await open(folderOf('nominal', { 'Data0000.dat': none }));
    await expect(gone.readTile({ level: 0, col: 0, row: 0 }, { signal })).rejects.toThrow(
      /data file Data0000\.dat is not there/,
    );
  });
});

test('a slide of half a million images opens in time', async () => {
  const [across, down, levels] = [1024, 512, 7];
  const images = Array.from({ length: levels }, (_, zoom) => (across * down) / 4 ** zoom);
  const index = new DataView(
    new ArrayBuffer(45 + levels * 4 + images.reduce((sum, count) => sum + 16 + count * 16, 0)),
  );
  const id = '0'.repeat(32);
  for (const [i, letter] of [...`01.02${id}`].entries()) index.setUint8(i, letter.charCodeAt(0));
  index.setInt32(37, 45, true);
  index.setInt32(41, 45, true);
  let at = 45 + levels * 4;
  for (const [zoom, count] of images.entries()) {
    const step = 2 ** zoom;
    index.setInt32(45 + zoom * 4, at, true);
    index.setInt32(at + 4, at + 8, true); // the first page is empty
    index.setInt32(at + 8, count, true);
    at += 16;
    for (let i = 0; i < count; i++, at += 16) {
      const [x, y] = [(i % (across / step)) * step, Math.floor(i / (across / step)) * step];
      index.setInt32(at, y * across + x, true);
      index.setInt32(at + 8, 1, true);
    }
  }
  const sections = images.map(
    (_, i) =>
      `[L${i}]\nIMAGE_CONCAT_FACTOR=${Math.min(1, i)}\nIMAGE_FORMAT=JPEG\nDIGITIZER_WIDTH=256\nDIGITIZER_HEIGHT=256\nOVERLAP_X=50\n`,
  );
  const text = `[GENERAL]\nSLIDE_ID=${id}\nIMAGENUMBER_X=${across}\nIMAGENUMBER_Y=${down}\nCameraImageDivisionsPerSide=4\n[HIERARCHICAL]\nHIER_0_NAME=Slide zoom level\nHIER_0_COUNT=${levels}\n${images.map((_, i) => `HIER_0_VAL_${i}_SECTION=L${i}\n`).join('')}INDEXFILE=Index.dat\n[DATAFILE]\nFILE_COUNT=1\nFILE_0=Data.dat\n${sections.join('')}`;
  const from = (['large.mrxs', 'large/Slidedat.ini', 'large/Index.dat'] as const).map((path, i) =>
    Object.defineProperty(new File([[new Uint8Array(4), text, index.buffer][i] ?? ''], path), 'webkitRelativePath', {
      value: `case/${path}`,
    }),
  );
  const { cpuMs } = await costOf(async () => {
    using slide = await open(from);
    expect(slide.levels).toHaveLength(7);
    expect(slide.levels[0]?.widthPx).toBe(1024 * 256 - 255 * 50);
  });
  console.info(`${cpuMs.toFixed(0)} ms, ${(process.memoryUsage().heapUsed / 1e6).toFixed(0)} MB`);
  expect(cpuMs).toBeLessThan(4000);
});
