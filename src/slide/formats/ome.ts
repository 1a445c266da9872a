// OME-XML: the pictures of a file, how large their pixels are, and which directory holds which plane.
import type { MppXY } from '#units/units.ts';
import { MOST_PLANES, planeNames } from '../planes.ts';
import { everyNamed, firstNamed, named, numberOf, type XmlElement } from '../xml.ts';
import { plausibleMpp } from './tiff-slide.ts';

const ROOT = /<(\w+:)?OME[\s>]/;

export const isOmeXml = (description: string): boolean =>
  ROOT.test(description.slice(0, 4096)) && description.includes('Pixels');

const LONG_XML = 2 ** 20; // letters

/** Of long OME-XML what ends with the last Image: what a program was told by a microscope, and regions, follow it. */
export function withoutAnnotations(xml: string): string {
  if (xml.length < LONG_XML) return xml;
  const [, prefix = ''] = ROOT.exec(xml.slice(0, 4096)) ?? [];
  const last = `</${prefix}Image>`;
  const at = xml.lastIndexOf(last);
  return at < 0 ? xml : `${xml.slice(0, at)}${last}</${prefix}OME>`;
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
  readonly start: number; // its first directory, where no TiffData says otherwise
  readonly file: string | undefined; // the UUID of this file
}

const MOST_IMAGES = 1024; // as many as directories are looked at, so
const MOST_CHANNELS = 1024; // more than that are in no file;
const MOST_NAME = 256; // letters

export function omeImages(root: XmlElement): OmeImage[] {
  const file = root.attributes.get('UUID');
  let start = 0;
  const images: OmeImage[] = [];
  for (const element of named(root, 'Image').slice(0, MOST_IMAGES)) {
    const pixels = firstNamed(element, 'Pixels');
    if (!pixels) continue;
    const listed = named(pixels, 'Channel').length;
    const sizes = { C: listed || count(pixels, 'SizeC'), Z: count(pixels, 'SizeZ'), T: count(pixels, 'SizeT') };
    images.push({ name: nameOf(element) ?? '', element, pixels, sizes, start, file });
    start += sizes.C * sizes.Z * sizes.T;
  }
  return images;
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

/**
 * The directories of one depth's channels, or of one channel's depths, of the first time; of all images together, 0 is the
 * file's first. Undefined where it is not said, or lies in another file. Planes follow each other in DimensionOrder; a TiffData
 * element places one, or a run of them from its directory on, and of two that place the same the first is believed.
 */
export function directoriesAlong(image: OmeImage, axis: 'C' | 'Z', at: number): (number | undefined)[] {
  const { pixels, sizes, start, file } = image;
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
  const origin = at * stepOf(axis === 'C' ? 'Z' : 'C');
  const length = Math.min(sizes[axis], axis === 'C' ? MOST_CHANNELS : MOST_PLANES);
  const found = Array.from({ length }, (): number | undefined => undefined);
  const all = named(pixels, 'TiffData');
  const blocks = all.filter((block) => {
    const uuid = firstNamed(block, 'UUID')?.text.trim();
    return !uuid || file === undefined || uuid === file;
  });
  if (blocks.length === 0 && all.length > 0) return found;
  if (blocks.every(({ attributes }) => !attributes.has('IFD'))) return found.map((_, i) => start + origin + i * step);
  const open = new Unplaced(length);
  for (const block of blocks) {
    const from =
      whole(block, 'FirstC') * stepOf('C') +
      whole(block, 'FirstZ') * stepOf('Z') +
      whole(block, 'FirstT') * stepOf('T');
    const planes = whole(block, 'PlaneCount') || (block.attributes.has('IFD') ? 1 : Number.MAX_SAFE_INTEGER);
    const end = Math.min(length, Math.ceil((from + planes - origin) / step));
    for (let i = open.from(Math.max(0, Math.ceil((from - origin) / step))); i < end; i = open.from(i)) {
      found[i] = whole(block, 'IFD') + origin + i * step - from;
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
