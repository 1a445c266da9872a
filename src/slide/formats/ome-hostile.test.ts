// OME-XML that claims too much, contradicts itself, or is as long as can be: opening ends soon, as a picture.
import { describe, expect, test } from 'vitest';
import { openSlide } from '../open.ts';
import { readRegion } from '../region.ts';
import type { Chosen } from '../slide.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { collectGarbage, costOf, countBuffers, peakMemory } from '../testing/meter.ts';

const MOST_CPU_MS = 2000; // processor time, which a busy machine does not stretch
const MOST_BYTES = 500e6;
const { signal } = new AbortController();
countBuffers();

const SIDE = 16;

/** A TIFF of so many pages, whose first says `xml`. The first pixel of a page is its number, of 256. */
function stack(pages: number, xml: string): File {
  const text = new TextEncoder().encode(`${xml}\0`);
  const entries = 10;
  const size = 2 + entries * 12 + 4;
  const greys = 8;
  const textAt = greys + 256 + SIDE * SIDE;
  const first = textAt + text.length + (text.length % 2);
  const bytes = new Uint8Array(first + pages * size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x49, 0x49, 42, 0]);
  view.setUint32(4, first, true);
  for (let at = greys; at < textAt; at++) bytes[at] = at - greys;
  bytes.set(text, textAt);
  for (let page = 0; page < pages; page++) {
    const at = first + page * size;
    view.setUint16(at, entries, true);
    const tags = [
      [256, 4, 1, SIDE],
      [257, 4, 1, SIDE],
      [258, 3, 1, 8],
      [259, 3, 1, 1],
      [262, 3, 1, 1],
      page === 0 ? [270, 2, text.length, textAt] : [270, 2, 1, 0],
      [273, 4, 1, greys + (page % 256)],
      [277, 3, 1, 1],
      [278, 4, 1, SIDE],
      [279, 4, 1, SIDE * SIDE],
    ] as const;
    for (const [i, [tag, type, count, value]] of tags.entries()) {
      const entry = at + 2 + i * 12;
      view.setUint16(entry, tag, true);
      view.setUint16(entry + 2, type, true);
      view.setUint32(entry + 4, count, true);
      view.setUint32(entry + 8, value, true);
    }
    view.setUint32(at + 2 + entries * 12, page + 1 < pages ? at + size : 0, true);
  }
  return new File([bytes], 'hostile.ome.tif');
}

const many = (count: number, one: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => one(i)).join('');
const sizes = (each: number): string => `SizeC="${each}" SizeZ="${each}" SizeT="${each}"`;
const image = (claims: string, inside: string, name = 'scan'): string =>
  `<Image Name="${name}"><Pixels DimensionOrder="XYCZT" SizeX="16" SizeY="16" ${claims}>${inside}</Pixels></Image>`;
const deep = (inside: string): string => image('SizeC="1" SizeZ="4096" SizeT="1"', inside);
const attributes = many(90_000, (i) => `a${i}="${i}" `);
const FIRST = [-7, 'Infinity', 'NaN', 1.5];
const IFD = [2 ** 31, -1, 1e300];
const COUNT = [-5, 1e300];

interface Case {
  readonly pages: number;
  readonly xml: () => string;
  /** What is offered to choose from, and the page that is shown first. */
  readonly offers: { readonly planes?: number; readonly channels?: number; readonly page: number };
}

