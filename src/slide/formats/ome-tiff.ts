// OME-TIFF: the first picture of its XML is the slide, its SubIFDs the levels. Of several channels one is shown, as grey.
import { EosinError } from '#errors/failure.ts';
import { channelOf, channelProperties, channelsOf, shownOf } from '../grey.ts';
import { withHalves } from '../halves.ts';
import { middleOf, planeProperties, planesOf } from '../planes.ts';
import { isColour, type Page, readPage } from '../tiff-page.ts';
import { parseXml, type XmlElement } from '../xml.ts';
import type { SlideFormat } from './format.ts';
import { isOmeXml, omeImages } from './ome.ts';
import { levelsBelow } from './pyramid-tiff.ts';
import { forgivingDamage, pagesOf, tiffProperties, tiffSlide } from './tiff-slide.ts';

export const omeTiff: SlideFormat = {
  name: 'OME-TIFF',
  matches: ({ tiff }) =>
    tiff !== undefined && isOmeXml(tiff.first.description) && rootOf(tiff.first.description) !== undefined,
  async open({ tiff }, reading, waits) {
    const root = tiff && rootOf(tiff.first.description);
    const images = root ? omeImages(root) : [];
    const image = images.find(({ name }) => !NO_SLIDE.test(name)) ?? images[0];
    if (!tiff || !image)
      throw new EosinError({ tag: 'CorruptSlide', name: reading.source.name, reason: 'its OME-XML names no picture' });
    const pageAt = async (index: number | undefined): Promise<Page | undefined> => {
      const directory = index === undefined ? undefined : tiff.chain[index];
      return directory && readPage(reading.source, directory, waits).catch(forgivingDamage(undefined));
    };
    const held = image.planes.flatMap((name, plane) =>
      tiff.chain[image.directoryOf(0, plane) ?? -1] ? [{ name, plane }] : [],
    );
    const planes = planesOf(
      reading,
      held.map(({ name }) => name),
      middleOf(held.length),
    );
    const depth = held[planes?.shown ?? 0]?.plane ?? 0;
    // A page of several samples holds several channels, whatever the XML counts as one.
    const first = (await pageAt(image.directoryOf(0, depth))) ?? tiff.first;
    const inPage = !isColour(first) && first.samples > 1 && !first.extraSample;
    const names = inPage
      ? Array.from({ length: first.samples }, (_, i) => image.channels[i]?.name ?? `Channel ${i + 1}`)
      : image.channels.map(({ name }) => name);
    const channel = channelOf(reading, names.length);
    const base = inPage || channel === 0 ? first : ((await pageAt(image.directoryOf(channel, depth))) ?? first);
    const isAlone = image.channels.length === 1 && images.length === 1;
    const others = isAlone ? await pagesOf(tiff.chain.slice(1), reading, waits) : [];
    const pages = await levelsBelow(tiff, base, others, reading, waits);
    const shown = await shownOf(pages, inPage ? channel : 0, reading, waits);
    const properties = {
      ...(await tiffProperties(tiff.first.directory, waits)),
      ...channelProperties(inPage || first.samples === 1 ? names : [], channel),
      ...planeProperties(planes),
    };
    delete properties['tiff.ImageDescription']; // the whole XML
    for (const [name, value] of image.pixels.attributes) properties[`ome.${name}`] = value;
    const { mpp, objective } = image;
    if (mpp) {
      properties['openslide.mpp-x'] = String(mpp.x);
      properties['openslide.mpp-y'] = String(mpp.y);
    }
    if (objective !== undefined) properties['openslide.objective-power'] = String(objective);
    const associated = new Map<string, Page>();
    for (const other of images.filter((each) => each !== image)) {
      const name = ASSOCIATED.exec(other.name)?.[0].toLowerCase().replace('overview', 'macro');
      const page = name && !associated.has(name) ? await pageAt(other.directoryOf(0, 0)) : undefined;
      if (name && page) associated.set(name, page);
    }
    const channels = channelsOf(names, channel, shown.range);
    const facts = { format: omeTiff.name, vendor: undefined, mpp, objective, properties, channels, planes };
    const levels = withHalves(pages, { absent: 'glass', shown });
    return tiffSlide({ levels, facts, associated }, reading, waits);
  },
};

const ASSOCIATED = /label|macro|thumbnail|overview/i;
const NO_SLIDE = /^\s*(?:label|macro|thumbnail|overview)(?: image)?\s*$/i; // a first picture that is called no more than that

/** The root element; undefined for XML that is damaged: then the TIFF is shown by its tags alone. */
function rootOf(description: string): XmlElement | undefined {
  try {
    const root = parseXml(description);
    return root.name === 'OME' ? root : undefined;
  } catch {
    return undefined;
  }
}
