// OME-TIFF: the first picture of its XML is the slide, its SubIFDs the levels. Of several channels one is shown, as grey. Its
// planes may lie in several files, whose XML is in each of them, in one of them, or in a file of its own.
import type { Waits } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import type { Folder } from '../folder.ts';
import { channelOf, channelProperties, channelsOf, shownOf } from '../grey.ts';
import { withHalves } from '../halves.ts';
import type { Reading } from '../page-tile.ts';
import { middleOf, planeProperties, planesOf } from '../planes.ts';
import type { Raster, Slide } from '../slide.ts';
import { isColour, type Page, pageOfColours } from '../tiff-page.ts';
import type { XmlElement } from '../xml.ts';
import { withBioFormats } from './convert.ts';
import type { SeenTiff, SlideFormat } from './format.ts';
import {
  areColours,
  channelNames,
  isOmeRoot,
  isOmeXml,
  metadataFileOf,
  type OmeImage,
  objectiveOf,
  omeImages,
  omeMpp,
  omeRootIn,
  type PlaneAt,
  planeNamesOf,
  planesAlong,
  timeOf,
  withoutAnnotations,
} from './ome.ts';
import { descriptionIn, type OmeFiles, omeFiles, type PageInFile } from './ome-files.ts';
import { GENERIC, levelsBelow, pyramidTiff } from './pyramid-tiff.ts';
import { forgivingDamage, pagesOf, pictureReader, tiffProperties, tiffSlide } from './tiff-slide.ts';
import { xmlOf } from './vendor-xml.ts';