/** 1,024 directories are looked at. */
const CASES: Readonly<Record<string, Case>> = {
  '4,096 planes, 10,000 TiffData': {
    pages: 4096,
    xml: () => deep(many(10_000, (i) => `<TiffData FirstZ="${i}" IFD="${i}" PlaneCount="1"/>`)),
    offers: { planes: 1024, page: 511 },
  },
  'the same the other way round, each of a file by its UUID': {
    pages: 4096,
    xml: () => {
      const uuid = '<UUID FileName="a.tif">urn:uuid:a</UUID>';
      return deep(many(10_000, (i) => `<TiffData FirstZ="${9999 - i}" IFD="${i - 5904}">${uuid}</TiffData>`));
    },
    offers: { planes: 1024, page: 512 },
  },
  '25,000 TiffData that place the same 4,095 planes': {
    pages: 4096,
    xml: () => deep(many(25_000, (i) => `<TiffData FirstZ="0" IFD="${i}" PlaneCount="4095"/>`)),
    offers: { planes: 1024, page: 511 },
  },
  '10,000 TiffData of negative, broken, endless and huge numbers': {
    pages: 4096,
    xml: () =>
      deep(
        many(10_000, (i) => `<TiffData FirstZ="${FIRST[i % 4]}" IFD="${IFD[i % 3]}" PlaneCount="${COUNT[i % 2]}"/>`),
      ),
    offers: { page: 0 },
  },
  'a million TiffData, more than are read': {
    pages: 8,
    xml: () => deep(many(1_000_000, () => '<TiffData FirstZ="0" IFD="0"/>')),
    offers: { page: 0 },
  },
  'as many elements, and as much text, as are read': {
    pages: 8,
    xml: () => deep(`${'<b/>'.repeat(1e5)}${'x '.repeat(2.5e6)}`),
    offers: { planes: 8, page: 3 },
  },
  '90,000 attributes': {
    pages: 8,
    xml: () => deep(`<TiffData ${attributes}/>`),
    offers: { planes: 8, page: 3 },
  },
  '90,000 attributes that would be properties of the slide': {
    pages: 8,
    xml: () => image(attributes, '<TiffData/>'),
    offers: { page: 0 },
  },
  'channels, depths and times of 2³¹': {
    pages: 8,
    xml: () => image(sizes(2 ** 31), '<TiffData/>'),
    offers: { page: 0 },
  },
  'channels, depths and times of 2²⁰': {
    pages: 8,
    xml: () => image(sizes(2 ** 20 - 1), '<TiffData/>'),
    offers: { channels: 8, page: 0 },
  },
  '1,000 images of 2²⁰': {
    pages: 8,
    xml: () => many(1000, () => image(sizes(2 ** 20 - 1), '<TiffData/>')),
    offers: { channels: 8, page: 0 },
  },
  '1,000 images of 2²⁰ that the file does not hold': {
    pages: 8,
    xml: () => many(1000, () => image(sizes(2 ** 20 - 1), '<TiffData IFD="9999"/>')),
    offers: { page: 0 },
  },
  '10,000 channels': {
    pages: 4096,
    xml: () =>
      image(
        'SizeC="1"',
        many(10_000, (i) => `<Channel Name="channel ${i}"/>`),
      ),
    offers: { channels: 1024, page: 0 },
  },
  '10,000 labels, and as many objectives': {
    pages: 4096,
    xml: () =>
      `<Instrument>${many(10_000, (i) => `<Objective ID="O:${i}"/>`)}</Instrument>${many(10_000, () => image('SizeC="1"', '<TiffData IFD="0"/>', 'label'))}`,
    offers: { page: 0 },
  },
};

test.for(Object.entries(CASES))('%s', { timeout: 60_000 }, async ([, { pages, xml, offers }]) => {
  const file = stack(pages, `<OME>${xml()}</OME>`);
  collectGarbage();
  const before = peakMemory();
  const { cpuMs, bytes } = await costOf(async () => {
    using slide = await openSlide(file, { signal, decoders: nodeDecoders });
    const { rgba } = await readRegion(slide, { x: 0, y: 0, width: SIDE, height: SIDE }, 1, { signal });
    const { planes, channels, properties } = slide;
    expect({ planes: planes?.names.length, channels: channels?.names.length, page: rgba[0] }).toEqual({
      planes: offers.planes,
      channels: offers.channels,
      page: offers.page % 256,
    });
    expect(JSON.stringify(properties).length).toBeLessThan(100_000);
  });
  const grown = peakMemory() - before;
  console.info(`${cpuMs.toFixed(0)} ms, ${((bytes + grown) / 1e6).toFixed(0)} MB`);
  expect(cpuMs).toBeLessThan(MOST_CPU_MS);
  expect(bytes).toBeLessThan(MOST_BYTES);
  expect(grown).toBeLessThan(MOST_BYTES);
});

