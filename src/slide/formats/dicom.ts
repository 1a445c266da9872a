// DICOM whole-slide microscopy: a picture a file (or several of a concatenation), a slide a series.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import { type ByteSource, FIRST_BYTES } from '../byte-source.ts';
import { decodedJpeg } from '../decode-jpeg.ts';
import type { Dataset } from '../dicom/dataset.ts';
import { type Instance, type Packing, readInstance, TAG } from '../dicom/instance.ts';
import { packingOfBytes } from '../dicom/packing.ts';
import { type Place, placesOf } from '../dicom/places.ts';
import { combinedFingerprint } from '../fingerprint.ts';
import type { Folder } from '../folder.ts';
import { halvesOf } from '../halves.ts';
import { adobeTransformOf, saysColours, spliced } from '../jpeg.ts';
import { layeredSlide, type ReadableLevel, wholePicture } from '../layered-slide.ts';
import { BYTES, type Reading } from '../page-tile.ts';
import { blankPixels } from '../raster.ts';
import { type ValueRange, wholeRangeOf } from '../samples.ts';
import type { Raster, Slide } from '../slide.ts';
import { type Grid, inside, marked, tileRect } from '../tile-reader.ts';
import type { PackedBlock } from '../unpack.ts';
import { isDicom } from './dicom-magic.ts';
import type { SlideFormat } from './format.ts';
import { plausibleMpp } from './tiff-slide.ts';

export const dicom: SlideFormat = {
  name: 'DICOM WSI',
  matches: ({ head }) => isDicom(head),
  async open({ beside }, reading, waits) {
    const found = beside ? await dicomFilesOf(beside, waits) : [];
    const sources = found.length > 0 ? found : [reading.source];
    const instances = await Promise.all(sources.map((source) => readInstance(source, waits)));
    return dicomSlide({ instances, fingerprint: combinedFingerprint(sources) }, reading, waits);
  },
};

/** All files of the folder that start as DICOM does; none where it cannot be listed. */
async function dicomFilesOf(folder: Folder, waits: Waits): Promise<ByteSource[]> {
  const found: ByteSource[] = [];
  for (const path of (await folder.list(waits)) ?? []) {
    if (/\.(jpe?g|png|xml|json|txt|pdf|html?)$/i.test(path) || path.endsWith('DICOMDIR')) continue;
    const source = await folder.open(path, waits);
    if (source && isDicom(await source.read(0, Math.min(source.size, FIRST_BYTES), waits))) found.push(source);
  }
  return found;
}

const ASSOCIATED: Readonly<Record<string, string>> = { LABEL: 'label', OVERVIEW: 'macro', THUMBNAIL: 'thumbnail' };

/** A slide's instances, from files or from a server. */
interface Series {
  readonly instances: readonly Instance[];
  readonly fingerprint: Slide['fingerprint'];
  /** Where no instance holds it. */
  readonly colourProfile?: Uint8Array<ArrayBuffer> | undefined;
}

/** @throws EosinError UnsupportedSlide, CorruptSlide, BadInput for files of several slides */
export async function dicomSlide(series: Series, reading: Reading, waits: Waits): Promise<Slide> {
  const { instances, fingerprint } = series;
  const { name } = reading.source;
  const volumes = instances.filter(({ kind }) => !(kind in ASSOCIATED));
  const alone = volumes.length > 0 ? volumes : instances; // somebody opened a label by itself
  const slides = new Set(alone.map(({ dataset }) => dataset.text(TAG.container) ?? dataset.text(TAG.series)));
  if (slides.size > 1) {
    const seen = `they belong to ${slides.size} slides`;
    throw new EosinError({ tag: 'BadInput', what: 'These DICOM files', seen, todo: 'Open those of one slide.' });
  }
  const pictures = [...groupsOf(alone).values()].sort((a, b) => widthOf(b) - widthOf(a));
  const [base] = pictures;
  const first = base?.[0];
  if (!base || !first) throw new EosinError({ tag: 'CorruptSlide', name, reason: 'it holds no picture' });

  const range = await rangeOf(pictures.at(-1) ?? base, reading, waits);
  const levels = (await Promise.all(pictures.map((parts) => levelsOf(parts, pictures, range, reading, waits)))).flat();
  const associated = new Map(
    instances
      .filter((instance) => instance.kind in ASSOCIATED && !alone.includes(instance))
      .map((instance) => {
        const read = async (during: Waits): Promise<Raster> => wholeOf(instance, reading, during);
        return [ASSOCIATED[instance.kind] ?? instance.kind, read];
      }),
  );
  const { dataset } = first;
  const path = dataset.items(TAG.opticalPaths)[0];
  const power = path?.decimals(TAG.objectivePower)[0] ?? 0;
  const objective = power > 0 && power <= 200 ? power : undefined;
  const mpp = mppOf(dataset);
  return layeredSlide(
    {
      levels,
      facts: { format: dicom.name, vendor: 'dicom', mpp, objective, properties: propertiesOf(dataset, mpp, objective) },
      associated,
      colourProfile: series.colourProfile ?? profileIn(path),
      fingerprint,
      identities: instances.map(({ source }) => source.identity),
    },
    reading,
  );
}

