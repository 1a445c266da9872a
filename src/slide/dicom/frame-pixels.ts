// A stored frame of DICOM as a picture: what packs it, what its samples mean, through which window they are seen.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Colours } from '../colours.ts';
import { decodedJpeg } from '../decode-jpeg.ts';
import type { Jpeg2000Tile } from '../decode-jpeg2000.ts';
import { adobeTransformOf, isSubsampled, saysColours, spliced } from '../jpeg.ts';
import { BYTES, type Reading } from '../page-tile.ts';
import { type ValueRange, wholeRangeOf } from '../samples.ts';
import type { Raster, TileWaits } from '../slide.ts';
import type { PackedBlock } from '../unpack.ts';
import { type Instance, type Packing, TAG } from './instance.ts';
import { packingOfBytes } from './packing.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** How a frame is looked at. */
export interface FrameLook {
  readonly range: ValueRange | undefined; // of grey values of more than 8 bits
  readonly halved: number; //               times, of JPEG 2000
}

const samplesOf = ({ dataset }: Instance): number => dataset.whole(TAG.samples) ?? 1;
const photometricOf = ({ dataset }: Instance): string => dataset.text(TAG.photometric) ?? 'MONOCHROME2';
const bitsOf = ({ dataset }: Instance): number => dataset.whole(TAG.bitsAllocated) ?? 8;
/** Of more bits than a screen has: shown through a window. */
export const isDeepGrey = (instance: Instance): boolean => bitsOf(instance) === 16 && samplesOf(instance) === 1;
const packingOf = ({ packing }: Instance, bytes: Bytes): Packing => packing ?? packingOfBytes(bytes) ?? 'native';

/**
 * @param bytes decodable ones
 * @throws Error that says what is wrong, as the end of a sentence; the signal's reason
 */
export async function decodedFrame(
  instance: Instance,
  bytes: Bytes,
  { range, halved }: FrameLook,
  { decoders }: Reading,
  waits: TileWaits,
): Promise<Raster> {
  const { columns, rows } = instance;
  const packing = packingOf(instance, bytes);
  if (packing === 'jpeg2000') return decoders.jpeg2000(jpeg2000TileOf(instance, bytes, range, halved), waits);
  if (packing !== 'jpeg') return decoders.block(blockOf(instance, bytes, packing, range), waits);
  return decodedJpeg(bytes, { width: columns, height: rows }, decoders, waits);
}

/** A stored frame as decodedFrame takes it. */
export function decodable(instance: Instance, bytes: Bytes): Bytes {
  if (packingOf(instance, bytes) !== 'jpeg') return bytes;
  return spliced(bytes, undefined, isRgbJpeg(instance, bytes) ? 'rgb' : 'stream');
}

/** The tag may lie: what the stream says of its colours goes first. GDCM calls subsampled YCbCr RGB. */
const isRgbJpeg = (instance: Instance, bytes: Bytes): boolean =>
  photometricOf(instance) === 'RGB' &&
  !saysColours(bytes) &&
  adobeTransformOf(bytes) === undefined &&
  !isSubsampled(bytes);

function jpeg2000TileOf(instance: Instance, bytes: Bytes, range: ValueRange | undefined, halved: number): Jpeg2000Tile {
  const { columns, rows } = instance;
  // YBR_ICT and YBR_RCT are the codec's own affair. OrthancWSIDicomizer calls RGB YBR_FULL_422, which would be subsampled.
  const colours = photometricOf(instance) === 'YBR_FULL' ? 'ycbcr' : 'rgb';
  const deep = isDeepGrey(instance) ? (range ?? wholeRangeOf({ depth: 16, numbers: 'unsigned' })) : undefined;
  return { bytes, mostWidth: columns, mostHeight: rows, colours, halved, range: deep };
}

function blockOf(
  instance: Instance,
  bytes: Bytes,
  packing: 'native' | 'rle',
  range: ValueRange | undefined,
): PackedBlock {
  const { columns, rows, dataset } = instance;
  const samples = samplesOf(instance);
  const photometric = photometricOf(instance);
  const type = { ...BYTES, depth: bitsOf(instance) === 16 ? 16 : 8 } as const;
  return {
    pieces: [bytes],
    packing: packing === 'rle' ? 'rle' : 1,
    width: columns,
    height: rows,
    layout: packing === 'rle' || dataset.whole(TAG.planar) === 1 ? 'planes' : 'interleaved',
    samples,
    ...type,
    colours: coloursOf(instance, bytes),
    littleEndian: dataset.littleEndian,
    predictor: 1,
    shown: samples >= 3 ? [0, 1, 2] : [0],
    inverted: photometric === 'MONOCHROME1',
    range: range ?? wholeRangeOf(type),
    alpha: undefined,
  };
}

/** Of bare samples. Those that say YBR_FULL_422, and are as many as if no pixels shared a colour, were unpacked to RGB. */
function coloursOf(instance: Instance, { length }: Bytes): Colours {
  const photometric = photometricOf(instance);
  if (photometric === 'YBR_FULL') return { kind: 'ycbcr', across: 1, down: 1 };
  const isShared = photometric === 'YBR_FULL_422' && length < instance.columns * instance.rows * 3;
  return isShared ? { kind: 'ycbcr', across: 2, down: 1 } : { kind: 'stored' };
}

/**
 * The window that the values of a frame ask for; undefined where the bits are the colours.
 * @param part that is picture: the last frames are padded
 */
export async function rangeOfFrame(
  instance: Instance,
  bytes: Bytes,
  part: { readonly width: number; readonly height: number },
  { decoders }: Reading,
  waits: Waits,
): Promise<ValueRange | undefined> {
  const packing = packingOf(instance, bytes);
  if (!isDeepGrey(instance) || packing === 'jpeg') return undefined;
  if (packing === 'jpeg2000')
    return decoders.jpeg2000Range({ ...jpeg2000TileOf(instance, bytes, undefined, 0), part }, waits);
  return decoders.range({ ...blockOf(instance, bytes, packing, undefined), part }, waits);
}

/** Told before anything is shown. @throws EosinError UnsupportedSlide for samples that are not read */
export function assertDecodable(instance: Instance): void {
  const { packing, source, dataset } = instance;
  if (!packing) return; // a server may send anything: each frame tells
  const [samples, bits, photometric] = [samplesOf(instance), bitsOf(instance), photometricOf(instance)];
  const isGrey = samples === 1 && photometric.startsWith('MONOCHROME');
  const isColour = samples === 3 && /^(RGB|YBR_(FULL|FULL_422|ICT|RCT))$/.test(photometric);
  const isKnown = {
    native:
      (isGrey || (isColour && photometric !== 'YBR_ICT' && photometric !== 'YBR_RCT')) && (bits === 8 || bits === 16),
    rle: (isGrey || photometric === 'RGB' || photometric === 'YBR_FULL') && (bits === 8 || bits === 16),
    jpeg: (dataset.whole(TAG.bitsStored) ?? bits) <= 8,
    jpeg2000: bits === 8 || (isGrey && bits === 16),
  };
  if (isKnown[packing]) return;
  const reason = `a DICOM slide of ${samples} × ${dataset.whole(TAG.bitsStored) ?? bits} bits, ${photometric}, stored as ${CALLED[packing]}`;
  const todo = 'Convert it to RGB of 8 bits first.';
  throw new EosinError({ tag: 'UnsupportedSlide', name: source.name, reason, todo });
}

const CALLED: Readonly<Record<Packing, string>> = {
  native: 'bare samples',
  rle: 'RLE',
  jpeg: 'JPEG',
  jpeg2000: 'JPEG 2000',
};