export const omeTiff: SlideFormat = {
  name: 'OME-TIFF',
  matches: ({ tiff, head }) =>
    tiff ? isOmeXml(tiff.first.description) && rootOf(tiff) !== undefined : isOmeXmlFile(head),
  async open(seen, reading, waits) {
    const { tiff, beside } = seen;
    const { source } = reading;
    const root = tiff ? rootOf(tiff) : xmlOf(withoutAnnotations(await descriptionIn(source, waits)), reading);
    const elsewhere = metadataFileOf(root);
    const master = elsewhere === undefined ? undefined : await masterIn(elsewhere, beside, reading, waits);
    if (tiff && elsewhere !== undefined && !master)
      return withMissing(await pyramidTiff.open(seen, reading, waits), [elsewhere]);
    const described = master ?? root;
    const images = described
      ? omeImages(described, { name: source.name, uuid: root?.attributes.get('UUID') ?? '' })
      : [];
    const own = tiff && { tiff, reading };
    const files = omeFiles(own, beside, reading);
    const image = described && (await slideAmong(images, files, waits));
    if (!image)
      throw new EosinError({ tag: 'CorruptSlide', name: source.name, reason: 'its OME-XML names no picture' });
    const pageAt = async (plane: PlaneAt | undefined): Promise<PageInFile | undefined> =>
      plane && files.page(plane, image, waits).catch(forgivingDamage(undefined));
    const inFirst = planesAlong(image, 'C', 0);
    await files.look(inFirst, waits);
    const depths = planesAlong(image, 'Z', Math.max(0, inFirst.findIndex(files.holds)));
    await files.look(depths, waits);
    const held = planeNamesOf(image).flatMap((name, plane) => (files.holds(depths[plane]) ? [{ name, plane }] : []));
    const planes = planesOf(
      reading,
      held.map(({ name }) => name),
      middleOf(held.length),
    );
    const depth = held[planes?.shown ?? 0]?.plane ?? 0;
    const places = planesAlong(image, 'C', depth);
    await files.look(places, waits);
    const said = channelNames(image);
    const pages = said.flatMap((name, i) => {
      const plane = places[i];
      return files.holds(plane) ? [{ name, plane }] : [];
    });
    // A page of several samples holds several channels, whatever the XML counts as one.
    const ofFirst = await pageAt(pages[0]?.plane);
    const alone = own && { page: own.tiff.first, file: own };
    const first = ofFirst ?? (await pageAt(pages[channelOf(reading, pages.length)]?.plane)) ?? alone;
    const inPage = first && !isColour(first.page) && first.page.samples > 1 && !first.page.extraSample;
    const names = inPage
      ? Array.from({ length: first.page.samples }, (_, i) => said[i] ?? `Channel ${i + 1}`)
      : pages.map(({ name }) => name);
    let channel = channelOf(reading, names.length);
    let base = inPage || pages.length === 0 ? first : await pageAt(pages[channel]?.plane);
    const isAsked = reading.chosen?.channel !== undefined;
    for (let next = 1; !base && !isAsked && next < Math.min(pages.length, MOST_TRIED); next++) {
      base = await pageAt(pages[next]?.plane);
      if (base) channel = next;
    }
    if (!base) throw await whyNone(pages[channel], image, files, reading, waits);
    const { page, file } = base;
    const isAlone = image.sizes.C === 1 && images.length === 1 && !image.isInSeveral;
    const others = isAlone ? await pagesOf(file.tiff.chain.slice(1), file.reading, waits) : [];
    const colours =
      areColours(image) && pages.length === 3 ? await Promise.all(pages.map((one) => pageAt(one.plane))) : [];
    const coloured = await levelsInColour(colours, waits);
    const levels = coloured ?? (await levelsBelow(file.tiff, page, others, file.reading, waits));
    const shown = await shownOf(levels, inPage ? channel : 0, file.reading, waits);
    const properties: Record<string, string> = {
      'openslide.vendor': GENERIC,
      ...(await tiffProperties(file.tiff.chain[0] ?? page.directory, waits)),
      ...channelProperties(!coloured && (inPage || page.samples === 1) ? names : [], channel),
      ...planeProperties(planes),
      ...missingProperties(files.missing),
    };
    delete properties['tiff.ImageDescription']; // the whole XML
    for (const [name, value] of [...image.pixels.attributes].slice(0, MOST_ATTRIBUTES))
      properties[`ome.${name}`] = value;
    if (timeOf(image) > 0) properties['eosin.time'] = `${timeOf(image) + 1} of ${image.sizes.T}`;
    const mpp = omeMpp(image);
    const objective = objectiveOf(described, image);
    if (mpp) {
      properties['openslide.mpp-x'] = String(mpp.x);
      properties['openslide.mpp-y'] = String(mpp.y);
    }
    if (objective !== undefined) properties['openslide.objective-power'] = String(objective);
    const pictures = new Map<string, (during: Waits) => Promise<Raster>>();
    for (const other of images.filter((each) => each !== image)) {
      const name = ASSOCIATED.exec(other.name)?.[0].toLowerCase().replace('overview', 'macro');
      if (!name || pictures.has(name)) continue;
      const [place] = planesAlong(other, 'C', 0);
      await files.look([place], waits);
      const found = files.holds(place) && (await files.page(place, other, waits).catch(forgivingDamage(undefined)));
      if (found) pictures.set(name, pictureReader(found.page, found.file.reading));
    }
    const channels = coloured ? undefined : channelsOf(names, channel, shown.range);
    const facts = { format: omeTiff.name, vendor: undefined, mpp, objective, properties, channels, planes };
    const { identities } = files;
    const layers = {
      levels: withHalves(levels, { absent: 'glass', shown }),
      facts,
      pictures,
      held: file.reading,
      identities,
    };
    return tiffSlide(layers, reading, waits);
  },
};

/** Of the pages of red, green and blue, and of what lies below each; undefined where they are no picture together. */
async function levelsInColour(pages: readonly (PageInFile | undefined)[], waits: Waits): Promise<Page[] | undefined> {
  const [first, ...others] = pages;
  if (!first || others.some((other) => other?.file !== first.file)) return undefined;
  const { tiff, reading } = first.file;
  const below = await Promise.all(
    pages.map(async (each) => (each ? levelsBelow(tiff, each.page, [], reading, waits) : [])),
  );
  const levels: Page[] = [];
  for (let level = 0; ; level++) {
    const page = pageOfColours(below.flatMap((list) => list[level] ?? []));
    if (!page) return level > 0 ? levels : undefined;
    levels.push(page);
  }
}

