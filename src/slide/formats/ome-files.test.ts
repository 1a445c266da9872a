// OME-TIFFs whose planes lie in several files. testing/fixtures/ome-files/make.py writes them, and reads them with tifffile.
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSlide, type SlideSource } from '../open.ts';
import { readRegion } from '../region.ts';
import type { Chosen } from '../slide.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { serveFolder } from '../testing/folder-server.ts';
import { costOf } from '../testing/meter.ts';
import { ascii, tiffBytes } from '../testing/tiff-bytes.ts';

const FIXTURES = resolve(import.meta.dirname, '../testing/fixtures/ome-files');
const [WIDTH, HEIGHT] = [40, 32];
const NAMES = ['DAPI', 'CD3', 'CD8'];
const { signal } = new AbortController();
const open = (from: SlideSource, chosen: Chosen = {}) => openSlide(from, { signal, decoders: nodeDecoders, chosen });

const SETS = { channels: 'cells_C1.ome.tif', planes: 'cells_C1_Z1.ome.tif', master: 's_C1.ome.tif' } as const;
const filesOf = (set: string, isWanted: (name: string) => boolean = () => true): File[] =>
  readdirSync(resolve(FIXTURES, set))
    .filter(isWanted)
    .map((name) => new File([readFileSync(resolve(FIXTURES, set, name))], name));
const fileOf = (set: string, name: string): File => {
  const [file] = filesOf(set, (each) => each === name);
  if (!file) throw new Error(`There is no ${set}/${name}`);
  return file;
};

/** What the script wrote. */
const truth = (channel: number, plane: number, x: number, y: number): number =>
  (4 * x + 3 * y + 50 * channel + 20 * plane) % 256;

async function expectWhole(from: SlideSource): Promise<void> {
  for (const channel of [0, 1, 2]) {
    for (const plane of [0, 1]) {
      using slide = await open(from, { channel, plane });
      expect(slide.channels).toMatchObject({ names: NAMES, shown: channel });
      expect(slide.planes).toMatchObject({ names: ['Plane 1, 0 µm', 'Plane 2, 2 µm'], shown: plane });
      expect(slide).toMatchObject({ format: 'OME-TIFF', mpp: { x: 0.5, y: 0.5 } });
      expect(slide.properties['eosin.missingFiles']).toBeUndefined();
      expect(slide.levels.map(({ widthPx }) => widthPx)).toEqual([WIDTH, WIDTH / 2]);
      for (const part of [1, 2]) {
        const { rgba } = await readRegion(slide, { x: 0, y: 0, width: WIDTH, height: HEIGHT }, part, { signal });
        let wrong = 0;
        for (let y = 0, i = 0; y < HEIGHT; y += part)
          for (let x = 0; x < WIDTH; x += part, i += 4) wrong += Number(rgba[i] !== truth(channel, plane, x, y));
        expect(wrong).toBe(0);
      }
    }
  }
}

describe.for(Object.entries(SETS))('one slide in several files: %s', ([set, member]) => {
  test('as files, in any order', async () => {
    await expectWhole(filesOf(set));
    await expectWhole(filesOf(set).reverse());
  });

  test('as a folder among other folders', async () => {
    const inFolder = filesOf(set).map((file) =>
      Object.defineProperty(file, 'webkitRelativePath', { value: `case/scan/${file.name}` }),
    );
    await expectWhole(inFolder);
  });

  test('by the address of any of them, which asks for no other file than those', async () => {
    await using server = await serveFolder(resolve(FIXTURES, set));
    const names = filesOf(set).map(({ name }) => name);
    for (const name of names) await expectWhole(`${server.url}${name}`);
    expect([...new Set(server.asked)].sort()).toEqual(names);
  });

  test('a plane has one fingerprint, whichever file was opened', async () => {
    await using server = await serveFolder(resolve(FIXTURES, set));
    const prints = new Set<string>();
    for (const from of [filesOf(set), `${server.url}${member}`]) {
      for (const channel of [0, 1, 2]) {
        using slide = await open(from, { channel });
        prints.add(await slide.fingerprint({ signal }));
      }
    }
    expect(prints.size).toBe(3);
  });
});

