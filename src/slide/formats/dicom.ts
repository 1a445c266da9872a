// DICOM whole-slide microscopy: a picture a file (or several of a concatenation), a slide a series.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import { type ByteSource, FIRST_BYTES } from '../byte-source.ts';
import type { Dataset } from '../dicom/dataset.ts';
import {
  assertDecodable,
  decodable,
  decodedFrame,
  type FrameLook,
  isDeepGrey,
  rangeOfFrame,
} from '../dicom/frame-pixels.ts';
import { type Instance, mayBeWholeSlide, readInstance, TAG } from '../dicom/instance.ts';
import { type Size, spacingOf, unpaddedSize, wholeSizeOf } from '../dicom/padding.ts';
import {
  firstOfEach,
  inLight,
  isShapeOf,
  type OpticalPath,
  type Parts,
  picturesOf,
  scansIn,
  sizeOf,
  widthOf,
} from '../dicom/pictures.ts';
import { type Place, type Places, placesOf } from '../dicom/places.ts';
import { channelsIn, stackOf } from '../dicom/planes.ts';
import { combinedFingerprint } from '../fingerprint.ts';
import type { Folder } from '../folder.ts';
import { channelOf, channelProperties, channelsOf } from '../grey.ts';
import { type Halves, halvesOf } from '../halves.ts';
import { layeredSlide, type ReadableLevel, wholePicture } from '../layered-slide.ts';
import type { Reading } from '../page-tile.ts';
import { middleOf, planeOfLevel, planeProperties, planesOf } from '../planes.ts';
import { blankPixels } from '../raster.ts';
import { type ValueRange, WHOLE_BYTE } from '../samples.ts';
import type { Channels, FocalPlanes, Raster, Slide, TileWaits } from '../slide.ts';
import { type Grid, inside, marked, orForgotten, tileRect, unlessDamaged } from '../tile-reader.ts';
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

const MOST_FILES = 2048; // of one slide: the header of each is kept

/**
 * All files of the folder that start as DICOM does, and not as something else than a slide: archives hand out annotations and
 * reports with it. None where the folder cannot be listed.
 */