/** The first that this file holds a plane of; of those in other files, the first that is there. */
async function slideAmong(images: readonly OmeImage[], files: OmeFiles, waits: Waits): Promise<OmeImage | undefined> {
  const slides = images.filter(({ name }) => !NO_SLIDE.test(name));
  const placesIn = (image: OmeImage): (PlaneAt | undefined)[] => [
    ...planesAlong(image, 'Z', 0),
    ...planesAlong(image, 'C', 0),
  ];
  const here = slides.find((image) => placesIn(image).some(files.holds));
  if (here) return here;
  for (const image of slides.slice(0, MOST_TRIED)) {
    await files.look(placesIn(image), waits);
    if (placesIn(image).some(files.holds)) return image;
  }
  return slides[0] ?? images[0];
}

/** @returns undefined where it is not there */
async function masterIn(
  name: string,
  beside: Folder | undefined,
  reading: Reading,
  waits: Waits,
): Promise<XmlElement | undefined> {
  const source = name === '' ? undefined : await beside?.open(name, waits);
  if (!source) return undefined;
  const corrupt = (what: string): EosinError =>
    new EosinError({ tag: 'CorruptSlide', name: reading.source.name, reason: `${name}, which describes it, ${what}` });
  const root = omeRootIn(await descriptionIn(source, waits));
  if (!root) throw corrupt('is no OME-XML');
  if (metadataFileOf(root) !== undefined) throw corrupt(`names another file, ${metadataFileOf(root)}, for that`);
  return root;
}

const MOST_SAID = 8; // names of files that are missing

function missingProperties(names: readonly string[]): Record<string, string> {
  if (names.length === 0) return {};
  const more = names.length > MOST_SAID ? [`${names.length - MOST_SAID} more`] : [];
  return {
    'eosin.missingFiles': [...names.slice(0, MOST_SAID).map((name) => name.slice(0, MOST_NAME)), ...more].join(', '),
  };
}

const MOST_NAME = 256; // letters

const withMissing = (slide: Slide, names: readonly string[]): Slide => ({
  ...slide,
  properties: { ...slide.properties, ...missingProperties(names) },
});

const ASSOCIATED = /label|macro|thumbnail|overview/i;
const NO_SLIDE = /^\s*(?:label|macro|thumbnail|overview)(?: image)?\s*$/i; // a first picture that is called no more than that

const MOST_TRIED = 16; // channels, where nobody asked for one and the first is damaged

/** Why nothing is shown. Another channel in its place would be shown under its name. */
async function whyNone(
  channel: { readonly name: string; readonly plane: PlaneAt } | undefined,
  image: OmeImage,
  files: OmeFiles,
  { source: { name } }: Reading,
  waits: Waits,
): Promise<unknown> {
  if (!channel) return noTiffs(name, files.missing);
  try {
    await files.page(channel.plane, image, waits);
    return new EosinError({ tag: 'Unexpected', reason: 'A page that was damaged is whole.' });
  } catch (thrown) {
    const failure = failureOf(thrown);
    if (failure.tag !== 'CorruptSlide') return thrown;
    const reason = `its channel “${channel.name}” is damaged: choose another channel, for ${failure.reason}`;
    return new EosinError({ tag: 'CorruptSlide', name, reason }, { cause: thrown });
  }
}

/** Of a description alone. */
function noTiffs(name: string, missing: readonly string[]): EosinError {
  const names = missingProperties(missing)['eosin.missingFiles'];
  const reason = `the description of an OME-TIFF, ${names ? `whose planes lie in other files: ${names}` : 'which names no TIFF beside it'}`;
  const todo = names ? 'Open the folder that holds them all, or all of them at once.' : withBioFormats(name);
  return new EosinError({ tag: 'UnsupportedSlide', name, reason, todo });
}

const MOST_ATTRIBUTES = 64; // the schema knows 13 of Pixels

const roots = new WeakMap<SeenTiff, XmlElement | undefined>(); // read once, though asked for by `matches` and `open`

/** The root element; undefined for XML that is damaged: then the TIFF is shown by its tags alone. */
function rootOf(tiff: SeenTiff): XmlElement | undefined {
  if (!roots.has(tiff)) roots.set(tiff, omeRootIn(tiff.first.description));
  return roots.get(tiff);
}

/** Of a file of its own, mostly called .companion.ome. */
function isOmeXmlFile(head: Uint8Array): boolean {
  const start = new TextDecoder().decode(head.subarray(0, 4096)).trimStart();
  return start.startsWith('<') && isOmeRoot(start);
}
