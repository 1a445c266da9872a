// PerkinElmer and Akoya QPTIFF: channels as pages, each level's one after the other; every page says in its XML what it is.
import { EosinError } from '#errors/failure.ts';
import { channelOf, channelProperties, channelsOf, shownOf } from '../grey.ts';
import type { Page } from '../tiff-page.ts';
import { everyNamed, firstNamed, parseXml, type XmlElement } from '../xml.ts';
import type { SlideFormat } from './format.ts';
import { mppOfResolution, pagesOf, tiffProperties, tiffSlide } from './tiff-slide.ts';

interface Told {
  readonly page: Page;
  readonly xml: XmlElement | undefined;
  readonly type: string; // 'FullResolution', 'ReducedResolution', 'Thumbnail', 'Overview', 'Label'
}

export const qptiff: SlideFormat = {
  name: 'PerkinElmer QPTIFF',
  matches: ({ tiff }) => tiff?.first.description.slice(0, 4096).includes('PerkinElmer-QPI-ImageDescription') ?? false,
  async open({ tiff }, reading, waits) {
    if (!tiff) throw new EosinError({ tag: 'Unexpected', reason: 'A QPTIFF is a TIFF.' });
    const told = [tiff.first, ...(await pagesOf(tiff.chain.slice(1), reading, waits))].map(toldOf);
    const full = told.filter(({ type }) => type === 'FullResolution');
    const [base] = full;
    if (!base) throw new EosinError({ tag: 'CorruptSlide', name: reading.source.name, reason: 'it holds no level' });
    const names = full.map(({ xml }, i) => firstNamed(xml, 'Name')?.text || `Channel ${i + 1}`);
    const channel = channelOf(reading, full.length);
    const widths = new Map<number, Page[]>(); // the pages of each level, channel by channel
    for (const { page, type } of told) {
      if (type !== 'FullResolution' && type !== 'ReducedResolution') continue;
      widths.set(page.width, [...(widths.get(page.width) ?? []), page]);
    }
    const pages = [...widths.entries()].sort(([a], [b]) => b - a).flatMap(([, level]) => level[channel] ?? []);
    const shown = await shownOf(pages, 0, reading, waits);
    const mpp = await mppOfResolution(base.page.directory, waits);
    const [scan] = everyNamed(base.xml, 'ScanResolution');
    const power = Number(
      firstNamed(scan, 'Magnification')?.text ?? firstNamed(base.xml, 'Objective')?.text.replace(/x$/i, ''),
    );
    const objective = power > 0 && power <= 200 ? power : undefined;
    const properties = {
      ...(await tiffProperties(base.page.directory, waits)),
      ...channelProperties(base.page.samples === 1 ? names : [], channel),
    };
    delete properties['tiff.ImageDescription']; // the whole XML, with the slide's own name
    if (mpp) {
      properties['openslide.mpp-x'] = String(mpp.x);
      properties['openslide.mpp-y'] = String(mpp.y);
    }
    if (objective !== undefined) properties['openslide.objective-power'] = String(objective);
    const associated = new Map(
      told.flatMap(({ page, type }) => {
        const name = ASSOCIATED[type];
        return name ? [[name, page] as const] : [];
      }),
    );
    const channels = channelsOf(names, channel, shown.range);
    const facts = { format: qptiff.name, vendor: 'perkinelmer', mpp, objective, properties, channels };
    return tiffSlide(
      { levels: pages.map((page) => ({ page, absent: 'glass', shown })), facts, associated },
      reading,
      waits,
    );
  },
};

const ASSOCIATED: Readonly<Record<string, string>> = { Label: 'label', Overview: 'macro', Thumbnail: 'thumbnail' };

function toldOf(page: Page): Told {
  try {
    const xml = parseXml(page.description);
    return { page, xml, type: firstNamed(xml, 'ImageType')?.text ?? '' };
  } catch {
    // The scanner's whole profile may be cut off at our limit: what the page is stands at its start.
    return { page, xml: undefined, type: /<ImageType>(\w+)<\/ImageType>/.exec(page.description)?.[1] ?? '' };
  }
}