test('one file alone shows what it holds, and says what is missing', async () => {
  using channel = await open(fileOf('channels', 'cells_C2.ome.tif'));
  expect(channel.properties['eosin.missingFiles']).toBe('cells_C0.ome.tif, cells_C1.ome.tif');
  expect(channel).toMatchObject({ channels: undefined, mpp: { x: 0.5, y: 0.5 } });
  expect(channel.planes?.names).toHaveLength(2);
  using deeper = await open(fileOf('channels', 'cells_C2.ome.tif'), { plane: 1 });
  const { rgba } = await readRegion(deeper, { x: 0, y: 0, width: 1, height: 1 }, 1, { signal });
  expect(rgba[0]).toBe(truth(2, 1, 0, 0));

  using plane = await open(fileOf('planes', 'cells_C1_Z1.ome.tif')); // its XML names the file that describes it, and no more
  expect(plane.properties['eosin.missingFiles']).toBe('cells.companion.ome');
  expect(plane.levels[0]).toMatchObject({ widthPx: WIDTH, heightPx: HEIGHT });
});

test('of some of the files those channels are shown that are there', async () => {
  for (const set of ['channels', 'planes']) {
    const some = filesOf(set, (name) => !name.includes('_C0'));
    using slide = await open(some, { channel: 1, plane: 1 });
    expect(slide.channels?.names).toEqual(['CD3', 'CD8']);
    expect(slide.properties['eosin.missingFiles']).toMatch(/^cells_C0/);
    const { rgba } = await readRegion(slide, { x: 0, y: 0, width: 1, height: 1 }, 1, { signal });
    expect(rgba[0]).toBe(truth(2, 1, 0, 0));
  }
});

test('the description alone says which files to open with it', async () => {
  await expect(open(fileOf('planes', 'cells.companion.ome'))).rejects.toThrow(
    /cells\.companion\.ome is the description of an OME-TIFF, whose planes lie in other files: cells_C0_Z0\.ome\.tif, .*Open the folder that holds them all/,
  );
  const inline =
    '<?xml version="1.0"?><OME><Image><Pixels SizeX="4" SizeY="4"><BinData>AA==</BinData></Pixels></Image></OME>';
  await expect(open(new File([inline], 'cells.ome.xml'))).rejects.toThrow(/names no TIFF beside it.*bfconvert/);
});

test('another slide among the files of one is told, each by its name', async () => {
  const other = new File([readFileSync(resolve(FIXTURES, '../grey.tif'))], 'b.tif');
  await expect(open([...filesOf('planes'), other])).rejects.toMatchObject({
    failure: { tag: 'BadInput', seen: 'it holds 2 slides: cells.companion.ome, b.tif' },
  });
  await expect(open([...filesOf('channels'), other])).rejects.toMatchObject({
    failure: { tag: 'BadInput', seen: 'it holds 2 slides: b.tif, cells_C0.ome.tif' },
  });
});

const SIDE = 16;
const id = (name: string): string => `urn:uuid:${name}`;

/** A TIFF of one page, whose first pixel is `grey`. */
function page(name: string, description: string, grey = 0, side = SIDE): File {
  const bytes = tiffBytes([
    [
      [256, 4, [side]],
      [257, 4, [side]],
      [258, 3, [8]],
      [259, 3, [1]],
      [262, 3, [1]],
      [270, 2, ascii(description)],
      [273, 4, [0]],
      [277, 3, [1]],
      [278, 4, [side]],
      [279, 4, [side * side]],
    ],
  ]);
  const whole = new Uint8Array(bytes.length + side * side).fill(grey, bytes.length);
  whole.set(bytes);
  new DataView(whole.buffer).setUint32(10 + 6 * 12 + 8, bytes.length, true);
  return new File([whole], name);
}

const block = (c: number, file: string, uuid = id(file), more = ''): string =>
  `<TiffData FirstC="${c}" IFD="0" PlaneCount="1" ${more}><UUID FileName="${file}">${uuid}</UUID></TiffData>`;
