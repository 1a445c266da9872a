// OME-XML: the pictures of a file, how large their pixels are, and which directory holds which plane.
import type { MppXY } from '#units/units.ts';
import { planeNames } from '../planes.ts';
import { everyNamed, firstNamed, named, numberOf, type XmlElement } from '../xml.ts';
import { plausibleMpp } from './tiff-slide.ts';

export const isOmeXml = (description: string): boolean =>
  description.slice(0, 4096).includes('<OME') && description.includes('Pixels');

const UM_PER: Readonly<Record<string, number>> = {
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

/** One Image element. */
export interface OmeImage {
  readonly name: string;
  readonly pixels: XmlElement;
  readonly mpp: MppXY | undefined;
  readonly objective: number | undefined;
  /** Of each channel, a name of our own where it has none. A channel of three samples is RGB. */
  readonly channels: readonly { readonly name: string; readonly samples: number }[];
  /** Of each depth, a name. */
  readonly planes: readonly string[];
  /**
   * The directory of a channel at a depth, of the first time. Of all images together, 0 is the file's first. Undefined where it
   * is not said, or lies in another file.
   */
  directoryOf(channel: number, plane: number): number | undefined;
}

export function omeImages(root: XmlElement): OmeImage[] {
  const file = root.attributes.get('UUID');
  let first = 0; // directory, where no TiffData says otherwise
  return named(root, 'Image').flatMap((image): OmeImage[] => {
    const pixels = firstNamed(image, 'Pixels');
    if (!pixels) return [];
    const sizes = { C: count(pixels, 'SizeC'), Z: count(pixels, 'SizeZ'), T: count(pixels, 'SizeT') };
    const listed = named(pixels, 'Channel').map((channel, i) => ({
      name: channel.attributes.get('Name') || `Channel ${i + 1}`,
      samples: numberOf(channel, 'SamplesPerPixel') || 1,
    }));
    const channels =
      listed.length > 0
        ? listed
        : Array.from({ length: sizes.C }, (_, i) => ({ name: `Channel ${i + 1}`, samples: 1 }));
    const planes = { ...sizes, C: channels.length };
    const start = first;
    first += planes.C * planes.Z * planes.T;
    return [
      {
        name: image.attributes.get('Name') ?? '',
        pixels,
        mpp: omeMpp(pixels),
        objective: objectiveOf(root, image),
        channels,
        planes: planeNames(planes.Z, (plane) => plane * sizeOf(pixels, 'Z')),
        directoryOf: (channel, plane) => directoryOf(pixels, planes, { channel, plane }, { start, file }),
      },
    ];
  });
}

const count = (pixels: XmlElement, attribute: string): number => {
  const value = numberOf(pixels, attribute);
  return Number.isInteger(value) && value > 0 && value < 2 ** 20 ? value : 1;
};

/** The physical pixel size; undefined where there is none, or its unit is no length ("pixel", "reference frame"). */
const omeMpp = (pixels: XmlElement): MppXY | undefined => plausibleMpp(sizeOf(pixels, 'X'), sizeOf(pixels, 'Y'));

/** Of a pixel, µm; NaN where it is not said. */
const sizeOf = ({ attributes }: XmlElement, axis: 'X' | 'Y' | 'Z'): number =>
  Number(attributes.get(`PhysicalSize${axis}`) ?? Number.NaN) *
  (UM_PER[attributes.get(`PhysicalSize${axis}Unit`) ?? 'µm'] ?? Number.NaN);

function objectiveOf(root: XmlElement, image: XmlElement): number | undefined {
  const settings = firstNamed(image, 'ObjectiveSettings')?.attributes.get('ID');
  const all = [...everyNamed(root, 'Objective')];
  const own =
    all.find(({ attributes }) => attributes.get('ID') === settings) ?? (all.length === 1 ? all[0] : undefined);
  const power = numberOf(own, 'NominalMagnification');
  return power > 0 && power <= 200 ? power : undefined;
}

/** Planes follow each other in DimensionOrder; a TiffData element places one, or a run of them from its directory on. */
function directoryOf(
  pixels: XmlElement,
  sizes: Readonly<Record<'C' | 'Z' | 'T', number>>,
  { channel, plane }: { channel: number; plane: number },
  { start, file }: { start: number; file: string | undefined },
): number | undefined {
  const order = (pixels.attributes.get('DimensionOrder') ?? 'XYCZT').slice(2);
  const stepOf = (wanted: 'C' | 'Z' | 'T'): number => {
    let step = 1;
    for (const axis of order) {
      if (axis === wanted) return step;
      if (axis === 'C' || axis === 'Z' || axis === 'T') step *= sizes[axis];
    }
    return step;
  };
  const own = channel * stepOf('C') + plane * stepOf('Z');
  const all = named(pixels, 'TiffData');
  const isHere = (block: XmlElement): boolean => {
    const uuid = firstNamed(block, 'UUID')?.text.trim();
    return !uuid || file === undefined || uuid === file;
  };
  const blocks = all.filter(isHere);
  if (blocks.length === 0 && all.length > 0) return undefined;
  if (blocks.every(({ attributes }) => !attributes.has('IFD'))) return start + own;
  for (const block of blocks) {
    const from =
      (numberOf(block, 'FirstC') || 0) * stepOf('C') +
      (numberOf(block, 'FirstZ') || 0) * stepOf('Z') +
      (numberOf(block, 'FirstT') || 0) * stepOf('T');
    const planes = numberOf(block, 'PlaneCount') || (block.attributes.has('IFD') ? 1 : Number.POSITIVE_INFINITY);
    if (own >= from && own < from + planes) return (numberOf(block, 'IFD') || 0) + own - from;
  }
  return undefined;
}