async function wholeOf(instance: Instance, reading: Reading, waits: Waits): Promise<Raster> {
  const [level] = await levelsOf([instance], [], await rangeOf([instance], reading, waits), reading, waits);
  if (!level) throw new EosinError({ tag: 'Unexpected', reason: 'A picture is a level.' });
  return wholePicture(level, waits);
}

/** As stored; an empty value is none. */
const profileIn = (path: Dataset | undefined): Uint8Array<ArrayBuffer> | undefined => {
  const bytes = path?.bytes(TAG.iccProfile);
  return bytes && bytes.length > 0 ? bytes.slice() : undefined;
};

const widthOf = ([first]: readonly Instance[]): number => first?.matrixColumns ?? 0;

/** Files of the same size are one picture in parts, when they say so; else the first of them counts. */
function groupsOf(instances: readonly Instance[]): Map<string, Instance[]> {
  const groups = new Map<string, Instance[]>();
  for (const instance of instances) {
    const key = `${instance.matrixColumns}×${instance.matrixRows}`;
    const known = groups.get(key);
    if (!known) groups.set(key, [instance]);
    else if (known.every(({ frameOffset }) => frameOffset !== instance.frameOffset)) known.push(instance);
  }
  return groups;
}

const MOST_MPP = 1000; // a single instance may be the smallest of its pyramid

/** In mm from row to row, then from column to column. */
function mppOf(dataset: Dataset): MppXY | undefined {
  const shared = dataset.items(TAG.sharedGroups)[0];
  const measures = (shared ?? dataset.items(TAG.perFrameGroups)[0])?.items(TAG.pixelMeasures)[0];
  const [down = Number.NaN, across = Number.NaN] = measures?.decimals(TAG.pixelSpacing) ?? [];
  return plausibleMpp(round(across * 1000), round(down * 1000), MOST_MPP);
}

/** 0.000499 mm is 0.499 µm, not 0.49899999999999994. */
const round = (value: number): number => Number(value.toPrecision(12));

function propertiesOf(dataset: Dataset, mpp: MppXY | undefined, objective: number | undefined): Record<string, string> {
  const properties: Record<string, string> = Object.create(null);
  const add = (key: string, value: string | number | undefined): void => {
    if (value !== undefined) properties[key] = String(value);
  };
  add('openslide.vendor', 'dicom');
  add('openslide.mpp-x', mpp?.x);
  add('openslide.mpp-y', mpp?.y);
  add('openslide.objective-power', objective);
  add('dicom.Manufacturer', dataset.text(TAG.manufacturer));
  add('dicom.ManufacturerModelName', dataset.text(TAG.model));
  add('dicom.PhotometricInterpretation', dataset.text(TAG.photometric));
  add('dicom.DimensionOrganizationType', dataset.text(TAG.dimensionOrganization));
  add('dicom.TotalPixelMatrixFocalPlanes', dataset.whole(TAG.focalPlanes));
  return properties;
}

/** A picture, and what its tiles hold of it at half the size. @param pictures all, largest first; none for one by itself */
async function levelsOf(
  parts: readonly Instance[],
  pictures: readonly (readonly Instance[])[],
  range: ValueRange | undefined,
  reading: Reading,
  waits: Waits,
): Promise<ReadableLevel[]> {
  const [first] = parts;
  if (!first) throw new EosinError({ tag: 'Unexpected', reason: 'A picture has at least one file.' });
  const decode = async (place: Place, during: Waits, halved = 0): Promise<Raster> =>
    decodedFrame(place.instance, await frameBytes(place, reading, during), { range, halved }, reading, during);
  const places = await placesOf(parts, decode, waits);
  const isHalved = parts.every(({ packing }) => packing === 'jpeg2000') && pictures.includes(parts);
  const tile = { width: first.columns, height: first.rows };
  const times = isHalved ? halvesOf(pictures.map(widthOf), pictures.indexOf(parts), tile) : [0];
  return times.map((halved) => levelOf(first, halved, places, decode, reading));
}

function levelOf(
  first: Instance,
  halved: number,
  places: Awaited<ReturnType<typeof placesOf>>,
  decode: (place: Place, waits: Waits, halved: number) => Promise<Raster>,
  reading: Reading,
): ReadableLevel {
  const part = 2 ** halved;
  const grid: Grid = {
    widthPx: Math.ceil(first.matrixColumns / part),
    heightPx: Math.ceil(first.matrixRows / part),
    tileWidth: first.columns / part,
    tileHeight: first.rows / part,
  };
  return {
    grid,
    read: (at, during) => {
      const { width, height } = tileRect(grid, at);
      return marked(at, during, async () => {
        const place = places(at.col, at.row);
        if (!place) return blankPixels(width, height); // sparse: nothing was scanned there
        const area: Rect = { x: 0, y: 0, width, height };
        try {
          return await inside(await decode(place, during, halved), area);
        } catch (thrown) {
          if (!during.signal.aborted) reading.tiles.forgetTile(keyOf(place));
          throw thrown;
        }
      });
    },
  };
}