const xml = (own: string, blocks: string, sizes = 'SizeC="3"'): string =>
  `<OME UUID="${id(own)}"><Image><Pixels DimensionOrder="XYCZT" SizeX="${SIDE}" SizeY="${SIDE}" ${sizes}>${blocks}</Pixels></Image></OME>`;
const only = (own: string, master: string): string =>
  `<OME UUID="${id(own)}"><BinaryOnly MetadataFile="${master}" UUID="${id(master)}"/></OME>`;

async function greyOf(from: SlideSource, chosen: Chosen = {}) {
  using slide = await open(from, chosen);
  const { rgba } = await readRegion(slide, { x: 0, y: 0, width: 1, height: 1 }, 1, { signal });
  return { grey: rgba[0], missing: slide.properties['eosin.missingFiles'], time: slide.properties['eosin.time'] };
}

describe('files that are not what the XML means', () => {
  const blocks = block(0, 'a.tif') + block(1, 'b.tif') + block(2, 'c.tif');
  const a = page('a.tif', xml('a.tif', blocks), 10);
  const c = page('c.tif', xml('c.tif', blocks), 30);

  test.for([
    [
      'another UUID',
      page('b.tif', xml('x.tif', blocks), 20),
      'its file b.tif is another one than it means: that calls itself urn:uuid:x.tif',
    ],
    [
      'another size',
      page('b.tif', xml('b.tif', blocks), 20, 2 * SIDE),
      'its file b.tif holds 32 × 32 pixels in place of 16 × 16',
    ],
    ['no TIFF', new File(['<html></html>'], 'b.tif'), 'its file b.tif is no TIFF'],
    [
      'cut short',
      new File([page('b.tif', xml('b.tif', blocks), 20).slice(0, 100)], 'b.tif'),
      'channel “Channel 2” is damaged',
    ],
  ] as const)('%s: told where that channel is asked for; the others are shown', async ([, b, told]) => {
    await expect(greyOf([a, b, c], { channel: 1 })).rejects.toThrow(told);
    expect(await greyOf([a, b, c], { channel: 2 })).toMatchObject({ grey: 30 });
    expect(await greyOf([a, b, c])).toMatchObject({ grey: 10 });
  });

  test('a directory that a file does not have', async () => {
    const far = block(0, 'a.tif') + block(1, 'b.tif').replace('IFD="0"', 'IFD="7"');
    const files = [page('a.tif', xml('a.tif', far, 'SizeC="2"'), 10), page('b.tif', xml('b.tif', far), 20)];
    await expect(greyOf(files, { channel: 1 })).rejects.toThrow('its file b.tif has no directory 8');
    expect(await greyOf(files)).toMatchObject({ grey: 10 });
  });

  test('a file under another name is still its own', async () => {
    const alone = page('renamed.tif', xml('a.tif', block(0, 'a.tif'), 'SizeC="1"'), 10);
    expect(await greyOf(alone)).toEqual({ grey: 10, missing: undefined, time: undefined });
    expect(await greyOf(page('renamed.tif', xml('a.tif', blocks), 10))).toEqual({
      grey: 10,
      missing: 'b.tif, c.tif',
      time: undefined,
    });
  });
});

test('names that leave the folder, or are none, are not followed, by address neither', async () => {
  const names = [
    '../secret.tif',
    '/etc/secret.tif',
    'http://host/secret.tif',
    '..\\secret.tif',
    './secret.tif',
    'x'.repeat(5000),
  ];
  const blocks = block(0, 'a.tif') + names.map((name, i) => block(i + 1, name, id(`${i}`))).join('');
  const a = page('a.tif', xml('a.tif', blocks, 'SizeC="7"'), 10);
  const told = expect.stringMatching(/^\.\.\/secret\.tif, \/etc\/secret\.tif, http:\/\/host\/secret\.tif, .*x{256}$/);
  expect(await greyOf([a, page('secret.tif', '', 20)].slice(0, 1))).toMatchObject({ grey: 10, missing: told });
  const bytes = new Uint8Array(await a.arrayBuffer());
  await using server = await serveFolder(FIXTURES, async (path) => (path.includes('.tif') ? bytes : undefined));
  expect(await greyOf(`${server.url}scan/a.tif`)).toMatchObject({ grey: 10, missing: told });
  expect(new Set(server.asked)).toEqual(new Set(['scan/a.tif']));
});