async function dicomFilesOf(folder: Folder, waits: Waits): Promise<ByteSource[]> {
  const found: ByteSource[] = [];
  for (const path of (await folder.list(waits)) ?? []) {
    if (/\.(jpe?g|png|xml|json|txt|pdf|html?)$/i.test(path) || path.endsWith('DICOMDIR')) continue;
    const source = await folder.open(path, waits);
    const head = await source?.read(0, Math.min(source.size, FIRST_BYTES), waits);
    if (source && head && isDicom(head) && mayBeWholeSlide(head)) found.push(source);
    if (found.length <= MOST_FILES) continue;
    const seen = `it holds more than ${MOST_FILES} DICOM files`;
    throw new EosinError({
      tag: 'BadInput',
      what: folder.name,
      seen,
      todo: 'Open the folder of one slide, or its files.',
    });
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
  const slides = firstOfEach(alone, glassOf).map((each) => `${glassOf(each)} (${each.source.name})`);
  if (slides.length > 1)
    throw severalOf(`they belong to ${slides.length} slides: ${firstOf(slides)}`, 'Open those of one slide.');
  const pictures = picturesOf(alone);
  const scans = scansIn(pictures).map(({ first }) => `${first.dataset.text(TAG.series)} (${first.source.name})`);
  if (scans.length > 1) {
    const seen = `they hold ${scans.length} scans of one slide: series ${firstOf(scans)}`;
    throw severalOf(seen, 'Open those of one series.');
  }
  const paths = channelsIn(pictures);
  const channel = channelOf(reading, paths.length);
  const light = paths[channel];
  const stacks = inLight(pictures, light).map((alike) => stackOf(alike, light));
  const [largest] = stacks;
  const other =
    largest &&
    stacks.find(({ pictures: [each] }) => each && largest.pictures[0] && !isMadeOf(largest.pictures[0], each));
  if (largest && other) {
    const shapes = [largest, other].map(
      ({ pictures: [each] }) => each && `${sizeOf(each)} (${each.first.source.name})`,
    );
    throw severalOf(`they hold pictures of several shapes: ${shapes.join(', ')}`, 'Open the files of one picture.');
  }
  const names = largest?.planes ?? [];
  const planes = planesOf(reading, names, middleOf(names.length));
  const seen = stacks.flatMap((stack) => {
    const parts = stack.pictures[planes && stack.pictures.length > 1 ? planeOfLevel(planes, stack.pictures.length) : 0];
    return parts ? [parts] : [];
  });
  const [top] = seen;
  const shown = await Promise.all(
    seen.map(async (parts) => {
      const picture = await placed(parts, light, planes, reading, waits);
      return { ...picture, size: (top && unpaddedSize(top, parts)) ?? picture.size };
    }),
  );
  const [base] = shown;
  const smallest = shown.at(-1);
  if (!base || !smallest) throw new EosinError({ tag: 'CorruptSlide', name, reason: 'it holds no picture' });
  const { first } = base.parts;

  const range = await rangeOf(smallest, reading, waits);
  const levels = shown.flatMap((picture) => levelsOf(picture, shown, range, reading));
  const associated = new Map(
    instances
      .filter((instance) => instance.kind in ASSOCIATED && !alone.includes(instance))
      .map((instance) => {
        const read = async (during: Waits): Promise<Raster> => wholeOf(instance, reading, during);
        return [ASSOCIATED[instance.kind] ?? instance.kind, read];
      }),
  );
  const { dataset } = first;
  const lights = dataset.items(TAG.opticalPaths);
  const path = lights.find((item) => item.text(TAG.opticalPath) === light?.id) ?? lights[0];
  const lightNames = paths.map((each) => each.name);
  const told = channelsOf(lightNames, channel, range ?? WHOLE_BYTE);
  const inColour = dataset.whole(TAG.samples) !== 1;
  const channels: Channels | undefined = told && inColour ? { ...told, inColour } : told;
  const power = path?.decimals(TAG.objectivePower)[0] ?? 0;
  const objective = power > 0 && power <= 200 ? power : undefined;
  const mpp = mppOf(dataset);
  const properties = {
    ...propertiesOf(dataset, mpp, objective),
    ...(inColour ? lightProperties(lightNames, channel) : channelProperties(lightNames, channel)),
    ...planeProperties(planes),
  };
  return layeredSlide(
    {
      levels,
      facts: { format: dicom.name, vendor: 'dicom', mpp, objective, properties, channels, planes },
      associated,
      colourProfile: series.colourProfile ?? profileIn(path),
      fingerprint,
      identities: instances.map(({ source }) => source.identity),
    },
    reading,
  );
}

/** Whether a picture may be the largest made smaller. */
const isMadeOf = (largest: Parts, picture: Parts): boolean =>
  unpaddedSize(largest, picture) !== undefined || isShapeOf(largest, picture);

/** Which glass a file belongs to. */
const glassOf = ({ dataset }: Instance): string =>
  dataset.text(TAG.container) ?? dataset.text(TAG.series) ?? 'one without a name';

const severalOf = (seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'These DICOM files', seen, todo });

const firstOf = (all: readonly string[]): string => `${all.slice(0, 3).join(', ')}${all.length > 3 ? ', …' : ''}`;

const lightProperties = (names: readonly string[], shown: number): Record<string, string> =>
  names.length < 2 ? {} : { 'eosin.opticalPaths': names.join(', '), 'eosin.opticalPath': names[shown] ?? '' };

async function wholeOf(instance: Instance, reading: Reading, waits: Waits): Promise<Raster> {
  const picture = await placed({ first: instance, all: [instance] }, undefined, undefined, reading, waits);
  const [level] = levelsOf(picture, [], await rangeOf(picture, reading, waits), reading);
  if (!level) throw new EosinError({ tag: 'Unexpected', reason: 'A picture is a level.' });
  return wholePicture(level, waits);
}

/** A picture of which it is known where its frames lie. */
interface Placed {
  readonly parts: Parts;
  readonly places: Places;
  readonly size: Size; // without what it is padded with
}

async function placed(
  parts: Parts,
  path: OpticalPath | undefined,
  planes: FocalPlanes | undefined,
  reading: Reading,
  waits: Waits,
): Promise<Placed> {
  for (const instance of parts.all) assertDecodable(instance);
  const decode = async (place: Place, during: Waits): Promise<Raster> =>
    decodedFrame(place.instance, await frameBytes(place, reading, during), AS_STORED, reading, during);
  const planeOf = (count: number): number => (planes ? planeOfLevel(planes, count) : middleOf(count));
  return { parts, places: await placesOf(parts, path, planeOf, decode, waits), size: wholeSizeOf(parts) };
}

