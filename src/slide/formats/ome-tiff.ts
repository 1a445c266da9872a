// OME-TIFF: the first picture of its XML is the slide, its SubIFDs the levels. Of several channels one is shown, as grey.
import { EosinError } from '#errors/failure.ts';
import { channelOf, channelProperties, channelsOf, shownOf } from '../grey.ts';
import { withHalves } from '../halves.ts';
import type { Reading } from '../page-tile.ts';
import { middleOf, planeProperties, planesOf } from '../planes.ts';
import { isColour, type Page, readPage } from '../tiff-page.ts';
import { parseXml, type XmlElement } from '../xml.ts';
import type { SeenTiff, SlideFormat } from './format.ts';
import {
  channelNames,
  directoriesAlong,
  isOmeXml,
  type OmeImage,
  objectiveOf,
  omeImages,
  omeMpp,
  planeNamesOf,
  withoutAnnotations,
} from './ome.ts';
import { levelsBelow } from './pyramid-tiff.ts';
import { forgivingDamage, pagesOf, tiffProperties, tiffSlide } from './tiff-slide.ts';

export const omeTiff: SlideFormat = {
  name: 'OME-TIFF',
  matches: ({ tiff }) => tiff !== undefined && isOmeXml(tiff.first.description) && rootOf(tiff) !== undefined,
  async open({ tiff }, reading, waits) {
    const root = tiff && rootOf(tiff);
    const images = root ? omeImages(root) : [];
    const isHeld = (directory: number | undefined): directory is number => tiff?.chain[directory ?? -1] !== undefined;
    const slides = images.filter(({ name }) => !NO_SLIDE.test(name));
    const isHere = (each: OmeImage): boolean =>
      directoriesAlong(each, 'Z', 0).some(isHeld) || directoriesAlong(each, 'C', 0).some(isHeld);
    const image = slides.find(isHere) ?? slides[0] ?? images[0];
    if (!tiff || !root || !image)
      throw new EosinError({ tag: 'CorruptSlide', name: reading.source.name, reason: 'its OME-XML names no picture' });
    const pageAt = async (index: number | undefined): Promise<Page | undefined> => {
      const directory = index === undefined ? undefined : tiff.chain[index];
      return directory && readPage(reading.source, directory, waits).catch(forgivingDamage(undefined));
    };
    const depths = directoriesAlong(image, 'Z', 0);
    const held = planeNamesOf(image).flatMap((name, plane) => (isHeld(depths[plane]) ? [{ name, plane }] : []));
    const planes = planesOf(
      reading,
      held.map(({ name }) => name),
      middleOf(held.length),
    );
    const depth = held[planes?.shown ?? 0]?.plane ?? 0;
    const directories = directoriesAlong(image, 'C', depth);
    const said = channelNames(image);
    const pages = said.flatMap((name, i) => (isHeld(directories[i]) ? [{ name, directory: directories[i] }] : []));
    // A page of several samples holds several channels, whatever the XML counts as one.
    const ofFirst = await pageAt(pages[0]?.directory);
    const first = ofFirst ?? (await pageAt(pages[channelOf(reading, pages.length)]?.directory)) ?? tiff.first;
    const inPage = !isColour(first) && first.samples > 1 && !first.extraSample;
    const names = inPage
      ? Array.from({ length: first.samples }, (_, i) => said[i] ?? `Channel ${i + 1}`)
      : pages.map(({ name }) => name);
    let channel = channelOf(reading, names.length);
    const isInFirst = inPage || pages.length === 0;
    let base = isInFirst ? first : channel === 0 ? ofFirst : await pageAt(pages[channel]?.directory);
    const isAsked = reading.chosen?.channel !== undefined;
    for (let next = 1; !base && !isAsked && next < Math.min(pages.length, MOST_TRIED); next++) {
      base = await pageAt(pages[next]?.directory);
      if (base) channel = next;
    }
    if (!base) throw damagedChannel(reading, names[channel]);
    const isAlone = image.sizes.C === 1 && images.length === 1;
    const others = isAlone ? await pagesOf(tiff.chain.slice(1), reading, waits) : [];
    const levels = await levelsBelow(tiff, base, others, reading, waits);
    const shown = await shownOf(levels, inPage ? channel : 0, reading, waits);
    const properties = {
      ...(await tiffProperties(tiff.first.directory, waits)),
      ...channelProperties(inPage || first.samples === 1 ? names : [], channel),
      ...planeProperties(planes),
    };
    delete properties['tiff.ImageDescription']; // the whole XML
    for (const [name, value] of [...image.pixels.attributes].slice(0, MOST_ATTRIBUTES))
      properties[`ome.${name}`] = value;
    const mpp = omeMpp(image);
    const objective = objectiveOf(root, image);
    if (mpp) {
      properties['openslide.mpp-x'] = String(mpp.x);
      properties['openslide.mpp-y'] = String(mpp.y);
    }
    if (objective !== undefined) properties['openslide.objective-power'] = String(objective);
    const associated = new Map<string, Page>();
    for (const other of images.filter((each) => each !== image)) {
      const name = ASSOCIATED.exec(other.name)?.[0].toLowerCase().replace('overview', 'macro');
      const page = name && !associated.has(name) ? await pageAt(directoriesAlong(other, 'C', 0)[0]) : undefined;
      if (name && page) associated.set(name, page);
    }
    const channels = channelsOf(names, channel, shown.range);
    const facts = { format: omeTiff.name, vendor: undefined, mpp, objective, properties, channels, planes };
    return tiffSlide({ levels: withHalves(levels, { absent: 'glass', shown }), facts, associated }, reading, waits);
  },
};

const ASSOCIATED = /label|macro|thumbnail|overview/i;
const NO_SLIDE = /^\s*(?:label|macro|thumbnail|overview)(?: image)?\s*$/i; // a first picture that is called no more than that

const MOST_TRIED = 16; // channels, where nobody asked for one and the first is damaged

/** Another one in its place would be shown under its name. */
const damagedChannel = ({ source: { name } }: Reading, channel: string | undefined): EosinError =>
  new EosinError({
    tag: 'CorruptSlide',
    name,
    reason: `the directory of its channel “${channel ?? '1'}” is damaged: choose another channel`,
  });

const MOST_ATTRIBUTES = 64; // the schema knows 13 of Pixels

const roots = new WeakMap<SeenTiff, XmlElement | undefined>(); // read once, though asked for by `matches` and `open`

/** The root element; undefined for XML that is damaged: then the TIFF is shown by its tags alone. */
function rootOf(tiff: SeenTiff): XmlElement | undefined {
  if (!roots.has(tiff)) roots.set(tiff, rootIn(tiff.first.description));
  return roots.get(tiff);
}

function rootIn(description: string): XmlElement | undefined {
  try {
    const root = parseXml(withoutAnnotations(description));
    return root.name === 'OME' ? root : undefined;
  } catch {
    return undefined;
  }
}
