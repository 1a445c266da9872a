// OME-XML: the pictures of a file or of several, how large their pixels are, and which directory of which file holds which plane.
import type { MppXY } from '#units/units.ts';
import { MOST_PLANES, planeNames } from '../planes.ts';
import { everyNamed, firstNamed, named, numberOf, parseXml, type XmlElement } from '../xml.ts';
import { plausibleMpp } from './tiff-slide.ts';

const ROOT = /<(\w+:)?OME[\s>]/;

export const isOmeRoot = (start: string): boolean => ROOT.test(start);

export const isOmeXml = (description: string): boolean =>
  ROOT.test(description.slice(0, 4096)) && (description.includes('Pixels') || description.includes('BinaryOnly'));

/** What a file calls itself; undefined where it does not. Its first letters are enough. */
export const uuidIn = (xml: string): string | undefined =>
  /<(?:\w+:)?OME\s[^>]*?\bUUID\s*=\s*["']([^"']+)/.exec(xml)?.[1];

const LONG_XML = 2 ** 20; // letters

/** Of long OME-XML what ends with the last Image: what a program was told by a microscope, and regions, follow it. */
export function withoutAnnotations(xml: string): string {
  if (xml.length < LONG_XML) return xml;
  const [, prefix = ''] = ROOT.exec(xml.slice(0, 4096)) ?? [];
  const last = `</${prefix}Image>`;
  const at = xml.lastIndexOf(last);
  return at < 0 ? xml : `${xml.slice(0, at)}${last}</${prefix}OME>`;
}

/** The root element; undefined for XML that is damaged, or another kind. */
export function omeRootIn(description: string): XmlElement | undefined {
  try {
    const root = parseXml(withoutAnnotations(description));
    return root.name === 'OME' ? root : undefined;
  } catch {
    return undefined;
  }
}

/** Where the XML of all files lies, in one that says no more than that. */
export function metadataFileOf(root: XmlElement | undefined): string | undefined {
  const only = firstNamed(root, 'BinaryOnly');
  return only && (only.attributes.get('MetadataFile') ?? '').trim();
}

/** Of all files that hold planes, as far as they are told by name. */
export function fileNamesIn(root: XmlElement): string[] {
  const names = new Set<string>();
  for (const image of named(root, 'Image'))
    for (const block of named(firstNamed(image, 'Pixels'), 'TiffData')) names.add(fileIn(block)?.name ?? '');
  names.delete('');
  return [...names];
}

/** By the names that OME gives to units of length. */
export const UM_PER: Readonly<Record<string, number>> = {
  m: 1e6,
  dm: 1e5,
  cm: 1e4,
  mm: 1e3,
  µm: 1, // U+00B5, as the schema has it
  μm: 1, // U+03BC, as some writers have it
  um: 1,
  nm: 1e-3,
  pm: 1e-6,
  Å: 1e-4,
  in: 25_400,
};

/** One Image element. Nothing is counted out by what it claims: `channelNames` and `planeNamesOf` are cut to what files hold. */
export interface OmeImage {
  readonly name: string;
  readonly element: XmlElement;
  readonly pixels: XmlElement;
  readonly sizes: Readonly<Record<'C' | 'Z' | 'T', number>>; // C counts channels: one of three samples is RGB
  readonly sides: { readonly width: number; readonly height: number }; // NaN where that is not said
  readonly start: number; // its first directory, where no TiffData says otherwise
  readonly blocks: readonly Block[];
  readonly isInSeveral: boolean; // files are named for the planes of the XML's pictures, and more than one
}

/** A TiffData element, and the file that it means. */
interface Block {
  readonly element: XmlElement;
  readonly file: FileName | undefined; // undefined for the one that was opened
}

/** A file as OME-XML calls it. */
export interface FileName {
  readonly name: string; // its path from here; empty where it is told by its UUID alone
  readonly uuid: string; // empty where it is told by its name alone
}

/** Where a plane lies. */
export interface PlaneAt {
  readonly file: FileName | undefined; // undefined for the one that was opened
  readonly directory: number;
}

const MOST_IMAGES = 1024; // as many as directories are looked at, so
const MOST_CHANNELS = 1024; // more than that are in no file;
const MOST_NAME = 256; // letters

/** @param own the file that was opened */
export function omeImages(root: XmlElement, own: FileName): OmeImage[] {
  const all = named(root, 'Image')
    .slice(0, MOST_IMAGES)
    .flatMap((element) => {
      const pixels = firstNamed(element, 'Pixels');
      return pixels
        ? [{ element, pixels, data: named(pixels, 'TiffData').map((each) => [each, fileIn(each)] as const) }]
        : [];
    });
  const names = new Set(all.flatMap(({ data }) => data.map(([, file]) => file && (file.name || file.uuid))));
  const isInSeveral = names.size > 1;
  /** By its UUID where it says one; a file that was given another name is still the only one. */
  const isOwn = ({ name, uuid }: FileName): boolean =>
    own.uuid !== '' && uuid !== '' ? uuid === own.uuid : !isInSeveral || name === '' || name === own.name;
  let start = 0;
  return all.map(({ element, pixels, data }) => {
    const listed = named(pixels, 'Channel').length;
    const sizes = { C: listed || count(pixels, 'SizeC'), Z: count(pixels, 'SizeZ'), T: count(pixels, 'SizeT') };
    const blocks = data.map(
      ([each, file]): Block => ({ element: each, file: file && !isOwn(file) ? file : undefined }),
    );
    const sides = { width: numberOf(pixels, 'SizeX'), height: numberOf(pixels, 'SizeY') };
    const image = { name: nameOf(element) ?? '', element, pixels, sizes, sides, start, blocks, isInSeveral };
    start += sizes.C * sizes.Z * sizes.T;
    return image;
  });
}

/** What a TiffData says of its file; undefined where that is nothing. */
function fileIn(block: XmlElement): FileName | undefined {
  const said = firstNamed(block, 'UUID');
  const [name, uuid] = [said?.attributes.get('FileName')?.trim() ?? '', said?.text.trim() ?? ''];
  return name === '' && uuid === '' ? undefined : { name, uuid };
}

const nameOf = ({ attributes }: XmlElement): string | undefined => attributes.get('Name')?.slice(0, MOST_NAME);

/** Of each channel, a name of our own where it has none. */
export function channelNames({ pixels, sizes }: OmeImage): string[] {
  const listed = named(pixels, 'Channel');
  return Array.from({ length: Math.min(sizes.C, MOST_CHANNELS) }, (_, i) => {
    const channel = listed[i];
    return (channel && nameOf(channel)) || `Channel ${i + 1}`;
  });
}

const RED_GREEN_BLUE = [0xff0000ff, 0x00ff00ff, 0x0000ffff]; // with their alpha last
const NAMES_OF_COLOURS = /^(r|g|b|red|green|blue|channel[ :_\d]*)?$/i;

/** Three channels that are called red, green and blue, by colour and by no other name: a picture in colour, taken apart. */
export function areColours({ pixels, sizes }: OmeImage): boolean {
  const listed = named(pixels, 'Channel');
  if (sizes.C !== 3 || listed.length !== 3) return false;
  return listed.every((channel, i) => {
    const colour = numberOf(channel, 'Color');
    return colour >>> 0 === RED_GREEN_BLUE[i] && NAMES_OF_COLOURS.test((nameOf(channel) ?? '').trim());
  });
}

/** Of each depth, a name. */
export const planeNamesOf = ({ pixels, sizes }: OmeImage): string[] =>
  planeNames(sizes.Z, (plane) => plane * sizeOf(pixels, 'Z'));

const count = (pixels: XmlElement, attribute: string): number => {
  const value = numberOf(pixels, attribute);
  return Number.isInteger(value) && value > 0 && value < 2 ** 20 ? value : 1;
};

/** The physical pixel size; undefined where there is none, or its unit is no length ("pixel", "reference frame"). */
export const omeMpp = ({ pixels }: OmeImage): MppXY | undefined =>
  plausibleMpp(sizeOf(pixels, 'X'), sizeOf(pixels, 'Y'));

/** Of a pixel, µm; NaN where it is not said. */
const sizeOf = ({ attributes }: XmlElement, axis: 'X' | 'Y' | 'Z'): number =>
  Number(attributes.get(`PhysicalSize${axis}`) ?? Number.NaN) *
  (UM_PER[attributes.get(`PhysicalSize${axis}Unit`) ?? 'µm'] ?? Number.NaN);

export function objectiveOf(root: XmlElement, { element }: OmeImage): number | undefined {
  const settings = firstNamed(element, 'ObjectiveSettings')?.attributes.get('ID');
  const all = [...everyNamed(root, 'Objective')];
  const own =
    all.find(({ attributes }) => attributes.get('ID') === settings) ?? (all.length === 1 ? all[0] : undefined);
  const power = numberOf(own, 'NominalMagnification');
  return power > 0 && power <= 200 ? power : undefined;
}

/** The time that is shown: the first that the file that was opened holds a plane of; of all, where it holds none. */
export function timeOf(image: OmeImage): number {
  const own = image.blocks.filter(({ file }) => !file);
  if (!image.isInSeveral || own.length === 0) return 0;
  return own.reduce((least, { element }) => Math.min(least, Math.max(0, whole(element, 'FirstT'))), image.sizes.T - 1);
}

/**
 * Where the planes of one depth's channels lie, or of one channel's depths. Of all images together, directory 0 is the file's
 * first. Undefined where it is not said. Planes follow each other in DimensionOrder; a TiffData element places one, or a run of
 * them from its directory on, and of two that place the same the first is believed.
 */
export function planesAlong(image: OmeImage, axis: 'C' | 'Z', at: number): (PlaneAt | undefined)[] {
  const { pixels, sizes, start, blocks, isInSeveral } = image;
  const order = (pixels.attributes.get('DimensionOrder') ?? 'XYCZT').slice(2, 5);
  const stepOf = (wanted: 'C' | 'Z' | 'T'): number => {
    let step = 1;
    for (const each of order) {
      if (each === wanted) return step;
      if (each === 'C' || each === 'Z' || each === 'T') step *= sizes[each];
    }
    return step;
  };
  const step = stepOf(axis);
  const origin = at * stepOf(axis === 'C' ? 'Z' : 'C') + timeOf(image) * stepOf('T');
  const length = Math.min(sizes[axis], axis === 'C' ? MOST_CHANNELS : MOST_PLANES);
  const found = Array.from({ length }, (): PlaneAt | undefined => undefined);
  if (!isInSeveral && blocks.every(({ element }) => !element.attributes.has('IFD')))
    return found.map((_, i) => ({ file: blocks[0]?.file, directory: start + origin + i * step }));
  const open = new Unplaced(length);
  for (const { element, file } of blocks) {
    const from =
      whole(element, 'FirstC') * stepOf('C') +
      whole(element, 'FirstZ') * stepOf('Z') +
      whole(element, 'FirstT') * stepOf('T');
    // Where it is not said how many there are, it is all that the file holds; of several files none is looked into for that.
    const isOne = isInSeveral || element.attributes.has('IFD');
    const planes = whole(element, 'PlaneCount') || (isOne ? 1 : Number.MAX_SAFE_INTEGER);
    const end = Math.min(length, Math.ceil((from + planes - origin) / step));
    for (let i = open.from(Math.max(0, Math.ceil((from - origin) / step))); i < end; i = open.from(i)) {
      found[i] = { file, directory: whole(element, 'IFD') + origin + i * step - from };
      open.place(i);
    }
  }
  return found;
}

/** A whole number of an attribute; 0 where it is absent or none. */
function whole(element: XmlElement, attribute: string): number {
  const value = numberOf(element, attribute);
  return Number.isSafeInteger(value) ? value : 0;
}

/** Which of some places are still free. Thousands of runs that lie over each other take no longer than the places and the runs. */
class Unplaced {
  readonly #next: Int32Array; // of each place itself while it is free, else a later one

  constructor(length: number) {
    this.#next = Int32Array.from({ length: length + 1 }, (_, i) => i);
  }

  /** The first free one from `at` on; where there is none, the length. */
  from(at: number): number {
    const next = this.#next;
    let i = Math.min(at, next.length - 1);
    for (let to = next[i] ?? i; to !== i; to = next[i] ?? i) {
      next[i] = next[to] ?? to; // a way walked once is half as long
      i = to;
    }
    return i;
  }

  place(at: number): void {
    this.#next[at] = at + 1;
  }
}