const keyOf = ({ instance, index }: Place): string => `${instance.source.identity}/${index}`;
const frameBytes = (place: Place, { tiles }: Reading, waits: Waits): Promise<Uint8Array<ArrayBuffer>> =>
  tiles.get(keyOf(place), (during) => place.instance.frame(place.index, during), waits);

async function decodedFrame(
  instance: Instance,
  bytes: Uint8Array<ArrayBuffer>,
  { range, halved }: { readonly range: ValueRange | undefined; readonly halved: number },
  { decoders }: Reading,
  waits: Waits,
): Promise<Raster> {
  const { columns, rows, dataset } = instance;
  const packing = packingOf(instance, bytes);
  const photometric = dataset.text(TAG.photometric) ?? '';
  if (packing === 'native') return decoders.block(blockOf(instance, bytes, range), waits);
  if (packing === 'jpeg2000') {
    const colours = /^YBR_FULL/.test(photometric) ? 'ycbcr' : 'rgb'; // YBR_ICT and YBR_RCT are the codec's own affair
    return decoders.jpeg2000({ bytes, mostWidth: columns, mostHeight: rows, colours, halved }, waits);
  }
  // The tag may lie: what the stream says of its colours goes first.
  const rgb = photometric === 'RGB' && !saysColours(bytes) && adobeTransformOf(bytes) === undefined;
  const jpeg = spliced(bytes, undefined, rgb ? 'rgb' : 'stream');
  return decodedJpeg(jpeg, { width: columns, height: rows }, decoders, waits, bytes);
}

const packingOf = ({ packing }: Instance, bytes: Uint8Array<ArrayBuffer>): Packing =>
  packing ?? packingOfBytes(bytes) ?? 'native';

function blockOf(
  { columns, rows, dataset }: Instance,
  bytes: Uint8Array<ArrayBuffer>,
  range: ValueRange | undefined,
): PackedBlock {
  const samples = dataset.whole(TAG.samples) ?? 1;
  const type = { ...BYTES, depth: dataset.whole(TAG.bitsAllocated) === 16 ? 16 : 8 } as const;
  return {
    pieces: [bytes],
    packing: 1,
    width: columns,
    height: rows,
    layout: dataset.whole(TAG.planar) === 1 ? 'planes' : 'interleaved',
    samples,
    ...type,
    colours: dataset.text(TAG.photometric) === 'YBR_FULL' ? { kind: 'ycbcr', across: 1, down: 1 } : { kind: 'stored' },
    littleEndian: true,
    predictor: 1,
    shown: samples >= 3 ? [0, 1, 2] : [0],
    inverted: dataset.text(TAG.photometric) === 'MONOCHROME1',
    range: range ?? wholeRangeOf(type),
    alpha: undefined,
  };
}

const MOST_LOOKED_AT = 9; // frames of the smallest picture

/** The window of grey values of 16 bits; undefined for all others, whose bits are the colours. */
async function rangeOf(parts: readonly Instance[], reading: Reading, waits: Waits): Promise<ValueRange | undefined> {
  const [first] = parts;
  if (!first || (first.packing ?? 'native') !== 'native') return undefined;
  if (first.packing) assertNative(first);
  if (first.dataset.whole(TAG.bitsAllocated) !== 16 || (first.dataset.whole(TAG.samples) ?? 1) !== 1) return undefined;
  let range: ValueRange | undefined;
  for (let index = 0; index < Math.min(first.frameCount, MOST_LOOKED_AT); index++) {
    const bytes = await frameBytes({ instance: first, index }, reading, waits);
    if (packingOf(first, bytes) !== 'native') return undefined;
    const seen = await reading.decoders.range(blockOf(first, bytes, undefined), waits);
    range = { low: Math.min(range?.low ?? seen.low, seen.low), high: Math.max(range?.high ?? seen.high, seen.high) };
  }
  return range;
}

/** @throws EosinError UnsupportedSlide */
function assertNative({ dataset, source: { name } }: Instance): void {
  const photometric = dataset.text(TAG.photometric) ?? 'MONOCHROME2';
  const samples = dataset.whole(TAG.samples) ?? 1;
  const bits = dataset.whole(TAG.bitsAllocated) ?? 8;
  const known =
    samples === 3
      ? photometric === 'RGB' || photometric === 'YBR_FULL'
      : samples === 1 && photometric.startsWith('MONOCHROME');
  if (known && (bits === 8 || bits === 16)) return;
  const reason = `a DICOM slide of ${samples} samples of ${bits} bits, ${photometric}`;
  throw new EosinError({ tag: 'UnsupportedSlide', name, reason, todo: 'Convert it to RGB of 8 bits first.' });
}
