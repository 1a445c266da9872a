// One DICOM file of a whole-slide image: what its header says, and its frames.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { assertInside, type ByteSource } from '../byte-source.ts';
import { inflated } from '../inflate.ts';
import { type Dataset, DatasetDamaged, DatasetEnds, type PixelElement, readDataset, readMeta } from './dataset.ts';
import { type ExtendedTable, encapsulatedFrames, type FrameReader, nativeFrames } from './frames.ts';

export const TAG = {
  mediaClass: 0x00020002, // what its beginning says that it is
  transferSyntax: 0x00020010,
  imageType: 0x00080008,
  sopClass: 0x00080016,
  sopInstance: 0x00080018,
  manufacturer: 0x00080070,
  model: 0x00081090,
  availableSyntax: 0x00083002,
  series: 0x0020000e,
  instanceNumber: 0x00200013,
  concatenation: 0x00209161,
  partNumber: 0x00209162, // in its concatenation, from 1
  partCount: 0x00209163,
  sliceSpacing: 0x00180088, // mm
  waveLength: 0x00220055, // nm
  dimensionOrganization: 0x00209311,
  frameOffset: 0x00209228, // of this instance in its concatenation
  samples: 0x00280002,
  photometric: 0x00280004,
  planar: 0x00280006,
  frames: 0x00280008,
  rows: 0x00280010,
  columns: 0x00280011,
  pixelSpacing: 0x00280030,
  bitsAllocated: 0x00280100,
  bitsStored: 0x00280101,
  iccProfile: 0x00282000,
  pixelMeasures: 0x00289110,
  container: 0x00400512,
  depthPosition: 0x0040074a,
  matrixColumns: 0x00480006,
  matrixRows: 0x00480007,
  matrixOrigin: 0x00480008,
  opticalPaths: 0x00480105,
  opticalPath: 0x00480106,
  pathDescription: 0x00480107,
  objectivePower: 0x00480112,
  pathOfFrame: 0x00480207,
  planePosition: 0x0048021a,
  columnPosition: 0x0048021e,
  rowPosition: 0x0048021f,
  focalPlanes: 0x00480303,
  sharedGroups: 0x52009229,
  perFrameGroups: 0x52009230,
  extendedOffsets: 0x7fe00001,
  extendedLengths: 0x7fe00002,
} as const;

const WHOLE_SLIDE = '1.2.840.10008.5.1.4.1.1.77.1.6';
const IMPLICIT = '1.2.840.10008.1.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';

/** How frames are stored, by transfer syntax; others are refused by their name. */
const PACKINGS: Readonly<Record<string, Packing>> = {
  [IMPLICIT]: 'native',
  '1.2.840.10008.1.2.1': 'native',
  [DEFLATED]: 'native',
  [BIG_ENDIAN]: 'native', // retired
  '1.2.840.10008.1.2.4.50': 'jpeg',
  '1.2.840.10008.1.2.4.51': 'jpeg',
  '1.2.840.10008.1.2.4.55': 'jpeg', // progressive; retired
  '1.2.840.10008.1.2.5': 'rle',
  '1.2.840.10008.1.2.4.90': 'jpeg2000',
  '1.2.840.10008.1.2.4.91': 'jpeg2000',
  '1.2.840.10008.1.2.4.201': 'jpeg2000',
  '1.2.840.10008.1.2.4.202': 'jpeg2000',
  '1.2.840.10008.1.2.4.203': 'jpeg2000',
};

/** What is not read, with what makes something of it that is. */
const NAMES: Readonly<Record<string, readonly [called: string, converter: string]>> = {
  '1.2.840.10008.1.2.4.57': ['lossless JPEG', 'dcmdjpeg'],
  '1.2.840.10008.1.2.4.70': ['lossless JPEG', 'dcmdjpeg'],
  '1.2.840.10008.1.2.4.80': ['JPEG-LS', 'dcmdjpls'],
  '1.2.840.10008.1.2.4.81': ['JPEG-LS', 'dcmdjpls'],
  '1.2.840.10008.1.2.4.110': ['JPEG XL', ''],
  '1.2.840.10008.1.2.4.111': ['JPEG XL', ''],
  '1.2.840.10008.1.2.4.112': ['JPEG XL', ''],
};

/** What stored frames are called that are not read; undefined for those that are. */
export const unreadName = (syntax: string): string | undefined =>
  syntax in PACKINGS ? undefined : (NAMES[syntax]?.[0] ?? syntax);

/** The way out for DICOM that is not read. */
function todoFor(syntax: string, name: string): string {
  const converter = NAMES[syntax]?.[1] ?? 'gdcmconv --raw';
  return converter === ''
    ? 'Write it again with frames as JPEG or JPEG 2000: the Python library wsidicom does.'
    : `Convert it first: ${converter} "${name}" slide.dcm (${converter.startsWith('gdcm') ? 'GDCM' : 'DCMTK'}).`;
}

export type Packing = 'native' | 'rle' | 'jpeg' | 'jpeg2000';