test('of long OME-XML the annotations are not read: the picture is known without them', async () => {
  const note = '<XMLAnnotation><Value><Key>k</Key><Text>v</Text></Value></XMLAnnotation>';
  const xml = `<?xml version="1.0"?><ome:OME xmlns:ome="x"><ome:Image Name="scan"><ome:Pixels SizeC="1" PhysicalSizeX="0.5" PhysicalSizeY="0.5"><ome:TiffData/></ome:Pixels></ome:Image><ome:StructuredAnnotations>${note.repeat(100_000)}</ome:StructuredAnnotations></ome:OME>`;
  using slide = await openSlide(stack(1, xml), { signal, decoders: nodeDecoders });
  expect(slide.mpp).toEqual({ x: 0.5, y: 0.5 });
});

test('of several images the first is shown that lies in this file, and of its channels those that do', async () => {
  const block = (ifd: number, uuid: string, more = '') =>
    `<TiffData IFD="${ifd}" ${more}><UUID>urn:uuid:${uuid}</UUID></TiffData>`;
  const xml = `<OME UUID="urn:uuid:b">${image('SizeC="1"', block(0, 'a'), 'first')}${image(
    'SizeC="3"',
    `<Channel Name="A"/><Channel Name="B"/><Channel Name="C"/>${block(0, 'a')}${block(3, 'b', 'FirstC="1"')}${block(5, 'b', 'FirstC="2"')}`,
    'second',
  )}</OME>`;
  const seen: (number | undefined)[] = [];
  for (const channel of [0, 1]) {
    using slide = await openSlide(stack(6, xml), { signal, decoders: nodeDecoders, chosen: { channel } });
    expect(slide.channels?.names).toEqual(['B', 'C']);
    const { rgba } = await readRegion(slide, { x: 0, y: 0, width: SIDE, height: SIDE }, 1, { signal });
    seen.push(rgba[0]);
  }
  expect(seen).toEqual([3, 5]);
});

describe('a channel whose directory is damaged', () => {
  const xml = `<OME>${image('SizeC="3"', '<Channel Name="A"/><Channel Name="B"/><Channel Name="C"/><TiffData IFD="2"/><TiffData IFD="3" FirstC="1"/><TiffData IFD="4" FirstC="2"/>')}</OME>`;
  /** Its width is none. */
  async function without(page: number): Promise<File> {
    const file = stack(5, xml);
    const bytes = new Uint8Array(await file.arrayBuffer());
    const view = new DataView(bytes.buffer);
    const at = view.getUint32(4, true) + page * (2 + 10 * 12 + 4);
    view.setUint32(at + 2 + 8, 0, true);
    return new File([bytes], file.name);
  }
  async function seen(file: File, chosen: Chosen = {}) {
    using slide = await openSlide(file, { signal, decoders: nodeDecoders, chosen });
    const { rgba } = await readRegion(slide, { x: 0, y: 0, width: SIDE, height: SIDE }, 1, { signal });
    return { page: rgba[0], shown: slide.channels?.names[slide.channels.shown] };
  }

  test('is told of where it was asked for, and no other is shown under its name', async () => {
    await expect(seen(await without(3), { channel: 1 })).rejects.toThrow('channel “B” is damaged: choose another');
    await expect(seen(await without(2), { channel: 0 })).rejects.toThrow('channel “A” is damaged');
    expect(await seen(await without(3), { channel: 2 })).toEqual({ page: 4, shown: 'C' });
    expect(await seen(await without(2), { channel: 2 })).toEqual({ page: 4, shown: 'C' });
  });

  test('is passed over where none was asked for', async () => {
    expect(await seen(await without(2))).toEqual({ page: 3, shown: 'B' });
    expect(await seen(await without(3))).toEqual({ page: 2, shown: 'A' });
  });
});