const AS_STORED: FrameLook = { range: undefined, halved: 0 };

/** As stored; an empty value is none. */
const profileIn = (path: Dataset | undefined): Uint8Array<ArrayBuffer> | undefined => {
  const bytes = path?.bytes(TAG.iccProfile);
  return bytes && bytes.length > 0 ? bytes.slice() : undefined;
};

const MOST_MPP = 1000; // a single instance may be the smallest of its pyramid

function mppOf(dataset: Dataset): MppXY | undefined {
  const { across, down } = spacingOf(dataset);
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
function levelsOf(
  picture: Placed,
  pictures: readonly Placed[],
  range: ValueRange | undefined,
  reading: Reading,
): ReadableLevel[] {
  const { first, all } = picture.parts;
  const isHalved = all.every(({ packing }) => packing === 'jpeg2000') && pictures.includes(picture);
  const tile = { width: first.columns, height: first.rows };
  const widths = pictures.map(({ parts }) => widthOf(parts));
  const times: readonly Halves[] = isHalved ? halvesOf(widths, pictures.indexOf(picture), tile) : [{ halved: 0 }];
  return times.map(({ halved, onlyShown }) => ({ ...levelOf(picture, { range, halved }, reading), onlyShown }));
}

function levelOf({ parts: { first }, places, size }: Placed, look: FrameLook, reading: Reading): ReadableLevel {
  const part = 2 ** look.halved;
  const grid: Grid = {
    widthPx: Math.ceil(size.width / part),
    heightPx: Math.ceil(size.height / part),
    tileWidth: first.columns / part,
    tileHeight: first.rows / part,
  };
  return {
    grid,
    read: (at, during) => {
      const { width, height } = tileRect(grid, at);
      return marked(at, during, async (waits) => {
        const place = places(at.col, at.row);
        if (!place) return blankPixels(width, height); // sparse: nothing was scanned there
        const area: Rect = { x: 0, y: 0, width, height };
        const bytes = await frameBytes(place, reading, waits);
        const decode = async (waits: TileWaits): Promise<Raster> =>
          inside(await decodedFrame(place.instance, bytes, look, reading, waits), area);
        return orForgotten(waits, decode, () => reading.tiles.forgetTile(keyOf(place)));
      });
    },
  };
}

const keyOf = ({ instance, index }: Place): string => `${instance.source.identity}/${index}`;
const frameBytes = (place: Place, { tiles }: Reading, waits: Waits): Promise<Uint8Array<ArrayBuffer>> =>
  tiles.get(
    keyOf(place),
    async (during) => decodable(place.instance, await place.instance.frame(place.index, during)),
    waits,
  );

const MOST_LOOKED_AT = 9; // frames of the smallest picture

/** The window of grey values of 16 bits, by frames all over the picture; undefined for all others, whose bits are the colours. */
async function rangeOf(
  { parts, places, size }: Placed,
  reading: Reading,
  waits: Waits,
): Promise<ValueRange | undefined> {
  const { first } = parts;
  const columns = Math.ceil(first.matrixColumns / first.columns);
  const total = columns * Math.ceil(first.matrixRows / first.rows);
  const looked = Math.min(MOST_LOOKED_AT, total);
  let range: ValueRange | undefined;
  for (let i = 0; i < looked; i++) {
    const index = Math.floor((i * total) / looked);
    const [col, row] = [index % columns, Math.floor(index / columns)];
    const width = Math.min(first.columns, size.width - col * first.columns);
    const height = Math.min(first.rows, size.height - row * first.rows);
    const place = places(col, row);
    if (!place || !isDeepGrey(place.instance) || width < 1 || height < 1) continue;
    const seen = await unlessDamaged(waits, async () =>
      rangeOfFrame(place.instance, await frameBytes(place, reading, waits), { width, height }, reading, waits),
    );
    if (!seen) continue;
    range = { low: Math.min(range?.low ?? seen.low, seen.low), high: Math.max(range?.high ?? seen.high, seen.high) };
  }
  return range;
}