export interface Instance {
  readonly source: Named;
  readonly dataset: Dataset;
  readonly packing: Packing | undefined; // undefined: each frame tells by its first bytes (a server may pack it anew)
  readonly kind: string; //          'VOLUME', 'LABEL', 'OVERVIEW', 'THUMBNAIL'; 'VOLUME' where it is not said
  readonly matrixColumns: number; // pixels of the whole picture
  readonly matrixRows: number;
  readonly columns: number; //       pixels of a frame
  readonly rows: number;
  readonly frameCount: number;
  readonly frameOffset: number; //   frames of the picture that lie in other files before this one
  readonly frame: FrameReader;
}

/** Where an instance comes from: for messages, and for the names of its frames in the cache. */
export type Named = Pick<ByteSource, 'name' | 'identity'>;

/** What reading frames takes to know of them. */
export interface FrameShape {
  readonly frameCount: number;
  readonly bytes: number; // of one, without any packing
}

const FIRST = 64 * 1024; //         bytes read of a header at first
const MOST = 256 * 1024 * 1024; //  bytes of a header
const MAX_SIDE = 2 ** 30; //        pixels

/** True unless a file's first bytes say that it is something else: annotations, a report, another kind of picture. */
export function mayBeWholeSlide(head: Uint8Array<ArrayBuffer>): boolean {
  try {
    return (readMeta(head).meta.text(TAG.mediaClass) ?? WHOLE_SLIDE) === WHOLE_SLIDE;
  } catch (thrown) {
    if (thrown instanceof DatasetDamaged || thrown instanceof DatasetEnds) return true; // told when it is read
    throw thrown;
  }
}

export const isWholeSlide = (dataset: Dataset): boolean => dataset.text(TAG.sopClass) === WHOLE_SLIDE;

/** @throws EosinError UnsupportedSlide, CorruptSlide, and what reading throws */
export async function readInstance(source: ByteSource, waits: Waits): Promise<Instance> {
  const { name } = source;
  const { dataset, pixels, syntax, body } = await readHeader(source, waits);
  return instanceOf(source, dataset, ({ frameCount, bytes }) => {
    const packing = PACKINGS[syntax];
    if (!packing)
      throw unsupported(
        name,
        `a DICOM slide whose frames are stored as ${unreadName(syntax) ?? syntax}`,
        todoFor(syntax, name),
      );
    if (!pixels || pixels.length === 0) throw corrupt(name, 'it holds no pixels');
    if (pixels.tag !== 0x7fe00010)
      throw unsupported(name, 'a DICOM slide of floating-point numbers', 'Write it again with whole numbers.');
    const frame =
      pixels.length === undefined
        ? encapsulatedFrames(body, pixels, frameCount, extendedTable(dataset))
        : nativeFrames(
            isSwapped(dataset, pixels) ? swapped(body) : body,
            pixels,
            sharesColours(dataset, pixels.length, bytes * frameCount) ? (bytes * 2) / 3 : bytes,
          );
    if ((packing === 'native') !== (pixels.length !== undefined))
      throw corrupt(name, 'its pixels are not stored the way its header says');
    return { packing, frame };
  });
}

/**
 * What a data set says of its picture, wherever it comes from.
 * @throws EosinError UnsupportedSlide, CorruptSlide
 */
export function instanceOf(
  source: Named,
  dataset: Dataset,
  framesOf: (shape: FrameShape) => Pick<Instance, 'packing' | 'frame'>,
): Instance {
  const { name } = source;
  if (!isWholeSlide(dataset)) {
    throw unsupported(name, 'a DICOM file, but no whole-slide microscopy image', 'Open the files of a slide instead.');
  }
  const size = (tag: number, absent: number): number => {
    const value = dataset.whole(tag) ?? absent;
    if (!(value > 0 && value <= MAX_SIDE)) throw corrupt(name, `a picture claims to be ${value} pixels wide or high`);
    return value;
  };
  const [columns, rows] = [size(TAG.columns, 0), size(TAG.rows, 0)];
  const frameCount = dataset.decimals(TAG.frames)[0] ?? 1;
  if (!(Number.isInteger(frameCount) && frameCount > 0 && frameCount < MAX_SIDE))
    throw corrupt(name, `it claims ${frameCount} frames`);
  const bits = dataset.whole(TAG.bitsAllocated) ?? 8;
  const samples = dataset.whole(TAG.samples) ?? 1;
  return {
    source,
    dataset,
    kind: dataset.texts(TAG.imageType)[2] || 'VOLUME',
    matrixColumns: size(TAG.matrixColumns, columns),
    matrixRows: size(TAG.matrixRows, rows),
    columns,
    rows,
    frameCount,
    frameOffset: dataset.whole(TAG.frameOffset) ?? 0,
    ...framesOf({ frameCount, bytes: (columns * rows * samples * bits) / 8 }),
  };
}

/**
 * Two pixels share a Cb and a Cr: where there are not as many bytes as without that. Some leave the tag as it was when they
 * unpack.
 */