test('a name is asked for as it is, whatever an address would make of it', async () => {
  const name = 'b%2e#1?.tif';
  const blocks = block(0, 'a.tif') + block(1, name);
  const files: Record<string, File> = {
    'a.tif': page('a.tif', xml('a.tif', blocks, 'SizeC="2"'), 10),
    [name]: page(name, xml(name, blocks), 20),
  };
  await using server = await serveFolder(FIXTURES, async (path) => {
    const file = files[path];
    return file && new Uint8Array(await file.arrayBuffer());
  });
  expect(await greyOf(`${server.url}a.tif`, { channel: 1 })).toMatchObject({ grey: 20, missing: undefined });
});

test('metadata files that name each other, themselves, or are none', async () => {
  const round = [page('a.tif', only('a.tif', 'b.tif')), page('b.tif', only('b.tif', 'a.tif'))];
  await expect(open(round)).rejects.toThrow(
    'b.tif starts like a slide, but a.tif, which describes it, names another file, b.tif',
  );
  const itself = page('a.tif', only('a.tif', 'a.tif'));
  await using server = await serveFolder(FIXTURES, async (path) =>
    path === 'a.tif' ? new Uint8Array(await itself.arrayBuffer()) : undefined,
  );
  await expect(open(`${server.url}a.tif`)).rejects.toThrow('a.tif, which describes it, names another file, a.tif');
  const none = [page('a.tif', only('a.tif', 'x.companion.ome')), new File(['none'], 'x.companion.ome')];
  await expect(open(none)).rejects.toThrow('x.companion.ome, which describes it, is no OME-XML');
  expect(await greyOf(page('a.tif', only('a.tif', '../x.ome'), 40))).toMatchObject({ grey: 40, missing: '../x.ome' });
});

test('the time that the opened file holds is shown, and of a folder the first', async () => {
  const blocks = [0, 1, 2].map((t) => block(0, `t${t}.tif`, id(`t${t}.tif`), `FirstT="${t}"`)).join('');
  const files = [0, 1, 2].map((t) => page(`t${t}.tif`, xml(`t${t}.tif`, blocks, 'SizeC="1" SizeT="3"'), 10 * t + 10));
  expect(await greyOf(files)).toEqual({ grey: 10, missing: undefined, time: undefined });
  expect(await greyOf(files[2] ?? [])).toEqual({ grey: 30, missing: undefined, time: '3 of 3' });
});

test('five thousand files are named: those that are there are shown, in time; by address 256 are asked for', async () => {
  const count = 5000;
  const blocks = Array.from({ length: count }, (_, i) => block(i, `${i}.tif`)).join('');
  const first = page('0.tif', xml('0.tif', blocks, `SizeC="${count}"`), 10);
  const last = page('1000.tif', xml('1000.tif', blocks), 20);
  const { cpuMs } = await costOf(async () => {
    expect(await greyOf([first, last], { channel: 1 })).toMatchObject({
      grey: 20,
      missing: '1.tif, 2.tif, 3.tif, 4.tif, 5.tif, 6.tif, 7.tif, 8.tif, 1014 more',
    });
  });
  expect(cpuMs).toBeLessThan(2000);
  const bytes = new Uint8Array(await first.arrayBuffer());
  await using server = await serveFolder(FIXTURES, async (path) => (path === '0.tif' ? bytes : undefined));
  expect(await greyOf(`${server.url}0.tif`)).toMatchObject({
    grey: 10,
    missing: expect.stringMatching(/^1\.tif.* 248 more$/),
  });
  expect(new Set(server.asked).size).toBe(257);
});