const sharesColours = (dataset: Dataset, length: number, unshared: number): boolean =>
  dataset.text(TAG.photometric) === 'YBR_FULL_422' && length < unshared;

const corrupt = (name: string, reason: string): EosinError => new EosinError({ tag: 'CorruptSlide', name, reason });
const unsupported = (name: string, reason: string, todo: string): EosinError =>
  new EosinError({ tag: 'UnsupportedSlide', name, reason, todo });

interface Header {
  readonly dataset: Dataset;
  readonly pixels: PixelElement | undefined;
  readonly syntax: string;
  readonly body: ByteSource; // that the pixels lie in
}

/** Bytes that were written as big-endian words of 16 bits stand two and two the wrong way round. */
const isSwapped = (dataset: Dataset, { vr }: PixelElement): boolean =>
  !dataset.littleEndian && vr === 'OW' && dataset.whole(TAG.bitsAllocated) === 8;

/** More and more of the file, until the header is whole: one that places each frame may take megabytes. */
async function readHeader(source: ByteSource, waits: Waits): Promise<Header> {
  for (let length = Math.min(FIRST, source.size); ; length = Math.min(length * 4, source.size)) {
    const bytes = await source.read(0, length, waits);
    try {
      const { meta, end } = readMeta(bytes);
      const syntax = meta.text(TAG.transferSyntax) ?? IMPLICIT;
      if (syntax === DEFLATED) {
        const body = await unpackedBody(source, end, waits);
        return { ...readDataset(await body.read(0, body.size, waits), 0, EXPLICIT), syntax, body };
      }
      const written = { explicit: syntax !== IMPLICIT, littleEndian: syntax !== BIG_ENDIAN };
      const { dataset, pixels } = readDataset(bytes, end, written);
      if (!pixels && length < source.size) throw new DatasetEnds();
      return { dataset, pixels, syntax, body: source };
    } catch (thrown) {
      if (thrown instanceof DatasetDamaged) throw corrupt(source.name, thrown.message);
      if (!(thrown instanceof DatasetEnds)) throw thrown;
      if (length === source.size) throw corrupt(source.name, 'it ends within its header: it is cut short or damaged');
      if (length >= MOST) throw corrupt(source.name, `its header is longer than ${MOST} bytes`);
    }
  }
}

const EXPLICIT = { explicit: true, littleEndian: true };
const MOST_UNPACKED = 128 * 1024 * 1024; // bytes: pixels and all are kept in memory

/** What was deflated, in memory: no part of it can be read without all before it. */
async function unpackedBody(source: ByteSource, from: number, waits: Waits): Promise<ByteSource> {
  const { name } = source;
  if (source.size > MOST_UNPACKED) throw tooLong(name);
  const packed = await source.read(from, source.size - from, waits);
  let bytes: Uint8Array<ArrayBuffer> | undefined;
  try {
    // Writers add a zero where the length is odd, which is no part of the stream.
    bytes = await inflated(packed, 'deflate-raw', MOST_UNPACKED).catch((thrown: unknown) => {
      if (packed.at(-1) !== 0) throw thrown;
      return inflated(packed.slice(0, -1), 'deflate-raw', MOST_UNPACKED);
    });
  } catch (thrown) {
    throw new EosinError(corrupt(name, 'what was deflated does not unpack').failure, { cause: thrown });
  }
  waits.signal.throwIfAborted();
  if (!bytes) throw tooLong(name);
  const all = bytes;
  return {
    name,
    size: all.length,
    identity: source.identity,
    async read(offset, length) {
      assertInside({ name, size: all.length }, offset, length);
      return all.subarray(offset, offset + length);
    },
  };
}

const tooLong = (name: string): EosinError => {
  const reason = `a deflated DICOM slide of more than ${MOST_UNPACKED >> 20} MB, which would have to be unpacked as a whole`;
  return unsupported(name, reason, `Convert it first: dcmconv +te "${name}" slide.dcm (DCMTK).`);
};

/** The same bytes, each word of 16 bits turned round. */
const swapped = (source: ByteSource): ByteSource => ({
  ...source,
  async read(offset, length, waits) {
    const [from, to] = [offset - (offset % 2), Math.min(source.size, offset + length + ((offset + length) % 2))];
    const bytes = (await source.read(from, to - from, waits)).slice();
    for (let i = 0; i + 1 < bytes.length; i += 2) bytes.subarray(i, i + 2).reverse();
    return bytes.subarray(offset - from, offset - from + length);
  },
});

function extendedTable(dataset: Dataset): ExtendedTable | undefined {
  const [offsets, lengths] = [dataset.bytes(TAG.extendedOffsets), dataset.bytes(TAG.extendedLengths)];
  if (!offsets || !lengths || offsets.length !== lengths.length) return undefined;
  return { offsets: longs(offsets), lengths: longs(lengths) };
}

function longs(bytes: Uint8Array<ArrayBuffer>): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) => Number(view.getBigUint64(i * 8, true)));
}
